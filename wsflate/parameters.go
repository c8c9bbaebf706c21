package wsflate

import (
	"fmt"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/internal/pmd"
)

// ExtensionName is the name of the extension in the handshake.
const ExtensionName = pmd.Name

// ExtensionNameBytes is ExtensionName as bytes. It must not be changed.
var ExtensionNameBytes = []byte(ExtensionName)

// MaxLZ77WindowSize is the size in bytes of the largest window.
const MaxLZ77WindowSize = 1 << maxBits

const (
	minBits = pmd.MinBits
	maxBits = pmd.MaxBits
)

// WindowBits is the base-2 logarithm of the size of a window: 8 to 15. Zero
// says that nothing is said about it, which means 15. In an offer,
// client_max_window_bits may be without a value: [WindowBitsNoValue].
type WindowBits byte

// WindowBitsNoValue is for the ClientMaxWindowBits of an offer: the client lets
// the server choose how far back the client's messages may refer, and has no
// wish of its own (RFC 7692, section 7.1.2.2). Without it, or bits, in the
// offer, the server must not limit them. It means 15 where the server does not.
// It is valid nowhere else.
const WindowBitsNoValue WindowBits = pmd.NoValue

// Defined reports whether something is said about the window, even without a
// value.
func (b WindowBits) Defined() bool { return b > 0 }

// Bytes returns the size of the window in bytes, for b of 8 to 15.
func (b WindowBits) Bytes() int { return 1 << b }

// effective returns what b amounts to, 8 to 15.
func (b WindowBits) effective() WindowBits { return WindowBits(pmd.Bits(b).Effective()) }

// Parameters are those of RFC 7692, section 7.1: as they are wished for,
// offered, answered or agreed on. "Server" and "client" say whose messages
// they are about.
type Parameters struct {
	// ServerNoContextTakeover says that the server compresses each message
	// for itself.
	ServerNoContextTakeover bool
	// ClientNoContextTakeover says that the client compresses each message
	// for itself.
	ClientNoContextTakeover bool
	// ServerMaxWindowBits bounds how far back the server's messages refer.
	ServerMaxWindowBits WindowBits
	// ClientMaxWindowBits bounds how far back the client's messages refer. In
	// an offer it may be WindowBitsNoValue.
	ClientMaxWindowBits WindowBits
}

// ParameterError says which parameter of an offer or an answer is wrong.
type ParameterError struct {
	Name, Value string
	// Reason is "unknown", "repeated" or "invalid".
	Reason string
}

// Error implements error.
func (e *ParameterError) Error() string {
	return fmt.Sprintf("wsflate: %s parameter %q with value %q", e.Reason, e.Name, e.Value)
}

// Parse sets p to the parameters of opt, whose name is not looked at. The
// error is a [*ParameterError] if one of them is unknown, repeated, or has a
// value that it cannot have (RFC 7692, section 7.1); p is zero then.
func (p *Parameters) Parse(opt httphead.Option) error {
	parsed, fault := pmd.ParseOffer(&opt)
	*p = parametersOf(parsed)
	if fault != nil {
		return (*ParameterError)(fault)
	}
	return nil
}

// Option returns p as an element of Sec-WebSocket-Extensions. It panics if
// window bits are set that do not exist.
func (p Parameters) Option() httphead.Option {
	p.check()
	return p.rules().Option()
}

// check panics if p cannot be put into words.
func (p Parameters) check() {
	if !p.rules().Valid() {
		panic(fmt.Sprintf("wsflate: window bits must be 8 to 15, or 0, or WindowBitsNoValue for the client's: %+v", p))
	}
}

// rules returns p as the rules of the handshake take it.
func (p Parameters) rules() pmd.Parameters {
	return pmd.Parameters{
		ServerNoContextTakeover: p.ServerNoContextTakeover,
		ClientNoContextTakeover: p.ClientNoContextTakeover,
		ServerMaxWindowBits:     pmd.Bits(p.ServerMaxWindowBits),
		ClientMaxWindowBits:     pmd.Bits(p.ClientMaxWindowBits),
	}
}

// parametersOf is the inverse of rules.
func parametersOf(p pmd.Parameters) Parameters {
	return Parameters{
		ServerNoContextTakeover: p.ServerNoContextTakeover,
		ClientNoContextTakeover: p.ClientNoContextTakeover,
		ServerMaxWindowBits:     WindowBits(p.ServerMaxWindowBits),
		ClientMaxWindowBits:     WindowBits(p.ClientMaxWindowBits),
	}
}
