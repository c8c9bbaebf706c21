package refusal

import (
	"errors"

	"github.com/wirews/wirews/ws"
)

// Told returns err so that its text is not shown to the client, unless err says by a
// *ws.ConnectionRejectedError what is: errors of databases and the like end up in
// hooks. The client gets status 500 instead.
func Told(err error) error {
	if _, says := errors.AsType[*ws.ConnectionRejectedError](err); err == nil || says {
		return err
	}
	return untold{err}
}

// untold is an error that a client is not told.
type untold struct{ err error }

var internalError = ws.RejectConnectionError(ws.RejectionStatus(500), ws.RejectionReason("internal server error"))

func (e untold) Error() string   { return e.err.Error() }
func (e untold) Unwrap() []error { return []error{internalError, e.err} }
