package wsflate

import "github.com/gobwas/httphead"

// Extension negotiates for a server (RFC 7692, section 7.1). It is used for
// one handshake at a time, and again after Reset:
//
//	ext := wsflate.Extension{Parameters: wsflate.DefaultParameters}
//	u := ws.Upgrader{Negotiate: ext.Negotiate}
//	_, err := u.Upgrade(conn)
//	params, ok := ext.Accepted()
//
// The zero value takes every valid offer and does what it asks for.
type Extension struct {
	// Parameters is what the server wishes for. Its own bits are an upper
	// bound, as are the client's: a client that cannot be told its window,
	// because it did not offer client_max_window_bits, is declined if that is
	// to be smaller than the largest.
	Parameters Parameters

	// Budget, if not nil, decides whether there is memory for context
	// takeover. When there is none, messages are compressed each for itself,
	// in both directions.
	Budget *Budget

	accepted bool
	params   Parameters
}

// Negotiate answers an offer: with the zero Option if it is declined, because
// it is for another extension, one was accepted before, or it is not valid or
// not possible. Its parameters are then left to the offers that follow it. The
// error is always nil. It is made for ws.Upgrader.Negotiate. It panics if
// Parameters has window bits that do not exist.
func (n *Extension) Negotiate(opt httphead.Option) (accept httphead.Option, err error) {
	if n.accepted || string(opt.Name) != ExtensionName {
		return httphead.Option{}, nil
	}
	var offer Parameters
	if offer.Parse(opt) != nil {
		return httphead.Option{}, nil
	}
	want := n.Parameters
	want.check()
	if n.Budget != nil && !n.Budget.hasRoom() {
		want.ServerNoContextTakeover, want.ClientNoContextTakeover = true, true
	}
	answer, ok := want.answer(offer)
	if !ok {
		return httphead.Option{}, nil
	}
	n.params, n.accepted = answer.agreed(offer), true
	return answer.Option(), nil
}

// Accepted returns what was agreed on, and whether anything was. Both window
// bits are 8 to 15 in it.
func (n *Extension) Accepted() (p Parameters, accepted bool) { return n.params, n.accepted }

// Reset makes n ready for another handshake.
func (n *Extension) Reset() { n.params, n.accepted = Parameters{}, false }

// answer returns how a server that wishes for want answers an offer.
func (want Parameters) answer(offer Parameters) (answer Parameters, ok bool) {
	// 7.1.1: both may be answered without having been offered. What was
	// offered has to be taken up (server) or is a promise (client).
	answer.ServerNoContextTakeover = offer.ServerNoContextTakeover || want.ServerNoContextTakeover
	answer.ClientNoContextTakeover = offer.ClientNoContextTakeover || want.ClientNoContextTakeover

	// 7.1.2.1: "the same or smaller", and it may be answered unasked.
	bits := min(offer.ServerMaxWindowBits.effective(), want.ServerMaxWindowBits.effective())
	if bits < maxBits || offer.ServerMaxWindowBits.Defined() {
		answer.ServerMaxWindowBits = bits
	}

	// 7.1.2.2: it must not be answered unasked.
	bits = min(offer.ClientMaxWindowBits.effective(), want.ClientMaxWindowBits.effective())
	if bits < maxBits && !offer.ClientMaxWindowBits.Defined() {
		return Parameters{}, false
	}
	if bits < maxBits || offer.ClientMaxWindowBits > valueless {
		answer.ClientMaxWindowBits = bits
	}
	return answer, true
}

// agreed returns what an answer to an offer comes to.
func (answer Parameters) agreed(offer Parameters) Parameters {
	if !answer.ClientMaxWindowBits.Defined() {
		// What the client has offered holds even if the answer is silent.
		answer.ClientMaxWindowBits = offer.ClientMaxWindowBits
	}
	answer.ClientNoContextTakeover = answer.ClientNoContextTakeover || offer.ClientNoContextTakeover
	answer.ServerMaxWindowBits = answer.ServerMaxWindowBits.effective()
	answer.ClientMaxWindowBits = answer.ClientMaxWindowBits.effective()
	return answer
}
