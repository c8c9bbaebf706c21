//go:build linux

package main

import (
	"io"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/examples/epoll/internal/suite"
	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/ws"
)

func options() Options {
	o := DefaultOptions()
	o.Handshake, o.Stall, o.Linger = peer.Patience, peer.Patience, peer.Patience
	o.MaxMessage = suite.MaxMessage
	return o
}

func start(t *testing.T, o Options) suite.Server {
	t.Helper()
	s, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- s.Run() }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if n := s.Conns(); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
	return suite.Server{Addr: s.Addr().String(), Conns: s.Conns}
}

func TestServer(t *testing.T) {
	suite.Run(t, func(t *testing.T) suite.Server { return start(t, options()) })
}

func TestServesThePageOnTheSamePort(t *testing.T) {
	s := start(t, options())
	for _, tc := range []struct {
		method, body string
		status       int
		want         string
	}{
		{"GET", "", 200, page},
		{"HEAD", "", 200, ""},
		{"POST", strings.Repeat("x", 1<<20), 405, ""},
	} {
		t.Run(tc.method, func(t *testing.T) {
			req, err := http.NewRequest(tc.method, "http://"+s.Addr+"/", strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			client := http.Client{Timeout: peer.Patience}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			if err != nil || string(got) != tc.want || resp.StatusCode != tc.status {
				t.Errorf("got %d %q, %v", resp.StatusCode, got, err)
			}
		})
	}
	suite.WaitConns(t, s, 0)
}

func TestRefusesABadHandshake(t *testing.T) {
	s := start(t, options())
	for name, request := range map[string]string{
		"HTTP/1.1 400 ": strings.Replace(peer.Request, "Key: dGh", "Key: ", 1) + "\r\n",
		"HTTP/1.1 403 ": peer.Request + "Origin: https://evil.example\r\n\r\n",
		"HTTP/1.1 426 ": strings.Replace(peer.Request, "13", "8", 1) + "\r\n",
		"HTTP/1.1 431 ": peer.Request + "X: " + strings.Repeat("x", 20<<10),
	} {
		if got := peerHead(t, s.Addr, request); !strings.HasPrefix(got, name) {
			t.Errorf("got %q, want %q", got, name)
		}
	}
	suite.WaitConns(t, s, 0)
}

func peerHead(t *testing.T, addr, request string) string {
	conn := peer.Connect(t, addr)
	defer conn.Close()
	peer.Send(t, conn, []byte(request))
	b, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTakesFramesThatComeWithTheRequest(t *testing.T) {
	s := start(t, options())
	conn := peer.Connect(t, s.Addr)
	b := peer.Frame([]byte(peer.Request+"\r\n"), ws.NewTextFrame([]byte("early")))
	peer.Send(t, conn, peer.Frame(b, ws.NewCloseFrame(nil)))
	got, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 101 ") || !strings.HasSuffix(string(got), "\r\n\r\n\x81\x05early\x88\x00") {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestGivesUpOnClients(t *testing.T) {
	short := func(set func(*Options, time.Duration)) Options {
		o := options()
		o.Sweep = 5 * time.Millisecond
		set(&o, 20*time.Millisecond)
		return o
	}
	t.Run("that do not finish their request", func(t *testing.T) {
		s := start(t, short(func(o *Options, d time.Duration) { o.Handshake = d }))
		conn := peer.Connect(t, s.Addr)
		conn.Write([]byte(peer.Request)) // the time may be over by now
		peer.WantEndOrReset(t, conn)
		suite.WaitConns(t, s, 0)
	})
	t.Run("that do not read", func(t *testing.T) {
		s := start(t, short(func(o *Options, d time.Duration) { o.Stall = d }))
		conn := peer.Open(t, s.Addr, ws.Dialer{})
		b := peer.Frame(nil, ws.NewBinaryFrame(make([]byte, 1<<20)))
		for err := error(nil); err == nil; {
			_, err = conn.Write(b)
		}
		suite.WaitConns(t, s, 0)
	})
	t.Run("that do not close their side", func(t *testing.T) {
		s := start(t, short(func(o *Options, d time.Duration) { o.Linger = d }))
		conn := peer.Open(t, s.Addr, ws.Dialer{})
		peer.Send(t, conn, peer.Frame(nil, ws.NewCloseFrame(nil)))
		peer.WantClose(t, conn, ws.StatusNoStatusRcvd)
		suite.WaitConns(t, s, 0)
	})
}

func TestAcceptsNoMoreThanMaxConns(t *testing.T) {
	o := options()
	o.MaxConns, o.Sweep = 1, 5*time.Millisecond
	s := start(t, o)
	first := peer.Open(t, s.Addr, ws.Dialer{})
	second := peer.Connect(t, s.Addr) // in the listener's queue
	peer.Send(t, second, []byte(peer.Request+"\r\n"))
	peer.Send(t, first, peer.Frame(nil, ws.NewPingFrame(nil)))
	peer.Want(t, first, ws.NewPongFrame(nil))
	if n := s.Conns(); n != 1 {
		t.Errorf("%d connections", n)
	}
	first.Close()
	var b [12]byte
	if _, err := io.ReadFull(second, b[:]); err != nil || string(b[:]) != "HTTP/1.1 101" {
		t.Errorf("got %q, %v", b, err)
	}
}

func TestNeedsNoGoroutinePerConnectionAndClosesItsDescriptors(t *testing.T) {
	const conns = 50
	descriptors := func() int {
		d, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(d)
	}
	var before int
	t.Run("open", func(t *testing.T) {
		peer.Open(t, start(t, options()).Addr, ws.Dialer{}).Close() // the runtime's own descriptors
	})
	before = descriptors()
	t.Run("serve", func(t *testing.T) {
		s := start(t, options())
		peer.Open(t, s.Addr, ws.Dialer{})
		routines := runtime.NumGoroutine()
		for range conns {
			peer.Open(t, s.Addr, ws.Dialer{})
		}
		if n := runtime.NumGoroutine(); n > routines+conns/10 {
			t.Errorf("%d goroutines for %d connections", n-routines, conns)
		}
	})
	if after := descriptors(); after > before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

// The loop runs in the test's goroutine here, so that its state can be seen.
func TestHoldsNoBufferAndNoDeadlineForAnIdleConnection(t *testing.T) {
	s, err := Listen(netip.MustParseAddrPort("127.0.0.1:0"), options())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	client := peer.Connect(t, s.Addr().String())
	exchange := func(b []byte, wantSuffix string) {
		t.Helper()
		peer.Send(t, client, b)
		got := make(chan error, 1)
		go func() {
			var all []byte
			for piece := make([]byte, 4096); !strings.HasSuffix(string(all), wantSuffix); {
				n, err := client.Read(piece)
				if all = append(all, piece[:n]...); err != nil {
					got <- err
					return
				}
			}
			got <- nil
			s.poller.Wake()
		}()
		for {
			stopped, err := s.turn()
			if err != nil {
				t.Fatal(err)
			}
			if stopped {
				break
			}
		}
		if err := <-got; err != nil {
			t.Fatal(err)
		}
	}
	exchange([]byte(peer.Request+"\r\n"), "\r\n\r\n")
	b := peer.Frame(nil, ws.NewFrame(ws.OpText, false, []byte("hel")))
	exchange(peer.Frame(b, ws.NewFrame(ws.OpContinuation, true, []byte("lo"))), "hello")

	s.sweep(time.Now().Add(time.Hour))
	if len(s.conns) != 1 {
		t.Fatalf("%d connections", len(s.conns))
	}
	for _, c := range s.conns {
		if c.request != nil || c.out != nil || c.message.Free() != nil || c.proto.Inside() {
			t.Errorf("it holds %+v", c)
		}
	}
}
