package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

// A net.Conn whose connection has ended says so, and no timeout: loops that go on
// at timeouts would spin.
func TestNetConnThatHasEndedIsNoTimeout(t *testing.T) {
	for _, tc := range []struct {
		name string
		opts *websocket.AcceptOptions
		end  func(t *testing.T, conn, client net.Conn) // ends the connection
		err  error                                     // of that, for those who look into it
	}{
		{"a write deadline that leaves a frame unfinished", nil, func(t *testing.T, conn, client net.Conn) {
			go func() {
				client.Read(make([]byte, 1)) // some of it has left
				conn.SetWriteDeadline(time.Unix(1, 0))
			}()
			_, err := conn.Write(make([]byte, 64<<20))
			if e, ok := err.(net.Error); !ok || !e.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the call with the deadline: %v", err)
			}
		}, websocket.EndedByUs},
		{"small writes until one does not leave", nil, func(t *testing.T, conn, client net.Conn) {
			for err := error(nil); !errors.Is(err, os.ErrDeadlineExceeded); {
				conn.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
				_, err = conn.Write(make([]byte, 20_000))
			}
			conn.Close()
		}, websocket.EndedByUs},
		{"a timeout of the connection", &websocket.AcceptOptions{ReadTimeout: time.Millisecond}, func(t *testing.T, conn, client net.Conn) {
			go func() { // RFC 6455, 7.1.1: it is told 1008, and is to end the transport
				client.Read(make([]byte, 1))
				client.Close()
			}()
			conn.Read(make([]byte, 1))
		}, websocket.EndedByTimeout},
		{"a timeout of writing", &websocket.AcceptOptions{WriteTimeout: 10 * time.Millisecond}, func(t *testing.T, conn, client net.Conn) {
			conn.Write(make([]byte, 16<<20))
		}, websocket.EndedByTimeout},
	} {
		for name, pair := range transports {
			client, server := pair(t)
			small(server)
			c := accept(t, client, server, tc.opts)
			conn := websocket.NetConn(context.Background(), c, websocket.MessageBinary)
			reading := make(chan error, 1)
			if tc.opts == nil {
				go func() {
					_, err := conn.Read(make([]byte, 1))
					reading <- err
				}()
			} else {
				reading <- net.ErrClosed
			}
			tc.end(t, conn, client)
			check := func(call string, err error) {
				t.Helper()
				e, ok := errors.AsType[net.Error](err)
				if err == nil || ok && e.Timeout() || errors.Is(err, os.ErrDeadlineExceeded) || os.IsTimeout(err) || !errors.Is(err, net.ErrClosed) {
					t.Errorf("%s, over %s: %s: %v", tc.name, name, call, err)
				}
			}
			check("a Read beside it", <-reading)
			for _, deadline := range []string{"passed", "none"} {
				if deadline == "none" {
					conn.SetDeadline(time.Time{})
				}
				_, err := conn.Read(make([]byte, 1))
				check("Read, deadline "+deadline, err)
				_, err = conn.Write([]byte("x"))
				check("Write, deadline "+deadline, err)
				var end *websocket.ConnError
				if !errors.As(err, &end) || !errors.Is(err, tc.err) {
					t.Errorf("%s, over %s: %#v", tc.name, name, err)
				}
			}
			client.Close()
		}
	}
}

// Deadlines that have passed still end calls as long as the connection lives.
func TestNetConnWhoseDeadlineHasPassedTimesOut(t *testing.T) {
	c, _ := handshake(t, nil)
	conn := websocket.NetConn(context.Background(), c, websocket.MessageBinary)
	conn.SetDeadline(time.Unix(1, 0))
	for range 2 {
		for name, call := range map[string]func([]byte) (int, error){"Read": conn.Read, "Write": conn.Write} {
			_, err := call([]byte("x"))
			if e, ok := err.(net.Error); !ok || !e.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// After a TLS connection was interrupted while writing it cannot be written to,
// which is no timeout either.
func TestNetConnOverTLSInterruptedIsNoTimeout(t *testing.T) {
	client, server := tlsOver(net.Pipe())
	c := accept(t, client, server, nil)
	conn := websocket.NetConn(context.Background(), c, websocket.MessageBinary)
	conn.SetWriteDeadline(time.Now().Add(5 * time.Millisecond))
	if _, err := conn.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	conn.SetWriteDeadline(time.Time{})
	for range 2 {
		_, err := conn.Write([]byte("x"))
		if e, ok := err.(net.Error); !ok || e.Timeout() || errors.Is(err, os.ErrDeadlineExceeded) || !errors.Is(err, net.ErrClosed) {
			t.Errorf("%#v", err)
		}
	}
	go client.Write(masked(ws.OpBinary, true, "y"))
	b := make([]byte, 1)
	if _, err := io.ReadFull(conn, b); err != nil || b[0] != 'y' {
		t.Errorf("%q, %v", b, err)
	}
}

// Whoever has closed a connection, it is closed: net.ErrClosed is found by every
// call, and what else it was.
func TestACallAfterTheEndFindsErrClosed(t *testing.T) {
	calls := map[string]func(c *websocket.Conn) error{
		"Read":   func(c *websocket.Conn) error { _, _, err := c.Read(within(t)); return err },
		"Reader": func(c *websocket.Conn) error { _, _, err := c.Reader(within(t)); return err },
		"Serve":  func(c *websocket.Conn) error { return c.Serve(within(t), nil) },
		"Write":  func(c *websocket.Conn) error { return c.Write(within(t), websocket.MessageText, nil) },
		"Writer": func(c *websocket.Conn) error { _, err := c.Writer(within(t), websocket.MessageText); return err },
		"Ping":   func(c *websocket.Conn) error { return c.Ping(within(t)) },
		"Close":  func(c *websocket.Conn) error { return c.Close(1000, "") },
		"NetConn.Write": func(c *websocket.Conn) error {
			_, err := websocket.NetConn(within(t), c, websocket.MessageText).Write(nil)
			return err
		},
	}
	for _, tc := range []struct {
		name string
		wire []byte
		code websocket.StatusCode
		is   error
	}{
		{"by the peer", masked(ws.OpClose, true, "\x03\xe8"), 1000, websocket.EndedByPeer},
		{"by the peer, with a code of its own", masked(ws.OpClose, true, "\x0f\xa0bye"), 4000, websocket.EndedByPeer},
		{"by the transport", nil, -1, io.EOF},
		{"by the transport, inside a frame", []byte("\x81"), -1, io.ErrUnexpectedEOF},
		{"for a violation", []byte("\x81\x00"), -1, websocket.EndedByViolation},
	} {
		for name, call := range calls {
			c, client := handshake(t, nil)
			client.Write(tc.wire)
			client.(*net.TCPConn).CloseWrite()
			for _, when := range []string{"first", "again"} {
				if when == "first" {
					c.Read(within(t))
				}
				err := call(c)
				if !errors.Is(err, net.ErrClosed) || !errors.Is(err, tc.is) || websocket.CloseStatus(err) != tc.code {
					t.Errorf("%s, %s: %v", tc.name, name, err)
				}
			}
		}
		c, client := handshake(t, nil)
		client.Write(tc.wire)
		client.(*net.TCPConn).CloseWrite()
		_, err := websocket.NetConn(within(t), c, websocket.MessageText).Read(make([]byte, 1))
		if tc.code == 1000 && err != io.EOF || tc.code != 1000 && !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s, NetConn.Read: %v", tc.name, err)
		}
	}
}

// Programs take a Conn for messages and a NetConn of it for the rest, and end by
// closing the NetConn: whoever reads from the Conn gets the peer's answer.
func TestCloseOfANetConnLeavesTheReaderOfItsConnThePeersCloseFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := wstest.Pipe(t, nil, nil)
		ended := make(chan error)
		go func() {
			_, _, err := server.Read(context.Background())
			ended <- err
		}()
		synctest.Wait()
		conn := websocket.NetConn(context.Background(), server, websocket.MessageBinary)
		conn.Close()
		go client.Read(context.Background())
		if err := <-ended; websocket.CloseStatus(err) != websocket.StatusNormalClosure || !errors.Is(err, websocket.EndedByUs) {
			t.Error(err)
		}
	})
}

// closedTunnel is a transport whose end is that of a tunnel: it takes nothing any more, and says
// that its own peer has closed it with 1000.
type closedTunnel struct{ net.Conn }

func (closedTunnel) Write([]byte) (int, error) {
	return 0, websocket.CloseError{Code: websocket.StatusNormalClosure}
}

func (closedTunnel) Read([]byte) (int, error) { return 0, io.EOF }

// io.EOF of a NetConn says that the peer has said all. That a tunnel below has been closed
// in good order does not.
func TestNetConnTakesTheEndOfATunnelForNoEOF(t *testing.T) {
	bubble(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		c, err := websocket.New(closedTunnel{near}, websocket.Params{State: ws.StateServerSide})
		if err != nil {
			t.Fatal(err)
		}
		conn := websocket.NetConn(context.Background(), c, websocket.MessageBinary)
		defer conn.Close()
		conn.Write([]byte("x"))
		if _, err := conn.Read(make([]byte, 1)); err == io.EOF || !errors.Is(err, websocket.EndedByTransport) {
			t.Errorf("Read: %v", err)
		}
	})
}
