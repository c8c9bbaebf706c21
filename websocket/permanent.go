package websocket

import (
	"errors"
	"net/http"

	"github.com/wirews/wirews/ws"
)

// Permanent marks an error as one that trying again does not mend: what a function
// of [Redial] returns so ends Redial. errors.Is and errors.As find err in it, and its
// text is that of err. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanent{err}
}

type permanent struct{ error }

func (p *permanent) Unwrap() error { return p.error }

// IsPermanent reports whether trying again does not mend an error, as [Redial] sees it:
//
//   - what Permanent has marked;
//   - of Dial, a URL or a request that cannot be sent, options that do not fit
//     together, an HTTPClient whose transport does not hand out the connection, and
//     ErrRedirectUnencrypted, which are marked by Dial;
//   - a *ws.ResponseError with a status of 400 to 499, other than 408 (Request
//     Timeout), 425 (Too Early) and 429 (Too Many Requests), unless the field
//     Retry-After says that it will change.
//
// Everything else may get better while nobody looks. That includes names that are not
// found, which is also what a machine without a network says; certificates that are
// not accepted, because those of a server are renewed, clocks are set, and a portal
// in front of the network is passed; answers of such a portal, with a status of 200
// to 399; and all close codes, because 1008 is also what is sent to a peer that was
// silent. A program that knows more sets RedialOptions.GiveUp.
func IsPermanent(err error) bool {
	if _, marked := errors.AsType[*permanent](err); marked {
		return true
	}
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	if !ok || refusal.Status < 400 || refusal.Status > 499 {
		return false
	}
	switch refusal.Status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	_, temporary := refusal.Header.First("Retry-After")
	return !temporary
}
