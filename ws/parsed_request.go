package ws

import (
	"slices"

	"github.com/wirews/wirews/httpx"
)

// AppendResponse answers an opening handshake whose head somebody else has parsed,
// such as fasthttp, Hertz or a loop of one's own: with the rules and the callbacks
// of Upgrade, and no I/O. The fields may stand in any order. req is not kept, and the
// response does not alias it.
//
//   - nil: response is dst with the response after it, to be sent as it is. From
//     then on the connection carries frames.
//   - ErrNotWebSocket: the request asks for something else. response is dst, and no
//     callback has been called.
//   - any other error, usually a *ConnectionRejectedError, which has the status and
//     the text: response is dst with the refusal after it, to be sent before the
//     connection is closed. A server that answers by means of its own leaves it.
//
// Limits bounds the fields; Timeout and the sizes of buffers are not used. A Host that is missing,
// malformed or there twice, and a field without a name, are refused here; that other
// names and values are ones as RFC 9110 wants them is up to the parser.
func (u Upgrader) AppendResponse(dst []byte, req httpx.Request) (response []byte, hs Handshake, err error) {
	x := exchanges.Get().(*exchange)
	defer x.release()
	var o offer
	o.read(req.Fields)
	if !o.asksForWebSocket() {
		return dst, Handshake{}, ErrNotWebSocket
	}
	if err = u.Limits.Check(req.Fields); err == nil && req.Version.AtLeast(1, 1) {
		_, err = httpx.CheckHost(req.Fields)
	}
	if err == nil && slices.ContainsFunc(req.Fields, hasNoName) { // Hertz lets that pass
		err = &httpx.SyntaxError{Part: "field name"}
	}
	if response, err = u.answer(x, dst, &hs, &req, &o, err); err != nil {
		return response, Handshake{}, err
	}
	return response, hs, nil
}

func hasNoName(f httpx.Field) bool { return len(f.Name) == 0 }
