package endpoint

// Rest is what becomes of a message whose writing was given up.
type Rest uint8

const (
	// TakenBack: nothing of it had left, and nothing will.
	TakenBack Rest = iota
	// Kept: some of it had left. The rest waits, and leaves before what comes next.
	Kept
	// TooMuch: some of it had left, and the rest is longer than MaxRest. It is
	// dropped, and the connection has to end: the peer is in the middle of a frame.
	TooMuch
)

// Unsent is how far a write has come that was given up.
type Unsent struct {
	// Written is how many bytes have left, of Pending and the payload after it.
	Written int
	// Payload is what was to be sent right after Pending, or nil.
	Payload []byte
	// Before is how much of Pending does not belong to the message.
	Before int
	// Fixed says that the message cannot be taken back, even if nothing of it has
	// left: an Encoder has seen it, or it is a fragment of one that has begun.
	Fixed bool
	// Bounded says that the message came from a Queue: the rest is kept however
	// long it is.
	Bounded bool
}

// GiveUp keeps of a write that has stopped what the peer still has to get.
func (o *Outbox) GiveUp(u Unsent) Rest {
	if !u.Fixed && u.Written <= u.Before {
		if u.Before < o.Len() || len(u.Payload) > 0 {
			o.tally().takeBack()
		}
		if o.mem != nil {
			o.mem.B = o.mem.B[:u.Before]
			o.Written(u.Written)
		}
		return TakenBack
	}
	size := o.Len()
	if !u.Bounded && size+len(u.Payload)-u.Written > MaxRest {
		o.Drop()
		return TooMuch
	}
	if over := u.Written - size; over > 0 {
		o.cut(size)
		u.Payload = u.Payload[over:]
	} else {
		o.cut(u.Written)
	}
	if len(u.Payload) > 0 {
		room := o.room(len(u.Payload))
		o.mem.B = append(room, u.Payload...)
	}
	o.latePong() // not before: a header stands directly in front of its payload
	return Kept
}
