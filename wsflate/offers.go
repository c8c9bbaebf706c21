package wsflate

import (
	"errors"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/internal/pmd"
)

// Offers are what a client offers, by preference.
type Offers []Parameters

// ErrAnswer says that a server's answer fits none of the offers: the client
// must fail the connection (RFC 7692, section 7.1).
var ErrAnswer = errors.New("wsflate: the answer to permessage-deflate fits none of the offers")

// DefaultOffers lets the server choose everything: context takeover in both
// directions, and windows of any size. It is what browsers offer.
func DefaultOffers() Offers { return Offers{{ClientMaxWindowBits: WindowBitsNoValue}} }

// Options returns the offers for ws.Dialer.Extensions. It panics if window bits
// are set that do not exist.
func (o Offers) Options() []httphead.Option {
	opts := make([]httphead.Option, len(o))
	for i, p := range o {
		opts[i] = p.Option()
	}
	return opts
}

// Accepted looks for the extension among those that the server has accepted,
// ws.Handshake.Extensions, and returns what was agreed on. Both window bits
// are 8 to 15 in it. What an offer promises of the client's messages holds, in
// whichever of the offers that the answer fits. accepted is false if the server
// has declined. If the answer is not valid, or fits none of the offers, the
// error is a [*ParameterError] or [ErrAnswer], and the connection must not be used.
func (o Offers) Accepted(extensions []httphead.Option) (p Parameters, accepted bool, err error) {
	for _, opt := range extensions {
		if string(opt.Name) != ExtensionName {
			continue
		}
		if accepted {
			return Parameters{}, false, ErrAnswer
		}
		if p, err = o.accept(opt); err != nil {
			return Parameters{}, false, err
		}
		accepted = true
	}
	return p, accepted, nil
}

func (o Offers) accept(opt httphead.Option) (Parameters, error) {
	answer, fault := pmd.ParseAnswer(&opt)
	if fault != nil {
		return Parameters{}, (*ParameterError)(fault)
	}
	// The answer does not say which offer it is to, and where it fits several,
	// the server may count on what any of them promises.
	agreed, fits := pmd.Parameters{}, false
	for i := range o {
		offer := o[i].rules()
		if !answer.Fits(offer) {
			continue
		}
		p := answer.Agreed(offer)
		if fits {
			p.ClientNoContextTakeover = p.ClientNoContextTakeover || agreed.ClientNoContextTakeover
			p.ClientMaxWindowBits = min(p.ClientMaxWindowBits, agreed.ClientMaxWindowBits)
		}
		agreed, fits = p, true
	}
	if !fits {
		return Parameters{}, ErrAnswer
	}
	return parametersOf(agreed), nil
}
