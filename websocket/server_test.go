package websocket_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	memory "github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

// memoryListener is a net.Listener in memory, with errors to be returned first. Its
// connections have no buffer.
type memoryListener struct {
	*memory.Listener
	errs chan error
}

func listenInMemory() *memoryListener {
	return &memoryListener{memory.NewListener(-1), make(chan error, 100)}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case err := <-l.errs:
		return nil, err
	default:
		return l.Listener.Accept()
	}
}

// connect returns the client's end of a connection that will be accepted.
func (l *memoryListener) connect() (net.Conn, error) {
	return l.DialContext(context.Background(), "", "")
}

// running is a Server on a listener in memory.
type running struct {
	*websocket.Server
	l      *memoryListener
	served chan error
}

// start runs a Server in memory until the test ends.
func start(t *testing.T, s *websocket.Server) *running {
	t.Helper()
	r := &running{s, listenInMemory(), make(chan error, 1)}
	go func() { r.served <- s.Serve(r.l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-r.served; !errors.Is(err, websocket.ErrServerClosed) {
			t.Errorf("Serve: %v", err)
		}
	})
	return r
}

// ask sends a request on a new connection and returns that with the response.
func (r *running) ask(t *testing.T, request []byte) (net.Conn, *http.Response) {
	t.Helper()
	client, err := r.l.connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if _, err := client.Write(request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(newBufio(client), nil)
	if err != nil {
		t.Fatal(err)
	}
	return client, response
}

// peer returns a client whose handshake is done. key is in the field User.
func (r *running) peer(t *testing.T, key string) *peer {
	t.Helper()
	client, response := r.ask(t, wstest.GoodRequest().With("User: "+key).Bytes())
	if response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("status %d", response.StatusCode)
	}
	return peerOf(t, client)
}

// byUser is a Key.
func byUser(r *http.Request) string { return r.Header.Get("User") }

// pathKey is the key of a Handler's context with the path of its request.
type pathKey struct{}

func TestAServerIsUsedInThreeWays(t *testing.T) {
	for name, connect := range map[string]func(t *testing.T, s *websocket.Server) *websocket.Conn{
		"ServeHTTP": func(t *testing.T, s *websocket.Server) *websocket.Conn {
			return dialAnn(t, onPipes(t, &http.Server{Handler: s}))
		},
		"ServeHTTP, TLS": func(t *testing.T, s *websocket.Server) *websocket.Conn {
			client := onPipes(t, &http.Server{Handler: s, TLSConfig: serverTLS()})
			c, _, err := websocket.Dial(t.Context(), "wss://example.com/chat?room=1", &websocket.DialOptions{HTTPClient: client, HTTPHeader: http.Header{"User": {"ann"}}})
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
		"Serve": func(t *testing.T, s *websocket.Server) *websocket.Conn {
			r := start(t, s)
			return dialAnn(t, clientOf(t, func() (net.Conn, error) { return r.l.connect() }))
		},
		"ServeConn": func(t *testing.T, s *websocket.Server) *websocket.Conn {
			return dialAnn(t, clientOf(t, func() (net.Conn, error) {
				client, server := memory.NetPipe(-1)
				go s.ServeConn(t.Context(), server)
				return client, nil
			}))
		},
	} {
		for _, detach := range []bool{false, true} {
			bubble(t, func(t *testing.T) {
				var seen []string
				s := &websocket.Server{
					Detach: detach,
					Key: func(r *http.Request) string {
						seen = []string{r.Method, r.URL.Path, r.FormValue("room"), r.Host, r.Header.Get("User"), r.RemoteAddr, fmt.Sprint(r.TLS != nil)}
						return byUser(r)
					},
					Context: func(ctx context.Context, r *http.Request) context.Context {
						return context.WithValue(ctx, pathKey{}, r.URL.Path)
					},
					Handler: websocket.HandleMessages(func(ctx context.Context, c *websocket.Conn, typ websocket.MessageType, p []byte) error {
						return c.Write(ctx, typ, append([]byte(ctx.Value(pathKey{}).(string)+" "), p...))
					}),
				}
				c := connect(t, s)
				if want := []string{"GET", "/chat", "1", "example.com", "ann", "192.0.2.1:32769", fmt.Sprint(name == "ServeHTTP, TLS")}; !slices.Equal(seen, want) {
					t.Errorf("%s: Key has seen %q, want %q", name, seen, want)
				}
				if err := c.Write(t.Context(), websocket.MessageText, []byte("Hello")); err != nil {
					t.Fatal(name, err)
				}
				if _, p, err := c.Read(t.Context()); err != nil || string(p) != "/chat Hello" {
					t.Errorf("%s: %q, %v", name, p, err)
				}
				synctest.Wait()
				if n, found := s.Len(), len(slices.Collect(s.Find("ann"))); n != 1 || found != 1 {
					t.Errorf("%s: %d connections, %d found", name, n, found)
				}
				if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
					t.Error(name, err)
				}
				synctest.Wait()
				if n, found := s.Len(), len(slices.Collect(s.Find("ann"))); n != 0 || found != 0 {
					t.Errorf("%s: after the end %d connections, %d found", name, n, found)
				}
				s.Close()
			})
		}
	}
}

// clientOf returns a client that reaches every host by connect.
func clientOf(t *testing.T, connect func() (net.Conn, error)) *http.Client {
	tr := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return connect() }}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func dialAnn(t *testing.T, client *http.Client) *websocket.Conn {
	t.Helper()
	c, _, err := websocket.Dial(t.Context(), "ws://example.com/chat?room=1", &websocket.DialOptions{HTTPClient: client, HTTPHeader: http.Header{"User": {"ann"}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWithoutAHandlerAServerSendsAndDropsWhatComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, new(websocket.Server))
		ann, bob := s.peer(t, ""), s.peer(t, "")
		go ann.conn.Write(masked(1, true, "is anybody there?"))
		synctest.Wait()
		for c := range s.All() {
			go c.Write(t.Context(), websocket.MessageText, []byte("news"))
		}
		for _, p := range []*peer{ann, bob} {
			if ev, err := p.next(); err != nil || string(ev.Payload) != "news" {
				t.Errorf("%q, %v", ev.Payload, err)
			}
		}
		if found := len(slices.Collect(s.Find(""))); found != 0 {
			t.Errorf("%d are found by no key", found)
		}
	})
}

// The connection is closed when its Handler returns, however that is.
func TestAHandlerThatReturnsClosesTheConnection(t *testing.T) {
	for name, tc := range map[string]struct {
		handler func(ctx context.Context, c *websocket.Conn)
		code    websocket.StatusCode
	}{
		"at once":        {func(context.Context, *websocket.Conn) {}, websocket.StatusNormalClosure},
		"after Close":    {func(_ context.Context, c *websocket.Conn) { c.Close(4001, "") }, 4001},
		"after CloseNow": {func(_ context.Context, c *websocket.Conn) { c.CloseNow() }, websocket.StatusAbnormalClosure},
		"after Serve": {func(ctx context.Context, c *websocket.Conn) {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			c.Serve(ctx, func(context.Context, websocket.MessageType, []byte) error { return nil })
		}, websocket.StatusNormalClosure},
		"from Serve": {websocket.HandleMessages(func(context.Context, *websocket.Conn, websocket.MessageType, []byte) error {
			return errors.New("no")
		}), websocket.StatusInternalError},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := start(t, &websocket.Server{Handler: tc.handler})
			p := s.peer(t, "")
			go p.conn.Write(masked(1, true, "x"))
			if code := p.untilClose(); code != tc.code {
				t.Errorf("%s: the peer gets %v", name, code)
			}
			synctest.Wait()
			if n := s.Len(); n != 0 {
				t.Errorf("%s: %d connections are left", name, n)
			}
		})
	}
}

func TestAPanicOfAHandlerLeavesNoPlaceTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &websocket.Server{Handler: func(context.Context, *websocket.Conn) { panic("no") }}
		client, server := net.Pipe()
		panicked := make(chan any, 1)
		go func() {
			defer func() { panicked <- recover() }()
			s.ServeConn(t.Context(), server)
		}()
		client.Write(wstest.GoodRequest().Bytes())
		p := peerOf(t, client)
		http.ReadResponse(newBufio(client), nil)
		if code := p.untilClose(); code != websocket.StatusAbnormalClosure {
			t.Errorf("the peer gets %v", code)
		}
		if v := <-panicked; v != "no" || s.Len() != 0 {
			t.Errorf("%v, %d connections are left", v, s.Len())
		}
		if report, err := s.Shutdown(t.Context()); err != nil || report.Handlers != 0 {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

// The values of a request's context are the Handler's, who may keep them.
func TestAHandlersContext(t *testing.T) {
	type key struct{}
	for _, detach := range []bool{false, true} {
		bubble(t, func(t *testing.T) {
			var handler context.Context
			s := &websocket.Server{Detach: detach, Handler: func(ctx context.Context, c *websocket.Conn) {
				handler = ctx
				c.CloseRead(ctx)
				<-ctx.Done()
			}}
			outer, end := context.WithCancel(t.Context())
			client := onPipes(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithCancel(context.WithValue(r.Context(), key{}, "ann"))
				defer cancel()
				defer context.AfterFunc(outer, cancel)()
				s.ServeHTTP(w, r.WithContext(ctx))
			})})
			dialAnn(t, client).CloseRead(t.Context())
			synctest.Wait()
			if v := handler.Value(key{}); v != "ann" {
				t.Errorf("Detach %v: value %v", detach, v)
			}
			end()
			synctest.Wait()
			if ended := handler.Err() != nil; ended == detach {
				t.Errorf("Detach %v: the context has ended with the request: %v", detach, ended)
			}
			s.Close()
			synctest.Wait()
			if handler.Err() == nil || s.Len() != 0 {
				t.Errorf("Detach %v: the context goes on after Close, %d connections are left", detach, s.Len())
			}
		})
	}
}

func TestALoopOverConnectionsMayDoAnything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, &websocket.Server{Key: byUser})
		for _, user := range []string{"ann", "bob", "ann"} {
			go s.peer(t, user).untilClose()
		}
		synctest.Wait()
		for c := range s.Find("ann") {
			if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		if n := s.Len(); n != 1 {
			t.Errorf("%d connections", n)
		}
		for range s.All() {
			s.Close()
			break
		}
	})
}

// temporary is an error as of a system without descriptors.
type temporary struct{}

func (temporary) Error() string   { return "too many open files" }
func (temporary) Temporary() bool { return true }

func TestServePausesWhenDescriptorsAreLacking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		l := listenInMemory()
		for range 12 {
			l.errs <- temporary{}
		}
		s := &websocket.Server{OnError: func(addr string, err error) { told = append(told, addr+" "+err.Error()) }}
		served := make(chan error, 1)
		since := stopwatch()
		go func() { served <- s.Serve(l) }()
		client, err := l.connect()
		if err != nil {
			t.Fatal(err)
		}
		client.Write(wstest.GoodRequest().Bytes())
		if resp, err := http.ReadResponse(newBufio(client), nil); err != nil || resp.StatusCode != 101 {
			t.Error(resp, err)
		}
		// 5 ms, doubled each time up to a second.
		if want := 5*(1<<8-1)*time.Millisecond + 4*time.Second; since() != want || len(told) != 12 || told[0] != l.Addr().String()+" too many open files" {
			t.Errorf("accepted after %v with %q, want %v", since(), told, want)
		}
		client.Close()
		s.Close()
		if err := <-served; err != websocket.ErrServerClosed {
			t.Error(err)
		}

		// In a pause, and with an error that does not pass.
		l = listenInMemory()
		for range 100 {
			l.errs <- temporary{}
		}
		s = new(websocket.Server)
		go func() { served <- s.Serve(l) }()
		time.Sleep(10500 * time.Millisecond)
		s.Close()
		if err := <-served; err != websocket.ErrServerClosed || since() != 5*(1<<8-1)*time.Millisecond+4*time.Second+10500*time.Millisecond {
			t.Errorf("%v after %v", err, since())
		}
		broken := errors.New("no more")
		l = listenInMemory()
		l.errs <- broken
		if err := new(websocket.Server).Serve(l); !errors.Is(err, broken) {
			t.Error(err)
		}
		if _, err := l.connect(); err == nil {
			t.Error("the listener is open still")
		}
	})
}

func TestAHandshakeInServeTakesAtMostItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told bytes.Buffer
		s := start(t, &websocket.Server{OnError: func(addr string, err error) { fmt.Fprintln(&told, addr, err) }})
		client, err := s.l.connect()
		if err != nil {
			t.Fatal(err)
		}
		since := stopwatch()
		if n, err := client.Read(make([]byte, 1)); err == nil || since() != 10*time.Second {
			t.Errorf("%d, %v after %v", n, err, since())
		}
		synctest.Wait()
		if told.Len() == 0 {
			t.Error("OnError was not told")
		}
	})
}

func TestEndpointsOfAServerHaveOptionsOfTheirOwn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var counted websocket.Counters
		s := &websocket.Server{
			MaxConns: 2,
			Options:  websocket.AcceptConnOptions{AcceptOptions: websocket.AcceptOptions{Subprotocols: []string{"plain"}}},
			Handler: func(_ context.Context, c *websocket.Conn) {
				c.Deliver(mustPrepare(t, c.Subprotocol()), "") // without a Queue that is an error
				c.Read(t.Context())
			},
		}
		mux := http.NewServeMux()
		mux.Handle("/plain", s)
		mux.Handle("/queue", s.With(&websocket.AcceptOptions{Subprotocols: []string{"queued"}, Queue: &websocket.Queue{}, Counters: &counted}))
		mux.Handle("/default", s.With(nil))
		client := onPipes(t, &http.Server{Handler: mux})
		dial := func(path string) (*websocket.Conn, error) {
			c, _, err := websocket.Dial(t.Context(), "ws://example.com"+path, &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{"plain", "queued"}})
			return c, err
		}
		plain, err := dial("/plain")
		if err != nil || plain.Subprotocol() != "plain" {
			t.Fatalf("%v", err)
		}
		queued, err := dial("/queue")
		if err != nil || queued.Subprotocol() != "queued" {
			t.Fatalf("%v", err)
		}
		if _, p, err := queued.Read(t.Context()); string(p) != "queued" || err != nil {
			t.Errorf("%q, %v", p, err)
		}
		synctest.Wait() // a client has the answer before the server counts the connection
		if _, err := dial("/queue"); err == nil || s.Len() != 2 {
			t.Errorf("%d connections, and %v", s.Len(), err)
		}
		plain.CloseNow()
		synctest.Wait()
		if c, err := dial("/default"); err != nil || c.Subprotocol() != "" {
			t.Errorf("%v", err)
		}
		s.Close()
		if n := counted.Stats(); n.Opened != 1 || len(n.Refused) != 1 {
			t.Errorf("%+v", n)
		}
	})
}

func mustPrepare(t *testing.T, text string) *websocket.PreparedMessage {
	t.Helper()
	m, err := websocket.NewPreparedMessage(websocket.MessageText, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Connections of which somebody else has done the handshake.
func TestAServerAdoptsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &websocket.Server{MaxPerKey: 1}
		adopt := func() (net.Conn, chan error) {
			client, server := net.Pipe()
			c, err := websocket.New(server, websocket.Params{State: ws.StateServerSide})
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- s.Adopt(t.Context(), c, "ann") }()
			synctest.Wait()
			return client, done
		}
		first, done := adopt()
		second, refused := adopt()
		if code := peerOf(t, second).untilClose(); code != websocket.StatusTryAgainLater {
			t.Errorf("the second one gets %v", code)
		}
		if err := <-refused; err != websocket.ErrTooManyPerKey {
			t.Error(err)
		}
		if found := len(slices.Collect(s.Find("ann"))); found != 1 {
			t.Errorf("%d are found", found)
		}
		go peerOf(t, first).untilClose()
		if report, err := s.Shutdown(t.Context()); err != nil || report.Closed != 1 {
			t.Errorf("%+v, %v", report, err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		_, refused = adopt()
		if err := <-refused; err != websocket.ErrServerClosed {
			t.Error(err)
		}
		time.Sleep(10 * time.Second) // until those that were refused are closed
	})
}

// A program that hands a connection over has none any more, whatever is wrong.
func TestAdoptWithoutAContextClosesTheConnection(t *testing.T) {
	bubble(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		go io.Copy(io.Discard, far)
		c, err := websocket.New(near, websocket.Params{})
		if err != nil {
			t.Fatal(err)
		}
		var s websocket.Server
		var none context.Context
		if s.Adopt(none, c, "") == nil {
			t.Error("no error")
		}
		if err := c.Write(t.Context(), websocket.MessageText, nil); !errors.Is(err, net.ErrClosed) {
			t.Error("the connection is open:", err)
			c.CloseNow()
		}
	})
}
