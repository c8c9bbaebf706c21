package wsflate

import (
	"sync/atomic"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
)

// Deflate is the extension on one connection, as it was agreed on. It
// implements wsproto.Extension. Its two halves are independent: one goroutine
// may decode while another encodes. [New] makes one; the zero value is not usable.
// A nil *Deflate stands for no extension, wherever one can be given: it owns no
// bits and declines every message.
type Deflate struct {
	dec    Decoder
	enc    Encoder
	params Parameters
	budget *Budget
	held   atomic.Int64 // what the budget was charged
}

// New returns the extension for the endpoint s, [ws.StateServerSide] or
// [ws.StateClientSide], with the parameters p that [Extension.Accepted] or
// [Offers.Accepted] has returned. It panics if the window bits or the level do
// not exist.
func New(s ws.State, p Parameters, o *Options) *Deflate {
	p.check()
	d := &Deflate{params: p, budget: o.budget()}
	receive, send := p.client(), p.server()
	if s.ClientSide() {
		receive, send = send, receive
	}
	d.dec.init(receive.bits, receive.takeover, o)
	d.enc.init(send.bits, send.takeover, o)
	held := int64(receive.decoderMemory() + send.encoderMemory(o.level()))
	d.held.Store(held)
	d.budget.Add(held)
	return d
}

// direction is what was agreed on for the messages of one side.
type direction struct {
	bits     WindowBits
	takeover bool
}

func (p Parameters) server() direction {
	return direction{p.ServerMaxWindowBits.effective(), !p.ServerNoContextTakeover}
}

func (p Parameters) client() direction {
	return direction{p.ClientMaxWindowBits.effective(), !p.ClientNoContextTakeover}
}

// Decoder returns the receiving half.
func (d *Deflate) Decoder() *Decoder {
	if d == nil {
		return nil
	}
	return &d.dec
}

// Encoder returns the sending half.
func (d *Deflate) Encoder() *Encoder {
	if d == nil {
		return nil
	}
	return &d.enc
}

// Parameters returns what was agreed on.
func (d *Deflate) Parameters() Parameters {
	if d == nil {
		return Parameters{}
	}
	return d.params
}

// Option returns the extension with its parameters; the zero Option if d is
// nil.
func (d *Deflate) Option() httphead.Option {
	if d == nil {
		return httphead.Option{}
	}
	return d.params.Option()
}

// Bits returns RSV1, as in ws.Header.Rsv.
func (d *Deflate) Bits() byte { return d.Decoder().Bits() }

// BeginDecode is that of the Decoder.
func (d *Deflate) BeginDecode(rsv byte) (decode bool, err error) {
	return d.Decoder().BeginDecode(rsv)
}

// Decode is that of the Decoder.
func (d *Deflate) Decode(dst, src []byte, fin bool) (out []byte, consumed int, err error) {
	return d.dec.Decode(dst, src, fin)
}

// BeginEncode is that of the Encoder.
func (d *Deflate) BeginEncode(op ws.OpCode, size int64) (rsv byte) {
	return d.Encoder().BeginEncode(op, size)
}

// Encode is that of the Encoder.
func (d *Deflate) Encode(dst, src []byte, fin bool) (out []byte, consumed int, err error) {
	return d.enc.Encode(dst, src, fin)
}

// Close gives back what was borrowed in the middle of a message, drops the
// windows, and has the [Budget] count no more of it. The connection must not use
// d any more. It may be called twice. Without a Budget, dropping d does too:
// the pools just lose what a message that did not end has borrowed.
func (d *Deflate) Close() {
	if d == nil {
		return
	}
	d.Release()
	d.dec.reset()
	d.enc.reset()
}

// Release has the [Budget] count no more of d. It is for a connection that has ended
// while others may still be inside of d's methods, where Close would disturb them:
// dropping d does the rest. It may be called at any time, by any goroutine, and
// more than once.
func (d *Deflate) Release() {
	if d != nil {
		d.budget.Add(-d.held.Swap(0))
	}
}

// decoderMemory is the most that the receiver of d's messages holds between
// them, in bytes.
func (d direction) decoderMemory() int {
	if !d.takeover {
		return 0
	}
	return max(d.bits, 9).Bytes() // see "Windows of 8 bits"
}

// encoderMemory is the most that the sender of d's messages holds between
// them, in bytes: the window with room after it, and tables with two bytes an
// entry. At level Fastest there is one, which does not grow beyond 16 KiB; at
// the others there are two, each with an entry for every byte of the window. A
// test holds it against the heap.
func (d direction) encoderMemory(level int) int {
	if !d.takeover || level == HuffmanOnly {
		return 0
	}
	size := d.bits.Bytes()
	window := size + max(size/4, 512)
	if level == Fastest {
		return window + min(2*size, 16<<10)
	}
	return window + 4*size
}
