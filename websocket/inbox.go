package websocket

import (
	"github.com/wirews/wirews/wsproto"
)

// inbox holds what has been received and not been taken, and in front of it
// the message that is being put together: in place, so that one that came in
// one frame is never copied. Only a connection that is in the middle of
// something has one.
type inbox struct {
	mem  *buffer
	b    []byte // mem's, in full length
	r, w int    // b[r:w] has been received and not been looked at

	typ      MessageType // of the message in b[msg:end]; 0: none
	msg, end int

	coded bool    // the message is in text instead: an extension has decoded it
	text  *buffer // where it decodes to
	size  int     // of the message in text
}

// minRoom is the least room, in bytes, that is worth reading into.
const minRoom = 4096

// room returns where to receive more. Everything that was there has been
// looked at; all that is left of it is the message.
func (in *inbox) room() []byte {
	if in.mem == nil {
		in.mem = borrow(smallest)
		in.b = in.mem.b[:cap(in.mem.b)]
	}
	if in.r < in.w {
		return in.more()
	}
	if in.typ == 0 || in.coded {
		in.msg, in.end = 0, 0
	}
	in.r, in.w = in.end, in.end
	return in.more()
}

func (in *inbox) more() []byte {
	if len(in.b)-in.w < minRoom {
		in.move()
	}
	return in.b[in.w:]
}

// move makes room: at the beginning of the memory, or in more of it.
func (in *inbox) move() {
	keep := in.b[in.msg:in.w]
	to := in.b
	var next *buffer
	if in.msg < len(in.b)/2 {
		next = larger(in.mem)
		to = next.b[:cap(next.b)]
	}
	copy(to, keep)
	if next != nil {
		in.mem.giveBack()
		in.mem, in.b = next, to
	}
	in.r, in.w, in.end, in.msg = in.r-in.msg, in.w-in.msg, in.end-in.msg, 0
}

// empty reports whether nothing would be lost with the memory.
func (in *inbox) empty() bool { return in.r == in.w && in.typ == 0 }

// free gives the memory back.
func (in *inbox) free() {
	if in.mem != nil {
		in.mem.giveBack()
	}
	if in.text != nil {
		in.text.giveBack()
	}
	*in = inbox{}
}

// maxDecode is how many bytes are decoded at a time, before it is asked again
// whether anybody still waits for them.
const maxDecode = 1 << 20

// decodeRoom returns where an extension may decode more of the message to.
func (in *inbox) decodeRoom() []byte {
	if in.text == nil {
		in.text = borrow(smallest)
	}
	if in.typ == 0 {
		in.size = 0
	}
	if cap(in.text.b)-in.size < minRoom {
		next := larger(in.text)
		copy(next.b[:in.size], in.text.b[:in.size])
		in.text.giveBack()
		in.text = next
	}
	return in.text.b[in.size:min(cap(in.text.b), in.size+maxDecode)]
}

// add takes the next piece of a message, which Next has just returned.
func (in *inbox) add(ev wsproto.Event, decoded bool) {
	n := len(ev.Payload)
	if ev.First {
		in.typ, in.coded, in.size = MessageType(ev.Op), decoded, 0
		in.msg, in.end = 0, 0
		if !decoded {
			in.msg, in.end = in.r-n, in.r-n
		}
	}
	switch {
	case decoded:
		in.size += n
	case n > 0:
		if &ev.Payload[0] != &in.b[in.end] { // a header stood between
			copy(in.b[in.end:], ev.Payload)
		}
		in.end += n
	}
}

// take returns the message, which is complete. It is valid until more is
// received.
func (in *inbox) take() (MessageType, []byte) {
	typ := in.typ
	in.typ = 0
	if in.coded {
		return typ, in.text.b[:in.size:in.size]
	}
	return typ, in.b[in.msg:in.end:in.end]
}
