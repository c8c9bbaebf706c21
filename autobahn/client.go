package autobahn

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Client is the fuzzing client: it tests a server. The fields must not be
// changed while Run runs.
type Client struct {
	URL   string // of the server's echo: ws or wss
	Agent string // the name of the server in results; empty for "server"
	// Cases are those to run; nil for all.
	Cases []*Case
	// Parallel is how many cases run at once, each on a connection of its own; 0
	// stands for 8. Cases that take much of the machine's time run when the others
	// are done, at most one more at once than there are processors: in each of
	// them either the fuzzer or the peer waits for the other.
	Parallel int
	// Patience multiplies all times, for a slow machine; 0 stands for 1.
	Patience int
	// Fields are lines for the head of each request, such as "Origin: null".
	Fields []string
	TLS    *tls.Config // for wss; nil for the defaults
	// Dial connects to the server, with TLS if the URL is wss; nil for TCP.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// OnResult is called with each result, by one goroutine at a time.
	OnResult func(*Result)
}

// Run runs the cases, and returns their results in the order of the cases. The
// error is that of the context, with the results of the cases that were done when
// it ended, or says that the URL is malformed.
func (c *Client) Run(ctx context.Context) ([]*Result, error) {
	target, err := parseURL(c.URL)
	if err != nil {
		return nil, err
	}
	cases := c.cases()
	results := make([]*Result, len(cases))
	var mu sync.Mutex
	var shared streams
	run := func(i int) {
		r := c.runCase(ctx, target, cases[i], &shared)
		if ctx.Err() != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		results[i] = r
		if c.OnResult != nil {
			c.OnResult(r)
		}
	}
	parallel := c.Parallel
	if parallel <= 0 {
		parallel = 8
	}
	atOnce(ctx, parallel, cases, func(c *Case) bool { return !c.manner.heavy }, run)
	atOnce(ctx, min(parallel, runtime.GOMAXPROCS(0)+1), cases, func(c *Case) bool { return c.manner.heavy }, run)
	if ctx.Err() != nil {
		results = slices.DeleteFunc(results, func(r *Result) bool { return r == nil })
	}
	return results, ctx.Err()
}

// cases returns those to run.
func (c *Client) cases() []*Case {
	cases := c.Cases
	if cases == nil {
		cases = Cases()
	}
	return InRole(cases, ClientRole)
}

// Reach connects to the server, performs a handshake, unless all cases are about
// handshakes that have to be refused, and ends the connection at once. If there is
// an error, no case can be run.
func (c *Client) Reach(ctx context.Context) error {
	target, err := parseURL(c.URL)
	if err != nil {
		return err
	}
	conn, err := c.dial(ctx, target)
	if err != nil {
		return fmt.Errorf("autobahn: no case can be run, because the server cannot be reached: %w", err)
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	if !slices.ContainsFunc(c.cases(), (*Case).opens) {
		return nil
	}
	conn.SetDeadline(time.Now().Add(c.openingTime()))
	key := newKey()
	response, _, err := exchange(conn, goodRequest(target, key, "", c.Fields).String(), 0)
	if err == nil {
		err = checkResponse(response, key)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("autobahn: no case can be run, because the handshake with %s fails: %w", target.Host+target.EscapedPath(), err)
	}
	return nil
}

// opens reports whether the case needs a handshake that the server accepts.
func (c *Case) opens() bool { return c.opening == nil || c.opening.refuse == nil }

// atOnce calls run with the indices of the cases that belong, n at once.
func atOnce(ctx context.Context, n int, cases []*Case, belongs func(*Case) bool, run func(i int)) {
	indices := make(chan int)
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for i := range indices {
				run(i)
			}
		})
	}
	for i, c := range cases {
		if belongs(c) && ctx.Err() == nil {
			indices <- i
		}
	}
	close(indices)
	all.Wait()
}

// InRole returns those cases that exist for a fuzzer in that role.
func InRole(cases []*Case, r Role) (in []*Case) {
	for _, c := range cases {
		if c.in(r) {
			in = append(in, c)
		}
	}
	return in
}

func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		// Not the URL, which the error has: it may have a password or a token.
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return nil, fmt.Errorf("autobahn: URL of the server: %w", err)
	}
	if u.Scheme != "ws" && u.Scheme != "wss" || u.Hostname() == "" {
		return nil, fmt.Errorf("autobahn: URL of the server has the scheme %q and the host %q, want one as ws://host:port/path", u.Scheme, u.Host)
	}
	return u, nil
}

func (c *Client) agent() string {
	if c.Agent == "" {
		return "server"
	}
	return c.Agent
}

func (c *Client) openingTime() time.Duration {
	return openingTime * time.Duration(max(1, c.Patience))
}

// runCase runs one case on a connection of its own.
func (c *Client) runCase(ctx context.Context, target *url.URL, test *Case, shared *streams) *Result {
	started := time.Now()
	r := c.converse(ctx, target, test, shared, started)
	if test.manner.again && r.Passed() {
		after := c.converse(ctx, target, find("1.1.2"), shared, time.Now())
		if !after.Passed() {
			r.Behavior, r.Why = Failed, "the server does not serve others any more: "+after.Why
		}
	}
	r.Agent, r.Started = c.agent(), started
	return r
}

func (c *Client) converse(ctx context.Context, target *url.URL, test *Case, shared *streams, started time.Time) *Result {
	conn, err := c.dial(ctx, target)
	if err != nil {
		return noHandshake(test, started, err)
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	if test.opening != nil && test.opening.refuse != nil {
		return test.opening.judgeServer(c, target, test, conn)
	}
	var offers []string
	if test.deflate != nil {
		offers = test.deflate.offers
	}
	key := newKey()
	request := goodRequest(target, key, strings.Join(offers, ", "), c.Fields)
	chop := 0
	if test.opening != nil {
		request, chop = test.opening.request(request), test.opening.chop
	}
	conn.SetDeadline(time.Now().Add(c.openingTime()))
	response, rest, err := exchange(conn, request.String(), chop)
	if err == nil {
		err = checkResponse(response, key)
	}
	var params *deflateParams
	if err == nil {
		params, err = agreed(offers, response, test.Ours)
	}
	if err != nil {
		r := noHandshake(test, started, err)
		r.Request, r.Response = request.String(), response.raw
		return r
	}
	conn.SetDeadline(time.Time{})
	s := newSession(test, ClientRole, conn)
	s.agreed, s.streams, s.timers.patience = params, shared, c.Patience
	s.run(rest)
	r := s.result()
	s.hangUp()
	r.Request, r.Response = request.String(), response.raw
	return r
}

// exchange sends a request and reads the head of the response.
func exchange(conn net.Conn, request string, chop int) (response head, rest []byte, err error) {
	if err := writeChopped(conn, request, chop); err != nil {
		return head{}, nil, err
	}
	return readHead(conn)
}

// writeChopped writes in pieces of that size, at once for 0.
func writeChopped(conn net.Conn, s string, chop int) error {
	if chop == 0 {
		chop = len(s)
	}
	for piece := range slices.Chunk([]byte(s), chop) {
		if _, err := conn.Write(piece); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) dial(ctx context.Context, target *url.URL) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.openingTime())
	defer cancel()
	port := target.Port()
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[target.Scheme]
	}
	addr := net.JoinHostPort(target.Hostname(), port)
	if c.Dial != nil {
		return c.Dial(ctx, "tcp", addr)
	}
	if target.Scheme == "wss" {
		d := tls.Dialer{Config: c.TLS}
		return d.DialContext(ctx, "tcp", addr)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", addr)
}
