package websocket_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// A loop that never has to wait, because its peer floods it, lets others run
// after its share, which is 128 KiB or as many messages or control frames, as
// Serve does. Counted are the turns that another goroutine has meanwhile.
func TestALoopThatNeverWaitsLeavesOthersTheirTurn(t *testing.T) {
	const messages = 2000
	short := bytes.Repeat(masked(ws.OpBinary, true, "x"), messages)
	pings := append(bytes.Repeat(masked(ws.OpPing, true, ""), messages), masked(ws.OpBinary, true, "x")...)
	long := bytes.Repeat(masked(ws.OpBinary, true, string(make([]byte, 16<<10))), 32)
	read := func(c *websocket.Conn) (err error) {
		_, _, err = c.Read(context.Background())
		return err
	}
	stream := func(c *websocket.Conn) error {
		_, r, err := c.Reader(context.Background())
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		return err
	}
	for _, tc := range []struct {
		name string
		wire []byte
		n    int // messages
		call func(c *websocket.Conn) error
		want int64
	}{
		{"short messages by Read", short, messages, read, messages / 128},
		{"short messages by Reader", short, messages, stream, messages / 128},
		{"long messages by Read", long, 32, read, 4},
		{"pings", pings, 1, read, messages / 128},
	} {
		for _, name := range []string{"tcp", "prompt"} {
			client, server := tcpPair(t)
			var c *websocket.Conn
			if name == "tcp" {
				if len(tc.wire) > 64<<10 {
					continue // the kernel may not take all of it before it is read
				}
				c = accept(t, client, server, nil)
				if _, err := client.Write(tc.wire); err != nil {
					t.Fatal(err)
				}
			} else {
				prompt := &promptConn{Conn: server}
				c = accept(t, client, prompt, nil)
				prompt.wire = tc.wire
			}
			go io.Copy(io.Discard, client)
			if got := turnsBeside(func() {
				for i := range tc.n {
					if err := tc.call(c); err != nil {
						t.Fatalf("%s, %s: message %d: %v", tc.name, name, i, err)
					}
				}
			}); got < tc.want/2 { // the scheduler passes over one of 61
				t.Errorf("%s, %s: others had %d turns, want about %d", tc.name, name, got, tc.want)
			}
			c.CloseNow()
			client.Close()
		}
	}
}

// promptConn is a transport whose Read never waits, once it has something.
type promptConn struct {
	net.Conn
	wire []byte
}

func (c *promptConn) Read(p []byte) (int, error) {
	if c.wire == nil {
		return c.Conn.Read(p)
	}
	n := copy(p, c.wire)
	c.wire = c.wire[n:]
	return n, nil
}

// turnsBeside returns how often another goroutine that can always run has run
// while f did, on one processor.
func turnsBeside(f func()) int64 {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var turns atomic.Int64
	var done atomic.Bool
	go func() {
		for !done.Load() {
			turns.Add(1)
			runtime.Gosched()
		}
	}()
	runtime.Gosched()
	begun := turns.Load()
	f()
	done.Store(true)
	return turns.Load() - begun
}
