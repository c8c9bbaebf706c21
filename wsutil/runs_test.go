package wsutil_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"strings"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// runs is an extension for tests: a message that has RSV1 set consists of
// pairs, a count and a byte to repeat. It makes much of little, holds back a
// run that may go on, declines short messages, and has context takeover: the
// byte of a pair is offset by the number of runs that were sent before, in all
// messages. A count of 0 is an error.
type runs struct {
	received byte // runs so far, modulo 256
	count    byte // of the pair that has begun; 0: none
	left     byte // repetitions of value that dst had no room for
	value    byte

	sent   byte
	times  byte // of last, the run that Encode has begun
	last   byte
	out    [2]byte // the pair that dst had no room for
	ready  []byte  // what of out is to be sent
	refuse string  // bytes that Encode fails at
}

var _ wsproto.Extension = (*runs)(nil)

var (
	errRuns   = errors.New("runs: count of 0, or a message that ends inside a pair")
	errRefuse = errors.New("runs: this byte is refused")
)

const runsBit = 4

// shortForRuns is the size of the shortest message that is encoded.
const shortForRuns = 4

func (x *runs) Bits() byte              { return runsBit }
func (x *runs) Option() httphead.Option { return httphead.NewOption("x-runs", nil) }

func (x *runs) BeginDecode(rsv byte) (bool, error) {
	x.count, x.left = 0, 0
	return rsv != 0, nil
}

func (x *runs) Decode(dst, src []byte, fin bool) (out []byte, n int, err error) {
	for {
		for ; x.left > 0; x.left-- {
			if len(dst) == cap(dst) {
				return dst, n, nil
			}
			dst = append(dst, x.value)
		}
		switch {
		case n == len(src) && fin && x.count != 0:
			return dst, n, errRuns
		case n == len(src):
			return dst, n, nil
		case x.count != 0:
			x.left, x.value, x.count = x.count, src[n]-x.received, 0
			x.received++
		case src[n] == 0:
			return dst, n, errRuns
		default:
			x.count = src[n]
		}
		n++
	}
}

func (x *runs) BeginEncode(op ws.OpCode, size int64) byte {
	x.times, x.ready = 0, nil
	if size >= 0 && size < shortForRuns {
		return 0
	}
	return runsBit
}

func (x *runs) Encode(dst, src []byte, fin bool) (out []byte, n int, err error) {
	for {
		for ; len(x.ready) > 0; x.ready = x.ready[1:] {
			if len(dst) == cap(dst) {
				return dst, n, nil
			}
			dst = append(dst, x.ready[0])
		}
		switch {
		case n < len(src) && strings.IndexByte(x.refuse, src[n]) >= 0:
			return dst, n, errRefuse
		case n < len(src) && x.times == 0:
			x.times, x.last = 1, src[n]
			n++
		case n < len(src) && x.times < 255 && src[n] == x.last:
			x.times++
			n++
		case n < len(src) || (fin && x.times > 0):
			x.out = [2]byte{x.times, x.last + x.sent}
			x.ready, x.times = x.out[:], 0
			x.sent++
		default:
			return dst, n, nil
		}
	}
}

// encode returns p as x encodes it.
func (x *runs) encode(p string) string {
	x.BeginEncode(ws.OpText, -1)
	out, n, err := x.Encode(make([]byte, 0, 2*len(p)+1), []byte(p), true)
	if n != len(p) || err != nil {
		panic(err)
	}
	return string(out)
}

// runsFrames is a message as x encodes it, in fragments that begin where cuts
// says, as the endpoint s receives it.
func runsFrames(x *runs, s ws.State, op ws.OpCode, p string, cuts ...int) (b []byte) {
	p = x.encode(p)
	rsv, from := byte(runsBit), 0
	for _, cut := range cuts {
		b = append(b, rsvFrame(s, rsv, op, false, p[from:cut])...)
		rsv, op, from = 0, ws.OpContinuation, cut
	}
	return append(b, rsvFrame(s, rsv, op, true, p[from:])...)
}

// runsSession is what a peer with the extension could send that keeps to the
// rules nearly always.
func runsSession(rnd *rand.Rand, s ws.State) (b []byte) {
	x := &runs{}
	text := []string{"", "a", "\u00e9", "\u20ac\u20ac", "aaaaaaaaaaaaaaaaaaaaa", "\xac", "\U0001f600", string(make([]byte, 300))}
	for range rnd.IntN(6) {
		p := text[rnd.IntN(len(text))] + text[rnd.IntN(4)] + text[rnd.IntN(4)]
		op := ws.OpText + ws.OpCode(rnd.IntN(2))
		if rnd.IntN(3) == 0 {
			b = append(b, peerFrame(s, op, true, p)...)
			continue
		}
		e := x.encode(p)
		if rnd.IntN(10) == 0 {
			e = e[:rnd.IntN(len(e)+1)] + "\x00"
		}
		rsv := byte(runsBit)
		for len(e) > 0 && rnd.IntN(3) > 0 {
			n := rnd.IntN(len(e))
			b = append(b, rsvFrame(s, rsv, op, false, e[:n])...)
			if rnd.IntN(3) == 0 {
				b = append(b, peerFrame(s, ws.OpPing, true, "?")...)
			}
			if rnd.IntN(40) > 0 {
				rsv = 0
			}
			e, op = e[n:], ws.OpContinuation
		}
		b = append(b, rsvFrame(s, rsv, op, true, e)...)
	}
	if rnd.IntN(4) == 0 {
		b = b[:rnd.IntN(len(b)+1)]
	}
	return b
}

// lazy is a Decoder and Encoder that never gets anywhere.
type lazy struct{ runs }

func (*lazy) Decode(dst, src []byte, fin bool) ([]byte, int, error) { return dst, 0, nil }
func (*lazy) Encode(dst, src []byte, fin bool) ([]byte, int, error) { return dst, 0, nil }

// ended is a Decoder that fails with the error that stands for the end.
type ended struct{ runs }

func (*ended) Decode(dst, src []byte, fin bool) ([]byte, int, error) { return dst, 0, io.EOF }

// refusing is a Decoder that does not begin.
type refusing struct{ runs }

func (*refusing) BeginDecode(rsv byte) (bool, error) { return false, errRefuse }
