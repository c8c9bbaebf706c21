package ws

import (
	"errors"
	"fmt"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/pmd"
)

// The rules of the opening handshake that a server may break (RFC 6455,
// section 4.1). Errors that are returned wrap these: compare with errors.Is.
var (
	ErrMalformedResponse       = errors.New("ws: malformed HTTP response")
	ErrHandshakeBadStatus      = errors.New("ws: unexpected HTTP status")
	ErrHandshakeBadSubProtocol = errors.New(`ws: "Sec-WebSocket-Protocol" header names a subprotocol that was not asked for`)
	// ErrHandshakeBadFraming: a 101 that says how long its body is. RFC 9110,
	// 8.6, and RFC 9112, 6.1: a server "MUST NOT" send that with a status of
	// 1xx; whoever believed it would read the first frames as a body.
	ErrHandshakeBadFraming    = errors.New(`ws: "Content-Length" or "Transfer-Encoding" in a response with status 101`)
	ErrHandshakeBadExtensions = errors.New(`ws: "Sec-WebSocket-Extensions" header accepts what was not offered`)
)

// ClientHandshake is the client's half of the opening handshake (RFC 6455,
// section 4.1) with no I/O in it. The zero value is ready for AppendRequest,
// which starts a new handshake each time. It must not be used by two
// goroutines at once.
type ClientHandshake struct {
	// Dialer holds what to ask for; nil stands for the zero Dialer. What is
	// about connecting and I/O is not used here.
	Dialer *Dialer

	key     [keySize]byte
	scan    httpx.Scanner
	start   int // of the head that scan looks at, after interim responses
	interim int // number of those
}

// maxInterim is how many interim responses a server may send.
const maxInterim = 16

var zeroDialer Dialer

func (c *ClientHandshake) dialer() *Dialer {
	if c.Dialer == nil {
		return &zeroDialer
	}
	return c.Dialer
}

// Next looks at b, which holds all bytes received so far and begins with the
// same ones as at the call before. [ErrShort]: call again with more. nil: the
// connection is open; n is the size of the response and b[n:] are the first
// frames, if any came. Any other error: the handshake has failed and the
// connection is to be closed; a [*ResponseError] if the server answered with
// another status than 101, and then b[n:] is the beginning of the content. b
// is not changed and not kept.
func (c *ClientHandshake) Next(b []byte) (hs Handshake, n int, err error) {
	d := c.dialer()
	for {
		n, err = c.scan.Scan(b[c.start:], d.Limits)
		if err == httpx.ErrShort {
			return Handshake{}, 0, ErrShort
		}
		if err != nil {
			return Handshake{}, 0, malformed(err)
		}
		end := c.start + n
		hs, err = d.readResponse(c.key[:], b[c.start:end])
		switch _, refused := errors.AsType[*ResponseError](err); {
		case err == nil || refused:
			return hs, end, err
		case err != errInterim:
			return Handshake{}, 0, err
		}
		// RFC 9110, 15.2: "A client MUST be able to parse one or more 1xx
		// responses received prior to a final response".
		if c.interim++; c.interim > maxInterim {
			return Handshake{}, 0, malformed(errInterim)
		}
		c.start, c.scan = end, httpx.Scanner{}
	}
}

func (d *Dialer) readResponse(key, head []byte) (Handshake, error) {
	x := exchanges.Get().(*exchange)
	defer x.release()
	resp, err := httpx.ParseResponse(head, x.head.Fields)
	if err != nil {
		return Handshake{}, malformed(err)
	}
	x.head.Fields = resp.Fields
	return d.check(x, key, &resp)
}

var errInterim = errors.New("ws: too many interim responses")

func malformed(err error) error { return fmt.Errorf("%w: %w", ErrMalformedResponse, err) }

// check applies RFC 6455, section 4.1, to the response.
func (d *Dialer) check(x *exchange, key []byte, resp *httpx.Response) (hs Handshake, err error) {
	// 4.1, item 1: with another status than 101 "the client handles the
	// response per HTTP procedures", whatever its minor version.
	if resp.Status != 101 && resp.Version.Major == 1 {
		if resp.Status < 200 {
			return hs, errInterim
		}
		return hs, newResponseError(resp)
	}
	var o offer
	o.read(resp.Fields)
	var want [acceptSize]byte
	appendAccept(want[:0], key)
	switch {
	case resp.Version.Major != 1 || resp.Version.Minor < 1:
		return hs, reject(ErrHandshakeBadProtocol, versionText(resp.Version))
	// Item 2 of the response: a value "that is not an ASCII case-insensitive
	// match for the value "websocket"" fails it, unlike in a request.
	case resp.Fields.Count("Upgrade") != 1 || !httpx.EqualFold(o.upgrade, "websocket"):
		return hs, reject(ErrHandshakeBadUpgrade, o.upgrade)
	case !o.isConnection:
		return hs, reject(ErrHandshakeBadConnection, o.connection)
	// 11.3.3: it "MUST NOT appear more than once in an HTTP response".
	case o.accepts != 1 || string(o.accept) != string(want[:]):
		return hs, reject(ErrHandshakeBadSecAccept, o.accept)
	}
	for _, f := range resp.Fields {
		if framingFields&setOf(kindOf(f.Name)) != 0 {
			return hs, fmt.Errorf("%w: %q", ErrHandshakeBadFraming, string(cut(f.Name))+": "+string(cut(f.Value)))
		}
	}
	return d.agree(x, resp.Fields)
}

// agree checks what the server has chosen of what it was offered.
func (d *Dialer) agree(x *exchange, fields httpx.Fields) (hs Handshake, err error) {
	if hs.Protocol, err = d.checkProtocol(fields); err != nil {
		return Handshake{}, err
	}
	if hs.Extensions, err = d.checkExtensions(fields); err != nil {
		return Handshake{}, err
	}
	if d.OnHeader != nil {
		if err = x.eachOther(fields, d.OnHeader); err != nil {
			return Handshake{}, err
		}
	}
	return hs, nil
}

// checkProtocol: RFC 6455, 4.1, item 6 of the response: the server's choice
// was in the request. 11.3.4: it "MUST NOT appear more than once".
func (d *Dialer) checkProtocol(fields httpx.Fields) (string, error) {
	lines := fields.Count("Sec-WebSocket-Protocol")
	if lines == 0 {
		return "", nil
	}
	v, _ := fields.First("Sec-WebSocket-Protocol")
	for _, p := range d.Protocols {
		if lines == 1 && string(v) == p {
			return p, nil
		}
	}
	return "", fmt.Errorf("%w: %q", ErrHandshakeBadSubProtocol, cut(v))
}

// checkExtensions: RFC 6455, 4.1, item 5 of the response: everything that the
// server accepts was offered. 9.1: nothing is accepted twice.
func (d *Dialer) checkExtensions(fields httpx.Fields) (accepted []httphead.Option, err error) {
	err = eachExtension(fields, badExtensions, func(opt httphead.Option) error {
		if hasExtension(accepted, opt.Name) {
			return fmt.Errorf("%w: %q twice", ErrHandshakeBadExtensions, cut(opt.Name))
		}
		if !d.offers(opt) {
			return fmt.Errorf("%w: %q", ErrHandshakeBadExtensions, cut([]byte(opt.String())))
		}
		accepted = append(accepted, cloneOption(opt))
		return nil
	})
	return accepted, err
}

func badExtensions(err error) error {
	return fmt.Errorf("%w: %w", ErrHandshakeBadExtensions, malformed(err))
}

// cut returns what an error shows of b.
func cut(b []byte) []byte { return b[:min(len(b), 64)] }

// offers reports whether accepted answers one of the offered extensions. What
// the parameters of an extension mean is its own affair; but a client that
// takes a wrong answer for agreement reads garbage later, so those of the one
// registered extension that has any are checked here.
func (d *Dialer) offers(accepted httphead.Option) bool {
	for i := range d.Extensions {
		offered := &d.Extensions[i]
		if string(offered.Name) != string(accepted.Name) {
			continue
		}
		if string(accepted.Name) != pmd.Name || pmd.Answers(offered, &accepted) {
			return true
		}
	}
	return false
}
