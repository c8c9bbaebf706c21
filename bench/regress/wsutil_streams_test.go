package regress_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func TestReaders(t *testing.T) {
	checkLines(t, []line{
		{id: "U8", what: "Discard of a frame that is cut off is io.ErrUnexpectedEOF", run: func(lib library) (bool, string) {
			r := lib.Reader(&wsutil.Reader{Source: says("\x82\x05He"), State: client})
			if _, err := r.NextFrame(); err != nil {
				return false, err.Error()
			}
			err := r.Discard()
			return err == io.ErrUnexpectedEOF, fmt.Sprint("error ", err)
		}},
		{id: "U8", what: "a control frame inside of a message that is cut off is io.ErrUnexpectedEOF", run: func(lib library) (bool, string) {
			r := lib.Reader(&wsutil.Reader{Source: says("\x02\x00", "\x89\x05He"), State: client})
			for range 2 {
				if _, err := r.NextFrame(); err != nil {
					return err == io.ErrUnexpectedEOF, fmt.Sprint("error ", err)
				}
			}
			return false, "no error"
		}},
		{id: "U9", what: "an RSV bit that no extension owns is refused", run: func(lib library) (bool, string) {
			f := ws.NewBinaryFrame(nil)
			f.Header.Rsv = ws.Rsv(true, true, false)
			_, err := extended(lib, f).NextFrame()
			return lib.CloseCode(err) == 1002, fmt.Sprint("error ", err)
		}},
		{id: "U10", what: "what an extension has encoded is not judged as text", run: func(lib library) (bool, string) {
			f := ws.NewTextFrame([]byte("\xf2\x48\xcd\xc9\xc9\x07\x00")) // RFC 7692, 7.2.3.1: "Hello"
			f.Header.Rsv = ws.Rsv(true, false, false)
			r := extended(lib, f)
			if _, err := r.NextFrame(); err != nil {
				return false, err.Error()
			}
			p, err := io.ReadAll(r)
			return err == nil && bytes.Equal(p, f.Payload), fmt.Sprintf("%x, error %v", p, err)
		}},
		{id: "U11", what: "200 pings inside of a message do not look like a reader that is stuck", run: func(lib library) (bool, string) {
			r := lib.Reader(&wsutil.Reader{
				Source: says("\x01\x01a" + strings.Repeat("\x89\x00", 200) + "\x80\x01b"),
				State:  client,
			})
			if _, err := r.NextFrame(); err != nil {
				return false, err.Error()
			}
			text, err := bufio.NewReaderSize(r, 16).ReadString('b')
			return text == "ab" && err == nil, fmt.Sprintf("%q, error %v", text, err)
		}},
		{id: "U12", what: "NextFrame does not take payload that was not read for a header", run: func(lib library) (bool, string) {
			r := lib.Reader(&wsutil.Reader{Source: says("\x82\x02\x81\x00" + "\x81\x05Hello"), State: client})
			r.NextFrame()
			h, err := r.NextFrame()
			return err == nil && h.Length == 5, fmt.Sprintf("length %d, error %v", h.Length, err)
		}},
		{id: "U15", what: "no data is delivered behind a close frame", run: func(lib library) (bool, string) {
			r := lib.Reader(&wsutil.Reader{Source: says("\x88\x00" + "\x81\x05Hello"), State: client})
			r.NextFrame()
			io.ReadAll(r)
			h, err := r.NextFrame()
			return err != nil, fmt.Sprintf("opcode %d, error %v", h.OpCode, err)
		}},
		{id: "U20", what: "a limit for frames does not forbid pings", run: func(lib library) (bool, string) {
			r := lib.Reader(&wsutil.Reader{Source: says("\x89\x14" + strings.Repeat("p", 20)), State: client, MaxFrameSize: 10})
			_, err := r.NextFrame()
			return err == nil, fmt.Sprint("error ", err)
		}},
		{id: "U20", what: "the error for a frame over the limit carries 1009", run: func(lib library) (bool, string) {
			r := lib.Reader(&wsutil.Reader{Source: says("\x82\x14" + strings.Repeat("p", 20)), State: client, MaxFrameSize: 10})
			_, err := r.NextFrame()
			return lib.CloseCode(err) == 1009, fmt.Sprintf("error %v, code %d", err, lib.CloseCode(err))
		}},
		{id: "U21", what: "Accepted is right behind bytes that are refused", run: func(lib library) (bool, string) {
			u := lib.UTF8Reader(says("abc", "a\xff"))
			p := make([]byte, 10)
			u.Read(p)
			n, err := u.Read(p)
			return u.Accepted() == n && n == 1, fmt.Sprintf("Accepted %d, read %d, error %v", u.Accepted(), n, err)
		}},
		{id: "U21", what: "Accepted is 0 behind Reset", run: func(lib library) (bool, string) {
			u := lib.UTF8Reader(says("abc"))
			u.Read(make([]byte, 10))
			u.Reset(says(""))
			return u.Accepted() == 0, fmt.Sprint("Accepted ", u.Accepted())
		}},
	})
}

// extended returns a Reader of a server's frame with an extension that owns
// RSV1.
func extended(lib library, f ws.Frame) reader {
	return lib.Reader(&wsutil.Reader{
		Source:    says(string(ws.AppendFrame(nil, f))),
		State:     client | ws.StateExtended,
		CheckUTF8: true,
		Extensions: []wsutil.RecvExtension{wsutil.RecvExtensionFunc(func(h ws.Header) (ws.Header, error) {
			h.Rsv &^= 4
			return h, nil
		})},
	})
}

func TestControlFrames(t *testing.T) {
	checkLines(t, []line{
		{id: "U1", what: "a client's answer to a bad close frame is masked", run: func(lib library) (bool, string) {
			p := says()
			err := lib.HandleControlMessage(p, client, wsutil.Message{OpCode: ws.OpClose, Payload: []byte("\x03\xed")})
			all := frames(p.wrote.Bytes())
			right := err != nil && len(all) == 1 && all[0].Header.Masked && sentClose(p) == 1002
			return right, fmt.Sprintf("code %d, masked %v", sentClose(p), len(all) == 1 && all[0].Header.Masked)
		}},
		{id: "U2", what: "what follows a ping is left alone", run: func(lib library) (bool, string) { return leavesRest(lib, ws.OpPing) }},
		{id: "U2", what: "what follows a pong is left alone", run: func(lib library) (bool, string) { return leavesRest(lib, ws.OpPong) }},
		{id: "U3", what: "a control frame of several Writes has at most 125 bytes", run: func(lib library) (bool, string) {
			var w writes
			c := lib.ControlWriter(&w, server, ws.OpPing)
			c.Write(make([]byte, 100))
			n, err := c.Write(make([]byte, 100))
			return n == 0 && err != nil && len(w) == 0, fmt.Sprintf("%d more bytes, error %v, %d writes", n, err, len(w))
		}},
		{id: "U15", what: "the answer to our close frame is not answered again", run: func(lib library) (bool, string) {
			p := says("\x03\xe8")
			err := lib.Handle(ws.Header{Fin: true, OpCode: ws.OpClose, Length: 2}, wsutil.ControlHandler{Src: p, Dst: p, State: client}, true)
			return err != nil && p.wrote.Len() == 0, fmt.Sprintf("error %v, sent %x", err, p.wrote.Bytes())
		}},
	})
}

// leavesRest handles a control frame on the connection itself, as the
// documentation of both libraries shows it.
func leavesRest(lib library, op ws.OpCode) (bool, string) {
	rest := "\x81\x05Hello"
	p := says("?" + rest)
	err := lib.Handle(ws.Header{Fin: true, OpCode: op, Length: 1}, wsutil.ControlHandler{Src: p, Dst: p, State: client}, false)
	left, _ := io.ReadAll(p)
	return err == nil && string(left) == rest, fmt.Sprintf("error %v, left %q", err, left)
}

// broken is a connection that takes nothing.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken") }

// spoil makes w fail.
func spoil(w writer) {
	w.Write([]byte("Hello"))
	w.Flush()
}

func TestWriters(t *testing.T) {
	checkLines(t, []line{
		{id: "U4", what: "Reset takes the error of another connection away", run: func(lib library) (bool, string) {
			w := lib.Writer(broken{}, server, ws.OpText, 128)
			spoil(w)
			w.Reset(io.Discard, server, ws.OpText)
			_, err := w.Write([]byte("Hello"))
			return err == nil, fmt.Sprint("error ", err)
		}},
		{id: "U4", what: "a Writer from the pool knows nothing of a connection that failed", run: func(lib library) (bool, string) {
			failed := 0
			for range 100 {
				w := lib.Writer(broken{}, server, ws.OpText, 128)
				spoil(w)
				lib.PutWriter(w)
				w = lib.GetWriter(io.Discard, server, ws.OpText, 128)
				if _, err := w.Write([]byte("Hello")); err != nil {
					failed++
				}
			}
			return failed == 0, fmt.Sprintf("%d of 100 failed", failed)
		}},
		{id: "U6", what: "an error of an extension ends Write", run: func(lib library) (bool, string) {
			calls := 0
			w := lib.Writer(io.Discard, server, ws.OpText, 16)
			w.SetBits(func(h ws.Header) (ws.Header, error) {
				if calls++; calls > 1000 {
					panic("asked for ever")
				}
				return h, errors.New("no")
			})
			_, err := w.Write(make([]byte, 100))
			return err != nil, fmt.Sprintf("error %v after %d calls", err, calls)
		}},
		{id: "U7", what: "Grow makes a buffer that fits exactly no larger", run: func(lib library) (bool, string) {
			const header = 4
			w := lib.WriterBuffer(io.Discard, server, ws.OpText, make([]byte, 512))
			w.Grow(1024 - header)
			return w.Size() == 1024-header, fmt.Sprintf("%d bytes for 1024", w.Size()+header)
		}},
		{id: "D12", what: "ResetOp never puts a message inside another one", run: func(lib library) (bool, string) {
			var out bytes.Buffer
			w := lib.Writer(&out, server, ws.OpText, 16)
			w.Write([]byte("Hello"))
			w.FlushFragment()
			w.ResetOp(ws.OpBinary)
			_, err := w.Write([]byte("Hello"))
			w.Flush()
			n := len(frames(out.Bytes()))
			return err != nil && n == 1, fmt.Sprintf("%d frames, error %v", n, err)
		}},
		{id: "#134, #138", mended: true, what: "with DisableFlush a message is one frame", run: func(lib library) (bool, string) {
			for n := 1; n <= 1<<20; n *= 2 {
				var out bytes.Buffer
				w := lib.Writer(&out, server, ws.OpText, 16)
				w.DisableFlush()
				w.Write(make([]byte, n/2))
				w.Write(make([]byte, n-n/2))
				w.Flush()
				if all := frames(out.Bytes()); len(all) != 1 || !all[0].Header.Fin || len(all[0].Payload) != n {
					return false, fmt.Sprintf("%d bytes are %d frames", n, len(all))
				}
			}
			return true, "always one frame"
		}},
	})
}

func TestWriterPool(t *testing.T) {
	if raceEnabled {
		return
	}
	checkLines(t, []line{
		{id: "U5, H8", what: "GetWriter takes what PutWriter has put", run: func(lib library) (bool, string) {
			n := testing.AllocsPerRun(100, func() {
				for size := 128; size <= 65536; size *= 2 {
					lib.PutWriter(lib.GetWriter(io.Discard, server, ws.OpText, size))
				}
			})
			// The adapter around a Writer may be an allocation, its buffer not.
			return n <= 10, fmt.Sprint(n, " allocations for 10 writers")
		}},
	})
}

func TestDebugDialer(t *testing.T) {
	// shows dials a server that says so much and no more.
	shows := func(lib library, response string) (bool, string) {
		shown := "nothing"
		_, err := lib.DebugDial(context.Background(), dialing(ws.Dialer{}, says(response)), address,
			func(_, response []byte) { shown = string(response) })
		return err != nil && shown == response, fmt.Sprintf("error %v, showed %q", err, shown)
	}
	checkLines(t, []line{
		{id: "U17", what: "connecting that fails is an error", run: func(lib library) (bool, string) {
			_, err := lib.DebugDial(context.Background(), ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) {
				return nil, errors.New("refused")
			}}, address, func(_, _ []byte) {})
			return err != nil, fmt.Sprint("error ", err)
		}},
		{id: "U17", what: "no response at all is an error", run: func(lib library) (bool, string) { return shows(lib, "") }},
		{id: "U17", what: "a response that ends inside of its head is an error, and shown", run: func(lib library) (bool, string) {
			return shows(lib, "HTTP/1.1 101 Switching Pro")
		}},
	})
}
