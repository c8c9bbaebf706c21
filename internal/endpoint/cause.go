package endpoint

import "github.com/wirews/wirews/wsproto"

// CloseFrameCause says why a connection ends whose peer has sent the close frame ev.
func CloseFrameCause(ev wsproto.Event) wsproto.ConnError {
	r := &wsproto.CloseFrame{Code: ev.Code(), Reason: string(ev.Reason())}
	return wsproto.ConnError{By: wsproto.EndedByPeer, Code: r.Code, Reason: r.Reason, Received: r}
}

// FaultCause says why a connection ends for an error of its Receiver: a fault in what
// the peer has sent, or more than a limit of ours allows.
func FaultCause(err error) wsproto.ConnError {
	return wsproto.ConnError{By: wsproto.FaultOf(err), Code: wsproto.CloseCode(err), Reason: wsproto.CloseReason(err), Err: err}
}
