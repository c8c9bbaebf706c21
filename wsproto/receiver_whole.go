package wsproto

import (
	"github.com/wirews/wirews/internal/mask"
	"github.com/wirews/wirews/internal/shortframe"
	"github.com/wirews/wirews/internal/utf8check"
	"github.com/wirews/wirews/ws"
)

// whole is what step comes to for a message that has arrived whole and has
// nothing to be said against it. Everything else, and every fault, it leaves
// to step; FuzzReceiver holds them against each other. It takes a third of the
// time, because no Header and no state of a message are made and taken apart.
func (r *Receiver) whole(b []byte) (ev Event, n int, ok bool) {
	if r.Decoder != nil || r.control != nil || r.seq.open || r.frame.open || r.frame.have > 0 {
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
