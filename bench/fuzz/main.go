// Command fuzz fuzzes all fuzz targets of the repository in turn. It runs in the folder
// bench of the repository.
//
//	go run ./fuzz -each 20000x                     so many inputs for each
//	go run ./fuzz -for 4h -out ../docs/fuzzing.md  that long in all, into a part of the page
//	go run ./fuzz -keep                            what was found that reaches more, into testdata
//
// What it finds and logs is in bin/fuzz: the inputs that reached something new, a log for
// each target, and results.jsonl, to which each run adds, and of all of which the table
// is made. A target that fails does not keep the others from running.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/wirews/wirews/bench/internal/page"
)

// partName is the part of docs/fuzzing.md that this command makes.
const partName = "make fuzz-hours"

func main() {
	log.SetFlags(0)
	each := flag.String("each", "", "for each target, as -fuzztime of go test has it: a `number` of inputs and x, or a duration")
	long := flag.Duration("for", 0, "`time` for all targets together")
	workers := flag.Int("workers", runtime.GOMAXPROCS(0), "processes for a target")
	keep := flag.Bool("keep", false, "write the inputs of earlier runs that reach more than the seeds do into testdata")
	only := flag.String("only", "", "only targets whose names with their packages match this `expression`")
	out := flag.String("out", "", "`file` to write the table into; other parts of it stay")
	dir := flag.String("dir", "../bin/fuzz", "`folder` for logs, inputs and results")
	flag.Parse()
	if (*each != "") == (*long > 0) && !*keep || flag.NArg() > 0 {
		log.Fatal("one of -each, -for and -keep is needed, and no arguments")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, &builder{dir: *dir, workers: *workers, cover: *keep}, *each, *long, *only, *out); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, b *builder, each string, long time.Duration, only, out string) error {
	name, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	if b.dir, err = filepath.Abs(b.dir); err != nil {
		return err
	}
	all, err := targets("..")
	if err != nil {
		return err
	}
	var chosen []target
	for _, t := range all {
		if name.MatchString(t.String()) {
			chosen = append(chosen, t)
		}
	}
	if b.cover {
		return b.keepAll(ctx, chosen)
	}
	failed := b.fuzzAll(ctx, chosen, each, long)
	if out != "" {
		if err := writeTable(out, filepath.Join(b.dir, resultsFile)); err != nil {
			return err
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("failed: %s", strings.Join(failed, ", "))
	}
	return ctx.Err()
}

// writeTable writes the table of all results into its part of a page.
func writeTable(file, results string) error {
	all, err := readResults(results)
	if err != nil {
		return err
	}
	return page.Write(file, partName, table(all))
}

// fuzzAll fuzzes the targets in turn, and returns those that have failed.
func (b *builder) fuzzAll(ctx context.Context, all []target, each string, long time.Duration) (failed []string) {
	end := time.Now().Add(long)
	for i, t := range all {
		binary, err := b.binary(ctx, t)
		if err == nil {
			share := each
			if long > 0 {
				share = shareOf(time.Until(end), len(all)-i).String()
			}
			err = b.fuzz(ctx, t, binary, share)
		}
		if err != nil {
			log.Print(err)
			failed = append(failed, t.String())
		}
		if ctx.Err() != nil {
			break
		}
	}
	return failed
}

// fuzz fuzzes one target, and keeps the result.
func (b *builder) fuzz(ctx context.Context, t target, binary, share string) error {
	r, err := t.fuzz(ctx, b, binary, share)
	log.Printf("fuzz: %v: %d inputs, %d new, %.0f s of CPU time", t, r.Inputs, r.New, r.CPU)
	if failed := appendResult(filepath.Join(b.dir, resultsFile), r); err == nil {
		err = failed
	}
	return err
}

// shareOf is what one of n targets gets of the time that is left.
func shareOf(left time.Duration, n int) time.Duration {
	return max(time.Second, (left / time.Duration(n)).Truncate(time.Second))
}
