package wspoll_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
)

// The request and the first frames may come in any pieces: nothing is lost, and
// OnOpen has returned before the first message is handled.
func TestNothingIsLostAtAnySplitOfTheHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := append([]byte(request), text("first")...)
		all = append(all, text("second")...)
		var opened atomic.Bool
		s := &wspoll.Server{
			OnOpen: func(c *wspoll.Conn) {
				time.Sleep(time.Millisecond)
				c.SetValue(true)
			},
			OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) {
				if c.Value() != true {
					opened.Store(true)
				}
				c.Write(op, p)
			},
		}
		l := serveIn(t, s)
		for cut := range all {
			p := connect(t, l)
			p.send(all[:cut])
			synctest.Wait()
			p.send(all[cut:])
			p.wantHead("HTTP/1.1 101 ")
			p.want(ws.OpText, "first")
			p.want(ws.OpText, "second")
			p.Close()
		}
		if opened.Load() {
			t.Error("a message was handled before OnOpen had returned")
		}
	})
}

func TestWhatIsRefusedIsToldWhy(t *testing.T) {
	s := &wspoll.Server{
		Subprotocols: []string{"chat"},
		OnRequest: func(r *wspoll.Request) wspoll.Decision {
			if string(r.Target) == "/chat" {
				return wspoll.Accept()
			}
			return wspoll.Refuse(ws.RejectConnectionError(ws.RejectionStatus(404), ws.RejectionReason("nobody is here"),
				ws.RejectionHeader(ws.HandshakeHeaderString("X-Why: path\r\n"))))
		},
	}
	onEach(t, func(t *testing.T, poller string) {
		type refusal struct {
			remote string
			err    error
		}
		refused := make(chan refusal, 1)
		s := &wspoll.Server{Subprotocols: s.Subprotocols, OnRequest: s.OnRequest, OnRefused: func(remote net.Addr, err error) {
			refused <- refusal{remote.String(), err}
		}}
		addr := serve(t, s, poller)
		for _, tc := range []struct{ name, request, want string }{
			{"no WebSocket", "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", "HTTP/1.1 426 Upgrade Required\r\n"},
			{"not HTTP", "hello\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
			{"another origin", strings.Replace(request, "\r\n\r\n", "\r\nOrigin: https://elsewhere.example\r\n\r\n", 1), "HTTP/1.1 403 Forbidden\r\n"},
			{"refused", strings.Replace(request, "/chat", "/other", 1), "HTTP/1.1 404 Not Found\r\nX-Why: path\r\n"},
			{"an old version", strings.Replace(request, "Version: 13", "Version: 8", 1), "HTTP/1.1 426 Upgrade Required\r\n"},
			{"too large", strings.Replace(request, "\r\n\r\n", "\r\nX: "+strings.Repeat("x", 1<<20)+"\r\n\r\n", 1), "HTTP/1.1 431 "},
		} {
			t.Run(tc.name, func(t *testing.T) {
				p := dial(t, addr)
				go p.Write([]byte(tc.request))
				p.wantHead(tc.want)
				if r := <-refused; r.remote != p.LocalAddr().String() || r.err == nil {
					t.Errorf("OnRefused is told %v of %s, want an error of %s", r.err, r.remote, p.LocalAddr())
				}
			})
		}
		p := dial(t, addr)
		p.send([]byte(strings.Replace(request, "\r\n\r\n", "\r\nSec-WebSocket-Protocol: other, chat\r\n\r\n", 1)))
		if head := p.wantHead("HTTP/1.1 101 "); !strings.Contains(head, "\r\nSec-WebSocket-Protocol: chat\r\n") {
			t.Errorf("no subprotocol: %q", head)
		}
	})
}

// Only what is meant for the client is shown to it: errors of a database come this way
// too.
func TestTheErrorOfAHookIsNotShownToTheClient(t *testing.T) {
	secret := errors.New("no user app@db.internal")
	onEach(t, func(t *testing.T, poller string) {
		for name, d := range map[string]wspoll.Decision{
			"at once":   wspoll.Refuse(secret),
			"wrapped":   wspoll.Refuse(fmt.Errorf("look up: %w", secret)),
			"later":     wspoll.Later(func(context.Context, *wspoll.Request) error { return secret }),
			"no reason": wspoll.Refuse(nil),
		} {
			refused := make(chan error, 1)
			s := &wspoll.Server{
				OnRequest: func(*wspoll.Request) wspoll.Decision { return d },
				OnRefused: func(_ net.Addr, err error) { refused <- err },
			}
			p := dial(t, serve(t, s, poller))
			p.send([]byte(request))
			answer, _ := io.ReadAll(p)
			if !strings.HasPrefix(string(answer), "HTTP/1.1 500 ") || !strings.HasSuffix(string(answer), "\r\n\r\ninternal server error") {
				t.Errorf("%s: answered by %q", name, answer)
			}
			if err := <-refused; err == nil || name != "no reason" && !errors.Is(err, secret) {
				t.Errorf("%s: OnRefused is told %v", name, err)
			}
		}
	})
}

func TestAHandshakeHasItsTime(t *testing.T) {
	for _, tc := range []struct {
		name string
		set  time.Duration
		want time.Duration
	}{{"the default", 0, 10 * time.Second}, {"an hour", time.Hour, time.Hour}} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := serveIn(t, &wspoll.Server{HandshakeTimeout: tc.set})
				p := connect(t, l)
				begun := time.Now()
				for i := range 10 { // a byte now and then does not help
					p.send([]byte(request[i : i+1]))
				}
				p.wantEnd()
				if took := time.Since(begun); took != tc.want {
					t.Errorf("it took %v, want %v", took, tc.want)
				}
			})
		})
	}
}

func TestADecisionMayBeMadeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type user struct{ name string }
		var under peak
		s := &wspoll.Server{
			Deciders: 3,
			OnRequest: func(r *wspoll.Request) wspoll.Decision {
				return wspoll.Later(func(ctx context.Context, r *wspoll.Request) error {
					under.enter()
					defer under.leave()
					time.Sleep(time.Second) // a database
					name := string(r.Target[1:])
					switch name {
					case "nobody":
						return ws.RejectConnectionError(ws.RejectionStatus(401), ws.RejectionReason("who are you?"))
					case "panic":
						panic("the database is gone")
					case "error":
						return errors.New("no such table")
					}
					r.Value = user{name}
					r.Header = ws.HandshakeHeaderString("X-User: " + name + "\r\n")
					return nil
				})
			},
			OnOpen: func(c *wspoll.Conn) { c.Write(ws.OpText, []byte(c.Value().(user).name)) },
		}
		l := serveIn(t, s)
		ask := func(name string) peer {
			p := connect(t, l)
			p.send([]byte(strings.Replace(request, "/chat", "/"+name, 1)))
			return p
		}
		begun := time.Now()
		var all []peer
		for i := range 12 {
			all = append(all, ask(fmt.Sprint("user", i)))
		}
		for i, p := range all {
			p.wantHead("HTTP/1.1 101 ")
			p.want(ws.OpText, fmt.Sprint("user", i))
		}
		if took := time.Since(begun); took != 4*time.Second || under.most() != 3 {
			t.Errorf("12 decisions took %v, %d at once; want 4s, 3", took, under.most())
		}
		ask("nobody").wantHead("HTTP/1.1 401 Unauthorized\r\n")
		ask("panic").wantHead("HTTP/1.1 500 ")
		ask("error").wantHead("HTTP/1.1 500 ")
	})
}

func TestADecisionEndsWithTheClientOrTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Duration, 2)
		s := &wspoll.Server{
			OnRequest: func(r *wspoll.Request) wspoll.Decision {
				return wspoll.Later(func(ctx context.Context, r *wspoll.Request) error {
					begun := time.Now()
					<-ctx.Done()
					ended <- time.Since(begun)
					return nil
				})
			},
			OnOpen: func(*wspoll.Conn) { t.Error("a connection is open that nobody waits for") },
		}
		l := serveIn(t, s)
		p := connect(t, l)
		p.send([]byte(request))
		p.wantEnd()
		if got := <-ended; got != 10*time.Second {
			t.Errorf("a decision has had %v, want 10s", got)
		}
		p = connect(t, l)
		p.send([]byte(request))
		time.Sleep(3 * time.Second)
		p.Close()
		if got := <-ended; got != 3*time.Second {
			t.Errorf("the client has left after 3s, and the decision ends after %v", got)
		}
	})
}

func TestAnAnswerThatDoesNotFitIsSentInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long := strings.Repeat("x", 1<<20)
		s := &wspoll.Server{
			OnRequest: func(r *wspoll.Request) wspoll.Decision {
				r.Header = ws.HandshakeHeaderString("X-Long: " + long + "\r\n")
				return wspoll.Accept()
			},
			OnOpen: func(c *wspoll.Conn) { c.Write(ws.OpText, []byte("hello")) },
		}
		l := serveIn(t, s)
		p := connect(t, l)
		p.send([]byte(request))
		synctest.Wait()
		if head := p.wantHead("HTTP/1.1 101 "); !strings.Contains(head, long) {
			t.Error("a part is missing")
		}
		p.want(ws.OpText, "hello")
	})
}

// isPanics is an error whose method panics.
type isPanics struct{}

func (isPanics) Error() string { return "odd" }
func (isPanics) Is(error) bool { panic("Is") }

type headerPanics struct{}

func (headerPanics) WriteTo(io.Writer) (int64, error) { panic("WriteTo") }

// A decision may be odd: that is answered as a panic is, and holds up nobody.
func TestAnOddDecisionEndsOneHandshake(t *testing.T) {
	later := func(err error) wspoll.Decision {
		return wspoll.Later(func(context.Context, *wspoll.Request) error { return err })
	}
	for name, decide := range map[string]func(r *wspoll.Request) wspoll.Decision{
		"a nil rejection": func(*wspoll.Request) wspoll.Decision {
			return wspoll.Refuse((*ws.ConnectionRejectedError)(nil))
		},
		"a nil net.OpError": func(*wspoll.Request) wspoll.Decision { return wspoll.Refuse((*net.OpError)(nil)) },
		"a method panics":   func(*wspoll.Request) wspoll.Decision { return wspoll.Refuse(isPanics{}) },
		"later, nil":        func(*wspoll.Request) wspoll.Decision { return later((*ws.ConnectionRejectedError)(nil)) },
		"later, a method":   func(*wspoll.Request) wspoll.Decision { return later(isPanics{}) },
		"a header": func(r *wspoll.Request) wspoll.Decision {
			r.Header = headerPanics{}
			return wspoll.Accept()
		},
		"later by nobody": func(*wspoll.Request) wspoll.Decision { return wspoll.Later(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := true
				s := &wspoll.Server{Loops: 1, OnRequest: func(r *wspoll.Request) wspoll.Decision {
					if first {
						first = false
						return decide(r)
					}
					return wspoll.Accept()
				}}
				l := serveIn(t, s)
				p := connect(t, l)
				p.send([]byte(request))
				p.wantHead("HTTP/1.1 500 ")
				openIn(t, l)
				var refused int64
				for _, n := range s.Stats().Refused {
					refused += n
				}
				if refused != 1 {
					t.Errorf("%v are refused", s.Stats().Refused)
				}
			})
		})
	}
}
