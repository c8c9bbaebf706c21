package endpoint

import (
	"time"

	"github.com/wirews/wirews/internal/bufpool"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Outbox is the sending half of a connection with its memory: frames are
// appended to what waits to be sent, and nothing ever blocks. The shell writes
// Pending, and says by Written how much of it has left. The zero value is that of
// a server, and holds no memory.
type Outbox struct {
	// Sender applies the rules. Its Config and Encoder are the shell's to set.
	Sender wsproto.Sender

	mem  *bufpool.Buffer // nil: nothing waits
	rare *rare           // nil: none of that
}

// rare is what few Outboxes have.
type rare struct {
	pong  *pong  // that waits for room; nil: none
	tally *Tally // that counts; nil: nothing does
}

// Count has t count what is appended. What is taken back, or dropped before
// somebody has taken account of it, is not counted.
func (o *Outbox) Count(t *Tally) { o.rare = &rare{tally: t} }

func (o *Outbox) tally() *Tally {
	if o.rare == nil {
		return nil
	}
	return o.rare.tally
}

// Hold says how many bytes may wait for more before they are due.
type Hold int32

const (
	// HoldNothing: what has been appended is due.
	HoldNothing Hold = 0
	// HoldReplies: another message is likely to be written soon, or the last one
	// that has been received is being handled.
	HoldReplies Hold = 16 << 10
	// HoldBatch: more messages have been received and are going to be handled. It
	// fits into the smallest buffer, and is less than MaxRest.
	HoldBatch Hold = 62 << 10
)

// MaxRest is how many bytes of a message are kept whose writing has been given
// up after some of it had left.
const MaxRest = 64 << 10

// maxWaiting is how many bytes may wait when a pong is appended. A peer that
// pings and takes nothing gets the last of its pongs when it takes something.
const maxWaiting = MaxRest

// Len returns how many bytes wait.
func (o *Outbox) Len() int {
	if o.mem == nil {
		return 0
	}
	return len(o.mem.B)
}

// Pending returns the bytes that wait. They are valid until the next call.
func (o *Outbox) Pending() []byte {
	if o.mem == nil {
		return nil
	}
	return o.mem.B
}

// Due reports whether what waits is to be sent now.
func (o *Outbox) Due(h Hold) bool { return o.mem != nil && len(o.mem.B) >= int(h) }

// Fits reports whether n bytes more may wait.
func (o *Outbox) Fits(h Hold, n int) bool { return o.Len()+ws.MaxHeaderSize+n < int(h) }

// Message appends a message in one frame. The errors are those of
// [wsproto.Sender.AppendMessage].
func (o *Outbox) Message(op ws.OpCode, p []byte) error {
	if o.Sender.Encoder != nil || !o.has(len(p)) {
		return o.messageInRoom(op, p)
	}
	// The usual case takes half of the time: there is memory, and it stays.
	out, err := o.Sender.AppendMessage(o.mem.B, op, p)
	if o.mem.B = out; err == nil && o.rare != nil {
		o.rare.tally.message(len(p), true, false, nil)
	}
	return err
}

func (o *Outbox) messageInRoom(op ws.OpCode, p []byte) error {
	room := o.room(len(p))
	out, err := o.Sender.AppendMessage(room, op, p)
	if err == nil && o.rare != nil {
		frame := out[len(room):]
		o.rare.tally.message(len(p), true, encoded(frame), frame)
	}
	return o.appended(out, err)
}

// has reports whether something waits, and there is room for n bytes after it.
func (o *Outbox) has(n int) bool {
	return o.mem != nil && len(o.mem.B) > 0 && cap(o.mem.B)-len(o.mem.B) >= n+ws.MaxHeaderSize
}

// Head appends the header of a message of a server that is not encoded, for
// payload that the shell sends right after what waits, as it lies. Until all of
// that has left, or GiveUp was called, nothing else may be appended, and Written
// must not be called. The errors are those of [wsproto.Sender.AppendMessageHeader].
func (o *Outbox) Head(op ws.OpCode, size int) error {
	out, _, err := o.Sender.AppendMessageHeader(o.room(0), op, int64(size))
	if err == nil {
		o.tally().message(size, true, false, nil)
	}
	return o.appended(out, err)
}

// Prepared appends a message of size bytes that was encoded before. The errors are
// those of [wsproto.Sender.AppendPrepared].
func (o *Outbox) Prepared(frame []byte, size int) error {
	out, err := o.Sender.AppendPrepared(o.room(len(frame)), frame)
	if err == nil {
		o.tally().message(size, true, encoded(frame), frame)
	}
	return o.appended(out, err)
}

// PreparedHead is Head for a message that was encoded before: nothing is appended,
// and all of frame is the payload. The errors are those of [wsproto.Sender.Ready].
func (o *Outbox) PreparedHead(frame []byte, size int) error {
	if err := o.Sender.Ready(); err != nil {
		return err
	}
	o.tally().message(size, true, encoded(frame), frame)
	return nil
}

// Fragment appends the next piece of the message that Sender.BeginMessage has
// begun. The errors are those of [wsproto.Sender.AppendFragment].
func (o *Outbox) Fragment(p []byte, last bool) error {
	room, encodes := o.room(len(p)), o.Sender.Encodes()
	out, err := o.Sender.AppendFragment(room, p, last)
	if err == nil {
		o.tally().message(len(p), last, encodes, out[len(room):])
	}
	return o.appended(out, err)
}

// Ping appends a ping. The errors are those of [wsproto.Sender.AppendPing].
func (o *Outbox) Ping(p []byte) error {
	out, err := o.Sender.AppendPing(o.room(len(p)), p)
	if err == nil {
		o.tally().sent(wsproto.Traffic{Pings: 1})
	}
	return o.appended(out, err)
}

// Pong appends a pong that no ping has asked for; Answer appends the others. The
// errors are those of [wsproto.Sender.AppendPong].
func (o *Outbox) Pong(p []byte) error {
	out, err := o.Sender.AppendPong(o.room(len(p)), p)
	if err == nil {
		o.tally().sent(wsproto.Traffic{Pongs: 1})
	}
	return o.appended(out, err)
}

// Close appends our close frame. The errors are those of
// [wsproto.Sender.AppendClose].
func (o *Outbox) Close(code ws.StatusCode, reason string, now time.Duration) error {
	out, err := o.Sender.AppendClose(o.room(ws.MaxControlFramePayloadSize), code, reason, now)
	if err == nil {
		o.noPong() // nothing follows a close frame
		o.tally().closed(code)
	}
	return o.appended(out, err)
}

// Answer appends what the peer is sent for a control frame or an error of the
// Receiver; see [wsproto.Sender.AppendAnswer]. A pong waits while too much does,
// and of several that wait the latest is sent (RFC 6455, section 5.5.3).
func (o *Outbox) Answer(ev wsproto.Event, err error, now time.Duration) {
	if err == nil && ev.Op == ws.OpPing && o.Len() > maxWaiting {
		o.postpone(ev.Payload)
		return
	}
	if err != nil || ev.Op == ws.OpClose {
		o.noPong()
	}
	room := o.room(ws.MaxControlFramePayloadSize)
	out := o.Sender.AppendAnswer(room, ev, err, now)
	if len(out) > len(room) {
		o.tally().answered(ev, err)
	}
	o.appended(out, nil)
}

// Fit moves what waits to memory of its size, if that is much less than it has
// now: it is going to wait for long.
func (o *Outbox) Fit() {
	if o.mem == nil || cap(o.mem.B) < 2*len(o.mem.B)+minFit {
		return
	}
	fit := bufpool.Own(make([]byte, len(o.mem.B)))
	fit.B = append(fit.B, o.mem.B...)
	o.mem.GiveBack()
	o.mem = fit
}

// minFit is how many bytes are worth being copied for.
const minFit = 4 << 10

// Written says that the first n bytes of Pending have left. A pong that has
// waited for room may take their place.
func (o *Outbox) Written(n int) {
	o.cut(n)
	o.latePong()
}

// cut is Written without the pong.
func (o *Outbox) cut(n int) {
	if o.mem != nil {
		o.mem.B = o.mem.B[:copy(o.mem.B, o.mem.B[n:])]
		o.rest()
	}
}

// latePong appends the pong that has waited for room, if there is room now.
func (o *Outbox) latePong() {
	if late := o.late(); late != nil && o.Len() <= maxWaiting {
		o.noPong()
		o.Answer(wsproto.Event{Op: ws.OpPing, First: true, Last: true, Payload: late.b[:late.n]}, nil, 0)
	}
}

// Drop forgets all that waits: nothing can be sent any more.
func (o *Outbox) Drop() {
	o.noPong()
	o.tally().forget()
	if o.mem != nil {
		o.mem.GiveBack()
		o.mem = nil
	}
}

// room returns where to append a frame with n bytes of payload.
func (o *Outbox) room(n int) []byte {
	size := n + ws.MaxHeaderSize
	if o.mem == nil {
		o.mem = bufpool.Borrow(size)
	} else if size += len(o.mem.B); size > cap(o.mem.B) {
		next := bufpool.Borrow(max(size, 2*cap(o.mem.B)))
		next.B = append(next.B, o.mem.B...)
		o.mem.GiveBack()
		o.mem = next
	}
	return o.mem.B
}

func (o *Outbox) appended(out []byte, err error) error {
	o.mem.B = out
	o.rest()
	return err
}

// rest gives back memory in which nothing is left.
func (o *Outbox) rest() {
	if len(o.mem.B) == 0 {
		o.mem.GiveBack()
		o.mem = nil
	}
}

// pong is the answer to the last ping that came while too much was waiting.
type pong struct {
	n int
	b [ws.MaxControlFramePayloadSize]byte
}

func (o *Outbox) postpone(payload []byte) {
	if o.rare == nil {
		o.rare = new(rare)
	}
	if o.rare.pong == nil {
		o.rare.pong = new(pong)
	}
	o.rare.pong.n = copy(o.rare.pong.b[:], payload)
}

// late returns the pong that waits for room, or nil.
func (o *Outbox) late() *pong {
	if o.rare == nil {
		return nil
	}
	return o.rare.pong
}

// noPong is for an Outbox that sends it now, or never.
func (o *Outbox) noPong() {
	if o.rare != nil {
		o.rare.pong = nil
	}
}
