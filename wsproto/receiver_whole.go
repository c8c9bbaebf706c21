package wsproto

import (
	"encoding/binary"

	"github.com/wirews/wirews/internal/mask"
	"github.com/wirews/wirews/internal/utf8check"
	"github.com/wirews/wirews/ws"
)

// whole is what step comes to for most of all traffic: a message of up to
// 65,535 bytes in one frame that has arrived completely, with nothing to be
// said against it. Everything else, and every fault, it leaves to step;
// FuzzReceiver holds them against each other. It takes a third of the time,
// because no Header and no state of a message are made and taken apart again.
func (r *Receiver) whole(b []byte) (ev Event, n int, ok bool) {
	if len(b) < ws.MinHeaderSize || r.Decoder != nil || r.control != nil || r.seq.open || r.frame.open || r.frame.have > 0 {
		return Event{}, 0, false
	}
	const fin = 0x80
	op := ws.OpCode(b[0] &^ fin)
	if b[0] != fin|byte(ws.OpText) && b[0] != fin|byte(ws.OpBinary) {
		return Event{}, 0, false
	}
	c := r.config()
	n, length := ws.MinHeaderSize, int(b[1]&0x7f)
	if length >= 126 {
		if n += 2; length == 127 || len(b) < n {
			return Event{}, 0, false
		}
		if length = int(binary.BigEndian.Uint16(b[2:])); length < 126 {
			return Event{}, 0, false
		}
	}
	masked := b[1]&0x80 != 0
	if masked {
		n += 4
	}
	if masked == c.State.ClientSide() || len(b)-n < length || int64(length) > c.Limits.frameBound() {
		return Event{}, 0, false
	}
	p := b[n : n+length : n+length]
	var key uint32
	if masked {
		key = binary.LittleEndian.Uint32(b[n-4:])
		mask.XOR(p, p, key)
	}
	if op == ws.OpText && !c.SkipUTF8 && !utf8check.Valid(p) {
		mask.XOR(p, p, key)
		return Event{}, 0, false
	}
	return Event{Op: op, First: true, Last: true, Payload: p}, n + length, true
}
