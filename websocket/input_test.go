package websocket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
)

// receives are the ways of receiving one message.
var receives = map[string]func(ctx context.Context, c *Conn) (string, error){
	"Read": func(ctx context.Context, c *Conn) (string, error) {
		_, p, err := c.Read(ctx)
		return string(p), err
	},
	"Reader": func(ctx context.Context, c *Conn) (string, error) {
		_, r, err := c.Reader(ctx)
		if err != nil {
			return "", err
		}
		p, err := io.ReadAll(r)
		return string(p), err
	},
	"Serve": func(ctx context.Context, c *Conn) (string, error) {
		ctx, cancel := context.WithCancel(ctx)
		got := ""
		err := c.Serve(ctx, func(_ context.Context, _ MessageType, p []byte) error {
			got = string(p)
			cancel()
			return nil
		})
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		return got, err
	},
}

// readyConn is a transport whose Read never has to wait.
type readyConn struct {
	net.Conn
	wire io.Reader
}

func (c readyConn) Read(p []byte) (int, error)       { return c.wire.Read(p) }
func (c readyConn) Write(p []byte) (int, error)      { return len(p), nil }
func (c readyConn) Close() error                     { return nil }
func (c readyConn) SetDeadline(time.Time) error      { return nil }
func (c readyConn) SetReadDeadline(time.Time) error  { return nil }
func (c readyConn) SetWriteDeadline(time.Time) error { return nil }

// A connection whose input never runs dry lets others run after its share.
func TestAReaderThatNeverWaitsLetsOthersRun(t *testing.T) {
	for _, tc := range []struct {
		name           string
		messages, size int
	}{
		{"less than a share", 10, 1000},
		{"short messages", 2000, 1},
		{"long messages", 100, 30_000},
		{"one after the other", 20, 64 << 10},
	} {
		for name, read := range reads {
			wire := strings.Repeat(fromClient(ws.OpBinary, true, strings.Repeat("x", tc.size)), tc.messages)
			c := serverOver(t, readyConn{wire: strings.NewReader(wire)}, nil)
			c.SetReadLimit(-1)
			before := yields.Load()
			read(c)
			got := yields.Load() - before
			// By bytes: a buffer and a message more than the share, at most. Messages
			// count themselves where they are read one by one.
			all := len(wire)
			least := int64(all / (2 * fairShare))
			if name != "Serve" {
				all += (tc.messages + 1) * messageShare
			}
			if most := int64(all / fairShare); got < least || got > most {
				t.Errorf("%s by %s: others had %d turns, want %d to %d", tc.name, name, got, least, most)
			}
		}
	}
}

// Between messages a connection has no receiving half, whichever way they are
// read; inside of one it keeps it.
func TestTheReceivingHalfRestsBetweenMessages(t *testing.T) {
	whole := fromClient(ws.OpText, true, "abc")
	half := fromClient(ws.OpText, false, "abc")
	transports := map[string]func(t *testing.T) (near, far net.Conn){
		"tcp":  func(t *testing.T) (near, far net.Conn) { return socketPair(t, "tcp") },
		"unix": func(t *testing.T) (near, far net.Conn) { return socketPair(t, "unix") },
		"pipe": func(t *testing.T) (near, far net.Conn) { return net.Pipe() },
	}
	for network, open := range transports {
		for name, receive := range receives {
			near, far := open(t)
			c := serverOver(t, near, nil)
			if c.in.rx != nil {
				t.Errorf("%s: it has one from the beginning", network)
			}
			for i := range 3 {
				go io.WriteString(far, whole)
				if p, err := receive(context.Background(), c); p != "abc" || err != nil {
					t.Fatalf("%s, %s: %q, %v", network, name, p, err)
				}
				if c.in.rx != nil {
					t.Errorf("%s, %s: it is kept after message %d", network, name, i)
				}
			}
			// Two that come together: the second waits in it.
			go io.WriteString(far, whole+whole)
			for range 2 {
				if p, err := receive(context.Background(), c); p != "abc" || err != nil {
					t.Fatalf("%s, %s: %q, %v", network, name, p, err)
				}
			}
			if c.in.rx != nil {
				t.Errorf("%s, %s: it is kept after two messages", network, name)
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if _, err := receive(ctx, c); err != nil && !errors.Is(err, context.Canceled) || c.in.rx != nil {
				t.Errorf("%s, %s: it is kept after a call whose context has ended; %v", network, name, err)
			}
			far.Close()
			if _, err := receive(context.Background(), c); !errors.Is(err, EndedByTransport) {
				t.Errorf("%s, %s: %v", network, name, err)
			}
			if c.in.rx != nil {
				t.Errorf("%s, %s: it is kept after the end", network, name)
			}
		}
		near, far := open(t)
		c := serverOver(t, near, nil)
		go io.WriteString(far, half)
		_, r, err := c.Reader(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		io.ReadFull(r, make([]byte, 3))
		if c.in.rx == nil {
			t.Errorf("%s: it is not kept inside a message", network)
		}
		go io.WriteString(far, fromClient(ws.OpContinuation, true, "d"))
		if p, err := io.ReadAll(r); string(p) != "d" || err != nil {
			t.Errorf("%s: %q, %v", network, p, err)
		}
		if c.in.rx != nil {
			t.Errorf("%s: it is kept after the Reader's end", network)
		}
		far.Close()
	}
}

// A message is complete, or too long by one byte, whatever it is made of.
func TestReadLimits(t *testing.T) {
	for _, tc := range []struct {
		limit  int64
		pieces []string
		ok     bool
	}{
		{0, []string{""}, true},
		{0, []string{"", ""}, true},
		{0, []string{"1"}, false},
		{0, []string{"", "1"}, false},
		{0, []string{"12"}, false},
		{1, []string{""}, true},
		{1, []string{"1"}, true},
		{1, []string{"12"}, false},
		{1, []string{"1", "2"}, false},
		{5, []string{"1234"}, true},
		{5, []string{"12345"}, true},
		{5, []string{"123456"}, false},
		{5, []string{"123", "45"}, true},
		{5, []string{"123", "456"}, false},
		{-1, []string{strings.Repeat("x", 100_000)}, true},
		{-7, []string{strings.Repeat("x", 100_000)}, true}, // as -1
		{defaultReadLimit, []string{strings.Repeat("x", defaultReadLimit)}, true},
		{defaultReadLimit, []string{strings.Repeat("x", defaultReadLimit+1)}, false},
	} {
		for name, receive := range receives {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, nil)
				frames := allFrames(far)
				if tc.limit != defaultReadLimit {
					c.SetReadLimit(tc.limit)
				}
				wire := ""
				for i, p := range tc.pieces {
					op := ws.OpText
					if i > 0 {
						op = ws.OpContinuation
					}
					wire += fromClient(op, i == len(tc.pieces)-1, p)
				}
				go io.WriteString(far, wire)
				p, err := receive(t.Context(), c)
				what := fmt.Sprintf("%s, limit %d, %d bytes in %d pieces", name, tc.limit, len(strings.Join(tc.pieces, "")), len(tc.pieces))
				if tc.ok {
					if err != nil || p != strings.Join(tc.pieces, "") {
						t.Errorf("%s: %d bytes, %v", what, len(p), err)
					}
				} else {
					if !errors.Is(err, ErrMessageTooBig) || !errors.Is(err, EndedByUs) {
						t.Errorf("%s: %v", what, err)
					}
					if synctest.Wait(); !slices.ContainsFunc(*frames, func(f string) bool { return strings.HasPrefix(f, "close \x03\xf1") }) {
						t.Errorf("%s: the peer receives %q", what, *frames)
					}
				}
				c.CloseNow()
				far.Close()
			})
		}
	}
}

// A limit that is set holds for messages that begin later, and not for one that
// is half there, whoever waits meanwhile.
func TestAReadLimitHoldsFromTheNextMessageOn(t *testing.T) {
	text := func(p string) string { return fromClient(ws.OpText, true, p) }
	for _, tc := range []struct {
		name          string
		before, after int64  // limits
		half          string // of a message when the limit is set; "": none has begun
		rest          string
		ok            bool
	}{
		{"lowered inside a message", 10, 3, "123", "45", true},
		{"lowered to nothing inside a message", 10, 0, "123", "45", true},
		{"raised inside a message", 5, 100, "123", "456", false},
		{"lowered between messages", 10, 3, "", "1234", false},
		{"lowered to nothing between messages", 10, 0, "", "1", false},
		{"raised between messages", 3, 10, "", "1234", true},
		{"raised from nothing between messages", 0, 10, "", "1234", true},
		{"switched off between messages", 3, -1, "", "1234", true},
	} {
		for name, receive := range receives {
			for _, network := range []string{"pipe", "tcp"} {
				test := func(t *testing.T, near, far net.Conn, settled func()) {
					c := serverOver(t, near, nil)
					go func() {
						io.Copy(io.Discard, far)
						far.Close() // which is waited for
					}()
					c.SetReadLimit(tc.before)
					wire := text(tc.rest)
					if tc.half != "" {
						go io.WriteString(far, fromClient(ws.OpText, false, tc.half))
						wire = fromClient(ws.OpContinuation, true, tc.rest)
					}
					type received struct {
						p   string
						err error
					}
					done := make(chan received, 1)
					go func() {
						p, err := receive(context.Background(), c)
						done <- received{p, err}
					}()
					settled()
					c.SetReadLimit(tc.after)
					go io.WriteString(far, wire)
					got := <-done
					if want := tc.half + tc.rest; tc.ok && (got.p != want || got.err != nil) {
						t.Errorf("%s, %s, %s: %q, %v", network, name, tc.name, got.p, got.err)
					}
					if !tc.ok && !errors.Is(got.err, ErrMessageTooBig) {
						t.Errorf("%s, %s, %s: %q, %v, want that it is too long", network, name, tc.name, got.p, got.err)
					}
					if tc.ok { // and from now on the new one holds
						long := strings.Repeat("x", max(1, int(tc.after)+1))
						go io.WriteString(far, text(long))
						if _, err := receive(context.Background(), c); tc.after >= 0 && !errors.Is(err, ErrMessageTooBig) {
							t.Errorf("%s, %s, %s, the next message: %v", network, name, tc.name, err)
						}
					}
					c.CloseNow()
					far.Close()
				}
				if network == "pipe" {
					synctest.Test(t, func(t *testing.T) {
						near, far := net.Pipe()
						test(t, near, far, synctest.Wait)
					})
				} else if tc.half == "" { // it waits, or will with the limit that is set
					near, far := socketPair(t, network)
					test(t, near, far, func() {})
				}
			}
		}
	}
}
