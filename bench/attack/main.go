package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// options are the command's flags.
type options struct {
	servers, only, out  string
	results             string
	ours, quick, strict bool
	parallel            int
}

func main() {
	log.SetFlags(0)
	var o options
	flag.StringVar(&o.servers, "servers", "", "`names` of servers to attack; all if empty; of "+strings.Join(names(), ", "))
	flag.StringVar(&o.only, "only", "", "`patterns` of attacks, as wirews attack takes them")
	flag.StringVar(&o.out, "out", "", "`file` to write the page into")
	flag.StringVar(&o.results, "results", "", "`file` to keep what was measured in; if it is there, it is taken from there, and what is missing is measured")
	flag.BoolVar(&o.ours, "ours", false, "attack ours only")
	flag.BoolVar(&o.quick, "quick", false, "shorter floods, and more patience")
	flag.BoolVar(&o.strict, "strict", false, "fail if one of ours is weak, or an attack could not be made")
	flag.IntVar(&o.parallel, "parallel", 1, "`number` of servers to attack at once: with more than one, what is measured says little")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	defer stop()
	if err := o.run(ctx); err != nil {
		log.Fatal("attack: ", err)
	}
}

func (o options) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "attack")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := binaries{wirews: filepath.Join(dir, "wirews"), peers: filepath.Join(dir, "peers")}
	if err := b.build(ctx); err != nil {
		return err
	}
	var chosen []*server
	for _, s := range servers {
		if (o.servers == "" || slices.Contains(strings.Split(o.servers, ","), s.name)) && (s.ours || !o.ours) {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("no server is called %q; there are %q", o.servers, names())
	}
	known, err := read(o.results)
	if err != nil {
		return err
	}
	turns, done := make(chan struct{}, o.parallel), make(chan outcome)
	runs := make([]*run, len(chosen))
	for i, s := range chosen {
		go func() {
			turns <- struct{}{}
			start := time.Now()
			r, err := known[s.name], error(nil)
			if r == nil {
				r, err = o.attack(ctx, b, s)
			} else {
				r.server = s
			}
			if err != nil {
				err = fmt.Errorf("%s: %w", s.name, err)
			} else {
				log.Printf("%s: %s, %v", s.name, r.summary(), time.Since(start).Round(time.Second))
			}
			<-turns
			done <- outcome{i, r, err}
		}()
	}
	var errs []error
	for range chosen {
		one := <-done
		runs[one.i] = one.run
		errs = append(errs, one.err, write(o.results, runs))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if o.out != "" {
		if err := os.WriteFile(o.out, page(runs), 0o666); err != nil {
			return err
		}
	}
	return o.judge(runs)
}

// outcome is what has come of the attacks on a server.
type outcome struct {
	i   int
	run *run
	err error
}

// read returns the runs that a file keeps, by their servers' names.
func read(file string) (map[string]*run, error) {
	known := make(map[string]*run)
	b, err := os.ReadFile(file)
	if file == "" || errors.Is(err, fs.ErrNotExist) {
		return known, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &known)
	}
	return known, err
}

// write keeps those that are done.
func write(file string, runs []*run) error {
	if file == "" {
		return nil
	}
	known := make(map[string]*run)
	for _, r := range runs {
		if r != nil {
			known[r.server.name] = r
		}
	}
	b, err := json.Marshal(known)
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o666)
}

// judge says what speaks against ours.
func (o options) judge(runs []*run) error {
	n := 0
	for _, r := range runs {
		for _, x := range r.Report.Results {
			if (x.Verdict == "weak" || x.Verdict == "untried") && (r.server.ours || !o.strict) {
				log.Printf("%s: %s: %s: %s (wanted: %s)", r.server.name, x.Verdict, x.Attack, x.Seen, x.Wants)
				n++
			}
		}
	}
	if o.strict && n > 0 {
		return fmt.Errorf("%d verdicts speak against ours", n)
	}
	return nil
}

// binaries are the programs.
type binaries struct{ wirews, peers string }

func (b binaries) build(ctx context.Context) error {
	for _, one := range []struct{ dir, pkg, out string }{{"../cmd", "./wirews", b.wirews}, {".", "./conformance", b.peers}} {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", one.out, one.pkg)
		cmd.Dir, cmd.Stderr = one.dir, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("building %s: %w", one.pkg, err)
		}
	}
	return nil
}
