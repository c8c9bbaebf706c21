package endpoint

import (
	"cmp"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Tally is what a connection has received, or what it has sent, since somebody
// has last taken account of it. It has no lock: it belongs to whoever reads, or
// writes.
type Tally struct {
	wsproto.Traffic
	Close ws.StatusCode // of a close frame; 0: there was none

	last wsproto.Traffic // what was counted last, in case that it is taken back
}

// Take returns what was counted, and begins again. ok is false if that is nothing.
func (t *Tally) Take() (all Tally, ok bool) {
	all = Tally{Traffic: t.Traffic, Close: t.Close}
	t.Traffic, t.Close = wsproto.Traffic{}, 0
	return all, all != Tally{}
}

// Received counts what the Inbox has returned last: a message or a piece of one,
// which r has made, or a control frame.
func (t *Tally) Received(ev wsproto.Event, r *wsproto.Receiver) {
	switch ev.Op {
	case ws.OpPing:
		t.Pings++
	case ws.OpPong:
		t.Pongs++
	case ws.OpClose:
		t.Close = ev.Code()
	default:
		t.Bytes += int64(len(ev.Payload))
		if ev.Last {
			t.Messages++
			if r.Decodes() {
				encoded, decoded := r.Sizes()
				t.Compressed += encoded
				t.Uncompressed += decoded
			}
		}
	}
}

// sent counts what was appended. A nil Tally counts nothing.
func (t *Tally) sent(what wsproto.Traffic) {
	if t != nil {
		t.last = what
		t.Add(what)
	}
}

// message counts a message, or a piece of one, of size bytes, for which frame was
// appended.
func (t *Tally) message(size int, last, encoded bool, frame []byte) {
	if t == nil {
		return
	}
	what := wsproto.Traffic{Bytes: int64(size)}
	if last {
		what.Messages = 1
	}
	if encoded {
		h, _, _ := ws.ParseHeader(frame) // of zero length, if the Encoder has held all back
		what.Uncompressed, what.Compressed = what.Bytes, h.Length
	}
	t.sent(what)
}

// answered counts the answer to what the Receiver has returned.
func (t *Tally) answered(ev wsproto.Event, err error) {
	switch {
	case err != nil:
		t.closed(wsproto.CloseCode(err))
	case ev.Op == ws.OpPing:
		t.sent(wsproto.Traffic{Pongs: 1})
	default:
		t.closed(ev.Code())
	}
}

// closed counts a close frame. Code 0 stands for one without a code.
func (t *Tally) closed(code ws.StatusCode) {
	if t != nil {
		t.Close = cmp.Or(code, ws.StatusNoStatusRcvd)
		t.last = wsproto.Traffic{} // it is no message, and not taken back
	}
}

// takeBack is for a message that was counted last and will not be sent.
func (t *Tally) takeBack() {
	if t != nil {
		t.Sub(t.last)
		t.last = wsproto.Traffic{}
	}
}

// forget is for whatever waits and will not be sent.
func (t *Tally) forget() {
	if t != nil {
		*t = Tally{}
	}
}

// encoded reports whether the first frame of a message has bits of an extension.
func encoded(frame []byte) bool { return len(frame) > 0 && frame[0]&0x70 != 0 }
