package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// judge is a peer that checks every byte it is sent. It pings for each event
// that it sees, and takes stock of what came.
type judge struct {
	messages map[string]int
	pongs    int
	err      error
}

// watch reads what comes from conn, whose other end is in state s, until the
// close frame, and sends that many pings.
func (j *judge) watch(conn net.Conn, s ws.State, pings int) {
	j.messages = map[string]int{}
	config := wsproto.Config{State: s ^ (ws.StateServerSide | ws.StateClientSide)}
	recv := wsproto.Receiver{Config: &config}
	var whole wsproto.Assembler
	buf := make([]byte, 4096)
	for sent := 0; ; {
		if sent < pings {
			if j.err = wsutil.WriteMessage(conn, config.State, ws.OpPing, fmt.Append(nil, "ping ", sent)); j.err != nil {
				return
			}
			sent++
		}
		n, err := conn.Read(buf)
		if err != nil {
			j.err = fmt.Errorf("read: %w", err)
			return
		}
		for b := buf[:n]; ; {
			ev, n, err := recv.Next(b, nil)
			b = b[n:]
			if err == ws.ErrShort {
				break
			}
			if err != nil {
				j.err = err
				return
			}
			switch ev.Op {
			case ws.OpClose:
				return
			case ws.OpPong:
				if want := fmt.Sprint("ping ", j.pongs); string(ev.Payload) != want {
					j.err = fmt.Errorf("pong %q, want %q", ev.Payload, want)
					return
				}
				j.pongs++
			default:
				if m, done := whole.Add(ev); done {
					j.messages[string(m)]++
				}
			}
		}
	}
}

// #30, #69: several writers, and the helper that answers pings, on one
// connection.
func TestWritersDoNotDisturbEachOther_30(t *testing.T) {
	const writers, each, pings = 4, 60, 40
	payload := func(writer, i int) string {
		return fmt.Sprintf("%d/%d %s", writer, i, strings.Repeat(string(rune('a'+writer)), i*i*10%20000))
	}
	for side, s := range sides {
		for _, tt := range []struct {
			name  string
			write func(conn *net.TCPConn, shared *wsutil.SharedWriter, p string, i int) error
		}{
			{"#30: plain helpers", func(conn *net.TCPConn, _ *wsutil.SharedWriter, p string, i int) error {
				return wsutil.WriteMessage(conn, s, ws.OpText, []byte(p))
			}},
			{"#69: SharedWriter", func(_ *net.TCPConn, shared *wsutil.SharedWriter, p string, i int) error {
				if i%2 == 0 {
					return shared.WriteMessage(ws.OpText, []byte(p))
				}
				return shared.Message(ws.OpText, func(w *wsutil.Writer) error {
					_, err := io.Copy(w, strings.NewReader(p)) // in fragments
					return err
				})
			}},
		} {
			t.Run(side+"/"+tt.name, func(t *testing.T) {
				peer, conn := tcpPair(t)
				shared := wsutil.NewSharedWriter(conn, s)
				var j judge
				var judged, answering, writing sync.WaitGroup
				judged.Go(func() { j.watch(peer, s, pings) })
				answering.Go(func() {
					var rw io.ReadWriter = conn
					if strings.Contains(tt.name, "Shared") {
						rw = readWriter{conn, shared}
					}
					wsutil.ReadData(rw, s) // until the peer closes
				})
				for writer := range writers {
					writing.Go(func() {
						for i := range each {
							if err := tt.write(conn, shared, payload(writer, i), i); err != nil {
								t.Error(err)
								return
							}
						}
					})
				}
				writing.Wait()
				if err := shared.WriteControl(ws.OpClose, nil); err != nil {
					t.Error(err)
				}
				judged.Wait()
				peer.Close()
				answering.Wait()
				if j.err != nil {
					t.Fatal(j.err)
				}
				for writer := range writers {
					for i := range each {
						if n := j.messages[payload(writer, i)]; n != 1 {
							t.Fatalf("message %d of writer %d has arrived %d times", i, writer, n)
						}
					}
				}
			})
		}
	}
}

// A control frame goes between the fragments of a message, and another message
// waits for its end.
func TestSharedWriterOrder(t *testing.T) {
	for side, s := range sides {
		conn := wstest.NewConn()
		shared := wsutil.NewSharedWriter(conn, s)
		waiting := make(chan error)
		err := shared.Message(ws.OpText, func(w *wsutil.Writer) error {
			w.Write([]byte("Hel"))
			w.FlushFragment()
			go func() { waiting <- shared.WriteMessage(ws.OpBinary, []byte("later")) }()
			if err := shared.WriteControl(ws.OpPing, []byte("p")); err != nil {
				t.Error(err)
			}
			_, err := shared.Write(peerFrame(s^3, ws.OpPong, true, "whole frame"))
			if err != nil {
				t.Error(err)
			}
			_, err = w.Write([]byte("lo"))
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if err := <-waiting; err != nil {
			t.Error(err)
		}
		wantResult(t, received(s, conn.Written), io.EOF, "ping:p", "pong:whole frame", "text:Hello", "binary:later")
		if conn.Writes != 5 {
			t.Errorf("%s: %d writes", side, conn.Writes)
		}
	}
}

func TestSharedWriterControlFramesAreShort(t *testing.T) {
	var out bytes.Buffer
	shared := wsutil.NewSharedWriter(&out, ws.StateServerSide)
	if err := shared.WriteControl(ws.OpPing, make([]byte, 126)); err != wsutil.ErrControlOverflow || out.Len() > 0 {
		t.Errorf("got %v, wrote %d bytes", err, out.Len())
	}
	if err := shared.WriteControl(ws.OpPing, make([]byte, 125)); err != nil {
		t.Error(err)
	}
}

func TestSharedWriterAfterAMessageThatFailed(t *testing.T) {
	stop := errors.New("stop")
	for _, tt := range []struct {
		name string
		f    func(w *wsutil.Writer) error
		want error // of the next message
		sent []string
	}{
		{"nothing has left", func(w *wsutil.Writer) error { w.Write([]byte("dropped")); return stop }, nil, []string{"ping:", "text:next"}},
		{"a fragment has left", func(w *wsutil.Writer) error { w.WriteThrough([]byte("a")); return stop }, stop, []string{"ping:"}},
		{"a fragment has left, and the rest was dropped", func(w *wsutil.Writer) error {
			w.WriteThrough([]byte("a"))
			w.ResetOp(ws.OpBinary)
			return stop
		}, stop, []string{"ping:"}},
	} {
		var out bytes.Buffer
		shared := wsutil.NewSharedWriter(&out, ws.StateServerSide)
		if err := shared.Message(ws.OpText, tt.f); err != stop {
			t.Errorf("%s: got %v", tt.name, err)
		}
		if err := shared.WriteControl(ws.OpPing, nil); err != nil {
			t.Errorf("%s: control frame: %v", tt.name, err)
		}
		if err := shared.WriteMessage(ws.OpText, []byte("next")); err != tt.want {
			t.Errorf("%s: the next message: %v", tt.name, err)
		}
		if tt.want != nil {
			if err := shared.Message(ws.OpText, func(*wsutil.Writer) error { t.Error("called"); return nil }); err != tt.want {
				t.Errorf("%s: Message: %v", tt.name, err)
			}
		}
		if got := received(ws.StateServerSide, out.Bytes()).events; fmt.Sprint(got[:len(tt.sent)]) != fmt.Sprint(tt.sent) {
			t.Errorf("%s: sent %q", tt.name, got)
		}
	}
}

// A part of a frame may have left: nothing can follow it.
// Whoever recovers from a panic goes on with a connection on which a message
// may be open: nothing but its continuation could follow.
func TestSharedWriterAfterAMessageThatPanicked(t *testing.T) {
	for _, tt := range []struct {
		name string
		f    func(*wsutil.Writer)
		open bool
	}{
		{"nothing has left", func(w *wsutil.Writer) { w.Write([]byte("dropped")) }, false},
		{"a fragment has left", func(w *wsutil.Writer) { w.WriteThrough([]byte("a")) }, true},
		{"the message has left", func(w *wsutil.Writer) { w.WriteThrough([]byte("a")); w.Flush() }, false},
	} {
		var out bytes.Buffer
		shared := wsutil.NewSharedWriter(&out, ws.StateServerSide)
		func() {
			defer func() { recover() }()
			shared.Message(ws.OpText, func(w *wsutil.Writer) error {
				tt.f(w)
				panic("f")
			})
		}()
		n := out.Len()
		if err := shared.WriteMessage(ws.OpText, []byte("next")); (err != nil) != tt.open || (out.Len() > n) == tt.open {
			t.Errorf("%s: the next message: %v, %d bytes", tt.name, err, out.Len()-n)
		}
		if err := shared.WriteControl(ws.OpPing, nil); err != nil {
			t.Errorf("%s: control frame: %v", tt.name, err)
		}
	}
}

func TestSharedWriterRepeatsAnErrorOfTheConnection(t *testing.T) {
	broken := errors.New("broken")
	frame := peerFrame(ws.StateClientSide, ws.OpPing, true, "")
	fragment := func(w *wsutil.Writer) error { _, err := w.WriteThrough([]byte("a")); return err }
	for name, do := range map[string]func(s *wsutil.SharedWriter) error{
		"Write":        func(s *wsutil.SharedWriter) error { _, err := s.Write(frame); return err },
		"WriteMessage": func(s *wsutil.SharedWriter) error { return s.WriteMessage(ws.OpText, nil) },
		"WriteControl": func(s *wsutil.SharedWriter) error { return s.WriteControl(ws.OpPing, nil) },
		"Message":      func(s *wsutil.SharedWriter) error { return s.Message(ws.OpText, fragment) },
	} {
		conn := &wstest.Conn{WriteErr: broken}
		shared := wsutil.NewSharedWriter(conn, ws.StateServerSide)
		if err := do(shared); err != broken {
			t.Errorf("%s: got %v", name, err)
		}
		conn.WriteErr = nil
		_, write := shared.Write(frame)
		for i, err := range []error{write, shared.WriteMessage(ws.OpText, nil), shared.WriteControl(ws.OpPing, nil), shared.Message(ws.OpText, fragment)} {
			if err != broken {
				t.Errorf("%s: call %d after that: %v", name, i, err)
			}
		}
		if len(conn.Written) > 0 {
			t.Errorf("%s: wrote % x after that", name, conn.Written)
		}
	}
}

func TestSharedWriterDoesNotAllocate(t *testing.T) {
	shared := wsutil.NewSharedWriter(io.Discard, ws.StateServerSide)
	p := make([]byte, 1000)
	f := func(w *wsutil.Writer) error { _, err := w.Write(p); return err }
	wantAllocs(t, 0, func() {
		shared.WriteMessage(ws.OpBinary, p)
		shared.WriteControl(ws.OpPing, p[:10])
		shared.Message(ws.OpBinary, f)
	})
}
