package serve

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// trials runs the command itself against this server, for a person who sits before it.
type trials struct {
	command string // path of the command
	tls     bool
	running sync.Mutex
	closing context.Context // ends when the server is shut down, and with it the trial that runs
	guard   http.CrossOriginProtection
	report  atomic.Pointer[[]byte] // of the latest run of conform, in HTML; nil before
}

const longestTrial = time.Minute

// handler returns what lets a trial run: one at a time, asked for by the page of this server
// from this machine. Anybody else could keep the machine busy, or have it connect to others.
func (t *trials) handler(run func(ctx context.Context, w http.ResponseWriter, r *http.Request) error) http.Handler {
	return t.guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r.RemoteAddr) || !local(r.Host) {
			http.Error(w, "trials run for pages of this machine only: open the page by localhost", http.StatusForbidden)
			return
		}
		if !t.running.TryLock() {
			http.Error(w, "another trial runs: wait for its end", http.StatusConflict)
			return
		}
		defer t.running.Unlock()
		// It takes longer than requests may otherwise.
		control := http.NewResponseController(w)
		if err := errors.Join(control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{})); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), longestTrial)
		defer cancel()
		defer context.AfterFunc(t.closing, cancel)()
		w.Header().Set("Cache-Control", "no-store")
		if err := run(ctx, w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
		}
	}))
}

// local reports whether an address with a port, or the Host of a request, is this machine. A name of
// somebody's DNS that leads here is not: a page of theirs may have come by it.
func local(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = strings.Trim(addr, "[]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// connections has 1,000 connections opened by a process of their own, twice: to be idle, for the memory,
// and to be echoed to, for the processor's time. It answers with both results of "wirews bench --json".
func (t *trials) connections(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	// What an earlier trial has left free would be taken first, and connections seem to cost nothing.
	debug.FreeOSMemory()
	idle, err := t.bench(ctx, r, "idle", "1s")
	if err != nil {
		return err
	}
	echo, err := t.bench(ctx, r, "echo", "2s")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, err = w.Write([]byte(`{"idle":` + idle + `,"echo":` + echo + "}\n"))
	return err
}

func (t *trials) bench(ctx context.Context, r *http.Request, mode, duration string) (string, error) {
	scheme := "ws://"
	if t.tls {
		scheme = "wss://"
	}
	return t.run(ctx, "bench", scheme+r.Host+"/echo", "--insecure", "--mode", mode, "--connections", "1000", "--duration", duration,
		"--pid", strconv.Itoa(os.Getpid()), "--json")
}

// run returns what the command prints. Its last line on stderr is the error.
func (t *trials) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, t.command, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // which has conform report what it has seen
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && len(failed.Stderr) > 0 {
		lines := strings.Split(strings.TrimSpace(string(failed.Stderr)), "\n")
		return "", errors.New(lines[len(lines)-1])
	}
	return string(out), err
}
