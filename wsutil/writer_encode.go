package wsutil

import (
	"io"
	"slices"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

const (
	// minEncoded is how much room to make for what an Encoder makes, at least.
	minEncoded = 512

	// encodeAtOnce is how many bytes of a long Write are encoded to one
	// fragment, so that it needs no more memory than that.
	encodeAtOnce = 64 << 10
)

// encoding is what a Writer knows of its Encoder and of the message that goes
// through it.
type encoding struct {
	encoder wsproto.Encoder
	begun   bool // the Encoder has been asked about the message
	rsv     byte // its answer: the bits of the first frame
}

// open reports whether the Encoder has been given bytes of a message that has
// not ended.
func (e *encoding) open() bool { return e.begun && e.rsv != 0 }

// SetEncoder makes messages leave as e encodes them; nil ends that. Frames are
// what e makes of the bytes that would have been one: a fragment of which it
// holds back everything does not leave, the last frame always does, and a long
// Write is cut into fragments of what it makes of 64 KiB. If the
// first frame that leaves is the last, e is told how long the message is. What
// e declines leaves as it is, as do control frames. ErrMessageBegun keeps
// messages from being dropped half-way: the next may refer to what e was given.
//
// It is to be called between messages. ResetOp keeps e, Reset and PutWriter do
// not. e must not be used by another Writer while a message is open.
func (w *Writer) SetEncoder(e wsproto.Encoder) { w.encoding = encoding{encoder: e} }

// encodes reports whether the next frame, of n bytes, is to be encoded. It asks
// the Encoder in front of the first one.
func (w *Writer) encodes(fin bool, n int) bool {
	e := &w.encoding
	if !e.begun && w.frags == 0 {
		size := int64(-1)
		if fin {
			size = int64(n)
		}
		e.begun = true
		e.rsv = beginEncode(e.encoder, w.op, size)
	}
	return e.open()
}

// atOnce returns what of a long p to write as one fragment.
func (w *Writer) atOnce(p []byte) []byte {
	if w.encoding.encoder == nil {
		return p
	}
	return p[:min(len(p), encodeAtOnce)]
}

// writeEncoded writes what the Encoder makes of p, which stays as it is, if it
// is anything or the end of the message.
func (w *Writer) writeEncoded(p []byte, fin bool) error {
	b := borrow()
	defer b.giveBack()
	var err error
	if b.p, err = appendEncoded(headless(b.p), w.encoding.encoder, p, fin); err != nil {
		return err
	}
	size := len(b.p) - ws.MaxHeaderSize
	if size == 0 && !fin {
		return nil
	}
	h, err := w.header(fin, size)
	if err != nil {
		return err
	}
	w.frags++
	_, err = checkedio.Write(w.dest, seal(b.p, ws.MaxHeaderSize, w.state, h))
	return err
}

// beginEncode begins a message of size bytes, -1 if that is not known, and
// returns the bits of its first frame: none if it is to be sent as it is, as is
// what begins no message.
func beginEncode(e wsproto.Encoder, op ws.OpCode, size int64) byte {
	if e == nil || op.IsControl() || op == ws.OpContinuation {
		return 0
	}
	return e.BeginEncode(op, size)
}

// appendEncoded appends to dst all that e makes of p.
func appendEncoded(dst []byte, e wsproto.Encoder, p []byte, fin bool) ([]byte, error) {
	for {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, max(minEncoded, len(dst)))
		}
		out, n, err := e.Encode(dst, p, fin)
		if err != nil {
			return dst, err
		}
		if n == 0 && len(p) > 0 && len(out) == len(dst) {
			return dst, io.ErrNoProgress
		}
		dst, p = out, p[n:]
		if len(p) == 0 && len(dst) < cap(dst) {
			return dst, nil
		}
	}
}

// headless appends room for a header to dst.
func headless(dst []byte) []byte {
	var room [ws.MaxHeaderSize]byte
	return append(dst, room[:]...)
}

// seal puts h in front of the payload b[room:], masks that as the endpoint s
// must, and returns the frame, which ends where b does. Writer.flush does the
// same by itself: by way of here a short frame takes a tenth longer.
func seal(b []byte, room int, s ws.State, h ws.Header) []byte {
	if s.ClientSide() {
		h.Masked, h.Mask = true, ws.NewMask()
		ws.Cipher(b[room:], h.Mask, 0)
	}
	start := room - ws.HeaderSize(h)
	ws.AppendHeader(b[start:start], h)
	return b[start:]
}
