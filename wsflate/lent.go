package wsflate

import (
	"io"
	"sync"
)

// lentEncoder and lentDecoder are what DefaultHelper works with: one message
// at a time, windows of 32 KiB, no takeover. A Helper gives them back; whoever
// else asks DefaultHelper for one keeps it.
type lentEncoder struct {
	deflating
	enc Encoder
}

type lentDecoder struct {
	inflating
	dec Decoder
}

var (
	lentEncoders = sync.Pool{New: func() any {
		l := new(lentEncoder)
		l.enc.init(maxBits, false, nil)
		l.e = &l.enc
		return l
	}}
	lentDecoders = sync.Pool{New: func() any {
		l := new(lentDecoder)
		l.d = &l.dec
		return l
	}}
)

func lendEncoder(w io.Writer) *lentEncoder {
	l := lentEncoders.Get().(*lentEncoder)
	l.dst = w
	return l
}

func (l *lentEncoder) giveBack() {
	l.dst = nil
	lentEncoders.Put(l)
}

func lendDecoder(r io.Reader) *lentDecoder {
	l := lentDecoders.Get().(*lentDecoder)
	l.dec = Decoder{}
	l.dec.init(maxBits, false, nil)
	l.Reset(r)
	return l
}

func (l *lentDecoder) giveBack() {
	l.release()
	l.src = nil
	lentDecoders.Put(l)
}
