package bench

import (
	"bytes"
	"fmt"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// judge compares what comes back on one connection with what was sent, each
// byte of it.
//
// Nearly every server answers with just the bytes that the script foresees, so
// that comparing them is all there is to do. Where they differ, because the
// server fragments, compresses, pings or lies, the rest of the message goes
// through a Receiver.
type judge struct {
	script *script
	want   int // message to come next
	count  int // messages that have come
	at     int // in script.answer, while it is as foreseen

	careful bool // inside a message that goes through recv
	recv    wsproto.Receiver
	off     int // payload of the message that has been compared
}

// answers is the Config of every judge: a message that is longer than what was
// sent is found by comparing.
var answers = wsproto.Config{
	State:    ws.StateClientSide,
	Limits:   wsproto.Limits{Message: -1, Fragments: -1, Controls: -1},
	SkipUTF8: true,
}

func newJudge(s *script, first int, d wsproto.Decoder) judge {
	j := judge{script: s, want: first, recv: wsproto.Receiver{Config: &answers, Decoder: d}}
	if s.answer != nil && first > 0 {
		j.at = s.answerEnds[first-1]
	}
	return j
}

// next judges the received bytes b, which it may change. It returns how many
// messages ended in them. Control frames are left in ctl, which may send.
// room is memory to decode into.
func (j *judge) next(b, room []byte, ctl func(wsproto.Event)) (done int, err error) {
	for len(b) > 0 {
		if !j.careful && j.script.answer != nil {
			n, ended := j.compare(b)
			done += ended
			if b = b[n:]; len(b) == 0 {
				break
			}
			if err := j.beCareful(); err != nil {
				return done, err
			}
		}
		n, ended, err := j.receive(b, room, ctl)
		done += ended
		if err != nil {
			return done, err
		}
		b = b[n:]
	}
	return done, nil
}

// compare goes as far as b is what was foreseen. It stops at the beginning of
// the bytes that are not.
func (j *judge) compare(b []byte) (n, ended int) {
	s := j.script
	for n < len(b) {
		end := min(len(s.answer), j.at+len(b)-n)
		if !bytes.Equal(b[n:n+end-j.at], s.answer[j.at:end]) {
			if end = j.agree(b[n:], end); end == j.at {
				return n, ended
			}
		}
		n += end - j.at
		for j.at = end; j.want < len(s.answerEnds) && s.answerEnds[j.want] <= end; j.want++ {
			ended++
			j.count++
		}
		if j.at == len(s.answer) {
			j.at, j.want = 0, 0
		}
	}
	return n, ended
}

// agree returns the end of the last whole message up to which b is as foreseen:
// the one that differs is looked at from its beginning. If b differs in the
// message that it begins in, that is where it begins.
func (j *judge) agree(b []byte, end int) int {
	at := j.at
	for _, e := range j.script.answerEnds[j.want:] {
		if e > end || !bytes.Equal(b[at-j.at:e-j.at], j.script.answer[at:e]) {
			break
		}
		at = e
	}
	return at
}

// beCareful begins to look at the message that is being received frame by frame.
// What has come of it was as foreseen, so it is known.
func (j *judge) beCareful() error {
	j.careful, j.off = true, 0
	start := 0
	if j.want > 0 {
		start = j.script.answerEnds[j.want-1]
	}
	known := bytes.Clone(j.script.answer[start:j.at])
	j.at = start
	for len(known) > 0 {
		n, _, err := j.receive(known, nil, nil)
		if err != nil {
			return err
		}
		known = known[n:]
	}
	return nil
}

// receive takes bytes through the rules of RFC 6455, up to the end of the
// message or of b, and compares their payload.
func (j *judge) receive(b, room []byte, ctl func(wsproto.Event)) (n, ended int, err error) {
	for {
		ev, k, err := j.recv.Next(b[n:], room)
		n += k
		switch {
		case err == ws.ErrShort:
			return n, 0, nil
		case err != nil:
			return n, 0, failure(Wrong, fmt.Errorf("message %d: %w", j.count, err))
		case ev.Op.IsControl():
			ctl(ev)
			if ev.Op == ws.OpClose {
				return len(b), 0, nil
			}
			if !j.recv.Inside() && j.off == 0 {
				j.careful = false
				return n, 0, nil
			}
			continue
		}
		if err := j.check(ev); err != nil {
			return n, 0, failure(Wrong, err)
		}
		if ev.Last {
			j.careful, j.off = false, 0
			j.count++
			if j.want++; j.want == len(j.script.plain) {
				j.want = 0
			}
			if j.script.answer != nil {
				j.at = 0
				if j.want > 0 {
					j.at = j.script.answerEnds[j.want-1]
				}
			}
			return n, 1, nil
		}
	}
}

// check compares a piece of a message.
func (j *judge) check(ev wsproto.Event) error {
	want := j.script.plain[j.want]
	if ev.First && ev.Op != j.script.op {
		return fmt.Errorf("message %d came back as %v, was sent as %v", j.count, ev.Op, j.script.op)
	}
	for i, c := range ev.Payload {
		if at := j.off + i; at >= len(want) {
			return fmt.Errorf("message %d came back longer than the %d bytes that were sent", j.count, len(want))
		} else if c != want[at] {
			return fmt.Errorf("message %d: byte %d came back as 0x%02x, was sent as 0x%02x", j.count, at, c, want[at])
		}
	}
	if j.off += len(ev.Payload); ev.Last && j.off != len(want) {
		return fmt.Errorf("message %d came back with %d of its %d bytes", j.count, j.off, len(want))
	}
	return nil
}
