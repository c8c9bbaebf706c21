package websocket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
)

// overPipe returns a server's connection over a net.Pipe, and its other end: a
// write waits until the peer has read all of it.
func overPipe(t *testing.T, s *settings) (*Conn, net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { far.Close() })
	return serverOver(t, near, s), far
}

// nextFrame returns what a peer receives next: "text Hello", "pong ?".
func nextFrame(conn net.Conn) (string, error) {
	f, err := ws.ReadFrame(conn)
	p := string(f.Payload)
	if len(p) > 30 {
		p = fmt.Sprint(len(p), " bytes")
	}
	return fmt.Sprint(f.Header.OpCode, " ", p), err
}

func wantFrames(t *testing.T, conn net.Conn, frames ...string) {
	t.Helper()
	for _, want := range frames {
		if got, err := nextFrame(conn); got != want || err != nil {
			t.Fatalf("the peer receives %q, %v, want %q", got, err, want)
		}
	}
}

// allFrames receives until the connection ends. The list is to be read when
// everything else waits.
func allFrames(conn net.Conn) *[]string {
	all := new([]string)
	go func() {
		for {
			f, err := nextFrame(conn)
			if err != nil {
				return
			}
			*all = append(*all, f)
		}
	}()
	return all
}

func ping(p string) string { return fromClient(ws.OpPing, true, p) }

// reads are the ways of reading a connection, until it ends.
var reads = map[string]func(c *Conn){
	"Read": func(c *Conn) {
		for {
			if _, _, err := c.Read(context.Background()); err != nil {
				return
			}
		}
	},
	"Reader": func(c *Conn) {
		for {
			_, r, err := c.Reader(context.Background())
			if err != nil {
				return
			}
			io.Copy(io.Discard, r)
		}
	},
	"Serve": func(c *Conn) {
		c.Serve(context.Background(), func(context.Context, MessageType, []byte) error { return nil })
	},
}

// RFC 6455, 5.5.3: of several pings, only the last has to be answered. A few are
// all the same.
func TestOfPingsThatComeWhileSomebodyWritesTheLastAreAnswered(t *testing.T) {
	for name, read := range reads {
		for _, pings := range []int{1, 2, 3, 100} {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, nil)
				go c.Write(t.Context(), MessageText, []byte("a"))
				synctest.Wait() // the peer does not read
				go read(c)
				for i := range pings {
					io.WriteString(far, ping(fmt.Sprint(i+1)))
				}
				synctest.Wait()
				want := []string{"text a"}
				for i := 1 + (pings-1)/maxOwed*maxOwed; i <= pings; i++ {
					want = append(want, fmt.Sprint("pong ", i))
				}
				wantFrames(t, far, want...)
				// The next one, when nobody writes, is answered too.
				io.WriteString(far, ping("next"))
				wantFrames(t, far, "pong next")
				go c.Write(t.Context(), MessageText, []byte("b"))
				if wantFrames(t, far, "text b"); t.Failed() {
					t.Log("by ", name)
				}
				c.CloseNow()
				far.Close()
			})
		}
	}
}

// The answer to a ping does not come after the answer to a later one.
func TestAPongThatIsOwedComesBeforeALaterOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, nil)
		frames := allFrames(far)
		// Whoever has given the lock back has not seen the debt yet.
		first := pingEvent([]byte("1"))
		c.out.owe(&first)
		c.answerPing(pingEvent([]byte("2")))
		c.flushHeld(sending{way: waiting, ctx: t.Context()})
		synctest.Wait()
		if got := *frames; len(got) == 0 || got[len(got)-1] != "pong 2" {
			t.Errorf("the peer receives %q", got)
		}
		c.CloseNow()
		far.Close()
	})
}

// Nor does it come after a message that is written later, be it one that is held back.
func TestAPongThatIsOwedComesBeforeALaterMessage(t *testing.T) {
	for name, write := range writes {
		for _, hold := range []endpoint.Hold{endpoint.HoldNothing, endpoint.HoldReplies, endpoint.HoldBatch} {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, &settings{hold: hold})
				frames := allFrames(far)
				// Whoever has given the lock back has not seen the debt yet.
				owed := pingEvent([]byte("?"))
				c.out.owe(&owed)
				if err := write(t.Context(), c, []byte("a")); err != nil {
					t.Error(err)
				}
				if err := c.Flush(t.Context()); err != nil {
					t.Error(err)
				}
				synctest.Wait()
				if got := *frames; !slices.Equal(got, []string{"pong ?", "binary a"}) {
					t.Errorf("%s, up to %d bytes held back: the peer receives %q", name, hold, got)
				}
				c.CloseNow()
				far.Close()
			})
		}
	}
}

// Somebody writes, somebody else waits for the turn, and a ping comes. Whether
// the waiter gives up before or after the turn ends: the pong leaves.
func TestNobodyForgetsAPongWhenAWaiterGivesUp(t *testing.T) {
	waiters := map[string]func(ctx context.Context, c *Conn){
		"Write": func(ctx context.Context, c *Conn) { c.Write(ctx, MessageText, []byte("b")) },
		"Ping":  func(ctx context.Context, c *Conn) { c.Ping(ctx) },
	}
	for name, waiter := range waiters {
		for _, order := range []string{"first", "last", "at once"} {
			for range 10 { // select picks at random
				synctest.Test(t, func(t *testing.T) {
					c, far := overPipe(t, nil)
					go c.Write(context.Background(), MessageText, []byte("a"))
					synctest.Wait()
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					go waiter(ctx, c)
					synctest.Wait()
					go c.Read(context.Background())
					io.WriteString(far, ping("?"))
					synctest.Wait()
					var frames *[]string
					switch order {
					case "first":
						cancel()
						synctest.Wait()
						frames = allFrames(far)
					case "last":
						frames = allFrames(far)
						synctest.Wait()
						cancel()
					default:
						frames = allFrames(far)
						cancel()
					}
					synctest.Wait()
					if got := *frames; !slices.Contains(got, "pong ?") {
						t.Fatalf("%s gives up %s: the peer receives %q", name, order, got)
					}
					c.CloseNow()
					far.Close()
				})
			}
		}
	}
}

// Somebody gives the lock back, somebody else gives up waiting for it, and a
// reader that leaves its pong to one of them: whatever comes first, it is sent.
func TestADebtIsPaidWhoeverComesAndGoes(t *testing.T) {
	for _, waiters := range []int{0, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			c := serverOver(t, readyConn{}, nil)
			for range 1000 {
				ctx, cancel := context.WithCancel(t.Context())
				c.out.lock.lock(nil, nil)
				start := make(chan bool)
				for range waiters {
					go func() {
						<-start
						if c.lockOutput(ctx) == nil {
							c.unlockOutput()
						}
					}()
				}
				for _, f := range []func(){cancel, c.unlockOutput, func() { c.answerPing(pingEvent([]byte("?"))) }} {
					go func() {
						<-start
						f()
					}()
				}
				synctest.Wait()
				close(start)
				synctest.Wait()
				if c.out.inDebt.Load() {
					t.Fatalf("%d waiters: a pong is owed, and nobody is there to send it", waiters)
				}
			}
			c.CloseNow()
			time.Sleep(time.Second) // of the bubble
		})
	}
}

// However many write and give up, the last ping is answered when all is quiet.
func TestTheLastPingIsAnsweredWhateverHappensMeanwhile(t *testing.T) {
	const rounds, writers, pings = 20, 4, 20
	for name, read := range reads {
		for range rounds {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, nil)
				frames := allFrames(far)
				go read(c)
				var wg sync.WaitGroup
				for i := range writers {
					wg.Go(func() {
						for j := range pings {
							ctx, cancel := context.WithCancel(t.Context())
							if (i+j)%2 == 0 {
								go cancel()
							}
							c.Write(ctx, MessageText, []byte("x"))
							cancel()
						}
					})
				}
				for i := range pings {
					io.WriteString(far, ping(fmt.Sprint(i+1)))
					runtime.Gosched()
				}
				wg.Wait()
				synctest.Wait()
				if got, want := *frames, fmt.Sprint("pong ", pings); !slices.Contains(got, want) {
					t.Fatalf("%s: the peer has received %d frames, and no %s", name, len(got), want)
				}
				c.CloseNow()
				far.Close()
			})
		}
	}
}

// appendText has a message wait. It needs the lock.
func appendText(t *testing.T, c *Conn, p string) {
	t.Helper()
	if err := c.out.box.Message(ws.OpText, []byte(p)); err != nil {
		t.Fatal(err)
	}
}

func TestAFlushThatDoesNotWaitIsDoneByAGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, nil)
		c.out.lock.lock(nil, nil)
		appendText(t, c, "a")
		if err := c.flush(sending{}); err != nil {
			t.Fatal(err)
		}
		appendText(t, c, "b")
		c.unlockOutput()
		wantFrames(t, far, "text a", "text b")
		synctest.Wait()
		if c.out.box.Len() != 0 || c.out.drains.Load() != noDrain {
			t.Error("it is not done")
		}
		c.CloseNow()
	})
	for _, network := range networks { // what the socket takes leaves at once
		near, far := socketPair(t, network)
		c := serverOver(t, near, nil)
		if c.transport.raw == nil {
			t.Skip("no descriptors on this system")
		}
		c.out.lock.lock(nil, nil)
		appendText(t, c, "a")
		if err := c.flush(sending{}); err != nil || c.out.box.Len() != 0 || c.out.drains.Load() != noDrain {
			t.Errorf("%s: %d bytes wait, %v", network, c.out.box.Len(), err)
		}
		c.unlockOutput()
		wantFrames(t, far, "text a")
	}
}

func TestAFlushWaitsAsLongAsItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, nil)
		flush := func(ctx context.Context) error {
			if err := c.lockOutput(context.Background()); err != nil {
				return err
			}
			defer c.unlockOutput()
			return c.flush(c.everything(ctx))
		}
		if err := flush(t.Context()); err != nil {
			t.Error("with nothing to send", err)
		}
		c.out.lock.lock(nil, nil)
		appendText(t, c, "a")
		c.unlockOutput()
		// What was held back for others is not taken back.
		for _, read := range []int{0, 0, 1, 1} {
			ctx, cancel := context.WithCancel(t.Context())
			flushed := make(chan error, 1)
			go func() { flushed <- flush(ctx) }()
			io.ReadFull(far, make([]byte, read))
			synctest.Wait()
			if len(flushed) > 0 {
				t.Fatal("it does not wait")
			}
			cancel()
			if err := <-flushed; err != context.Canceled {
				t.Error(err)
			}
		}
		flushed := make(chan error, 1)
		go func() { flushed <- flush(t.Context()) }()
		b := make([]byte, 1)
		if io.ReadFull(far, b); b[0] != 'a' { // the header was read before
			t.Errorf("the peer reads %q", b)
		}
		if err := <-flushed; err != nil {
			t.Error(err)
		}
		c.CloseNow()
	})
}

func TestOneGoroutineDrainsAtMost(t *testing.T) {
	draining := func() int {
		b := make([]byte, 1<<20)
		return strings.Count(string(b[:runtime.Stack(b, true)]), "(*Conn).drain(")
	}
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, nil)
		before := draining()
		for range 3 {
			for i := range 20 {
				c.out.lock.lock(nil, nil)
				appendText(t, c, fmt.Sprint(i))
				c.flush(sending{})
				c.out.drainLater()
				if runtime.Gosched(); i == 19 {
					c.unlockOutput()
					break
				}
				c.releaseOutput()
				c.flushNow()
				// It may have the lock by now, and wait for the peer.
				if synctest.Wait(); draining()-before != 1 {
					t.Fatalf("%d goroutines", draining()-before)
				}
				wantFrames(t, far, fmt.Sprint("text ", i))
			}
			wantFrames(t, far, "text 19")
			if synctest.Wait(); draining() != before || c.out.box.Len() > 0 {
				t.Fatalf("%d goroutines, and %d bytes wait", draining()-before, c.out.box.Len())
			}
		}
		c.CloseNow()
	})
}

// A pong that has waited for room leaves when there is room, by whoever makes it.
func TestAPongThatHasWaitedForRoomIsNotLeftBehind(t *testing.T) {
	for name, flush := range map[string]func(ctx context.Context, c *Conn) error{
		"without waiting": func(_ context.Context, c *Conn) error { return c.flush(sending{}) },
		"waiting":         func(ctx context.Context, c *Conn) error { return c.flush(c.everything(ctx)) },
	} {
		synctest.Test(t, func(t *testing.T) {
			c, far := overPipe(t, nil)
			frames := allFrames(far)
			c.out.lock.lock(nil, nil)
			appendText(t, c, strings.Repeat("x", 70_000)) // more than pongs are appended to
			c.out.box.Answer(pingEvent([]byte("?")), nil, 0)
			if err := flush(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			c.unlockOutput()
			synctest.Wait()
			if got := *frames; !slices.Equal(got, []string{"text 70000 bytes", "pong ?"}) {
				t.Errorf("%s: the peer receives %q", name, got)
			}
			c.CloseNow()
			far.Close()
		})
	}
}

// deafConn is a net.Conn that can be read, and takes nothing from some moment on.
type deafConn struct {
	net.Conn
	deaf atomic.Bool
}

func (c *deafConn) Write(p []byte) (int, error) {
	if c.deaf.Load() {
		return 0, errScripted
	}
	return c.Conn.Write(p)
}

// writes are the ways of writing.
var writes = map[string]func(ctx context.Context, c *Conn, p []byte) error{
	"Write": func(ctx context.Context, c *Conn, p []byte) error { return c.Write(ctx, MessageBinary, p) },
	"WritePrepared": func(ctx context.Context, c *Conn, p []byte) error {
		m, err := NewPreparedMessage(MessageBinary, p)
		if err != nil {
			return err
		}
		return c.WritePrepared(ctx, m)
	},
	"Writer": func(ctx context.Context, c *Conn, p []byte) error {
		w, err := c.Writer(ctx, MessageBinary)
		if err != nil {
			return err
		}
		w.Write(p)
		return w.Close()
	},
}

func TestAFailedWriteEndsWritingAndNotReading(t *testing.T) {
	for name, write := range writes {
		for _, first := range []string{"a write", "a pong", "a held reply"} {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				conn := &deafConn{Conn: near}
				s := &settings{}
				if first == "a held reply" {
					s.hold = endpoint.HoldReplies
				}
				c := serverOver(t, conn, s)
				conn.deaf.Store(true)
				send := func(p string) { go io.WriteString(far, p) }
				switch first {
				case "a pong":
					send(ping("?") + fromClient(ws.OpText, true, "0"))
					if _, p, err := c.Read(t.Context()); string(p) != "0" {
						t.Errorf("%s, %s: %q, %v", name, first, p, err)
					}
				case "a held reply":
					if err := c.Write(t.Context(), MessageText, []byte("held")); err != nil {
						t.Error(err)
					}
				default:
					write(t.Context(), c, []byte("x"))
				}
				time.Sleep(time.Second) // of the bubble: what waits has been tried
				for range 3 {
					err := write(t.Context(), c, []byte("y"))
					var end *ConnError
					if !errors.As(err, &end) || end.By != EndedByTransport || !errors.Is(err, errScripted) || !errors.Is(err, net.ErrClosed) {
						t.Errorf("%s after %s: %v", name, first, err)
					}
				}
				if err := c.Ping(t.Context()); !errors.Is(err, errScripted) {
					t.Errorf("Ping after %s: %v", first, err)
				}
				for _, want := range []string{"1", "2"} {
					send(ping("?") + fromClient(ws.OpText, true, want))
					if _, p, err := c.Read(t.Context()); string(p) != want || err != nil {
						t.Errorf("%s, %s: Read returns %q, %v, want %q", name, first, p, err, want)
					}
					if n := c.out.box.Len(); n > 0 {
						t.Errorf("%s, %s: %d bytes wait for ever", name, first, n)
					}
				}
				send(fromClient(ws.OpClose, true, "\x03\xe9"))
				_, _, err := c.Read(t.Context())
				if CloseStatus(err) != StatusGoingAway || !errors.Is(err, EndedByPeer) {
					t.Errorf("%s, %s: Read returns %v at the end", name, first, err)
				}
				if after := write(t.Context(), c, nil); !errors.Is(after, EndedByPeer) {
					t.Errorf("%s, %s: then %v", name, first, after)
				}
				far.Close()
			})
		}
	}
}

// frame is a message as a server sends it.
func frame(p []byte) []byte { return ws.AppendFrame(nil, ws.NewFrame(ws.OpBinary, true, p)) }

func TestAWriteThatIsGivenUp(t *testing.T) {
	const (
		takenBack = "taken back"
		kept      = "kept"
		tooMuch   = "too much"
	)
	const most = endpoint.MaxRest
	for _, tc := range []struct {
		held, size, read int // bytes: held back before, of the message, that the peer reads
		want             string
	}{
		{0, 0, 0, takenBack},
		{0, 0, 1, kept},
		{0, 5, 0, takenBack},
		{0, 5, 1, kept},
		{0, 5, 6, kept},
		{0, 70_000, 0, takenBack},
		{0, most, 10, kept},            // all but its header
		{0, most + 1, 11, kept},        // just as much as can be kept
		{0, most + 1, 10, tooMuch},     // one byte more
		{0, 200_000, 1, tooMuch},       //
		{0, 200_000, 199_999, kept},    //
		{5, 20_000, 0, takenBack},      // in what was held back
		{5, 20_000, 6, takenBack},      //
		{5, 20_000, 7, takenBack},      // just after it
		{5, 20_000, 8, kept},           // one byte of the message
		{5, most + 1, 7 + 10, tooMuch}, //
		{5, most + 1, 7 + 11, kept},    //
	} {
		for _, name := range []string{"Write", "WritePrepared"} {
			t.Run(fmt.Sprintf("%s of %d bytes after %d, of which %d are read", name, tc.size, tc.held, tc.read), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &settings{}
					if tc.held > 0 {
						s.hold = endpoint.HoldReplies
					}
					c, far := overPipe(t, s)
					var want []byte
					if tc.held > 0 {
						held := bytes.Repeat([]byte{1}, tc.held)
						if err := c.Write(t.Context(), MessageBinary, held); err != nil {
							t.Fatal(err)
						}
						want = frame(held)
					}
					p, next := intoPage(0, tc.size), []byte("next")
					ctx, cancel := context.WithCancel(t.Context())
					wrote := make(chan error, 1)
					go func() { wrote <- writes[name](ctx, c, p) }()
					got := make([]byte, tc.read)
					if _, err := io.ReadFull(far, got); err != nil {
						t.Fatal(err)
					}
					synctest.Wait()
					if len(wrote) > 0 {
						t.Fatal("it does not wait", <-wrote)
					}
					cancel()
					err := <-wrote
					_, ended := errors.AsType[*ConnError](err)
					if !errors.Is(err, context.Canceled) || ended != (tc.want == tooMuch) {
						t.Fatal(err)
					}
					if ended {
						if err := c.Write(t.Context(), MessageBinary, next); !errors.Is(err, EndedByUs) || errors.Is(err, context.Canceled) {
							t.Errorf("the next one: %v", err) // not of its context
						}
						return
					}
					if tc.want == kept {
						want = append(want, frame(p)...)
					}
					want = append(want, frame(next)...)
					go func() { wrote <- c.Write(t.Context(), MessageBinary, next) }()
					rest := make([]byte, len(want)-tc.read)
					if _, err := io.ReadFull(far, rest); err != nil {
						t.Fatal(err)
					}
					if err := <-wrote; err != nil {
						t.Error(err)
					}
					if got = append(got, rest...); !bytes.Equal(got, want) {
						t.Errorf("the peer receives %d bytes that are not as they should be: %x, want %x", len(got), got[:min(len(got), 40)], want[:min(len(want), 40)])
					}
					c.CloseNow()
					if n, _ := io.Copy(io.Discard, far); n > 0 {
						t.Errorf("%d bytes more", n)
					}
				})
			})
		}
	}
}

// A ping that is given up is taken back.
func TestAPingThatIsGivenUpIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		go c.Write(t.Context(), MessageText, []byte("a"))
		wantFrames(t, far, "text a")
		c.CloseNow()
	})
}

func TestAWriteThatTakesLongerThanItsTimeoutIsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, &settings{writeTimeout: time.Second})
		for range 3 { // in time
			go func() {
				time.Sleep(999 * time.Millisecond)
				nextFrame(far)
			}()
			if err := c.Write(t.Context(), MessageText, []byte("a")); err != nil {
				t.Fatal(err)
			}
		}
		begun := time.Now()
		err := c.Write(t.Context(), MessageText, []byte("b"))
		if !errors.Is(err, EndedByTimeout) || time.Since(begun) != time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		if _, _, err := c.Read(t.Context()); !errors.Is(err, EndedByTimeout) {
			t.Error(err)
		}
	})
}
