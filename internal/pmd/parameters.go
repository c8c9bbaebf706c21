// Package pmd has the rules of permessage-deflate's handshake (RFC 7692,
// section 7.1): which parameters there are, which values they may have, and
// which answers fit which offers. It compresses nothing. Clients in ws check
// answers with it, and wsflate negotiates with it.
package pmd

import (
	"strconv"

	"github.com/gobwas/httphead"
)

// Name is the name of the extension.
const Name = "permessage-deflate"

var nameBytes = []byte(Name)

// The names of the parameters.
const (
	serverNoContextTakeover = "server_no_context_takeover"
	clientNoContextTakeover = "client_no_context_takeover"
	serverMaxWindowBits     = "server_max_window_bits"
	clientMaxWindowBits     = "client_max_window_bits"
)

// Bits is the base-2 logarithm of the size of a window: MinBits to MaxBits.
// Zero says that the parameter is absent, which means MaxBits.
type Bits byte

// The bounds of 7.1.2, and what stands for client_max_window_bits without a
// value: the client supports the parameter and has no wish of its own (7.1.2.2).
const (
	NoValue = 1
	MinBits = 8
	MaxBits = 15
)

// Effective returns what b amounts to, MinBits to MaxBits.
func (b Bits) Effective() Bits {
	if b <= NoValue {
		return MaxBits
	}
	return b
}

func (b Bits) present() bool { return b > 0 }

func (b Bits) absentOrValid() bool { return b == 0 || MinBits <= b && b <= MaxBits }

// Parameters are those of an offer, an answer or a server's wish, or what both
// sides have agreed on.
type Parameters struct {
	ServerNoContextTakeover bool
	ClientNoContextTakeover bool
	ServerMaxWindowBits     Bits
	ClientMaxWindowBits     Bits
}

// Fault says which parameter is wrong. Reason is "unknown", "repeated" or
// "invalid".
type Fault struct {
	Name, Value string
	Reason      string
}

// ParseOffer returns the parameters of an offer. It does not look at the name
// of opt.
func ParseOffer(opt *httphead.Option) (p Parameters, fault *Fault) {
	var seen [4]bool
	opt.Parameters.ForEach(func(key, value []byte) bool {
		i, ok := p.set(string(key), value)
		switch {
		case i < 0:
			fault = &Fault{string(key), string(value), "unknown"}
		case seen[i]:
			fault = &Fault{string(key), string(value), "repeated"}
		case !ok:
			fault = &Fault{string(key), string(value), "invalid"}
		default:
			seen[i] = true
		}
		return fault == nil
	})
	if fault != nil {
		return Parameters{}, fault
	}
	return p, nil
}

// ParseAnswer returns the parameters of an answer, in which
// client_max_window_bits has to have a value (7.1.2.2). It does not look at
// the name of opt.
func ParseAnswer(opt *httphead.Option) (Parameters, *Fault) {
	p, fault := ParseOffer(opt)
	if p.ClientMaxWindowBits == NoValue {
		return Parameters{}, &Fault{clientMaxWindowBits, "", "invalid"}
	}
	return p, fault
}

// set sets one parameter. It returns which one that is, and whether its value
// is valid.
func (p *Parameters) set(key string, value []byte) (i int, ok bool) {
	switch key {
	case serverNoContextTakeover:
		p.ServerNoContextTakeover = true
		return 0, len(value) == 0
	case clientNoContextTakeover:
		p.ClientNoContextTakeover = true
		return 1, len(value) == 0
	case serverMaxWindowBits:
		p.ServerMaxWindowBits, ok = parseBits(value)
		return 2, ok
	case clientMaxWindowBits:
		if len(value) == 0 {
			p.ClientMaxWindowBits = NoValue
			return 3, true
		}
		p.ClientMaxWindowBits, ok = parseBits(value)
		return 3, ok
	}
	return -1, false
}

// parseBits parses 8 to 15, without leading zeros (7.1.2).
func parseBits(v []byte) (Bits, bool) {
	switch {
	case len(v) == 1 && '8' <= v[0] && v[0] <= '9':
		return Bits(v[0] - '0'), true
	case len(v) == 2 && v[0] == '1' && '0' <= v[1] && v[1] <= '5':
		return Bits(10 + v[1] - '0'), true
	}
	return 0, false
}

// Valid reports whether p can be put into words: whether the window bits exist.
func (p Parameters) Valid() bool {
	return p.ServerMaxWindowBits.absentOrValid() &&
		(p.ClientMaxWindowBits.absentOrValid() || p.ClientMaxWindowBits == NoValue)
}

// Option returns p, which has to be valid, as an element of
// Sec-WebSocket-Extensions.
func (p Parameters) Option() httphead.Option {
	opt := httphead.Option{Name: nameBytes}
	setFlag(&opt, serverNoContextTakeover, p.ServerNoContextTakeover)
	setFlag(&opt, clientNoContextTakeover, p.ClientNoContextTakeover)
	setBits(&opt, serverMaxWindowBits, p.ServerMaxWindowBits)
	setBits(&opt, clientMaxWindowBits, p.ClientMaxWindowBits)
	return opt
}

func setFlag(opt *httphead.Option, name string, set bool) {
	if set {
		opt.Parameters.Set([]byte(name), nil)
	}
}

func setBits(opt *httphead.Option, name string, b Bits) {
	switch b {
	case 0:
	case NoValue:
		opt.Parameters.Set([]byte(name), nil)
	default:
		opt.Parameters.Set([]byte(name), strconv.AppendUint(nil, uint64(b), 10))
	}
}
