package wsflate

import (
	"github.com/wirews/wirews/internal/deflate"
	"github.com/wirews/wirews/ws"
)

// Encoder is the sending half of the extension: it compresses messages. It
// implements wsproto.Encoder. [Deflate.Encoder] returns one; it must not be used
// by two goroutines at once. The zero value is not usable; nil stands for no
// extension, as a nil [*Deflate] does.
//
// It borrows what it needs to compress from a pool while a message is being
// encoded. Between messages it holds its window and a table to search it;
// without context takeover nothing.
type Encoder struct {
	// Skip leaves messages that begin from now on uncompressed, for what is
	// compressed already and for secrets that an attacker could put his own
	// text next to (see RFC 7692, section 8).
	Skip bool

	compressor deflate.Compressor
	threshold  int64

	bits     WindowBits
	takeover bool
	level    int8
	open     bool // some of a message is encoded, and not all
}

func (e *Encoder) init(bits WindowBits, takeover bool, o *Options) {
	e.compressor.Reset(int(bits), o.level(), takeover)
	e.bits, e.takeover, e.level = bits, takeover, int8(o.level())
	e.threshold = o.threshold(takeover)
}

// Bits returns RSV1, as in ws.Header.Rsv.
func (e *Encoder) Bits() byte {
	if e == nil {
		return 0
	}
	return bit
}

// BeginEncode begins a message of size bytes, or of -1 if that is not known.
// It returns RSV1, or 0 if the message is to be sent as it is: because of Skip,
// because it is shorter than the threshold, or because it is a control frame. A
// message that was not encoded to its end is dropped.
func (e *Encoder) BeginEncode(op ws.OpCode, size int64) (rsv byte) {
	if e == nil || op.IsControl() {
		return 0
	}
	e.begin()
	if e.Skip || size >= 0 && size < e.threshold {
		return 0
	}
	return bit
}

// begin drops what is held back of a message that has not ended, or it would
// become the beginning of the next one. The window goes with it: that it could
// be referred to binds nobody to do so.
func (e *Encoder) begin() {
	if e.open {
		e.compressor.Reset(int(e.bits), int(e.level), e.takeover)
		e.open = false
	}
}

// Encode compresses more of the message; see wsproto.Encoder. It holds back up
// to 64 KiB until fin. The error is always nil.
func (e *Encoder) Encode(dst, src []byte, fin bool) (out []byte, consumed int, err error) {
	out, consumed = e.compressor.Compress(dst, src, fin)
	e.open = !fin || consumed < len(src) || len(out) == cap(out)
	return out, consumed, nil
}

// AppendMessage appends p to dst, compressed as a message of its own, and
// returns the result. It does what BeginEncode and Encode do, for a message
// that is there in whole; RSV1 is to be set in its first frame.
func (e *Encoder) AppendMessage(dst, p []byte) []byte {
	e.begin()
	return e.compressor.AppendMessage(dst, p)
}

// reset gives back what is borrowed, and forgets the window.
func (e *Encoder) reset() { e.compressor.Reset(maxBits, Fastest, false) }
