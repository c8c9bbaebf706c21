package wsutil_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// signalConn tells when a Read or a Write has begun, so that a context can be
// ended while it waits.
type signalConn struct {
	net.Conn
	begun chan string
}

func (c signalConn) Read(p []byte) (int, error)  { c.begun <- "read"; return c.Conn.Read(p) }
func (c signalConn) Write(p []byte) (int, error) { c.begun <- "write"; return c.Conn.Write(p) }

// #57, #156: a peer that stalls is given up in time.
func TestReadDataContextEndsWithItsContext_156(t *testing.T) {
	text := clientFrame(ws.OpText, true, "Hello")
	for _, tt := range []struct {
		name string
		sent []byte
		at   []string // the calls of the connection, in the last of which it waits
	}{
		{"#57, #156: between frames", nil, []string{"read"}},
		{"#156: inside of a header", text[:1], []string{"read", "read"}},
		{"#156: before the payload", text[:6], []string{"read", "read"}},
		{"#57, #156: inside of the payload", text[:8], []string{"read", "read", "read"}},
		{"#156: between fragments", clientFrame(ws.OpText, false, ""), []string{"read", "read"}},
		{"#156: the peer does not take the pong", clientFrame(ws.OpPing, true, ""), []string{"read", "write"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, server := pipe(t)
			conn := signalConn{server, make(chan string)}
			ctx, cancel := context.WithCancel(context.Background())
			if len(tt.sent) > 0 {
				go client.Write(tt.sent)
			}
			go func() {
				for _, want := range tt.at {
					if got := <-conn.begun; got != want {
						t.Errorf("got a %s, want a %s", got, want)
					}
				}
				cancel()
			}()
			p, _, err := wsutil.ReadAppendContext(ctx, []byte("dst"), conn, ws.StateServerSide)
			if err != context.Canceled || string(p) != "dst" {
				t.Errorf("got %q, %v", p, err)
			}
			// The deadline is gone: something else can be read and written.
			go client.Write([]byte("x"))
			if _, err := server.Read(make([]byte, 1)); err != nil {
				t.Errorf("Read after that: %v", err)
			}
			go client.Read(make([]byte, 1))
			if _, err := server.Write([]byte("x")); err != nil {
				t.Errorf("Write after that: %v", err)
			}
		})
	}
}

func TestReadDataContextOverTCP(t *testing.T) {
	client, server := tcpPair(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	client.Write(clientFrame(ws.OpText, true, "Hello")[:8])
	if _, _, err := wsutil.ReadDataContext(ctx, server, ws.StateServerSide); err != context.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
}

func TestContextsThatHaveEnded(t *testing.T) {
	_, server := pipe(t)
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	expired, cancel := context.WithDeadline(context.Background(), time.Unix(1, 0))
	defer cancel()
	for ctx, want := range map[context.Context]error{canceled: context.Canceled, expired: context.DeadlineExceeded} {
		if p, _, err := wsutil.ReadAppendContext(ctx, []byte("dst"), server, ws.StateServerSide); err != want || string(p) != "dst" {
			t.Errorf("ReadAppendContext: got %q, %v, want %v", p, err, want)
		}
		if err := wsutil.WriteMessageContext(ctx, server, ws.StateServerSide, ws.OpText, nil); err != want {
			t.Errorf("WriteMessageContext: got %v, want %v", err, want)
		}
	}
}

func TestContextsThatDoNotEnd(t *testing.T) {
	withCancel, cancel := context.WithCancel(context.Background())
	defer cancel()
	for name, ctx := range map[string]context.Context{"background": context.Background(), "with cancel": withCancel} {
		client, server := pipe(t)
		go func() {
			client.Write(clientFrame(ws.OpText, true, "Hello"))
			wsutil.ReadServerData(client)
			client.Write([]byte{0x81, 0x00})
			io.Copy(io.Discard, client)
		}()
		p, op, err := wsutil.ReadDataContext(ctx, server, ws.StateServerSide)
		if string(p) != "Hello" || op != ws.OpText || err != nil {
			t.Errorf("%s: got %q, %v, %v", name, p, op, err)
		}
		if err := wsutil.WriteMessageContext(ctx, server, ws.StateServerSide, ws.OpText, p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := wsutil.ReadDataContext(ctx, server, ws.StateServerSide); err != ws.ErrProtocolMaskRequired {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// What the peer has done counts more than a context that ends afterwards.
func TestReadDataContextKeepsTheErrorOfThePeer(t *testing.T) {
	client, server := pipe(t)
	conn := signalConn{server, make(chan string)}
	ctx, cancel := context.WithCancel(context.Background())
	go client.Write(clientFrame(ws.OpClose, true, closeBody(1001, "")))
	go func() {
		<-conn.begun // header
		<-conn.begun // payload
		<-conn.begun // the answer
		wsutil.ReadServerData(client)
	}()
	closing := closingConn{conn, cancel}
	if _, _, err := wsutil.ReadDataContext(ctx, closing, ws.StateServerSide); err != (wsutil.ClosedError{Code: 1001}) {
		t.Errorf("got %v", err)
	}
}

// closingConn ends the context when the answer has been taken.
type closingConn struct {
	signalConn
	done context.CancelFunc
}

func (c closingConn) Write(p []byte) (int, error) {
	n, err := c.signalConn.Write(p)
	c.done()
	return n, err
}

func TestWriteMessageContextEndsWithItsContext(t *testing.T) {
	for side, s := range sides {
		_, server := pipe(t)
		conn := signalConn{server, make(chan string)}
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			<-conn.begun
			cancel()
		}()
		if err := wsutil.WriteMessageContext(ctx, conn, s, ws.OpText, []byte("Hello")); err != context.Canceled {
			t.Errorf("%s: got %v", side, err)
		}
	}
}

func TestContextsReturnTheErrorsOfTheConnection(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, server := pipe(t)
	server.Close()
	if _, _, err := wsutil.ReadDataContext(ctx, server, ws.StateServerSide); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
	if err := wsutil.WriteMessageContext(ctx, server, ws.StateServerSide, ws.OpText, nil); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

// replayConn is a net.Conn for the counting of allocations.
type replayConn struct {
	net.Conn
	replay
}

func (c *replayConn) Read(p []byte) (int, error)  { return c.replay.Read(p) }
func (c *replayConn) Write(p []byte) (int, error) { return c.replay.Write(p) }

func TestContextsThatCannotEndAllocateNothing(t *testing.T) {
	conn := &replayConn{replay: replay{in: clientFrame(ws.OpText, true, "Hello")}}
	buf := make([]byte, 0, 16)
	ctx := context.Background()
	wantAllocs(t, 0, func() {
		conn.at = 0
		p, op, err := wsutil.ReadAppendContext(ctx, buf, conn, ws.StateServerSide)
		if err == nil {
			err = wsutil.WriteMessageContext(ctx, conn, ws.StateServerSide, op, p)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}

func ExampleReadDataContext() {
	client, server := net.Pipe()
	go client.Write([]byte{0x81, 0x85}) // half a header
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, _, err := wsutil.ReadDataContext(ctx, server, ws.StateServerSide)
	fmt.Println(err)
	// Output: context deadline exceeded
}
