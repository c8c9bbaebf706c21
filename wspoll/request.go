package wspoll

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// Request is an opening handshake that is being decided about. What it points to is
// valid until OnRequest returns, or until the function of Later does.
type Request struct {
	httpx.Request

	// RemoteAddr is the address of the client; nil if it is gone already.
	RemoteAddr net.Addr
	// TLS is the state of TLS, or nil.
	TLS *tls.ConnectionState

	// The rest is for whoever decides to set.

	// Header is added to the response. It may be nil.
	Header ws.HandshakeHeader
	// Value is what Conn.Value returns from OnOpen on.
	Value any
}

// Decision is what becomes of a Request. The zero value accepts it.
type Decision struct {
	err   error
	other bool
	later func(context.Context, *Request) error
}

// Accept accepts the request.
func Accept() Decision { return Decision{} }

// Refuse refuses the request: with the status and the header of a
// *ws.ConnectionRejectedError, as ws.RejectConnectionError makes it, and otherwise
// with status 500 and not with the text of err, which is for OnRefused. If err is nil, the
// request is refused too.
func Refuse(err error) Decision {
	if err == nil {
		err = errNoReason
	}
	return Decision{err: err}
}

var (
	errNoReason = errors.New("wspoll: Refuse was given no error")
	errNobody   = errors.New("wspoll: Later was given no function")
)

// Other gives the connection, with the request, to whoever listens to Server.Others,
// as if the request were not for WebSocket: an http.Server there may upgrade it by
// another package. If nobody listens, it is refused with status 426.
func Other() Decision { return Decision{other: true} }

// Later decides about the request on a goroutine of its own, so that it may ask
// somebody else: it is accepted if decide returns nil, and otherwise refused as by
// Refuse. No more than Server.Deciders are under way, and further ones wait. ctx ends
// when the client is gone, or Server.HandshakeTimeout is over; then nobody waits for
// the decision. The Request that decide is given is a copy, with the fields that
// OnRequest has set. If decide is nil, the request is refused.
func Later(decide func(ctx context.Context, r *Request) error) Decision {
	if decide == nil {
		return Refuse(errNobody)
	}
	return Decision{later: decide}
}
