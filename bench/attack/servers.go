package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// server is one that is attacked.
type server struct {
	name  string
	ours  bool
	about string // how it is made, for the page
	only  string // attacks; empty: all
}

// The settings of all servers that have them.
const (
	limit     = 1 << 20
	handshake = 2 * time.Second
)

// wirewsServe is the command; all others are served by bench/conformance.
const wirewsServe = "wirews-serve"

var servers = []*server{
	{name: "ws", ours: true, about: "`ws.Upgrader`, and a loop over frames by hand with `ws` alone"},
	{name: "wsutil", ours: true, about: "`ws.Upgrader`, `wsutil.ReadClientData` and `WriteServerMessage`"},
	{name: "wsutil-wsflate", ours: true, about: "`ws.Upgrader`, `wsutil.Stream` with `wsflate`; its limit of messages is the default, 32 MiB"},
	{name: "websocket", ours: true, about: "`websocket.Accept` in net/http, `Read` and `Write`"},
	{name: "websocket-serve", ours: true, about: "`websocket.AcceptConn`, `Serve`"},
	{name: "wspoll", ours: true, about: "`wspoll.Server`"},
	{name: "compat-gorilla", ours: true, about: "`compat/gorilla` in net/http"},
	{name: wirewsServe, ours: true, about: "`wirews serve`"},
	{name: "h2", ours: true, about: "`websocket.Accept` over HTTP/2, which is net/http's", only: "http2"},
	{name: "gobwas", about: "`ws.Upgrade` with a deadline, `wsutil.ReadClientData`, with its default limits"},
	{name: "gorilla", about: "in net/http"},
	{name: "coder", about: "in net/http"},
	{name: "gws", about: "in net/http, with a `recover`: else `lengths/top-bit` ends the program"},
	{name: "nbio", about: "on its event loops"},
	{name: "node-ws", about: "on Node's http"},
	{name: "python-websockets", about: "its asyncio server; it has no setting for the time of a handshake"},
}

func names() (all []string) {
	for _, s := range servers {
		all = append(all, s.name)
	}
	return all
}

// run is a server that was attacked.
type run struct {
	server  *server
	Version string
	Report  report
}

// report is what "wirews attack --json" prints, as far as it is used here.
type report struct {
	Begun   time.Time
	Counts  map[string]int
	Results []result
	Setup   map[string]string
}

type result struct {
	Attack, Does, Wants, RFC, Verdict, Seen string
	Sent                                    int64 `json:"sent_bytes"`
	Others                                  struct {
		Longest time.Duration `json:"longest_ns"`
	}
	Server *struct {
		Before, During, After struct {
			Resident    int64 `json:"resident_bytes"`
			Descriptors int
			Threads     int
		}
		CPU time.Duration `json:"cpu_ns"`
		Our time.Duration `json:"attacker_cpu_ns"`
	}
}

func (r *run) summary() string {
	var words []string
	for _, v := range []string{"resisted", "not offered", "untried", "lenient", "weak"} {
		if n := r.Report.Counts[v]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, v))
		}
	}
	return strings.Join(words, ", ")
}

// attack starts a server, attacks it, and ends it.
func (o options) attack(ctx context.Context, b binaries, s *server) (*run, error) {
	url, pid, version, stop, err := b.start(ctx, s)
	if err != nil {
		return nil, err
	}
	defer stop()
	args := []string{"attack", "--json", "--pid", fmt.Sprint(pid), "--handshake", (3 * handshake).String()}
	if o.quick {
		args = append(args, "--duration", "200ms", "--patience", "3")
	} else {
		args = append(args, "--duration", "1s", "--patience", "2")
	}
	for _, only := range []string{s.only, o.only} {
		if only != "" {
			args = append(args, "--only", only)
		}
	}
	cmd := exec.CommandContext(ctx, b.wirews, append(args, url)...)
	out, err := cmd.Output()
	r := &run{server: s, Version: version}
	if e := json.Unmarshal(out, &r.Report); e != nil {
		return nil, errors.Join(e, err)
	}
	return r, nil
}

// start starts a server.
func (b binaries) start(ctx context.Context, s *server) (url string, pid int, version string, stop func(), err error) {
	cmd := exec.CommandContext(ctx, b.peers, "serve", "-limit", fmt.Sprint(limit), "-handshake", handshake.String(), s.name)
	if s.name == wirewsServe {
		cmd = exec.CommandContext(ctx, b.wirews, "serve", "--addr", "127.0.0.1:0", "--log-json", "--max-message", fmt.Sprint(limit), "--handshake-timeout", handshake.String())
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", 0, "", nil, err
	}
	says, err := cmd.StdoutPipe()
	if s.name == wirewsServe {
		says, err = cmd.StderrPipe()
	}
	if err != nil {
		return "", 0, "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", 0, "", nil, err
	}
	stop = func() {
		stdin.Close()
		time.AfterFunc(2*time.Second, func() { cmd.Process.Kill() })
		if s.name == wirewsServe {
			cmd.Process.Kill()
		}
		cmd.Wait()
	}
	line, err := bufio.NewReader(says).ReadBytes('\n')
	var first struct {
		Port    int
		Version string
		PID     int
		URL     string
	}
	if err == nil {
		err = json.Unmarshal(line, &first)
	}
	if err != nil {
		stop()
		return "", 0, "", nil, fmt.Errorf("it did not start: %w", err)
	}
	go io.Copy(io.Discard, says)
	if s.name == wirewsServe {
		return "ws" + strings.TrimPrefix(first.URL, "http") + "echo", cmd.Process.Pid, "this tree", stop, nil
	}
	return fmt.Sprintf("ws://127.0.0.1:%d/", first.Port), first.PID, first.Version, stop, nil
}
