package regress_test

import (
	"context"
	"io"
	"net"

	gobwas "github.com/gobwas/ws"
	gobwasutil "github.com/gobwas/ws/wsutil"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func (gobwasLib) ReadData(rw io.ReadWriter, s ws.State) ([]byte, ws.OpCode, error) {
	p, op, err := gobwasutil.ReadData(rw, gobwas.State(s))
	return p, ws.OpCode(op), err
}

func (gobwasLib) ReadMessage(r io.Reader, s ws.State, m []wsutil.Message) ([]wsutil.Message, error) {
	all, err := gobwasutil.ReadMessage(r, gobwas.State(s), nil)
	for _, one := range all {
		m = append(m, wsutil.Message{OpCode: ws.OpCode(one.OpCode), Payload: one.Payload})
	}
	return m, err
}

func (gobwasLib) WriteMessage(w io.Writer, s ws.State, op ws.OpCode, p []byte) error {
	return gobwasutil.WriteMessage(w, gobwas.State(s), gobwas.OpCode(op), p)
}

func (gobwasLib) HandleControlMessage(w io.Writer, s ws.State, m wsutil.Message) error {
	return gobwasutil.HandleControlMessage(w, gobwas.State(s), gobwasutil.Message{OpCode: gobwas.OpCode(m.OpCode), Payload: m.Payload})
}

func (gobwasLib) SetMaxMessageSize(n int64)         { gobwasutil.SetMaxMessageSize(n) }
func (gobwasLib) MaxMessageSize() int64             { return gobwasutil.MaxMessageSize() }
func (gobwasLib) SetMaxFrameSize(n int64)           { gobwasutil.SetMaxFrameSize(n) }
func (gobwasLib) UTF8Reader(r io.Reader) utf8Reader { return gobwasutil.NewUTF8Reader(r) }

// bits is a function over headers of wirews as one over those of gobwas/ws.
func bits(f func(ws.Header) (ws.Header, error)) func(gobwas.Header) (gobwas.Header, error) {
	return func(h gobwas.Header) (gobwas.Header, error) {
		changed, err := f(toHeader(h))
		return fromHeader(changed), err
	}
}

// gobwasReader returns headers of wirews' type.
type gobwasReader struct{ *gobwasutil.Reader }

func (r gobwasReader) NextFrame() (ws.Header, error) {
	h, err := r.Reader.NextFrame()
	return toHeader(h), err
}

func (gobwasLib) Reader(config *wsutil.Reader) reader {
	r := &gobwasutil.Reader{
		Source:          config.Source,
		State:           gobwas.State(config.State),
		SkipHeaderCheck: config.SkipHeaderCheck,
		CheckUTF8:       config.CheckUTF8,
		MaxFrameSize:    config.MaxFrameSize,
		MaxMessageSize:  config.MaxMessageSize,
	}
	for _, x := range config.Extensions {
		r.Extensions = append(r.Extensions, gobwasutil.RecvExtensionFunc(bits(x.UnsetBits)))
	}
	if config.OnIntermediate != nil {
		r.OnIntermediate = func(h gobwas.Header, p io.Reader) error { return config.OnIntermediate(toHeader(h), p) }
	}
	return gobwasReader{r}
}

// Handle: gobwas/ws does not remember what was sent.
func (gobwasLib) Handle(h ws.Header, c wsutil.ControlHandler, _ bool) error {
	return gobwasutil.ControlHandler{
		Src: c.Src, Dst: c.Dst, State: gobwas.State(c.State), DisableSrcCiphering: c.DisableSrcCiphering,
	}.Handle(fromHeader(h))
}

// gobwasWriter takes arguments of wirews' types.
type gobwasWriter struct{ *gobwasutil.Writer }

func (w gobwasWriter) Reset(dest io.Writer, s ws.State, op ws.OpCode) {
	w.Writer.Reset(dest, gobwas.State(s), gobwas.OpCode(op))
}

func (w gobwasWriter) ResetOp(op ws.OpCode) { w.Writer.ResetOp(gobwas.OpCode(op)) }

func (w gobwasWriter) SetBits(set func(ws.Header) (ws.Header, error)) {
	w.SetExtensions(gobwasutil.SendExtensionFunc(bits(set)))
}

func (gobwasLib) Writer(dest io.Writer, s ws.State, op ws.OpCode, n int) writer {
	return gobwasWriter{gobwasutil.NewWriterSize(dest, gobwas.State(s), gobwas.OpCode(op), n)}
}

func (gobwasLib) WriterBuffer(dest io.Writer, s ws.State, op ws.OpCode, buf []byte) writer {
	return gobwasWriter{gobwasutil.NewWriterBuffer(dest, gobwas.State(s), gobwas.OpCode(op), buf)}
}

func (gobwasLib) GetWriter(dest io.Writer, s ws.State, op ws.OpCode, n int) writer {
	return gobwasWriter{gobwasutil.GetWriter(dest, gobwas.State(s), gobwas.OpCode(op), n)}
}

func (gobwasLib) PutWriter(w writer) { gobwasutil.PutWriter(w.(gobwasWriter).Writer) }

func (gobwasLib) ControlWriter(dest io.Writer, s ws.State, op ws.OpCode) flusher {
	return gobwasutil.NewControlWriter(dest, gobwas.State(s), gobwas.OpCode(op))
}

func (gobwasLib) DebugDial(ctx context.Context, d ws.Dialer, url string, show func(request, response []byte)) (net.Conn, error) {
	var request []byte
	debug := gobwasutil.DebugDialer{
		Dialer:     dialer(d),
		OnRequest:  func(p []byte) { request = p },
		OnResponse: func(p []byte) { show(request, p) },
	}
	conn, _, _, err := debug.Dial(ctx, url)
	return conn, err
}

// ReadAppend: gobwas/ws returns each message in memory of its own.
func (lib gobwasLib) ReadAppend(dst []byte, rw io.ReadWriter, s ws.State) ([]byte, ws.OpCode, error) {
	p, op, err := lib.ReadData(rw, s)
	return append(dst, p...), op, err
}

// ReadDataContext: gobwas/ws knows no contexts.
func (gobwasLib) ReadDataContext(context.Context, net.Conn, ws.State) (error, bool) {
	return nil, false
}

// Two: gobwas/ws has nothing that would keep the other goroutine waiting, and
// it is done before the second fragment is begun.
func (lib gobwasLib) Two(w io.Writer) error {
	message := gobwasutil.NewWriter(w, gobwas.StateServerSide, gobwas.OpText)
	message.Write([]byte("a"))
	if err := message.FlushFragment(); err != nil {
		return err
	}
	other := make(chan error, 1)
	go func() { other <- lib.WriteMessage(w, ws.StateServerSide, ws.OpText, []byte("c")) }()
	if err := <-other; err != nil {
		return err
	}
	message.Write([]byte("b"))
	return message.Flush()
}
