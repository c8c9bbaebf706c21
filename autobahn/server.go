package autobahn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server is the fuzzing server: it tests the clients that connect to it. A
// client asks for /getCaseCount, connects to /runCase?case=N&agent=NAME for each
// N from 1 on and sends every data message back, and asks for
// /updateReports?agent=NAME in the end. There are /getCaseInfo, /getCaseStatus
// and /stopServer too; casetuple=ID may stand for case=N. The fields must not be
// changed while Serve runs.
type Server struct {
	// Cases are those to offer, in that order; nil for all but those of section
	// 20, which refuse the handshake and would end many a client.
	Cases []*Case
	// Patience multiplies all times, for a slow machine; 0 stands for 1.
	Patience int
	// OnResult is called with each result, by one goroutine at a time.
	OnResult func(*Result)
	// Once ends Serve when the first client has got the answer to /updateReports.
	Once bool
	// OnUpdate is called when a client asks for reports, with its agent.
	OnUpdate func(agent string)

	once    sync.Once
	cases   []*Case // of this role
	numbers map[string]int
	streams streams

	mu      sync.Mutex
	results map[string]map[string]*Result // by agent and case
	running map[string]int                // cases, by agent
	ended   sync.Cond                     // one of them has; its lock is mu
}

// Serve serves until the context is done or a client asks for /stopServer; see
// Once, too. It closes l, and returns once all connections are closed. The error
// is that of l.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	s.offered()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var all sync.WaitGroup
	defer all.Wait()
	for {
		conn, err := l.Accept()
		if err != nil {
			stop()
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		all.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			s.answer(ctx, conn, stop)
		})
	}
}

// Results returns the results of an agent in the order of the cases.
func (s *Server) Results(agent string) (all []*Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.offered() {
		if r := s.results[agent][c.ID]; r != nil {
			all = append(all, r)
		}
	}
	return all
}

// Agents returns the names of the clients that have run a case.
func (s *Server) Agents() (names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.results {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// offered returns the cases of this role.
func (s *Server) offered() []*Case {
	s.once.Do(func() {
		cases := s.Cases
		if cases == nil {
			for _, c := range Cases() {
				if c.opening == nil {
					cases = append(cases, c)
				}
			}
		}
		s.cases = InRole(cases, ServerRole)
		s.numbers = make(map[string]int)
		s.running = make(map[string]int)
		s.results = make(map[string]map[string]*Result)
		s.ended.L = &s.mu
		for i, c := range s.cases {
			s.numbers[c.ID] = i + 1
		}
	})
	return s.cases
}

// answer serves one connection.
func (s *Server) answer(ctx context.Context, conn net.Conn, stop func()) {
	started := time.Now()
	conn.SetDeadline(started.Add(openingTime * time.Duration(max(1, s.Patience))))
	request, rest, err := readHead(conn)
	if err != nil {
		return
	}
	key, target, err := checkRequest(request)
	if target == nil {
		refuse(conn, "400 Bad Request", err)
		return
	}
	if target.Path == "/runCase" {
		s.runCase(ctx, conn, request, key, rest, err)
		return
	}
	if err != nil {
		refuse(conn, "400 Bad Request", err)
		return
	}
	text, err := s.command(target)
	if err != nil {
		refuse(conn, "404 Not Found", err)
		return
	}
	say(conn, key, rest, text)
	if target.Path == "/stopServer" || target.Path == "/updateReports" && s.Once {
		stop()
	}
}

// runCase runs the case that a request asks for. malformed is what is wrong with
// the request, if anything is.
func (s *Server) runCase(ctx context.Context, conn net.Conn, request head, key string, rest []byte, malformed error) {
	test, agent, err := s.find(query(request))
	if err != nil {
		refuse(conn, "404 Not Found", err)
		return
	}
	s.count(agent, 1)
	var once sync.Once
	end := func() { once.Do(func() { s.count(agent, -1) }) }
	defer end()
	store := func(r *Result) {
		if ctx.Err() == nil {
			r.Agent = agent
			s.store(r)
		}
		end()
	}
	if malformed != nil {
		r := noHandshake(test, time.Now(), malformed)
		r.Request = request.raw
		store(r)
		refuse(conn, "400 Bad Request", malformed)
		return
	}
	s.judgeClient(conn, test, request, key, rest, store)
}

// count counts the cases that run.
func (s *Server) count(agent string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[agent] += n
	s.ended.Broadcast()
}

// judgeClient runs a case with the client that has sent this request, and stores
// the result before the client can see the end of TCP.
func (s *Server) judgeClient(conn net.Conn, test *Case, request head, key string, rest []byte, store func(*Result)) {
	if test.opening != nil && test.opening.refuse != nil {
		store(test.opening.judgeClient(test, conn, request, key))
		return
	}
	var params *deflateParams
	extension := ""
	if test.deflate != nil {
		if params = choose(test.deflate.policies, request); params != nil {
			extension = params.String()
		}
	}
	head, chop := goodResponse(key, extension), 0
	if test.opening != nil {
		head, chop = test.opening.response(head), test.opening.chop
	}
	response := head.String()
	if err := writeChopped(conn, response, chop); err != nil {
		store(noHandshake(test, time.Now(), err))
		return
	}
	conn.SetDeadline(time.Time{})
	session := newSession(test, ServerRole, conn)
	session.agreed, session.streams, session.timers.patience = params, &s.streams, s.Patience
	session.run(rest)
	r := session.result()
	r.Request, r.Response = request.raw, response
	store(r)
	session.hangUp()
}

// refuse answers a request that is not to be upgraded.
func refuse(conn net.Conn, status string, err error) {
	body := err.Error() + "\n"
	fmt.Fprintf(conn, "HTTP/1.1 %s\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

// query returns the query of a request, also of one that is not correct.
func query(request head) url.Values {
	_, rest, _ := strings.Cut(request.start, " ")
	target, _, _ := strings.Cut(rest, " ")
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil
	}
	return u.Query()
}

// find returns the case that a request is about, and the agent that asks.
func (s *Server) find(query url.Values) (test *Case, agent string, err error) {
	n := s.numbers[query.Get("casetuple")]
	if text := query.Get("case"); text != "" {
		n, _ = strconv.Atoi(text)
	}
	if n < 1 || n > len(s.cases) {
		return nil, "", fmt.Errorf("autobahn: no case %q; there are %d", query.Get("case")+query.Get("casetuple"), len(s.cases))
	}
	return s.cases[n-1], agentOf(query), nil
}

func agentOf(query url.Values) string {
	if agent := query.Get("agent"); agent != "" {
		return agent
	}
	return "client"
}

func (s *Server) store(r *Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.results[r.Agent] == nil {
		s.results[r.Agent] = make(map[string]*Result)
	}
	s.results[r.Agent][r.Case] = r
	if s.OnResult != nil {
		s.OnResult(r)
	}
}

// settle waits until an agent runs no case: it may have ended TCP and ask for a
// result before the case has seen that. Cases end by themselves, soon after TCP.
func (s *Server) settle(agent string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.running[agent] > 0 {
		s.ended.Wait()
	}
}

// command returns the answer to a request that runs no case, empty for none.
func (s *Server) command(target *url.URL) (string, error) {
	switch target.Path {
	case "/getCaseCount":
		return strconv.Itoa(len(s.cases)), nil
	case "/getCaseInfo", "/getCaseStatus":
		test, agent, err := s.find(target.Query())
		if err != nil {
			return "", err
		}
		if target.Path == "/getCaseInfo" {
			return jsonOf(map[string]string{"id": test.ID, "description": test.Sends + "."}), nil
		}
		s.settle(agent)
		s.mu.Lock()
		defer s.mu.Unlock()
		if r := s.results[agent][test.ID]; r != nil {
			return jsonOf(map[string]Behavior{"behavior": r.Behavior}), nil
		}
		return "", fmt.Errorf("autobahn: %s has not run case %s", agent, test.ID)
	case "/updateReports":
		agent := agentOf(target.Query())
		s.settle(agent)
		if s.OnUpdate != nil {
			s.OnUpdate(agent)
		}
		return "", nil
	case "/stopServer":
		return "", nil
	}
	return "", fmt.Errorf("autobahn: no path %q; want /runCase, /getCaseCount, /getCaseInfo, /getCaseStatus, /updateReports or /stopServer", target.Path)
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// say sends a text message, if it is not empty, and closes the connection.
func say(conn net.Conn, key string, rest []byte, text string) {
	if _, err := conn.Write([]byte(goodResponse(key, "").String())); err != nil {
		return
	}
	conn.SetDeadline(time.Time{})
	c := &Case{limit: killAfter(time.Second), want: anything}
	if text != "" {
		c.steps = append(c.steps, wholeMessage{opText, octets(text), 0})
	}
	c.steps = append(c.steps, closeFrame{code: 1000})
	session := newSession(c, ServerRole, conn)
	session.run(rest)
	session.hangUp()
}
