package ws

import (
	"bytes"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
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
//   - nil: response is dst with the response behind it, to be sent. n is the
//     size of the request; b[n:] are the first frames, if any came.
//   - ErrNotWebSocket: the request is sound but asks for something else.
//     response is dst, n is 0, and the bytes of b are the caller's to serve
//     as plain HTTP. No callback has been called.
//   - any other error, usually a *ConnectionRejectedError: response is dst
//     with the refusal behind it, to be sent before the connection is closed;
//     n is 0.
//
// b is not changed and not kept.
func (s *ServerHandshake) Next(dst, b []byte) (response []byte, hs Handshake, n int, err error) {
	u := s.Upgrader
	if u == nil {
		u = &zeroUpgrader
	}
	n, err = s.scan.Scan(b, u.Limits)
	if err == httpx.ErrShort {
		return dst, Handshake{}, 0, ErrShort
	}
	x := exchanges.Get().(*exchange)
	defer x.release()
	response, hs, err = u.answer(x, dst, b[:n:n], n, err, false)
	if err != nil {
		return response, Handshake{}, 0, err
	}
	return response, hs, n, nil
}

// http2Preface is how an HTTP/2 client begins that does not ask first (RFC
// 9113, section 3.4).
var http2Preface = []byte("PRI * HTTP/2.0\r\n\r\n")

// answer appends the response to the head b[:n], for which the scanner has
// returned scanErr. If always is set, a request that is not for WebSocket and
// bytes behind the head are rejected too.
func (u *Upgrader) answer(x *exchange, dst, b []byte, n int, scanErr error, always bool) (response []byte, hs Handshake, err error) {
	if !always && bytes.Equal(b[:n], http2Preface) {
		return dst, Handshake{}, ErrNotWebSocket
	}
	req, err := parseRequest(x, b[:n], scanErr)
	if err == nil {
		o := readOffer(req.Fields)
		if !always && !o.asksForWebSocket() {
			return dst, Handshake{}, ErrNotWebSocket
		}
		if response, hs, err = u.accept(x, dst, &req, &o, b[n:]); err == nil {
			return response, hs, nil
		}
	}
	return appendRejection(x, dst, req.Method, u.Header, err), Handshake{}, err
}

// accept appends the acceptance of req, behind which early has come. The error
// is not yet answered; dst is as it was then.
func (u *Upgrader) accept(x *exchange, dst []byte, req *httpx.Request, o *offer, early []byte) ([]byte, Handshake, error) {
	err := o.check(req)
	if err == nil && len(early) > 0 {
		err = reject(ErrHandshakeEarlyData, early)
	}
	if err != nil {
		return dst, Handshake{}, err
	}
	hs, header, err := u.decide(x, req, o)
	if err != nil {
		return dst, hs, err
	}
	dst, err = appendAcceptance(x, dst, o.key, &hs, u.Header, header)
	return dst, hs, err
}

func parseRequest(x *exchange, head []byte, scanErr error) (req httpx.Request, err error) {
	if scanErr != nil {
		return req, rejectHead(scanErr)
	}
	req, err = httpx.ParseRequest(head, x.fields)
	if err != nil {
		return req, rejectHead(err)
	}
	x.fields = req.Fields
	return req, nil
}

// decide asks the options and callbacks about a request that keeps the RFC's
// rules.
func (u *Upgrader) decide(x *exchange, req *httpx.Request, o *offer) (hs Handshake, header HandshakeHeader, err error) {
	if err = o.checkOrigin(u.Origin); err != nil {
		return hs, nil, err
	}
	if err = u.show(x, req, o); err != nil {
		return hs, nil, err
	}
	if o.protocols > 0 {
		if hs.Protocol, err = u.negotiateProtocol(req.Fields); err != nil {
			return hs, nil, err
		}
	}
	if o.extensions > 0 {
		if hs.Extensions, err = u.negotiateExtensions(req.Fields); err != nil {
			return hs, nil, err
		}
	}
	if u.OnBeforeUpgrade != nil {
		if header, err = u.OnBeforeUpgrade(); err != nil {
			return hs, nil, err
		}
	}
	if u.KeepRequest {
		hs.Request = req.Clone()
	}
	return hs, header, nil
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

// appendCanonical appends name with a capital at the start and behind each
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
	if u.ProtocolCustom == nil {
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

func (u *Upgrader) negotiateExtensions(fields httpx.Fields) (accepted []httphead.Option, err error) {
	if u.Negotiate == nil && u.ExtensionCustom != nil {
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
	if u.Negotiate == nil && u.Extension == nil {
		return nil, eachExtension(fields, malformedRequest, nil)
	}
	err = eachExtension(fields, malformedRequest, func(offered httphead.Option) error {
		if hasExtension(accepted, offered.Name) {
			return nil // the alternative to what was accepted
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
