package bench

import (
	"errors"
	"fmt"
	"io"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// link is one connection with no I/O in it: when to send what, and whether the
// answers are right. Times are nanoseconds of the run's clock.
type link struct {
	id       int
	bound    int64   // messages in flight; 0: any number
	most     int64   // messages to send in all; 0: any number
	pace     *pace   // when messages are due; nil: when there is room
	begun    []int64 // when the messages in flight were sent, by their number modulo bound; nil with a pace
	sent     int64   // messages
	answered int64

	out   outgoing
	in    judge
	sink  *recorder
	until int64 // messages are begun before
	end   error // the server has closed
	over  bool  // nobody waits for answers any more
}

func newLink(id int, s *script, o Options, sink *recorder) link {
	l := link{id: id, bound: int64(o.inFlight()), sink: sink}
	if o.Mode == Idle {
		l.bound, l.most = 1, 1
	}
	if !o.openLoop() {
		l.begun = make([]int64, l.bound)
	}
	l.out = newOutgoing(s, s.first(id), o)
	l.in = newJudge(s, s.first(id), nil)
	return l
}

// follow begins a plan.
func (l *link) follow(p *plan) { l.pace, l.until = p.pace, p.to }

// issue adds the messages that are due at now to what there is to write.
func (l *link) issue(now int64) {
	n := l.wanted(now)
	if l.bound > 0 {
		n = min(n, l.bound-(l.sent-l.answered))
	}
	if n <= 0 {
		return
	}
	for i := range n {
		if l.pace != nil {
			l.sink.late(l.pace.at(l.id, l.sent+i), now)
		} else {
			l.begun[(l.sent+i)%l.bound] = now
		}
	}
	l.sent += n
	l.out.add(int(n))
}

// wanted returns how many messages are to be sent at now, or as soon as there is
// room. What was due in time is sent even after the end.
func (l *link) wanted(now int64) int64 {
	switch {
	case l.pace != nil:
		return l.pace.due(l.id, now) - l.sent
	case now >= l.until:
		return 0
	case l.most > 0:
		return l.most - l.sent
	}
	return l.bound
}

// missing returns how many answers there are still to come, those to messages
// that were due and could not be sent included.
func (l *link) missing() int64 {
	n := l.sent - l.answered
	if l.pace != nil {
		n += max(l.wanted(l.until), 0)
	}
	return n
}

// giveUp ends the wait for answers, and returns how many have not come to what
// was sent.
func (l *link) giveUp() int64 {
	n := l.sent - l.answered
	l.answered, l.over = l.sent, true
	l.most, l.until, l.pace = l.sent, 0, nil
	return n
}

// received takes what has come from the server at now, and counts the answers.
// A Failure ends the connection.
func (l *link) received(b, room []byte, now int64) error {
	n, err := l.in.next(b, room, l.control)
	if n > 0 && !l.over { // else it comes too late to be counted
		if l.answered+int64(n) > l.sent {
			return failure(Wrong, fmt.Errorf("%s to %s", count(l.answered+int64(n), "answer"), count(l.sent, "message")))
		}
		l.sink.lock()
		for i := range int64(n) {
			l.sink.answer(l.begin(l.answered+i), now)
		}
		l.sink.unlock()
		l.answered += int64(n)
	}
	if err == nil {
		err = l.end
	}
	return err
}

// begin returns when a message in flight was sent, or had to be.
func (l *link) begin(number int64) int64 {
	if l.pace != nil {
		return l.pace.at(l.id, number)
	}
	return l.begun[number%l.bound]
}

// control answers pings, and notes that the server closes.
func (l *link) control(ev wsproto.Event) {
	switch ev.Op {
	case ws.OpPing:
		h := ws.Header{Fin: true, OpCode: ws.OpPong, Masked: true, Mask: ws.NewMask(), Length: int64(len(ev.Payload))}
		l.out.control = ws.AppendCipher(ws.AppendHeader(l.out.control, h), ev.Payload, h.Mask, 0)
	case ws.OpClose:
		l.end = failure(Ended, fmt.Errorf("the server has closed with %d %q", ev.Code(), ev.Reason()))
	}
}

// broke turns an error of the transport into a Failure.
func (l *link) broke(err error) error {
	what := err.Error()
	if errors.Is(err, io.EOF) {
		what = "the server has ended the connection"
	}
	return failure(Ended, fmt.Errorf("%s after %s, with %d in flight", what, count(l.answered, "answer"), l.sent-l.answered))
}

// appendClose appends what begins the closing handshake.
func appendClose(dst []byte) []byte {
	body := ws.NewCloseFrameBody(ws.StatusNormalClosure, "")
	return ws.AppendFrame(dst, ws.MaskFrame(ws.NewCloseFrame(body)))
}
