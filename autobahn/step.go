package autobahn

import (
	"fmt"
	"strings"
	"time"
)

// step is something that the fuzzer does. The steps of a case run one after the
// other, without looking at what the peer does meanwhile.
type step interface {
	do(*session)
	words() string // for a reader
	String() string
}

// frame is one frame as it is given, even if it is illegal.
type frame struct {
	opcode  byte
	more    bool // FIN=0
	rsv     byte
	payload payload
	chop    int  // the size of the writes in which it leaves; 0 for one
	sync    bool // it is a write of its own
	// What makes a frame that no encoder would write:
	form     int    // bytes of the extended length, if it is not the shortest
	declared uint64 // length in the header, if it is not the payload's
	badMask  bool   // masked by a server, not masked by a client
}

func (f frame) do(s *session) {
	h := header{fin: !f.more, rsv: f.rsv, opcode: f.opcode, form: f.form, length: f.declared}
	if f.chop == 0 && !f.sync {
		s.writeFrame(h, f.payload.bytes(), f.badMask)
		return
	}
	s.flush()
	s.writeFrame(h, f.payload.bytes(), f.badMask)
	s.flushChopped(f.chop)
}

func (f frame) String() string {
	s := fmt.Sprintf("frame %d", f.opcode)
	if f.more {
		s += " more"
	}
	if f.rsv != 0 {
		s += fmt.Sprintf(" rsv=%d", f.rsv)
	}
	s += " " + f.payload.String()
	if f.chop != 0 {
		s += fmt.Sprintf(" chop=%d", f.chop)
	}
	if f.sync {
		s += " sync"
	}
	if f.form != 0 {
		s += fmt.Sprintf(" form=%d", f.form)
	}
	if f.declared != 0 {
		s += fmt.Sprintf(" declared=%d", f.declared)
	}
	if f.badMask {
		s += " badmask"
	}
	return s
}

// wholeMessage is one data message, cut into fragments if fragment is not 0: a
// length that is a multiple of fragment ends with an empty final frame.
type wholeMessage struct {
	opcode   byte
	payload  payload
	fragment int
}

func (m wholeMessage) do(s *session) { s.writeMessage(m.opcode, 0, m.payload.bytes(), m.fragment) }

func (m wholeMessage) String() string {
	if m.fragment == 0 {
		return fmt.Sprintf("message %d %s", m.opcode, m.payload)
	}
	return fmt.Sprintf("message %d %s fragment=%d", m.opcode, m.payload, m.fragment)
}

// closeFrame begins the closing handshake, unless a close frame was sent.
type closeFrame struct {
	code   int // or noCode
	reason payload
}

func (c closeFrame) do(s *session) { s.close(c.code, c.reason.bytes()) }

func (c closeFrame) String() string {
	code := "none"
	if c.code != noCode {
		code = fmt.Sprint(c.code)
	}
	return strings.TrimSuffix(fmt.Sprintf("close %s %s", code, c.reason), " ")
}

// pause waits. The rest of the steps is done if the connection is not closed; a
// pause with a mark wants it open, and notes that it was.
type pause struct {
	d    time.Duration
	mark string
}

func (p pause) do(*session) {} // play knows pauses

func (p pause) String() string {
	return strings.TrimSuffix(fmt.Sprintf("pause %v mark=%s", p.d, p.mark), " mark=")
}

// frameStart is a header without its payload, which octetsOf steps bring.
type frameStart struct {
	opcode byte
	more   bool
	length int
}

func (f frameStart) do(s *session) { s.startFrame(f) }

func (f frameStart) String() string {
	s := fmt.Sprintf("start %d", f.opcode)
	if f.more {
		s += " more"
	}
	return fmt.Sprintf("%s %d", s, f.length)
}

// framePart is a part of the payload of the frame that was started.
type framePart struct{ payload payload }

func (f framePart) do(s *session) { s.writePart(f.payload.bytes()) }

func (f framePart) String() string { return "part " + f.payload.String() }
