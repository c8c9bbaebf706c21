package wspoll_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// hand is a handler of net/http that gives its connections to s.
func hand(t *testing.T, s *wspoll.Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, rw, hs, err := ws.HTTPUpgrader{}.Upgrade(r, w)
		if err != nil {
			t.Error(err)
			return
		}
		if _, err := s.Take(conn, wspoll.Upgraded{Handshake: hs, Buffered: rw.Reader, Value: r.URL.Path}); err != nil {
			t.Error(err)
			conn.Close()
		}
	})
}

func TestConnectionsOfAnHTTPServerCanBeTaken(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		s := &wspoll.Server{
			OnOpen:    func(c *wspoll.Conn) { c.Write(ws.OpText, fmt.Append(nil, c.Value())) },
			OnMessage: echo,
		}
		serve(t, s, poller)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		web := &http.Server{Handler: hand(t, s), ReadTimeout: time.Hour}
		go web.Serve(l)
		t.Cleanup(func() { web.Close() })
		p := open(t, l.Addr().String())
		p.want(ws.OpText, "/chat")
		for i := range 10 {
			p.send(text(fmt.Sprint(i)))
			p.want(ws.OpText, fmt.Sprint(i))
		}
		p.send(frame(ws.OpClose, true, "\x03\xe8"))
		p.wantClose(1000)
	})
}

// What was received together with the request comes first.
func TestWhatWasBufferedComesFirst(t *testing.T) {
	onEach(t, func(t *testing.T, poller string) {
		s := &wspoll.Server{OnMessage: echo}
		serve(t, s, poller)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		p := dial(t, l.Addr().String())
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		p.send(append(text("first"), text("second")...))
		r := bufio.NewReader(conn)
		if _, err := r.Peek(5); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Take(conn, wspoll.Upgraded{Buffered: r}); err != nil {
			t.Fatal(err)
		}
		p.want(ws.OpText, "first")
		p.want(ws.OpText, "second")
		p.send(text("third"))
		p.want(ws.OpText, "third")
	})
}

// A connection of net/http over TLS has no descriptor of its own, and works all the
// same.
func TestAConnectionWithoutADescriptorCanBeTaken(t *testing.T) {
	config, trusts := certificate(t)
	onEach(t, func(t *testing.T, poller string) {
		s := &wspoll.Server{OnMessage: echo}
		serve(t, s, poller)
		l, err := tls.Listen("tcp", "127.0.0.1:0", config)
		if err != nil {
			t.Fatal(err)
		}
		web := &http.Server{Handler: hand(t, s)}
		go web.Serve(l)
		t.Cleanup(func() { web.Close() })
		trusts := trusts.Clone()
		trusts.NextProtos = nil
		p := peer{t, tls.Client(dial(t, l.Addr().String()), trusts)}
		p.send([]byte(request))
		p.wantHead("HTTP/1.1 101 ")
		p.send(text("hello"))
		p.want(ws.OpText, "hello")
		p.send(frame(ws.OpClose, true, "\x03\xe8"))
		p.wantClose(1000)
	})
}

// Requests for something else are served by net/http, over TLS too.
func TestOtherRequestsAreForSomebodyElse(t *testing.T) {
	config, trusts := certificate(t)
	for name, config := range map[string]*tls.Config{"plain": nil, "TLS": config} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, poller string) {
				s := &wspoll.Server{OnMessage: echo, TLSConfig: config}
				web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					b, _ := io.ReadAll(r.Body)
					fmt.Fprintf(w, "%s %s %d %s", r.Method, r.URL.Path, len(b), r.RemoteAddr)
				})}
				others := s.Others()
				served := make(chan error, 1)
				go func() { served <- web.Serve(others) }()
				addr := serve(t, s, poller)
				transport := &http.Transport{TLSClientConfig: trusts}
				defer transport.CloseIdleConnections()
				url := "http://" + addr
				if config != nil {
					url = "https://" + addr
				}
				client := http.Client{Transport: transport, Timeout: patience}
				for range 3 { // on the same connection
					r, err := client.Post(url+"/upload", "text/plain", strings.NewReader(strings.Repeat("x", 200_000)))
					if err != nil {
						t.Fatal(err)
					}
					b, err := io.ReadAll(r.Body)
					r.Body.Close()
					if err != nil || !strings.HasPrefix(string(b), "POST /upload 200000 127.0.0.1:") {
						t.Errorf("%q, %v", b, err)
					}
				}
				var conn net.Conn = dial(t, addr)
				if config != nil {
					conn = tls.Client(conn, trusts)
				}
				p := peer{t, conn}
				p.send([]byte(request))
				p.wantHead("HTTP/1.1 101 ")
				p.send(text("hello"))
				p.want(ws.OpText, "hello")
				if got := s.Stats().Refused; len(got) > 0 {
					t.Errorf("%v: what somebody else serves is not refused", got)
				}
				s.Close()
				if err := <-served; err == nil {
					t.Error("the web server goes on")
				}
				web.Close()
			})
		})
	}
}

// What OnRequest does not want itself is for whoever listens, and refused if nobody does.
func TestARequestMayBeForSomebodyElse(t *testing.T) {
	config, trusts := certificate(t)
	for name, config := range map[string]*tls.Config{"plain": nil, "TLS": config} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, poller string) {
				s := &wspoll.Server{OnMessage: echo, TLSConfig: config, OnRequest: func(r *wspoll.Request) wspoll.Decision {
					if string(r.Target) == "/chat" {
						return wspoll.Other()
					}
					return wspoll.Accept()
				}}
				web := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("X-Wanted", r.URL.Path+" "+r.Header.Get("Upgrade"))
					w.WriteHeader(http.StatusTeapot)
				})}
				others := s.Others()
				go web.Serve(others)
				t.Cleanup(func() { web.Close() })
				addr := serve(t, s, poller)
				ask := func(target, want string) string {
					var conn net.Conn = dial(t, addr)
					if config != nil {
						conn = tls.Client(conn, trusts)
					}
					p := peer{t, conn}
					p.send([]byte(strings.Replace(request, "/chat", target, 1)))
					return p.wantHead(want)
				}
				if head := ask("/chat", "HTTP/1.1 418 "); !strings.Contains(head, "\r\nX-Wanted: /chat websocket\r\n") {
					t.Errorf("%q", head)
				}
				ask("/own", "HTTP/1.1 101 ")
				others.Close()
				ask("/chat", "HTTP/1.1 426 ")
			})
		})
	}
}

// Whoever has taken a connection may write to it before the loop has seen it.
func TestATakenConnectionIsWrittenToAtOnce(t *testing.T) {
	for name, s := range map[string]*wspoll.Server{
		"rate": {Rate: wsproto.Rate{Messages: 1e6}, OnMessage: echo},
		"long": {Queue: wsproto.Queue{Bytes: 1 << 20}, OnMessage: echo},
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, s, "goroutines")
			var all sync.WaitGroup
			for range 50 {
				ours, theirs := net.Pipe()
				const size = 70_000 // more than a socket takes at once
				all.Go(func() {
					if n, err := io.CopyN(io.Discard, theirs, 3*size); err != nil {
						t.Errorf("%d bytes: %v", n, err)
					}
					theirs.Close()
				})
				c, err := s.Take(ours, wspoll.Upgraded{})
				if err != nil {
					t.Fatal(err)
				}
				for range 3 {
					if err := c.Write(ws.OpText, make([]byte, size)); err != nil {
						t.Error(err)
					}
				}
			}
			all.Wait()
		})
	}
}

// The Close of a tls.Conn writes, and waits for a client that takes nothing.
func TestTheEndOfATakenConnectionHoldsUpNobody(t *testing.T) {
	config, trusts := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		s := &wspoll.Server{OnMessage: echo, Loops: 1}
		serveIn(t, s)
		take := func() (*wspoll.Conn, peer) {
			ours, theirs := net.Pipe()
			client, server := tls.Client(theirs, trusts), tls.Server(ours, config)
			go server.Handshake()
			if err := client.Handshake(); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			c, err := s.Take(server, wspoll.Upgraded{})
			if err != nil {
				t.Fatal(err)
			}
			return c, peer{t, client}
		}
		stuck, _ := take()
		_, p := take()
		p.send(text("a"))
		p.want(ws.OpText, "a")
		stuck.CloseNow()
		synctest.Wait()
		begun := time.Now()
		p.send(text("b"))
		p.want(ws.OpText, "b")
		if took := time.Since(begun); took > 0 {
			t.Errorf("another connection is held up for %v", took)
		}
		p.Close()
		time.Sleep(time.Minute)
	})
}

// noDeadlines is a net.Conn that knows none, as those of package ssh.
type noDeadlines struct{ net.Conn }

func (noDeadlines) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (noDeadlines) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (noDeadlines) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

type noDeadlinesListener struct{ *wstest.Listener }

func (l noDeadlinesListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return noDeadlines{conn}, nil
}

// A connection that cannot be given away is closed, and holds up nobody. (Without that,
// the loop waits for ever, and with it the whole bubble: a panic, after an hour.)
func TestAConnectionWithoutDeadlinesIsNotGivenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reported := make(chan error, 1)
		s := &wspoll.Server{Loops: 1, OnError: func(err error) { reported <- err }}
		s.Others()
		if err := s.StartWith("goroutines"); err != nil {
			t.Fatal(err)
		}
		l := wstest.NewListener(64 << 10)
		go s.Serve(noDeadlinesListener{l})
		p := connect(t, l)
		p.send([]byte("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"))
		synctest.Wait()
		select {
		case err := <-reported:
			if !errors.Is(err, errors.ErrUnsupported) {
				t.Error(err)
			}
		default:
			t.Error("nobody is told")
			p.Close() // the reader, and the loop, go on
			return
		}
		if n, err := p.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Error("it is open")
		}
		openIn(t, l)
		s.Close()
		synctest.Wait()
	})
}
