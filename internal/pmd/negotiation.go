package pmd

import "github.com/gobwas/httphead"

// IsBrowsersOffer reports whether a value of Sec-WebSocket-Extensions is what
// nearly all browsers send. Such a value is one valid offer.
func IsBrowsersOffer(list []byte) bool {
	return string(list) == Name+"; "+clientMaxWindowBits || string(list) == Name
}

// Answer returns how a server that wishes for wish answers an offer, or false
// if it declines.
func (wish Parameters) Answer(offer Parameters) (answer Parameters, ok bool) {
	// 7.1.1: both may be answered without having been offered. What was
	// offered has to be taken up (server) or is a promise (client).
	answer.ServerNoContextTakeover = offer.ServerNoContextTakeover || wish.ServerNoContextTakeover
	answer.ClientNoContextTakeover = offer.ClientNoContextTakeover || wish.ClientNoContextTakeover

	// 7.1.2.1: "the same or smaller", and it may be answered unasked.
	bits := min(offer.ServerMaxWindowBits.Effective(), wish.ServerMaxWindowBits.Effective())
	if bits < MaxBits || offer.ServerMaxWindowBits.present() {
		answer.ServerMaxWindowBits = bits
	}

	// 7.1.2.2: it must not be answered unasked.
	bits = min(offer.ClientMaxWindowBits.Effective(), wish.ClientMaxWindowBits.Effective())
	if bits < MaxBits && !offer.ClientMaxWindowBits.present() {
		return Parameters{}, false
	}
	if bits < MaxBits || offer.ClientMaxWindowBits > NoValue {
		answer.ClientMaxWindowBits = bits
	}
	return answer, true
}

// Agreed returns what an answer to an offer amounts to. Both window bits are
// MinBits to MaxBits in it.
func (answer Parameters) Agreed(offer Parameters) Parameters {
	if !answer.ClientMaxWindowBits.present() {
		// What the client has offered holds even if the answer is silent.
		answer.ClientMaxWindowBits = offer.ClientMaxWindowBits
	}
	answer.ClientNoContextTakeover = answer.ClientNoContextTakeover || offer.ClientNoContextTakeover
	answer.ServerMaxWindowBits = answer.ServerMaxWindowBits.Effective()
	answer.ClientMaxWindowBits = answer.ClientMaxWindowBits.Effective()
	return answer
}

// Fits reports whether a server may give this answer to the offer.
func (answer Parameters) Fits(offer Parameters) bool {
	switch {
	// 7.1.1.1, 7.1.2.1: accepted, or the offer is declined.
	case offer.ServerNoContextTakeover && !answer.ServerNoContextTakeover:
		return false
	case offer.ServerMaxWindowBits.present() && !answer.ServerMaxWindowBits.present():
		return false
	case answer.ServerMaxWindowBits.Effective() > offer.ServerMaxWindowBits.Effective():
		return false
	// 7.1.2.2: the server "MUST NOT" limit the client's window if the client
	// did not offer it.
	case answer.ClientMaxWindowBits.present() && !offer.ClientMaxWindowBits.present():
		return false
	case answer.ClientMaxWindowBits.present() && answer.ClientMaxWindowBits > offer.ClientMaxWindowBits.Effective():
		return false
	}
	return true
}

// Answers reports whether accepted is a valid answer to offered. Nothing
// answers an offer that is not valid: servers have to decline it (7.1).
func Answers(offered, accepted *httphead.Option) bool {
	offer, badOffer := ParseOffer(offered)
	answer, badAnswer := ParseAnswer(accepted)
	return badOffer == nil && badAnswer == nil && answer.Fits(offer)
}
