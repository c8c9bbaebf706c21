package ws

import (
	"bytes"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/pmd"
)

// ServerHandshake is the server's half of the opening handshake (RFC 6455,
// section 4.2) with no I/O in it: received bytes go in, the response comes
// out. The zero value is ready; assigning one resets it. It must not be used
// by two goroutines at once.
type ServerHandshake struct {
	// Upgrader holds the rules and callbacks; nil stands for the zero
	// Upgrader. Its buffer sizes and its Timeout are for whoever does the I/O
	// and are not used here.
	Upgrader *Upgrader

	scan httpx.Scanner
}

var zeroUpgrader Upgrader

// Next looks at b, which holds all bytes received so far and begins with the
// same ones as at the call before.
//
//   - ErrShort: call again with more. Bytes are not looked at twice.
//   - nil: response is dst with the response after it, to be sent. n is the
//     size of the request; b[n:] are the first frames, if any came.
//   - ErrNotWebSocket: the request is sound but asks for something else.
//     response is dst, n is 0, and the bytes of b are the caller's to serve
//     as plain HTTP. No callback has been called.
//   - any other error, usually a *ConnectionRejectedError: response is dst
//     with the refusal after it, to be sent before the connection is closed;
//     n is 0.
//
// b is not changed and not kept.
func (s *ServerHandshake) Next(dst, b []byte) (response []byte, hs Handshake, n int, err error) {
	u := s.Upgrader
	if u == nil {
		u = &zeroUpgrader
	}
	x := exchanges.Get().(*exchange)
	defer x.release()
	req, n, err := s.scan.Request(b, u.Limits, &x.head)
	if err == httpx.ErrShort {
		return dst, Handshake{}, 0, ErrShort
	}
	var o offer
	o.read(req.Fields)
	if err == nil && !o.asksForWebSocket() || err != nil && bytes.Equal(b[:n], http2Preface) {
		return dst, Handshake{}, 0, ErrNotWebSocket
	}
	if response, err = u.answer(x, dst, &hs, &req, &o, err); err != nil {
		return response, Handshake{}, 0, err
	}
	return response, hs, n, nil
}

// http2Preface is how an HTTP/2 client begins that does not ask first (RFC
// 9113, section 3.4).
var http2Preface = []byte("PRI * HTTP/2.0\r\n\r\n")

// answer appends the response to req, which makes the offer o, or to the err
// for which it could not be read, and fills hs in, which is zero. The error is
// what was answered.
func (u *Upgrader) answer(x *exchange, dst []byte, hs *Handshake, req *httpx.Request, o *offer, err error) (response []byte, _ error) {
	if err != nil {
		err = rejectHead(err)
	} else {
		err = o.check(req)
	}
	var header HandshakeHeader
	if err == nil {
		header, err = u.decide(x, hs, req, o)
	}
	if err == nil {
		dst, err = appendAcceptance(x, dst, o.key, hs, u.Header, header)
	}
	if err != nil {
		dst = appendRejection(x, dst, req.Method, u.Header, err)
	}
	return dst, err
}

// decide asks the options and callbacks about a request that keeps the RFC's
// rules, and fills hs in, which is zero.
func (u *Upgrader) decide(x *exchange, hs *Handshake, req *httpx.Request, o *offer) (header HandshakeHeader, err error) {
	if err = u.checkOrigin(req.Fields, o); err != nil {
		return nil, err
	}
	if err = u.show(x, req, o); err != nil {
		return nil, err
	}
	if o.protocols > 0 {
		if hs.Protocol, err = u.negotiateProtocol(req.Fields); err != nil {
			return nil, err
		}
	}
	if o.extensions > 0 {
		if hs.Extensions, err = u.negotiateExtensions(req.Fields, o); err != nil {
			return nil, err
		}
	}
	if u.OnBeforeUpgrade != nil {
		if header, err = u.OnBeforeUpgrade(); err != nil {
			return nil, err
		}
	}
	if u.KeepRequest {
		hs.Request = req.Clone()
	}
	return header, nil
}

// show calls the callbacks that look at the request.
func (u *Upgrader) show(x *exchange, req *httpx.Request, o *offer) error {
	if u.OnHandshake != nil {
		if err := u.OnHandshake(*req); err != nil {
			return err
		}
	}
	if u.OnRequest != nil {
		if err := u.OnRequest(req.Target); err != nil {
			return err
		}
	}
	if u.OnHost != nil {
		if err := u.OnHost(o.host); err != nil {
			return err
		}
	}
	if u.OnHeader == nil {
		return nil
	}
	return x.eachOther(req.Fields, u.OnHeader)
}

// eachOther calls f for the fields that are no part of the handshake.
func (x *exchange) eachOther(fields httpx.Fields, f func(key, value []byte) error) error {
	for i := range fields {
		switch kindOf(fields[i].Name) {
		case otherField, originField, contentLengthField, transferEncodingField:
			x.name = appendCanonical(x.name[:0], fields[i].Name)
			if err := f(x.name, fields[i].Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendCanonical appends name with a capital at the start and after each
// hyphen, and small letters elsewhere.
func appendCanonical(dst, name []byte) []byte {
	capital := true
	for _, c := range name {
		switch {
		case capital && 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		case !capital && 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		capital = c == '-'
		dst = append(dst, c)
	}
	return dst
}

func (u *Upgrader) negotiateProtocol(fields httpx.Fields) (protocol string, err error) {
	switch {
	case len(u.Protocols) > 0:
		return preferProtocol(fields, u.Protocols)
	case u.ProtocolCustom == nil:
		return selectProtocol(fields, u.Protocol)
	}
	for line := range fields.Values("Sec-WebSocket-Protocol") {
		protocol, ok := u.ProtocolCustom(line)
		if !ok {
			return "", reject(ErrMalformedRequest, line)
		}
		if protocol != "" {
			return protocol, nil
		}
	}
	return "", nil
}

// negotiateExtensions asks about what the client offers. What needs Options, of
// 400 bytes each, has functions of its own: the stacks of most handshakes need not
// grow for them.
func (u *Upgrader) negotiateExtensions(fields httpx.Fields, o *offer) (accepted []httphead.Option, err error) {
	switch {
	case u.Negotiate != nil:
		return u.chooseExtensions(fields)
	case u.ExtensionCustom != nil:
		return u.customExtensions(fields)
	case u.Extension != nil:
		return u.chooseExtensions(fields)
	case o.extensions == 1 && pmd.IsBrowsersOffer(o.extension):
		return nil, nil
	}
	return nil, eachExtension(fields, malformedRequest, nil)
}

func (u *Upgrader) customExtensions(fields httpx.Fields) (accepted []httphead.Option, err error) {
	for line := range fields.Values("Sec-WebSocket-Extensions") {
		var ok bool
		if accepted, ok = u.ExtensionCustom(line, accepted); !ok {
			return nil, reject(ErrMalformedRequest, line)
		}
	}
	// What came back may alias the request, which is not ours to keep.
	for i := range accepted {
		accepted[i] = cloneOption(accepted[i])
	}
	return accepted, nil
}

// maxAccepted is how many extensions are accepted at most: one head has room for the
// names of thousands, each of which is compared with those that were accepted.
const maxAccepted = 32

func (u *Upgrader) chooseExtensions(fields httpx.Fields) (accepted []httphead.Option, err error) {
	err = eachExtension(fields, malformedRequest, func(offered httphead.Option) error {
		if len(accepted) == maxAccepted || hasExtension(accepted, offered.Name) {
			return nil // it is declined, or the alternative to what was accepted
		}
		opt, err := u.choose(offered)
		if err != nil || len(opt.Name) == 0 {
			return err
		}
		// RFC 6455, 9.1: a server answers with what "was requested by the
		// client".
		if !bytes.Equal(opt.Name, offered.Name) {
			return reject(ErrHandshakeBadResponse, opt.Name)
		}
		accepted = append(accepted, cloneOption(opt))
		return nil
	})
	return accepted, err
}

// choose returns what answers an offered extension.
func (u *Upgrader) choose(offered httphead.Option) (httphead.Option, error) {
	switch {
	case u.Negotiate != nil:
		return u.Negotiate(offered)
	case u.Extension(offered):
		return offered, nil
	}
	return httphead.Option{}, nil
}
