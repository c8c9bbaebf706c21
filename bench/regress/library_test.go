package regress_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/wirews/wirews/ws"
)

// library is what the cases need of either library. Arguments and results are
// of wirews' types, which mean the same in both.
type library interface {
	streams
	deflate

	ReadHeader(r io.Reader) (ws.Header, error)
	ReadFrame(r io.Reader) (ws.Frame, error)
	WriteHeader(w io.Writer, h ws.Header) error
	WriteFrame(w io.Writer, f ws.Frame) error
	HeaderSize(h ws.Header) int
	CheckHeader(h ws.Header, s ws.State) error
	NewCloseFrameBody(code ws.StatusCode, reason string) []byte
	CheckCloseFrameData(code ws.StatusCode, reason string) error
	Cipher(p []byte, key [4]byte, offset int)
	NewMask() [4]byte
	CompiledPing() []byte

	// CloseCode returns the close code that an error carries, or 0.
	CloseCode(err error) ws.StatusCode

	Upgrade(u ws.Upgrader, conn io.ReadWriter) (ws.Handshake, error)
	UpgradeHTTP(r *http.Request, w http.ResponseWriter) (net.Conn, ws.Handshake, error)
	Dial(ctx context.Context, d ws.Dialer, url string) (net.Conn, *bufio.Reader, ws.Handshake, error)
	UpgradeClient(d ws.Dialer, conn io.ReadWriter, u *url.URL) (ws.Handshake, error)

	// Reject makes the error with which a callback rejects a handshake.
	Reject(status int, reason string) error
	// BadExtensions is the error for a response with extensions that were
	// not offered.
	BadExtensions() error
	// Plain reports whether the library leaves a request that is not for
	// WebSocket to the caller, with nothing consumed and nothing written.
	Plain(request string) (left bool, saw string)
	// Incremental gives the library a request piece by piece, as an event
	// loop that must not block has them, and returns the response.
	Incremental(pieces []string) (response string, err error)
	// RequestField returns a field of the request that a handshake was
	// agreed for, without a callback.
	RequestField(conn io.ReadWriter, name string) (value string, ok bool)
	// Number parses a decimal number of a head.
	Number(s string) (n int, ok bool)
	// Cookies returns the cookies of a Cookie field, by name.
	Cookies(value string) map[string]string
}
