package wsutil

import (
	"bufio"
	"math"
	"slices"

	"github.com/wirews/wirews/internal/growread"
	"github.com/wirews/wirews/internal/mask"
	"github.com/wirews/wirews/internal/shortframe"
	"github.com/wirews/wirews/internal/utf8check"
	"github.com/wirews/wirews/ws"
)

// ReadAppend skips what is left of the current message and appends the
// payload of the next one, decoded, to dst. Control frames, also those before the
// message, are given to OnIntermediate, or skipped if it is nil. If the
// capacity of dst suffices, nothing is allocated; otherwise it grows with what
// arrives, or with what the Decoder makes of it.
//
// Here the message is held in memory, so the limit of [SetMaxMessageSize] stands
// in for a MaxMessageSize of zero. The errors are those of NextFrame and of
// OnIntermediate, which for a close frame is a [ClosedError] if
// [ControlFrameHandler] has answered it. With an error, what is returned is dst
// as far as its length was; one inside of a message is kept, be it a passed
// deadline, because what had come of the message is lost.
func (r *Reader) ReadAppend(dst []byte) (p []byte, op ws.OpCode, err error) {
	if p, op, ok := r.appendWhole(dst); ok {
		return p, op, nil
	}
	if err := r.Discard(); err != nil {
		return dst, 0, err
	}
	r.held = true
	p, err = r.appendNext(dst)
	r.held = false
	if err != nil {
		if r.seq.Open() || !r.drained() {
			// What has come of the message is lost.
			r.err = err
		}
		return dst, 0, err
	}
	return p, r.seq.Op(), nil
}

// appendNext appends the next message to dst.
func (r *Reader) appendNext(dst []byte) ([]byte, error) {
	start := len(dst)
	for {
		h, err := r.NextFrame()
		if err == nil && h.OpCode.IsControl() {
			if r.active {
				err = r.intermediate(h)
			}
			if err == nil {
				continue
			}
		}
		if err == nil {
			dst, err = r.appendFrame(dst, start)
		}
		if err != nil {
			return dst, err
		}
		if r.ended() {
			r.active = false
			return dst, nil
		}
	}
}

// appendWhole is ReadAppend for a message that lies whole in a
// buffered Source and has nothing to be said against it. It unmasks while it
// copies. Everything else it leaves alone.
func (r *Reader) appendWhole(dst []byte) (p []byte, op ws.OpCode, ok bool) {
	br, ok := r.Source.(*bufio.Reader)
	if !ok || r.Decoder != nil || r.SkipHeaderCheck || r.State.Extended() || r.err != nil || r.closed || r.left > 0 || r.seq.Open() {
		return dst, 0, false
	}
	b, _ := br.Peek(br.Buffered())
	f, ok := shortframe.Find(b, r.State.ServerSide())
	if n := int64(f.End - f.Start); !ok || n > r.heldLimit() || (r.MaxFrameSize > 0 && n > r.MaxFrameSize) {
		return dst, 0, false
	}
	start := len(dst)
	dst = slices.Grow(dst, f.End-f.Start)[:start+f.End-f.Start]
	mask.XOR(dst[start:], b[f.Start:f.End], f.Key)
	op = ws.OpBinary
	if f.Text {
		op = ws.OpText
		if r.CheckUTF8 && !utf8check.Valid(dst[start:]) {
			return dst[:start], 0, false
		}
	}
	br.Discard(f.End)
	r.active = false
	return dst, op, true
}

// messageLimit is how long the message may be, on the wire and decoded.
func (r *Reader) messageLimit() int64 {
	if r.held {
		return r.heldLimit()
	}
	return limitOf(r.MaxMessageSize)
}

// heldLimit is how long a message may be that is held in memory.
func (r *Reader) heldLimit() int64 {
	if r.MaxMessageSize > 0 {
		return r.MaxMessageSize
	}
	return limitOf(MaxMessageSize())
}

// limitOf turns a size of which zero means no limit into one to compare with.
func limitOf(n int64) int64 {
	if n <= 0 {
		return math.MaxInt64
	}
	return n
}

// appendFrame appends the payload of the current frame to the message that
// begins at start. That it is not too long, its header has said.
func (r *Reader) appendFrame(dst []byte, start int) ([]byte, error) {
	if r.decoding.pending {
		return r.appendDecoded(dst, start)
	}
	return growread.ReadAppend(dst, frameReader{r}, r.left, prealloc())
}
