package wsproto

import (
	"github.com/wirews/wirews/internal/mask"
	"github.com/wirews/wirews/internal/sequence"
	"github.com/wirews/wirews/internal/shortframe"
	"github.com/wirews/wirews/internal/utf8check"
	"github.com/wirews/wirews/ws"
)

// Next takes the received bytes b, from where the call before has stopped. It
// returns the next event and how many bytes of b it has consumed; those may
// have been changed in place and must not be given again. Call it until it
// returns [ws.ErrShort], which says that all of b is consumed and more is
// needed. Without a [Decoder], room is not used and may be nil. Otherwise it is
// where messages are decoded into, as much at a time as its length allows: see
// "Compression" in the overview of the package for how large it should be.
//
// After a close frame every call returns io.EOF: whatever follows it is to be
// ignored (RFC 6455, section 1.4). Any other error but [ErrRoom] is the end of
// the connection, and all that the [Receiver] returns from then on; [CloseCode]
// tells what the peer is to be sent.
func (r *Receiver) Next(b, room []byte) (ev Event, n int, err error) {
	// Most messages are in one frame of up to 65,535 bytes, which has arrived whole,
	// with nothing to be said against it and no Decoder to be asked. For them, no
	// Header and no state of a message are made and taken apart, which is two thirds
	// of the time of step. FuzzReceiver holds the two ways against each other.
	if r.err != nil || r.Decoder != nil || r.control != nil || r.seq.Open() || r.frame.open || r.frame.have > 0 {
		return r.next(b, room)
	}
	c := r.config()
	f, ok := shortframe.Find(b, !c.State.ClientSide())
	if !ok || int64(f.End-f.Start) > (*sequence.Limits)(&c.Limits).FrameBound() {
		return r.next(b, room)
	}
	p := b[f.Start:f.End:f.End]
	if f.Key != 0 { // a server's frames are not masked
		mask.XOR(p, p, f.Key)
	}
	op := ws.OpBinary
	if f.Text {
		op = ws.OpText
		if !c.SkipUTF8 && !utf8check.Valid(p) {
			mask.XOR(p, p, f.Key)
			return r.next(b, room)
		}
	}
	return Event{Op: op, First: true, Last: true, Payload: p}, f.End, nil
}
