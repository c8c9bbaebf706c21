package contracts

import (
	"context"
	"io"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsutil"
)

const (
	server = ws.StateServerSide
	client = ws.StateClientSide
)

// Two fragments with a ping between, and a long one: each role, each size of a
// header.
var (
	fromClient = join(masked(ws.OpText, false, "Hel"), masked(ws.OpPing, true, "?"), masked(ws.OpContinuation, true, "lo"))
	fromServer = join(plain(ws.OpText, false, "Hel"), plain(ws.OpPing, true, "?"), plain(ws.OpContinuation, true, "lo"))
	longFrame  = masked(ws.OpText, true, string(make([]byte, 126)))
	binary     = masked(ws.OpBinary, true, "Hello")
)

// repeated is what is compressed.
const repeated = "Hello Hello Hello"

// agreed returns the extension of one side.
func agreed(s ws.State) *wsflate.Deflate {
	return wsflate.New(s, wsflate.DefaultParameters, &wsflate.Options{Threshold: 1})
}

// deflated is a compressed message of the other side of s.
func deflated(s ws.State) []byte {
	p := agreed(client|server&^s).Encoder().AppendMessage(nil, []byte(repeated))
	f := ws.Frame{Header: ws.Header{Fin: true, Rsv: 4, OpCode: ws.OpText, Length: int64(len(p))}, Payload: p}
	if s == server {
		f = ws.MaskFrameWith(f, [4]byte{1, 2, 3, 4})
	}
	return ws.AppendFrame(nil, f)
}

// reader reads messages by read.
func reader(set func(r *wsutil.Reader), s ws.State, read func(r *wsutil.Reader) error) func(f *wstest.Faulty) (int, error) {
	return func(f *wstest.Faulty) (int, error) {
		r := wsutil.NewReader(f, s)
		r.CheckUTF8 = true
		r.OnIntermediate = wsutil.ControlFrameHandler(f, s)
		if set != nil {
			set(r)
		}
		return each(func() error { return read(r) })
	}
}

func readAll(r *wsutil.Reader) error {
	if _, err := r.NextFrame(); err != nil {
		return err
	}
	_, err := io.ReadAll(r)
	return err
}

func readAppend(r *wsutil.Reader) error {
	_, _, err := r.ReadAppend(nil)
	return err
}

func discard(r *wsutil.Reader) error {
	if _, err := r.NextFrame(); err != nil {
		return err
	}
	return r.Discard()
}

func decode(s ws.State) func(r *wsutil.Reader) {
	return func(r *wsutil.Reader) { r.Decoder = agreed(s).Decoder() }
}

// stream reads messages from a Stream.
func stream(s ws.State, x *wsflate.Deflate) func(f *wstest.Faulty) (int, error) {
	return func(f *wstest.Faulty) (int, error) {
		c := wsutil.NewStream(f, s, 16)
		if x != nil {
			c.SetExtension(x)
		}
		return each(func() error { _, _, err := c.ReadMessage(); return err })
	}
}

func TestReadingByWsutil(t *testing.T) {
	cancellable, cancel := context.WithCancel(context.Background())
	defer cancel()
	helper := func(read func(rw io.ReadWriter) error) func(f *wstest.Faulty) (int, error) {
		return func(f *wstest.Faulty) (int, error) { return each(func() error { return read(f) }) }
	}
	text := func(read func(io.ReadWriter) ([]byte, error)) func(f *wstest.Faulty) (int, error) {
		return helper(func(rw io.ReadWriter) error { _, err := read(rw); return err })
	}
	data := func(read func(io.ReadWriter) ([]byte, ws.OpCode, error)) func(f *wstest.Faulty) (int, error) {
		return helper(func(rw io.ReadWriter) error { _, _, err := read(rw); return err })
	}
	testReading(t, []reading{
		{name: "ReadClientData", in: fromClient, run: data(wsutil.ReadClientData)},
		{name: "ReadClientData, long", in: longFrame, run: data(wsutil.ReadClientData)},
		{name: "ReadServerData", in: fromServer, run: data(wsutil.ReadServerData)},
		{name: "ReadClientText", in: fromClient, run: text(wsutil.ReadClientText)},
		{name: "ReadClientBinary", in: binary, run: text(wsutil.ReadClientBinary)},
		{name: "ReadServerText", in: fromServer, run: text(wsutil.ReadServerText)},
		{name: "ReadServerBinary", in: plain(ws.OpBinary, true, "Hello"), run: text(wsutil.ReadServerBinary)},
		{name: "ReadAppend", in: binary, run: data(func(rw io.ReadWriter) ([]byte, ws.OpCode, error) {
			return wsutil.ReadAppend(make([]byte, 3, 64), rw, server)
		})},
		{name: "ReadAppendContext", in: fromClient, run: func(f *wstest.Faulty) (int, error) {
			return each(func() error { _, _, err := wsutil.ReadAppendContext(cancellable, nil, f, server); return err })
		}},
		{name: "ReadDataContext", in: fromServer, run: func(f *wstest.Faulty) (int, error) {
			return each(func() error { _, _, err := wsutil.ReadDataContext(cancellable, f, client); return err })
		}},
		{name: "ReadClientMessage", in: fromClient, run: helper(func(rw io.ReadWriter) error {
			_, err := wsutil.ReadClientMessage(rw, nil)
			return err
		})},
		{name: "ReadServerMessage", in: fromServer, run: helper(func(rw io.ReadWriter) error {
			_, err := wsutil.ReadServerMessage(rw, nil)
			return err
		})},
		{name: "Reader.Read, server", in: fromClient, run: reader(nil, server, readAll)},
		{name: "Reader.Read, client", in: fromServer, run: reader(nil, client, readAll)},
		{name: "Reader.Read, decoded", in: deflated(server), run: reader(decode(server), server, readAll)},
		{name: "Reader.ReadAppend", in: fromClient, run: reader(nil, server, readAppend)},
		{name: "Reader.ReadAppend, decoded", in: deflated(client), run: reader(decode(client), client, readAppend)},
		{name: "Reader.Discard", in: fromServer, run: reader(nil, client, discard)},
		{name: "Reader.Discard, decoded", in: deflated(server), run: reader(decode(server), server, discard)},
		{name: "NextReader", in: fromClient, run: func(f *wstest.Faulty) (int, error) {
			return each(func() error {
				_, r, err := wsutil.NextReader(f, server)
				if err == nil {
					_, err = io.Copy(io.Discard, r)
				}
				return err
			})
		}},
		{name: "ControlHandler", in: masked(ws.OpPing, true, "Hello")[6:], once: true, run: func(f *wstest.Faulty) (int, error) {
			err := wsutil.ControlHandler{Src: f, Dst: io.Discard, State: server}.Handle(ws.Header{Fin: true, OpCode: ws.OpPing, Length: 5})
			return ones(err), err
		}},
		{name: "ControlFrameHandler", in: []byte("Hello"), once: true, run: func(f *wstest.Faulty) (int, error) {
			err := wsutil.ControlFrameHandler(io.Discard, client)(ws.Header{Fin: true, OpCode: ws.OpPong, Length: 5}, f)
			return ones(err), err
		}},
		{name: "Stream, server", in: fromClient, run: stream(server, nil)},
		{name: "Stream, client", in: fromServer, run: stream(client, nil)},
		{name: "Stream, decoded", in: deflated(server), run: stream(server, agreed(server))},
		{name: "CipherReader", in: []byte("Hello"), toEnd: true, run: func(f *wstest.Faulty) (int, error) {
			_, err := io.ReadAll(wsutil.NewCipherReader(f, [4]byte{1, 2, 3, 4}))
			return ones(err), err
		}},
		{name: "UTF8Reader", in: []byte("Hello"), toEnd: true, run: func(f *wstest.Faulty) (int, error) {
			_, err := io.ReadAll(wsutil.NewUTF8Reader(f))
			return ones(err), err
		}},
		{name: "Writer.ReadFrom", in: []byte("Hello"), toEnd: true, run: func(f *wstest.Faulty) (int, error) {
			_, err := wsutil.NewWriterSize(io.Discard, server, ws.OpText, 4).ReadFrom(f)
			return ones(err), err
		}},
	})
}

// writer writes a message of several frames, and one in a frame of its own.
func writer(s ws.State, x *wsflate.Deflate) func(f *wstest.Faulty) error {
	return func(f *wstest.Faulty) error {
		w := wsutil.NewWriterSize(f, s, ws.OpText, 8)
		if x != nil {
			w.SetEncoder(x.Encoder())
		}
		if _, err := w.Write([]byte("Hello")); err != nil {
			return err
		}
		if err := w.FlushFragment(); err != nil {
			return err
		}
		if _, err := w.Write(make([]byte, 100)); err != nil {
			return err
		}
		if _, err := w.WriteThrough([]byte("through")); err != nil && err != wsutil.ErrNotEmpty {
			return err
		}
		return w.Flush()
	}
}

// shared writes by a SharedWriter in all ways.
func shared(s ws.State, x *wsflate.Deflate) func(f *wstest.Faulty) error {
	return func(f *wstest.Faulty) error {
		w := wsutil.NewSharedWriter(f, s)
		if x != nil {
			w.SetEncoder(x.Encoder())
		}
		if _, err := w.Write(hello); err != nil {
			return err
		}
		if err := w.WriteMessage(ws.OpText, []byte("Hello")); err != nil {
			return err
		}
		if err := w.WriteControl(ws.OpPing, nil); err != nil {
			return err
		}
		return w.Message(ws.OpText, func(w *wsutil.Writer) error {
			w.Write([]byte("Hel"))
			w.FlushFragment()
			_, err := w.Write([]byte("lo"))
			return err
		})
	}
}

// streamed answers a ping, and then writes and closes by a Stream.
func streamed(s ws.State, x *wsflate.Deflate) func(f *wstest.Faulty) error {
	return func(f *wstest.Faulty) error {
		c := wsutil.NewStream(f, s, 0)
		if x != nil {
			c.SetExtension(x)
		}
		if _, _, err := c.ReadMessage(); err != io.EOF {
			return err
		}
		return c.Flush()
	}
}

func TestWritingByWsutil(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := []byte("Hello")
	write := func(write func(io.Writer, []byte) error) func(f *wstest.Faulty) error {
		return func(f *wstest.Faulty) error { return write(f, p) }
	}
	message := func(write func(io.Writer, ws.OpCode, []byte) error) func(f *wstest.Faulty) error {
		return func(f *wstest.Faulty) error { return write(f, ws.OpText, p) }
	}
	ping := masked(ws.OpPing, true, "?")
	closing := masked(ws.OpClose, true, "\x03\xe8")
	// unlessClosed is for what ends well with a ClosedError.
	unlessClosed := func(err error) error {
		if _, ok := err.(wsutil.ClosedError); ok || err == io.EOF {
			return nil
		}
		return err
	}
	testWriting(t, []writing{
		{name: "WriteServerText", run: write(wsutil.WriteServerText)},
		{name: "WriteServerBinary", run: write(wsutil.WriteServerBinary)},
		{name: "WriteServerMessage", run: message(wsutil.WriteServerMessage)},
		{name: "WriteClientText", run: write(wsutil.WriteClientText)},
		{name: "WriteClientBinary", run: write(wsutil.WriteClientBinary)},
		{name: "WriteClientMessage", run: message(wsutil.WriteClientMessage)},
		{name: "WriteMessage, long", run: func(f *wstest.Faulty) error {
			return wsutil.WriteMessage(f, server, ws.OpText, make([]byte, 70_000))
		}},
		{name: "WriteMessageContext", run: func(f *wstest.Faulty) error {
			return wsutil.WriteMessageContext(ctx, f, client, ws.OpText, p)
		}},
		{name: "Writer, server", run: writer(server, nil)},
		{name: "Writer, client", run: writer(client, nil)},
		{name: "Writer, encoded", run: writer(server, agreed(server))},
		{name: "ControlWriter", run: func(f *wstest.Faulty) error {
			w := wsutil.NewControlWriter(f, client, ws.OpPing)
			w.Write(p)
			return w.Flush()
		}},
		{name: "CipherWriter", run: func(f *wstest.Faulty) error {
			_, err := wsutil.NewCipherWriter(f, [4]byte{1, 2, 3, 4}).Write(p)
			return err
		}},
		{name: "SharedWriter, server", run: shared(server, nil)},
		{name: "SharedWriter, client", run: shared(client, nil)},
		{name: "SharedWriter, encoded", run: shared(server, agreed(server))},
		{name: "Stream that answers a ping", in: ping, run: streamed(server, nil)},
		{name: "Stream that answers a close frame", in: closing, run: func(f *wstest.Faulty) error {
			return unlessClosed(streamed(server, nil)(f))
		}},
		{name: "Stream.WriteMessage", run: func(f *wstest.Faulty) error {
			c := wsutil.NewStream(f, client, 0)
			c.SetExtension(agreed(client))
			c.WriteMessage(ws.OpText, p)
			return c.Close(ws.StatusNormalClosure, "")
		}},
		{name: "Stream.WriteMessage, long", run: func(f *wstest.Faulty) error {
			return wsutil.NewStream(f, server, 0).WriteMessage(ws.OpBinary, make([]byte, 70_000))
		}},
		{name: "ReadClientData that answers a ping", in: ping, run: func(f *wstest.Faulty) error {
			_, _, err := wsutil.ReadClientData(f)
			return unlessClosed(err)
		}},
		{name: "ReadClientData that answers a close frame", in: closing, run: func(f *wstest.Faulty) error {
			_, _, err := wsutil.ReadClientData(f)
			return unlessClosed(err)
		}},
		{name: "HandleClientControlMessage", run: func(f *wstest.Faulty) error {
			return wsutil.HandleClientControlMessage(f, wsutil.Message{OpCode: ws.OpPing})
		}},
		{name: "HandleServerControlMessage", run: func(f *wstest.Faulty) error {
			return unlessClosed(wsutil.HandleServerControlMessage(f, wsutil.Message{OpCode: ws.OpClose}))
		}},
		{name: "ControlFrameHandler", run: func(f *wstest.Faulty) error {
			return wsutil.ControlFrameHandler(f, client)(ws.Header{Fin: true, OpCode: ws.OpPing}, nil)
		}},
	})
}
