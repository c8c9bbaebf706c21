package websocket

import (
	"fmt"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// CompressionMode is whether, and how, messages are compressed by
// permessage-deflate (RFC 7692).
type CompressionMode int

const (
	// CompressionDisabled neither offers nor accepts compression.
	CompressionDisabled CompressionMode = iota
	// CompressionContextTakeover lets messages refer to those before them, in
	// both directions: they become shorter, and the connection holds the last
	// 32 KiB of each direction. If the peer wants it otherwise for one of
	// them, so it is.
	CompressionContextTakeover
	// CompressionNoContextTakeover compresses each message separately. Between
	// messages the connection holds nothing.
	CompressionNoContextTakeover
)

// CompressionOptions say how messages are compressed, and what that may cost. nil
// and the zero value stand for the defaults. They are not changed and may be
// shared.
type CompressionOptions struct {
	// Level is from wsflate.Fastest (1) to wsflate.Smallest (9), or
	// wsflate.HuffmanOnly. Zero: wsflate.DefaultLevel, which is Fastest.
	Level int

	// ServerMaxWindowBits and ClientMaxWindowBits bound how far back messages of
	// the server and of the client refer, as the base-2 logarithm of bytes: 8 to 15.
	// With context takeover that is what the connection holds of them. Zero: 15, or
	// what the peer asks for. A server declines a client that cannot be told its
	// window, if that is to be smaller than 15 (RFC 7692, section 7.1.2.2).
	ServerMaxWindowBits, ClientMaxWindowBits wsflate.WindowBits

	// MaxRatio is how many times as long as what the peer has sent of it a message
	// may become, once it is longer than 8 MiB. Zero: wsflate.DefaultMaxRatio, 200.
	// Negative: no limit. The read limit holds besides.
	MaxRatio int64

	// Budget bounds what connections hold together between messages for context
	// takeover. Once it is used up, new connections get none. nil: no limit.
	Budget *Budget
}

// Budget bounds memory that connections hold together. Give the same one to all
// of them: as CompressionOptions.Budget, as MessageBudget, or as both.
type Budget = wsproto.Budget

// NewBudget returns a [Budget] of limit bytes.
func NewBudget(limit int64) *Budget { return wsproto.NewBudget(limit) }

// check says what is wrong with the options.
func (o *CompressionOptions) check() error {
	if o == nil {
		return nil
	}
	if o.Level < wsflate.HuffmanOnly || o.Level == -1 || o.Level > wsflate.Smallest {
		return fmt.Errorf("CompressionOptions.Level is %d, want 1 to 9, -2 for Huffman codes only, or 0 for the default", o.Level)
	}
	return checkWindows("CompressionOptions", o.ServerMaxWindowBits, o.ClientMaxWindowBits)
}

func checkWindows(whose string, windows ...wsflate.WindowBits) error {
	for _, bits := range windows {
		if bits != 0 && (bits < 8 || bits > 15) {
			return fmt.Errorf("window bits of %s are %d, want 8 to 15, or 0 for the default", whose, bits)
		}
	}
	return nil
}

// level returns the level as in wsflate.Options.
func (o *CompressionOptions) level() int {
	if o == nil {
		return 0
	}
	return o.Level
}

func (o *CompressionOptions) budget() *Budget {
	if o == nil {
		return nil
	}
	return o.Budget
}

// parameters are what a mode wishes for, with the windows of o.
func (m CompressionMode) parameters(o *CompressionOptions) (p wsflate.Parameters) {
	if m == CompressionNoContextTakeover {
		p = wsflate.DefaultParameters
	}
	if o != nil {
		p.ServerMaxWindowBits, p.ClientMaxWindowBits = o.ServerMaxWindowBits, o.ClientMaxWindowBits
	}
	return p
}

// offers are what a client offers.
func (m CompressionMode) offers(o *CompressionOptions) wsflate.Offers {
	if m == CompressionContextTakeover && !o.budget().Room() {
		m = CompressionNoContextTakeover
	}
	p := m.parameters(o)
	if m == CompressionContextTakeover && p.ClientMaxWindowBits == 0 {
		p.ClientMaxWindowBits = wsflate.WindowBitsNoValue // as wsflate.DefaultOffers
	}
	return wsflate.Offers{p}
}

// newDeflate returns the extension as it was agreed on. The read limit bounds what
// a message may inflate to.
func newDeflate(side ws.State, p wsflate.Parameters, threshold int, o *CompressionOptions) wsproto.Extension {
	all := wsflate.Options{Threshold: int64(threshold), MaxSize: -1}
	if o != nil {
		all.Level, all.MaxRatio, all.Budget = o.Level, o.MaxRatio, o.Budget
	}
	return wsflate.New(side, p, &all)
}
