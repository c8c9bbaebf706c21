package regress_test

import (
	"io"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// deflate is what the cases need of either library's package wsflate. What
// only wirews has, gobwas/ws answers with the nearest that its users have.
type deflate interface {
	// Extension is what negotiates for a server that wishes for want.
	Extension(want wsflate.Parameters) extension
	// ParseParameters parses those of an offer.
	ParseParameters(opt httphead.Option) (wsflate.Parameters, error)

	CompressFrame(f ws.Frame) (ws.Frame, error)
	DecompressFrame(f ws.Frame) (ws.Frame, error)
	CompressTo(w io.Writer, p []byte) error
	DecompressTo(w io.Writer, p []byte) error
	// FlateReader is a Reader that works with compress/flate.
	FlateReader(r io.Reader) flateReader

	// Agreed is what sends and receives a server's messages where agreed was
	// agreed on.
	Agreed(agreed wsflate.Parameters) (compress func(p []byte) []byte, decompress func(p []byte) ([]byte, error))
	// ReceiveDeflated reads one message as a server, without context takeover.
	ReceiveDeflated(rw io.ReadWriter) ([]byte, error)
	// SendDeflated writes one message as a server, of those fragments.
	SendDeflated(w io.Writer, fragments ...string) error
	// BothWays reads a message as a server while it is in the middle of
	// writing one that is compressed.
	BothWays(rw io.ReadWriter, write string) error
}

type extension interface {
	Negotiate(opt httphead.Option) (httphead.Option, error)
	Accepted() (wsflate.Parameters, bool)
}

type flateReader interface {
	io.Reader
	Err() error
}
