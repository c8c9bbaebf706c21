package endpoint

import (
	"github.com/wirews/wirews/internal/bufpool"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Inbox is the receiving half of a connection with its memory: what has been
// received and not been looked at, and in front of it the message that is being
// put together. That happens in place, so a message that came in one frame is
// never copied. The zero value is that of a server, and holds no memory.
type Inbox struct {
	// Receiver applies the rules. Its Config and Decoder are the shell's to set.
	Receiver wsproto.Receiver

	mem  *bufpool.Buffer
	b    []byte // mem's, in full length
	r, w int    // b[r:w] has been received and not been looked at

	dry        bool      // the Receiver has asked for more
	open       bool      // a message is being put together,
	op         ws.OpCode // of this kind,
	start, end int       // which is b[start:end],
	decoded    bool      // or the first size bytes of text, if a Decoder makes it
	text       *bufpool.Buffer
	size       int
}

// minRoom is the least room, in bytes, that is worth receiving into.
const minRoom = 4096

// maxRoom is the most that a Decoder makes at a time: a megabyte takes about a
// millisecond.
const maxRoom = 1 << 20

// Room returns memory to receive into. What Next and Message have returned is
// not valid after that.
func (in *Inbox) Room() []byte {
	if in.mem == nil {
		in.mem = bufpool.Borrow(bufpool.Smallest)
		in.b = in.mem.B[:cap(in.mem.B)]
	}
	if in.r == in.w {
		if !in.open || in.decoded {
			in.start, in.end = 0, 0
		}
		in.r, in.w = in.end, in.end // only the message is left
	}
	if len(in.b)-in.w < minRoom {
		in.move()
	}
	return in.b[in.w:]
}

// move makes room: at the beginning of the memory, or in more of it.
func (in *Inbox) move() {
	if !in.open || in.decoded {
		in.start, in.end = in.r, in.r // what has been looked at is not kept
	}
	keep, to := in.b[in.start:in.w], in.b
	if in.start < len(in.b)/2 {
		next := in.mem.Larger()
		to = next.B[:cap(next.B)]
		copy(to, keep)
		in.mem.GiveBack()
		in.mem, in.b = next, to
	} else {
		copy(to, keep)
	}
	in.r, in.w, in.end, in.start = in.r-in.start, in.w-in.start, in.end-in.start, 0
}

// Shrink moves what is held to memory that has hardly more room, if that is less than
// half of what is lent: for a shell that is not going to receive for a while. What Next
// and Message have returned is not valid after that.
func (in *Inbox) Shrink() {
	if !in.open || in.decoded {
		in.start, in.end = in.r, in.r // what has been looked at is not kept
	}
	held := in.b[in.start:in.w]
	if in.mem == nil || 2*(max(len(held), minRoom)+minRoom) > len(in.b) {
		return
	}
	to := make([]byte, max(len(held), minRoom)+minRoom)
	copy(to, held)
	in.mem.GiveBack()
	in.mem, in.b = bufpool.Own(to), to
	in.r, in.w, in.end, in.start = in.r-in.start, in.w-in.start, in.end-in.start, 0
}

// Lend gives an Inbox that holds no memory some to begin with, until Free: the
// shell's own, for what has to have memory before there is anything to receive.
func (in *Inbox) Lend(mem *bufpool.Buffer) { in.mem, in.b = mem, mem.B[:cap(mem.B)] }

// Filled says that n bytes were received into what Room has returned.
func (in *Inbox) Filled(n int) { in.w += n }

// Take is Room and Filled for bytes that were received elsewhere.
func (in *Inbox) Take(p []byte) {
	for len(p) > 0 {
		n := copy(in.Room(), p)
		in.Filled(n)
		p = p[n:]
	}
}

// Next returns the next piece of a message, or a control frame. ok is false if
// more has to be received first. What it returns is valid until the next call.
func (in *Inbox) Next() (ev wsproto.Event, ok bool, err error) {
	var room []byte
	if in.dry = false; in.Receiver.Decoder != nil {
		room = in.decodeRoom()
	}
	ev, n, err := in.Receiver.Next(in.b[in.r:in.w], room)
	if in.r += n; err != nil {
		return in.stopped(err)
	}
	return ev, true, nil
}

// Message returns the next message, whole, or a control frame that came before
// its end. ok is false if there is none yet: more has to be received then if Dry
// says so, and otherwise Message is to be called again. It puts one piece to the
// others at a time, so that a shell can stop in the middle of a long message.
// What it returns is valid until the next call. After an error, or a close frame,
// a shell stops.
func (in *Inbox) Message() (ev wsproto.Event, ok bool, err error) {
	if in.r == in.w && !in.open {
		in.dry = true
		return wsproto.Event{}, false, nil
	}
	var room []byte
	if in.dry = false; in.Receiver.Decoder != nil {
		room = in.decodeRoom()
	}
	ev, n, err := in.Receiver.Next(in.b[in.r:in.w], room)
	in.r += n
	switch {
	case err != nil:
		return in.stopped(err)
	case ev.First && ev.Last: // so is a control frame
		return ev, true, nil
	}
	if in.add(ev); !ev.Last {
		return wsproto.Event{}, false, nil
	}
	ev = in.Begun()
	ev.Last = true
	return ev, true, nil
}

// Dry reports whether more has to be received before Next or Message, which have
// just returned nothing, can return something.
func (in *Inbox) Dry() bool { return in.dry }

// stopped is for a Receiver that returns no event.
func (in *Inbox) stopped(err error) (wsproto.Event, bool, error) {
	if in.dry = true; err == ws.ErrShort {
		return wsproto.Event{}, false, nil
	}
	in.open = false
	return wsproto.Event{}, false, err
}

// Begun returns what has come of a message whose end has not, as its first
// piece: for a shell that goes on with Next where it has waited in Message.
func (in *Inbox) Begun() wsproto.Event {
	ev := wsproto.Event{Op: in.op, First: true}
	if ev.Payload = in.b[in.start:in.end:in.end]; in.decoded {
		ev.Payload = in.text.B[:in.size:in.size]
	}
	in.open = false
	return ev
}

// Open reports whether Message has put a part of a message together.
func (in *Inbox) Open() bool { return in.open }

// Held returns how many bytes there are of the message that Message puts together;
// 0 if there is none.
func (in *Inbox) Held() int {
	switch {
	case !in.open:
		return 0
	case in.decoded:
		return in.size
	}
	return in.end - in.start
}

// Empty reports whether nothing would be lost with the memory.
func (in *Inbox) Empty() bool { return in.r == in.w && !in.open }

// Unread reports whether there is something that has not been looked at.
func (in *Inbox) Unread() bool { return in.r < in.w }

// Drop forgets the message that is being put together.
func (in *Inbox) Drop() { in.open = false }

// Free gives the memory back, with everything in it.
func (in *Inbox) Free() {
	if in.mem != nil {
		in.mem.GiveBack()
		in.mem, in.b = nil, nil
	}
	if in.text != nil {
		in.text.GiveBack()
		in.text = nil
	}
	in.open, in.decoded = false, false
	in.r, in.w, in.start, in.end, in.size = 0, 0, 0, 0, 0
}

// decodeRoom returns where the Decoder may put more of the message.
func (in *Inbox) decodeRoom() []byte {
	if in.text == nil {
		in.text = bufpool.Borrow(bufpool.Smallest)
	}
	if !in.open {
		in.size = 0
	}
	if all := in.text.B[:cap(in.text.B)]; len(all)-in.size < minRoom {
		next := in.text.Larger()
		copy(next.B[:in.size], all)
		in.text.GiveBack()
		in.text = next
	}
	return in.text.B[in.size:min(cap(in.text.B), in.size+maxRoom)]
}

// add takes the next piece of a message, which Next has just returned.
func (in *Inbox) add(ev wsproto.Event) {
	n := len(ev.Payload)
	// A Receiver caps a payload at what it has consumed. Its length is less if a fault follows.
	from := in.r - cap(ev.Payload)
	if ev.First {
		in.open, in.op, in.decoded, in.size = true, ev.Op, in.Receiver.Decodes(), 0
		in.start, in.end = from, from
		if in.decoded {
			in.start, in.end = 0, 0
		}
	}
	if in.decoded {
		in.size += n
		return
	}
	if from != in.end { // a header stood between
		copy(in.b[in.end:], ev.Payload)
	}
	in.end += n
}
