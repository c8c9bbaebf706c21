package ws

import (
	"fmt"
	"io"
	"time"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/checkedio"
)

// Initial sizes in bytes of the buffers that Upgrader.Upgrade takes from its
// pool.
const (
	DefaultServerReadBufferSize  = 4096
	DefaultServerWriteBufferSize = 512
)

// Handshake is what both sides have agreed on.
type Handshake struct {
	// Protocol is the selected subprotocol, or empty.
	Protocol string
	// Extensions are the accepted extensions in the order of the response.
	// They own their memory.
	Extensions []httphead.Option
	// Request is a copy of the request, if Upgrader.KeepRequest asks for it;
	// otherwise nil.
	Request *httpx.Request
}

// Upgrader holds the options of a server's opening handshake over bytes or an
// io.ReadWriter (RFC 6455, section 4.2). The zero value accepts every correct
// handshake, from every origin, and waits without limit: on a server that
// browsers can reach, set Origin, and Timeout wherever anybody can reach it.
//
// The callbacks are called only for a request that is a correct handshake, in
// the order in which they stand here; the first error ends the handshake. An
// error that is no [*ConnectionRejectedError] is answered with status 500 and
// its text. The byte slices that a callback is given are valid until it
// returns. An Upgrader is not changed by its methods and may be used
// concurrently if its callbacks may.
type Upgrader struct {
	// ReadBufferSize and WriteBufferSize are the initial sizes in bytes of
	// the buffers for the request and the response. Zero stands for the
	// defaults. They grow as needed, the former within Limits.
	ReadBufferSize, WriteBufferSize int

	// Limits bounds the request head; over it the answer is 431. Zero fields
	// stand for the defaults of package httpx.
	Limits httpx.Limits

	// Timeout is how long Upgrade may take altogether, if its connection has
	// a method SetDeadline. Afterwards the connection has no deadline. Zero:
	// Upgrade leaves deadlines alone, and a peer that sends nothing is waited
	// for as long as the connection's own deadline says. If SetDeadline fails,
	// so does Upgrade, with its error: the bound could not be kept.
	Timeout time.Duration

	// KeepRequest puts a copy of the request into the Handshake.
	KeepRequest bool

	// Origin decides which web pages may connect; see SameOrigin and
	// AllowOrigins. Nil allows all of them.
	Origin OriginPolicy

	// OnBadOrigin, if set, makes the error for a page that Origin does not allow:
	// what it is to be told, and what the server has to set for it. A nil function
	// and a nil error stand for ErrHandshakeBadOrigin, with the origin as its
	// Value. Of a request with several origins, which no policy allows, origin is
	// all of them, separated by commas.
	OnBadOrigin func(origin, host []byte) error

	// OnHandshake is shown the whole request without copying it.
	OnHandshake func(req httpx.Request) error

	// OnRequest is shown the request target.
	OnRequest func(uri []byte) error

	// OnHost is shown the host that the request is for: the value of Host, or
	// the host of the target if that is a whole URI (RFC 9112, 3.2.2).
	OnHost func(host []byte) error

	// OnHeader is shown each field that is no part of the handshake. The key
	// is in canonical form, as "User-Agent".
	OnHeader func(key, value []byte) error

	// Protocols, if not empty, are the subprotocols that the server speaks, by
	// its own preference: the first one that the client offers is selected,
	// regardless of case, spelt as the client does. ProtocolCustom and Protocol
	// are not used then.
	Protocols []string

	// ProtocolCustom, if set, is used instead of Protocol. It is given each
	// Sec-WebSocket-Protocol line until it returns a protocol; false means
	// that the line is malformed.
	ProtocolCustom func([]byte) (string, bool)

	// Protocol says whether the server speaks a subprotocol. It is asked in
	// the client's order of preference; the first one it accepts is selected.
	Protocol func([]byte) bool

	// Negotiate is given each extension that the client offers, in the
	// client's order of preference, and returns the one to put into the
	// response, or the zero Option to decline. It may return its argument.
	// Alternatives to an extension that was accepted are passed over (RFC
	// 6455, section 9.1), and so is what comes after 32 that were. If Negotiate is set, ExtensionCustom and Extension are not used.
	Negotiate func(httphead.Option) (httphead.Option, error)

	// ExtensionCustom, if set, is used instead of Extension. It is given each
	// Sec-WebSocket-Extensions line and the options so far, and returns them
	// with those that it accepts; false means that the line is malformed. It
	// has to keep extensions unique itself.
	ExtensionCustom func([]byte, []httphead.Option) ([]httphead.Option, bool)

	// Extension says whether to accept an offered extension as it stands.
	//
	// Deprecated: use Negotiate, which can answer other parameters than those
	// offered.
	Extension func(httphead.Option) bool

	// Header is written into the response, whatever it is.
	Header HandshakeHeader

	// OnBeforeUpgrade has the last word. The header that it returns is
	// written into the response.
	OnBeforeUpgrade func() (header HandshakeHeader, err error)
}

// DefaultUpgrader is the Upgrader that Upgrade uses.
var DefaultUpgrader Upgrader

// Upgrade is DefaultUpgrader.Upgrade.
func Upgrade(conn io.ReadWriter) (Handshake, error) { return DefaultUpgrader.Upgrade(conn) }

// Upgrade reads the client's opening handshake from conn and answers it.
// Nothing that follows the request is consumed: a client that sent frames
// without waiting for the answer is rejected with [ErrHandshakeEarlyData].
//
// If the error is a [*ConnectionRejectedError], the client has been told; the
// connection is to be closed. If there may be input that was not read, as after a
// head that is too large, closing at once can destroy the answer on its way (RFC
// 9112, section 9.6): close the sending direction first and read on for a while. It is io.EOF if conn ended before the first
// byte, io.ErrUnexpectedEOF if inside the request, and an error of conn
// otherwise. Without callbacks, or with callbacks that copy nothing, it
// allocates nothing.
func (u Upgrader) Upgrade(conn io.ReadWriter) (Handshake, error) {
	if u.Timeout > 0 {
		if d, ok := conn.(interface{ SetDeadline(time.Time) error }); ok {
			if err := d.SetDeadline(time.Now().Add(u.Timeout)); err != nil {
				return Handshake{}, noDeadline("Upgrader", err)
			}
			defer d.SetDeadline(time.Time{})
		}
	}
	x := exchanges.Get().(*exchange)
	defer x.release()
	x.in.reset(u.ReadBufferSize, DefaultServerReadBufferSize)
	x.out = sized(x.out, u.WriteBufferSize, DefaultServerWriteBufferSize)

	var scan httpx.Scanner
	for {
		if err := x.in.readFrom(conn); err != nil {
			return Handshake{}, err
		}
		req, n, err := scan.Request(x.in.b, u.Limits, &x.head)
		if err == httpx.ErrShort {
			continue
		}
		o := offer{early: x.in.b[n:]}
		o.read(req.Fields)
		var hs Handshake
		x.out, err = u.answer(x, x.out, &hs, &req, &o, err)
		if _, werr := checkedio.Write(conn, x.out); err == nil {
			err = werr
		}
		if err != nil {
			return Handshake{}, err
		}
		return hs, nil
	}
}

// noDeadline says that a Timeout cannot be kept, because of err.
func noDeadline(whose string, err error) error {
	return fmt.Errorf("ws: %s.Timeout cannot be kept, because the connection takes no deadline; leave Timeout 0 for such a connection, and close it in time: %w", whose, err)
}
