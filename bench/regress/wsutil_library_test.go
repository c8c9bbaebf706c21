package regress_test

import (
	"context"
	"io"
	"net"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// streams is what the cases need of either library's package wsutil. What only
// wirews has, gobwas/ws answers with the nearest that its users have.
type streams interface {
	ReadData(rw io.ReadWriter, s ws.State) ([]byte, ws.OpCode, error)
	ReadMessage(r io.Reader, s ws.State, m []wsutil.Message) ([]wsutil.Message, error)
	WriteMessage(w io.Writer, s ws.State, op ws.OpCode, p []byte) error
	HandleControlMessage(w io.Writer, s ws.State, m wsutil.Message) error
	SetMaxMessageSize(n int64)
	MaxMessageSize() int64
	SetMaxFrameSize(n int64)

	// Reader makes a Reader with the fields of config.
	Reader(config *wsutil.Reader) reader
	// Handle handles a control frame. begun says that a close frame was sent
	// on this connection before.
	Handle(h ws.Header, c wsutil.ControlHandler, begun bool) error

	Writer(dest io.Writer, s ws.State, op ws.OpCode, n int) writer
	WriterBuffer(dest io.Writer, s ws.State, op ws.OpCode, buf []byte) writer
	GetWriter(dest io.Writer, s ws.State, op ws.OpCode, n int) writer
	PutWriter(w writer)
	ControlWriter(dest io.Writer, s ws.State, op ws.OpCode) flusher

	UTF8Reader(r io.Reader) utf8Reader
	DebugDial(ctx context.Context, d ws.Dialer, url string, show func(request, response []byte)) (net.Conn, error)

	// ReadAppend appends the next message to dst.
	ReadAppend(dst []byte, rw io.ReadWriter, s ws.State) ([]byte, ws.OpCode, error)
	// ReadDataContext is ReadData that ends when ctx does; false if there is
	// no such thing.
	ReadDataContext(ctx context.Context, conn net.Conn, s ws.State) (error, bool)
	// Two writes the fragments "a" and "b" of one message to w, and between
	// them another goroutine has the message "c" to write.
	Two(w io.Writer) error
}

type reader interface {
	io.Reader
	NextFrame() (ws.Header, error)
	Discard() error
}

type flusher interface {
	io.Writer
	Flush() error
}

type writer interface {
	flusher
	io.ReaderFrom
	FlushFragment() error
	Grow(n int)
	Size() int
	DisableFlush()
	Reset(dest io.Writer, s ws.State, op ws.OpCode)
	ResetOp(op ws.OpCode)
	SetBits(set func(ws.Header) (ws.Header, error))
}

type utf8Reader interface {
	io.Reader
	Reset(r io.Reader)
	Valid() bool
	Accepted() int
}
