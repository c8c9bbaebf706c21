package wsflate

import (
	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/internal/pmd"
)

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
	// takeover. When there is none, messages are compressed separately,
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
	offer, fault := pmd.ParseOffer(&opt)
	if fault != nil {
		return httphead.Option{}, nil
	}
	n.Parameters.check()
	wish := n.Parameters.rules()
	if !n.Budget.Room() {
		wish.ServerNoContextTakeover, wish.ClientNoContextTakeover = true, true
	}
	answer, ok := wish.Answer(offer)
	if !ok {
		return httphead.Option{}, nil
	}
	n.params, n.accepted = parametersOf(answer.Agreed(offer)), true
	return answer.Option(), nil
}

// Accepted returns what was agreed on, and whether anything was. Both window
// bits are 8 to 15 in it.
func (n *Extension) Accepted() (p Parameters, accepted bool) { return n.params, n.accepted }

// Reset makes n ready for another handshake.
func (n *Extension) Reset() { n.params, n.accepted = Parameters{}, false }
