package wsproto

import (
	"io"
	"slices"

	"github.com/wirews/wirews/ws"
)

// minEncode is the least room in bytes that an Encoder is given.
const minEncode = 64

// beginEncode returns the RSV bits of a message; 0: it is sent as it is.
func (s *Sender) beginEncode(op ws.OpCode, size int64) (rsv byte) {
	if s.Encoder == nil {
		return 0
	}
	return s.Encoder.BeginEncode(op, size)
}

// appendEncoded appends a frame whose payload is what the Encoder makes of p;
// nothing, if that is nothing and not the end.
func (s *Sender) appendEncoded(dst []byte, b firstByte, p []byte) ([]byte, error) {
	start, room := len(dst), s.headerSize(len(p))
	out, err := encode(s.Encoder, slices.Grow(dst, room)[:start+room], p, b.fin())
	if err != nil {
		s.Encoder = brokenEncoder{s.Encoder, err}
		s.flags |= encoderBroken
		return dst, err
	}
	if len(out) == start+room && !b.fin() {
		return out[:start], nil
	}
	return s.seal(out, start, room, b), nil
}

// encode appends to dst what e makes of all of src.
func encode(e Encoder, dst, src []byte, fin bool) ([]byte, error) {
	for {
		dst = slices.Grow(dst, minEncode)
		out, n, err := e.Encode(dst, src, fin)
		if err == nil && n == 0 && len(src) > 0 && len(out) == len(dst) {
			err = io.ErrNoProgress
		}
		if err != nil {
			return dst, err
		}
		full := len(out) == cap(dst)
		if dst, src = out, src[n:]; len(src) == 0 && !full {
			return dst, nil
		}
	}
}

// brokenEncoder stands for an Encoder that has failed, and keeps why: a Sender
// has no room for an error that hardly any of them ever has.
type brokenEncoder struct {
	Encoder
	err error
}
