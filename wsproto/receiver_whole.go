package wsproto

import (
	"github.com/wirews/wirews/internal/mask"
	"github.com/wirews/wirews/internal/shortframe"
	"github.com/wirews/wirews/internal/utf8check"
	"github.com/wirews/wirews/ws"
)

// Whole returns the message that b begins with, if it is of the kind that most
// are: in one frame of up to 65,535 bytes, which has arrived whole, with nothing
// to be said against it and no Decoder to be asked. The event and n are those of
// Next. If ok is false, nothing has happened, and Next says what there is.
//
// Next tries Whole first, so nothing is lost by not asking it. A loop over many
// short messages gains some nanoseconds for each by doing so.
func (r *Receiver) Whole(b []byte) (ev Event, n int, ok bool) {
	// No Header and no state of a message are made and taken apart here, which
	// is two thirds of the time of step. FuzzReceiver holds them against each
	// other.
	if r.err != nil || r.Decoder != nil || r.control != nil || r.seq.open || r.frame.open || r.frame.have > 0 {
		return Event{}, 0, false
	}
	c := r.config()
	f, ok := shortframe.Find(b, !c.State.ClientSide())
	if !ok || int64(f.End-f.Start) > c.Limits.frameBound() {
		return Event{}, 0, false
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
			return Event{}, 0, false
		}
	}
	return Event{Op: op, First: true, Last: true, Payload: p}, f.End, true
}
