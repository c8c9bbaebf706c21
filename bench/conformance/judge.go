package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/wirews/wirews/autobahn"
)

// peer is an implementation to be judged. Of those in Go, one of conn and
// handler is the server.
type peer struct {
	name, label string // in files, and for readers
	version     func() string
	ours        bool

	conn    func(net.Conn)
	handler http.HandlerFunc
	serving func(net.Listener) error // if it is attacked, and otherwise has another way to serve
	// client connects to a URL and echoes until the connection ends; nil if the
	// peer is not judged as a client.
	client func(ctx context.Context, url string)
	script *script // of another language

	unjudged  bool // attacked only
	overHTTP2 bool // offers that too, when it is attacked
}

func peerNames() (names []string) {
	for _, p := range peers {
		if !p.unjudged {
			names = append(names, p.name)
		}
	}
	return names
}

// missing says what is not installed.
func (p *peer) missing() string {
	if p.script == nil {
		return ""
	}
	return p.script.missing()
}

// has reports whether the peer is judged in that role.
func (p *peer) has(role string) bool { return role == "server" || p.client != nil || p.script != nil }

// judgeServer judges the peer as a server.
func (p *peer) judgeServer(ctx context.Context, o options) ([]*autobahn.Result, error) {
	url, stop, err := p.serve(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	c := autobahn.Client{URL: url, Agent: p.label, Cases: o.cases, Patience: o.patience, Parallel: 8}
	return c.Run(ctx)
}

// serve starts the server, and returns its URL and what ends it.
func (p *peer) serve(ctx context.Context) (url string, stop func(), err error) {
	if p.script != nil {
		return p.script.serve(ctx)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	url = fmt.Sprintf("ws://%s/", l.Addr())
	if p.handler != nil {
		s := &http.Server{Handler: p.handler}
		go s.Serve(l)
		return url, func() { s.Close() }, nil
	}
	go serveConns(l, p.conn)
	return url, func() { l.Close() }, nil
}

// serveConns serves each connection in a goroutine of its own.
func serveConns(l net.Listener, serve func(net.Conn)) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			serve(conn)
		}()
	}
}

// judgeClient judges the peer as a client: first the cases that judge by the
// second, many at once, then those that take much of the machine's time.
func (p *peer) judgeClient(ctx context.Context, o options) ([]*autobahn.Result, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	cases := autobahn.InRole(o.cases, autobahn.ServerRole)
	s := &autobahn.Server{Cases: cases, Patience: o.patience}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()

	var light, heavy []int
	for i, c := range cases {
		if c.Heavy() {
			heavy = append(heavy, i+1)
		} else {
			light = append(light, i+1)
		}
	}
	url := fmt.Sprintf("ws://%s", l.Addr())
	p.runCases(ctx, url, light, 8)
	p.runCases(ctx, url, heavy, runtime.GOMAXPROCS(0)+1)
	// The server answers this once the cases have ended.
	p.visit(ctx, url+"/updateReports?agent="+agent)
	results := s.Results(agent)
	cancel()
	for _, r := range results {
		r.Agent = p.label
	}
	if len(results) != len(cases) {
		return nil, fmt.Errorf("%d results of %d cases", len(results), len(cases))
	}
	return results, <-done
}

// agent is what a client calls itself while it is judged.
const agent = "peer"

// runCases runs the cases with these numbers, n at once.
func (p *peer) runCases(ctx context.Context, url string, numbers []int, n int) {
	var all sync.WaitGroup
	for part := range slices.Values(deal(numbers, n)) {
		all.Go(func() {
			if p.script != nil {
				var list []string
				for _, number := range part {
					list = append(list, strconv.Itoa(number))
				}
				p.script.client(ctx, url, agent, strings.Join(list, ","))
				return
			}
			for _, number := range part {
				p.client(ctx, fmt.Sprintf("%s/runCase?case=%d&agent=%s", url, number, agent))
			}
		})
	}
	all.Wait()
}

// deal deals numbers out to n, who get neighbours: the expensive ones stand
// together.
func deal(numbers []int, n int) [][]int {
	parts := make([][]int, min(n, len(numbers)))
	for i, number := range numbers {
		parts[i%len(parts)] = append(parts[i%len(parts)], number)
	}
	return parts
}

// visit asks the server for something that is no case: with a client that is
// known to work.
func (p *peer) visit(ctx context.Context, url string) { wsutilClient(ctx, url) }
