package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// fuzz fuzzes t, in the test binary of its package, as long as share says.
func (t target) fuzz(ctx context.Context, b *builder, binary, share string) (result, error) {
	r := result{Package: t.path, Target: t.name}
	cmd := exec.CommandContext(ctx, binary, "-test.run=^$", "-test.fuzz=^"+t.name+"$", "-test.fuzztime="+share,
		"-test.fuzzminimizetime=5x", "-test.parallel="+strconv.Itoa(b.workers), "-test.fuzzcachedir="+filepath.Join(b.dir, "inputs", t.flat()))
	cmd.Dir = t.folder
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) } // it ends its worker
	cmd.WaitDelay = time.Minute
	logs := filepath.Join(b.dir, "logs")
	if err := os.MkdirAll(logs, 0o777); err != nil {
		return r, err
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begin := time.Now()
	err := cmd.Run()
	r.Seconds = time.Since(begin).Seconds()
	if s := cmd.ProcessState; s != nil {
		r.CPU = (s.UserTime() + s.SystemTime()).Seconds() // its worker's too, which it has waited for
	}
	r.Inputs, r.New = progress(out.String())
	if ctx.Err() != nil || outOfTime(out.String()) {
		err = nil // it was told to end
	}
	if err != nil {
		r.Failed = true
		err = fmt.Errorf("%v: %w\n%s", t, err, out.Bytes())
	}
	if failed := os.WriteFile(filepath.Join(logs, t.flat()+"-"+t.name+".log"), out.Bytes(), 0o666); err == nil {
		err = failed
	}
	return r, err
}

// outOfTime reports whether a target has only not ended in time, which package testing
// calls a failure if the machine is busy when the time is up. A target that fails names
// what it fails with: a place in its code, or an input.
func outOfTime(out string) bool {
	return strings.HasSuffix(out, "\n    context deadline exceeded\nFAIL\n") && !strings.Contains(out, "Failing input") && !strings.Contains(out, ".go:")
}

var progressLine = regexp.MustCompile(`execs: (\d+) .*new interesting: (\d+)`)

// progress returns what the last line says that tells how far it is.
func progress(out string) (inputs, fresh int) {
	all := progressLine.FindAllStringSubmatch(out, -1)
	if len(all) == 0 {
		return 0, 0
	}
	last := all[len(all)-1]
	inputs, _ = strconv.Atoi(last[1])
	fresh, _ = strconv.Atoi(last[2])
	return inputs, fresh
}
