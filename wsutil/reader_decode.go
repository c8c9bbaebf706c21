package wsutil

import (
	"io"
	"math"
	"slices"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/sequence"
	"github.com/wirews/wirews/ws"
)

// undecodedSize is how many bytes a Reader takes from Source at a time for its
// Decoder, at most.
const undecodedSize = 16 << 10

// decoding is what a Reader knows of a message that its Decoder decodes.
type decoding struct {
	on      bool // the message is decoded
	pending bool // the current frame is not done with, be it only its end
	full    bool // the Decoder may have more than there was room for

	// spare is room for a byte where ReadAppend's destination is full: it
	// tells a message that just fits from one that does not.
	spare [1]byte

	made  sequence.Decoding
	src   *buffer // what has been read, unmasked; nil if all of it is consumed
	taken int     // bytes of src that the Decoder has consumed
}

// unread returns what has been read and not been consumed.
func (d *decoding) unread() []byte {
	if d.src == nil {
		return nil
	}
	return d.src.p[d.taken:]
}

// consume consumes n bytes, and lets go of the memory if they are the last.
func (d *decoding) consume(n int) {
	d.taken += n
	if d.src != nil && d.taken == len(d.src.p) {
		d.drop()
	}
}

// drop drops what has been read.
func (d *decoding) drop() {
	if d.src != nil {
		d.src.giveBack()
	}
	d.src, d.taken = nil, 0
}

// beginDecode begins the frame of h: if it is the first of a message, it asks
// the Decoder. It returns the RSV bits that are left.
func (r *Reader) beginDecode(h ws.Header) (rsv byte, err error) {
	d, rsv := &r.decoding, h.Rsv
	if h.OpCode != ws.OpContinuation {
		owned := r.Decoder.Bits()
		*d = decoding{}
		if d.on, err = r.Decoder.BeginDecode(rsv & owned); d.on {
			rsv &^= owned
		}
	}
	d.pending = d.on
	return rsv, err
}

// readDecoded is readFrame for a message that is decoded. It returns neither
// bytes nor an error only where the frame ends.
func (r *Reader) readDecoded(p []byte) (n int, err error) {
	for n == 0 && err == nil && r.decoding.pending {
		if err = r.fill(); err == nil {
			n, err = r.decode(p)
		}
	}
	return n, err
}

// fill reads some of the frame, if the Decoder has made all that it can of what
// was read before: a fault in that is found before more is asked for. An error
// that comes with bytes is left to the next Read.
func (r *Reader) fill() error {
	d := &r.decoding
	if d.src != nil || d.full || r.left == 0 {
		return nil
	}
	b := borrow()
	size := int(min(r.left, undecodedSize))
	p := slices.Grow(b.p, size)[:size]
	n, err := checkedio.ReadSome(r.Source, p)
	if n > 0 {
		r.take(p[:n])
		b.p = p[:n]
		d.src, d.taken = b, 0
		return nil
	}
	b.giveBack()
	return r.sourceError(err, true)
}

// decode calls the Decoder once, with no more room than the limit leaves. What
// stands before a fault is good.
func (r *Reader) decode(p []byte) (n int, err error) {
	d, limit := &r.decoding, r.messageLimit()
	p = d.made.Room(p, limit)
	src := d.unread()
	out, k, err := r.Decoder.Decode(p, src, r.left == 0 && !r.seq.Open())
	switch {
	case err == io.EOF:
		// To our caller, this would be the end of the message.
		err = io.ErrUnexpectedEOF
	case err == nil && k == 0 && len(out) == 0 && len(src) > 0:
		err = io.ErrNoProgress
	}
	d.consume(k)
	d.full = len(out) == cap(p)
	out, ok := d.made.Made(out, limit)
	if !ok {
		err = ErrMessageTooLarge
	}
	d.pending = err != nil || r.left > 0 || d.src != nil || d.full
	if n, r.err = r.judge(out); r.err == nil {
		r.err = err
	}
	if r.err != nil {
		d.drop()
	}
	return n, r.err
}

// appendDecoded appends what comes of the current frame to the message that
// begins at start.
func (r *Reader) appendDecoded(dst []byte, start int) ([]byte, error) {
	for r.decoding.pending {
		room := dst[len(dst):cap(dst)]
		full := len(room) == 0
		if full {
			room = r.decoding.spare[:]
		}
		n, err := r.readDecoded(room)
		if full && n > 0 {
			dst = append(growDecoded(dst, start, r.messageLimit()), room[:n]...)
		} else {
			dst = dst[:len(dst)+n]
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// growDecoded makes room for more of the message that begins at start, of which
// there may be limit bytes: as much as has come out, because nobody declares
// how much that will be. append would make more of it.
func growDecoded(dst []byte, start int, limit int64) []byte {
	have := len(dst) - start
	more := min(max(have, minDecoded), int(min(limit-int64(have), math.MaxInt)))
	return append(make([]byte, 0, len(dst)+max(more, 1)), dst...)
}

// minDecoded is how much room to make for a message at first.
const minDecoded = 512
