package wsflate

import (
	"fmt"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
)

// ExtensionName is the name of the extension in the handshake.
const ExtensionName = "permessage-deflate"

// ExtensionNameBytes is ExtensionName as bytes. It must not be changed.
var ExtensionNameBytes = []byte(ExtensionName)

// The parameters of RFC 7692, section 7.1.
const (
	serverNoContextTakeover = "server_no_context_takeover"
	clientNoContextTakeover = "client_no_context_takeover"
	serverMaxWindowBits     = "server_max_window_bits"
	clientMaxWindowBits     = "client_max_window_bits"
)

// MaxLZ77WindowSize is the size in bytes of the largest window.
const MaxLZ77WindowSize = 1 << maxBits

const (
	minBits = 8
	maxBits = 15

	// valueless stands for client_max_window_bits without a value: the client
	// supports the parameter and has no wish of its own.
	valueless WindowBits = 1
)

// WindowBits is the base-2 logarithm of the size of a window: 8 to 15. Zero
// says that nothing is said about it, which means 15. In an offer,
// client_max_window_bits may be without a value: that is 1.
type WindowBits byte

// Defined reports whether something is said about the window.
func (b WindowBits) Defined() bool { return b > 0 }

// Bytes returns the size of the window in bytes.
func (b WindowBits) Bytes() int { return 1 << b }

// effective returns what b comes to, 8 to 15.
func (b WindowBits) effective() WindowBits {
	if b <= valueless {
		return maxBits
	}
	return b
}

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
	// ClientMaxWindowBits bounds how far back the client's messages refer.
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
// error is a *ParameterError if one of them is unknown, repeated, or has a
// value that it cannot have (RFC 7692, section 7.1); p is zero then.
func (p *Parameters) Parse(opt httphead.Option) (err error) {
	var parsed Parameters
	var seen [4]bool
	opt.Parameters.ForEach(func(key, value []byte) bool {
		i, ok := parsed.set(string(key), value)
		switch {
		case i < 0:
			err = &ParameterError{string(key), string(value), "unknown"}
		case seen[i]:
			err = &ParameterError{string(key), string(value), "repeated"}
		case !ok:
			err = &ParameterError{string(key), string(value), "invalid"}
		default:
			seen[i] = true
		}
		return err == nil
	})
	if err != nil {
		parsed = Parameters{}
	}
	*p = parsed
	return err
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
			p.ClientMaxWindowBits = valueless
			return 3, true
		}
		p.ClientMaxWindowBits, ok = parseBits(value)
		return 3, ok
	}
	return -1, false
}

// parseBits parses 8 to 15, without leading zeros (RFC 7692, section 7.1.2).
func parseBits(v []byte) (WindowBits, bool) {
	if len(v) == 0 || v[0] == '0' {
		return 0, false
	}
	n, err := httpx.ParseUint(v, maxBits)
	return WindowBits(n), err == nil && n >= minBits
}

// Option returns p as an element of Sec-WebSocket-Extensions. It panics if
// window bits are set that do not exist.
func (p Parameters) Option() httphead.Option {
	p.check()
	opt := httphead.Option{Name: ExtensionNameBytes}
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

func setBits(opt *httphead.Option, name string, b WindowBits) {
	switch b {
	case 0:
	case valueless:
		opt.Parameters.Set([]byte(name), nil)
	default:
		opt.Parameters.Set([]byte(name), fmt.Append(nil, b))
	}
}

// check panics if p cannot be put into words.
func (p Parameters) check() {
	if !p.ServerMaxWindowBits.exists() || !p.ClientMaxWindowBits.exists() && p.ClientMaxWindowBits != valueless {
		panic(fmt.Sprintf("wsflate: window bits must be 8 to 15, or 0: %+v", p))
	}
}

func (b WindowBits) exists() bool { return b == 0 || minBits <= b && b <= maxBits }
