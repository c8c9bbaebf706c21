package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// overFaulty accepts a connection over f, whose In is what comes after the
// request.
func overFaulty(t *testing.T, f *wstest.Faulty, opts *websocket.AcceptOptions) *websocket.Conn {
	t.Helper()
	request := wstest.GoodRequest().Bytes()
	f.In, f.Stop, f.Pause, f.Take = append(request, f.In...), f.Stop+len(request), len(request), f.Take+1
	c, err := websocket.AcceptConn(f, connOptions(opts))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return c
}

// isFault reports whether an error is what a fault is to lead to.
func isFault(f wstest.Fault, err error) bool {
	if f.Want == nil {
		wrong, ok := errors.AsType[*ws.CountError](err)
		return ok && (wrong.Count < 0 || wrong.Count > wrong.Len)
	}
	return errors.Is(err, f.Want)
}

// ended reports whether the connection has, for err and by its transport.
func ended(t *testing.T, f *wstest.Faulty, c *websocket.Conn, err error) bool {
	t.Helper()
	select {
	case <-f.Closed():
	default:
		return false
	}
	again := c.Write(t.Context(), websocket.MessageText, []byte("more"))
	return errors.Is(err, websocket.EndedByTransport) && errors.Is(again, websocket.EndedByTransport)
}

// A transport whose Read breaks its contract, at any byte of a session, ends the
// connection with an error that says how. What had arrived counts.
func TestATransportWhoseReadBreaksItsContract(t *testing.T) {
	wire := append(masked(ws.OpText, true, "Hello"), masked(ws.OpPing, true, "?")...)
	wire = append(append(wire, masked(ws.OpBinary, false, "a")...), masked(ws.OpContinuation, true, "b")...)
	calls := map[string]func(ctx context.Context, c *websocket.Conn) (whole int, err error){
		"Read": func(ctx context.Context, c *websocket.Conn) (whole int, err error) {
			for ; err == nil; whole++ {
				_, _, err = c.Read(ctx)
			}
			return whole - 1, err
		},
		"Reader": func(ctx context.Context, c *websocket.Conn) (whole int, err error) {
			for ; err == nil; whole++ {
				var r io.Reader
				if _, r, err = c.Reader(ctx); err == nil {
					_, err = io.ReadAll(r)
				}
			}
			return whole - 1, err
		},
		"Serve": func(ctx context.Context, c *websocket.Conn) (whole int, err error) {
			return whole, c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error {
				whole++
				return c.Write(ctx, typ, p)
			})
		},
		"Ping": func(ctx context.Context, c *websocket.Conn) (whole int, err error) {
			read := make(chan int, 1)
			go func() {
				n := 0
				for ; ; n++ {
					if _, _, err := c.Read(ctx); err != nil {
						break
					}
				}
				read <- n
			}()
			err = c.Ping(ctx)
			return <-read, err
		},
	}
	for name, call := range calls {
		for _, fault := range wstest.ReadFaults() {
			for stop := range len(wire) + 1 {
				inBubble(t, name+", "+fault.Name, func(t *testing.T) {
					f := &wstest.Faulty{In: wire, Stop: stop, OnRead: fault.Do}
					c := overFaulty(t, f, nil)
					ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
					defer cancel()
					want := 0
					if stop == len(wire) {
						want = 2
					} else if stop >= 11 {
						want = 1
					}
					whole, err := call(ctx, c)
					if !isFault(fault, err) || !ended(t, f, c, err) || whole != want {
						t.Errorf("%s, %s after %d bytes: %d messages, %v, want %d", name, fault.Name, stop, whole, err, want)
					}
				})
			}
		}
	}
}

// A transport whose Write breaks its contract ends the connection with an error
// that says how, and no bytes are taken for sent that are not.
func TestATransportWhoseWriteBreaksItsContract(t *testing.T) {
	text := websocket.MessageText
	prepared, err := websocket.NewPreparedMessage(text, []byte("Hello"))
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]func(ctx context.Context, c *websocket.Conn) error{
		"Write":         func(ctx context.Context, c *websocket.Conn) error { return c.Write(ctx, text, []byte("Hello")) },
		"Write, long":   func(ctx context.Context, c *websocket.Conn) error { return c.Write(ctx, text, make([]byte, 200<<10)) },
		"WritePrepared": func(ctx context.Context, c *websocket.Conn) error { return c.WritePrepared(ctx, prepared) },
		"Writer": func(ctx context.Context, c *websocket.Conn) error {
			w, err := c.Writer(ctx, text)
			if err == nil {
				_, err = w.Write(make([]byte, 100<<10))
			}
			if err == nil {
				err = w.Close()
			}
			return err
		},
		"Ping":  func(ctx context.Context, c *websocket.Conn) error { return c.Ping(ctx) },
		"Close": func(ctx context.Context, c *websocket.Conn) error { return c.CloseContext(ctx, 1000, "") },
		"Serve": func(ctx context.Context, c *websocket.Conn) error {
			return c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error {
				return c.Write(ctx, typ, p)
			})
		},
	}
	for name, call := range calls {
		for _, fault := range wstest.WriteFaults() {
			for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionContextTakeover} {
				inBubble(t, name+", "+fault.Name, func(t *testing.T) {
					f := &wstest.Faulty{OnWrite: fault.Do}
					if f.OnRead = f.Wait; name == "Serve" {
						f.In = masked(ws.OpText, true, "Hello")
						f.Stop = len(f.In)
					}
					c := overFaulty(t, f, &websocket.AcceptOptions{CompressionMode: mode})
					ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
					defer cancel()
					err := call(ctx, c)
					if !isFault(fault, err) {
						t.Fatal(err)
					}
					if fault.Want == wstest.ErrFault {
						c.CloseNow() // it keeps its contract: writing has ended, and what arrives can be read
					}
					select {
					case <-f.Closed():
					case <-ctx.Done():
						t.Errorf("%s, %s: the transport is not closed", name, fault.Name)
					}
					if err := c.Write(ctx, text, nil); !errors.Is(err, net.ErrClosed) && !errors.Is(err, websocket.EndedByTransport) {
						t.Errorf("%s, %s: then %v", name, fault.Name, err)
					}
				})
			}
		}
	}
}

// A pong that cannot be written is the end too: the goroutine that writes it
// tells.
func TestATransportThatDoesNotTakeAPong(t *testing.T) {
	for _, fault := range wstest.WriteFaults() {
		inBubble(t, fault.Name, func(t *testing.T) {
			ping := masked(ws.OpPing, true, "?")
			f := &wstest.Faulty{In: ping, Stop: len(ping), OnWrite: fault.Do}
			f.OnRead = f.Wait
			c := overFaulty(t, f, nil)
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			_, _, err := c.Read(ctx)
			if !isFault(fault, err) || !errors.Is(err, websocket.EndedByTransport) {
				t.Errorf("%s: %v", fault.Name, err)
			}
		})
	}
}
