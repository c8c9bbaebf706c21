package regress_test

import (
	"context"
	"io"
	"net"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func (wirewsLib) ReadData(rw io.ReadWriter, s ws.State) ([]byte, ws.OpCode, error) {
	return wsutil.ReadData(rw, s)
}

func (wirewsLib) ReadMessage(r io.Reader, s ws.State, m []wsutil.Message) ([]wsutil.Message, error) {
	return wsutil.ReadMessage(r, s, m)
}

func (wirewsLib) WriteMessage(w io.Writer, s ws.State, op ws.OpCode, p []byte) error {
	return wsutil.WriteMessage(w, s, op, p)
}

func (wirewsLib) HandleControlMessage(w io.Writer, s ws.State, m wsutil.Message) error {
	return wsutil.HandleControlMessage(w, s, m)
}

func (wirewsLib) SetMaxMessageSize(n int64)           { wsutil.SetMaxMessageSize(n) }
func (wirewsLib) MaxMessageSize() int64               { return wsutil.MaxMessageSize() }
func (wirewsLib) SetMaxFrameSize(n int64)             { wsutil.SetMaxFrameSize(n) }
func (wirewsLib) Reader(config *wsutil.Reader) reader { return config }
func (wirewsLib) UTF8Reader(r io.Reader) utf8Reader   { return wsutil.NewUTF8Reader(r) }

func (wirewsLib) Handle(h ws.Header, c wsutil.ControlHandler, begun bool) error {
	c.Close = new(wsutil.CloseState)
	if begun {
		c.Close.Begin()
	}
	return c.Handle(h)
}

// wirewsWriter has the one method of which the types differ.
type wirewsWriter struct{ *wsutil.Writer }

func (w wirewsWriter) SetBits(set func(ws.Header) (ws.Header, error)) {
	w.SetExtensions(wsutil.SendExtensionFunc(set))
}

func (wirewsLib) Writer(dest io.Writer, s ws.State, op ws.OpCode, n int) writer {
	return wirewsWriter{wsutil.NewWriterSize(dest, s, op, n)}
}

func (wirewsLib) WriterBuffer(dest io.Writer, s ws.State, op ws.OpCode, buf []byte) writer {
	return wirewsWriter{wsutil.NewWriterBuffer(dest, s, op, buf)}
}

func (wirewsLib) GetWriter(dest io.Writer, s ws.State, op ws.OpCode, n int) writer {
	return wirewsWriter{wsutil.GetWriter(dest, s, op, n)}
}

func (wirewsLib) PutWriter(w writer) { wsutil.PutWriter(w.(wirewsWriter).Writer) }

func (wirewsLib) ControlWriter(dest io.Writer, s ws.State, op ws.OpCode) flusher {
	return wsutil.NewControlWriter(dest, s, op)
}

func (wirewsLib) DebugDial(ctx context.Context, d ws.Dialer, url string, show func(request, response []byte)) (net.Conn, error) {
	var request []byte
	debug := wsutil.DebugDialer{
		Dialer:     d,
		OnRequest:  func(p []byte) { request = p },
		OnResponse: func(p []byte) { show(request, p) },
	}
	conn, _, _, err := debug.Dial(ctx, url)
	return conn, err
}

func (wirewsLib) ReadAppend(dst []byte, rw io.ReadWriter, s ws.State) ([]byte, ws.OpCode, error) {
	return wsutil.ReadAppend(dst, rw, s)
}

func (wirewsLib) ReadDataContext(ctx context.Context, conn net.Conn, s ws.State) (error, bool) {
	_, _, err := wsutil.ReadDataContext(ctx, conn, s)
	return err, true
}

func (wirewsLib) Two(w io.Writer) error {
	shared := wsutil.NewSharedWriter(w, ws.StateServerSide)
	other := make(chan error, 1)
	err := shared.Message(ws.OpText, func(w *wsutil.Writer) error {
		w.Write([]byte("a"))
		if err := w.FlushFragment(); err != nil {
			return err
		}
		go func() { other <- shared.WriteMessage(ws.OpText, []byte("c")) }()
		_, err := w.Write([]byte("b"))
		return err
	})
	if err != nil {
		return err
	}
	return <-other
}
