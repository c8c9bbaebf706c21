package autobahn

import (
	"encoding/binary"
	"fmt"
)

// incoming is the receiving half of a session.
type incoming struct {
	buf    []byte // that no frame was made of yet
	frame  header
	inside bool // a frame, whose payload is not complete
	left   uint64
	offset int

	control []byte // payload of a control frame

	open       bool // a message, that is not complete
	opcode     byte
	compressed bool
	message    []byte
	text       textCheck
}

// receive handles what has arrived. After a broken rule it goes on with the
// frame that broke it: the code of a close frame is of interest even then.
func (s *session) receive(b []byte) {
	in := &s.in
	in.buf = append(in.buf, b...)
	for s.state != stateClosed {
		if !in.inside {
			h, n := parseHeader(in.buf)
			if n == 0 {
				return
			}
			in.buf = in.buf[n:]
			if s.frameBegins(h); s.arrived.octets > maxArrived {
				s.tooMuch(fmt.Sprintf("more than %d bytes of frames", maxArrived))
				return
			}
		}
		n := int(min(uint64(len(in.buf)), in.left))
		p := in.buf[:n]
		in.buf = in.buf[n:]
		if in.frame.masked {
			mask(p, in.frame.key, in.offset)
		}
		in.offset += n
		in.left -= uint64(n)
		if n > 0 {
			s.payloadArrives(p)
		}
		if in.left > 0 || s.state == stateClosed {
			return
		}
		in.inside = false
		s.frameEnds()
	}
}

// frameBegins judges a header: RFC 6455, section 5.2.
func (s *session) frameBegins(h header) {
	in := &s.in
	in.frame, in.inside, in.left, in.offset, in.control = h, true, h.length, 0, nil
	s.count(&s.arrived, h, 0)

	rsv := h.rsv
	if s.agreed != nil && !h.control() && !in.open && h.opcode != opContinuation {
		rsv &^= rsv1
	}
	s.breaks(rsv != 0, "reserved bits without an extension that has them")
	s.breaks(s.role == ServerRole && !h.masked, "frame of a client is not masked")
	s.breaks(s.role == ClientRole && h.masked, "frame of a server is masked")
	s.breaks(h.form != h.shortestForm(), "length is not in its shortest form")
	s.breaks(h.length>>63 != 0, "length has its first bit set")
	if h.control() {
		s.breaks(!h.fin, "control frame is fragmented")
		s.breaks(h.length > 125, "control frame is longer than 125 bytes")
		s.breaks(h.opcode > opPong, fmt.Sprintf("opcode %d is reserved", h.opcode))
		return
	}
	s.breaks(h.opcode > opBinary, fmt.Sprintf("opcode %d is reserved", h.opcode))
	s.breaks(h.opcode == opContinuation && !in.open, "continuation of no message")
	s.breaks(h.opcode != opContinuation && in.open, "message inside a message")
	if !in.open {
		in.open = true
		in.opcode = h.opcode
		in.compressed = s.agreed != nil && h.rsv&rsv1 != 0
		in.message, in.text = nil, textCheck{}
	}
}

func (s *session) breaks(rule bool, why string) {
	if rule {
		s.fail(1002, why)
	}
}

// payloadArrives handles a part of a frame's payload, unmasked.
func (s *session) payloadArrives(p []byte) {
	in := &s.in
	s.arrived.octets += int64(len(p))
	if in.frame.control() {
		in.control = append(in.control, p[:min(len(p), maxControl-len(in.control))]...)
		return
	}
	limit := maxMessage
	if in.compressed {
		limit = maxCompressed
	}
	if len(in.message)+len(p) > limit {
		s.tooMuch(fmt.Sprintf("message is longer than %d bytes", limit))
		return
	}
	in.message = append(in.message, p...)
	if in.opcode == opText && !in.compressed && !in.text.add(p) {
		s.fail(1007, "text is not UTF-8")
	}
}

func (s *session) frameEnds() {
	in := &s.in
	switch h := in.frame; {
	case !h.control():
		s.log.frame("received", h, in.message[max(0, len(in.message)-int(h.length)):])
		if h.fin {
			in.open = false
			s.messageArrived()
		}
		return
	default:
		s.log.frame("received", h, in.control)
	}
	switch in.frame.opcode {
	case opPing:
		if s.state == stateOpen && s.arrived.frames[opPing] <= maxPongs {
			s.writeFrame(header{fin: true, opcode: opPong}, in.control, false)
		}
	case opPong:
		s.pongArrived(in.control)
	case opClose:
		s.closeFrameArrived(in.control)
	}
}

func (s *session) pongArrived(p []byte) {
	s.happened(received{"pong", 0, p})
	if s.c.rounds != nil {
		s.spoiled = true
		s.close(1000, nil)
	}
}

// messageArrived judges a message that is complete.
func (s *session) messageArrived() {
	in := &s.in
	message := in.message
	in.message = nil
	if in.compressed {
		var err error
		if message, err = s.inflater.decompress(message); err != nil {
			s.fail(1007, err.Error())
			return
		}
		in.text.add(message)
	}
	if in.opcode == opText && !in.text.complete() {
		s.fail(1007, "text is not UTF-8")
	}
	if s.failed {
		return
	}
	r := received{"message", in.opcode, message}
	if s.c.rounds != nil {
		s.roundArrived(r)
		return
	}
	s.happened(r)
}

// closeFrameArrived judges a close frame: RFC 6455, sections 5.5.1 and 7.4.
func (s *session) closeFrameArrived(p []byte) {
	code, reason := noCode, ""
	switch {
	case len(p) == 1:
		s.fail(1002, "close frame has a payload of 1 byte")
	case len(p) > 1:
		code, reason = int(binary.BigEndian.Uint16(p)), string(p[2:])
		var text textCheck
		text.add(p[2:])
		if !s.mayBeSent(code) {
			s.fail(1002, fmt.Sprintf("close code %d", code))
		}
		if !text.complete() {
			s.fail(1007, "close reason is not UTF-8")
		}
	}
	if s.state == stateClosed {
		s.remoteCode, s.remoteReason = code, reason
		return
	}
	s.closeArrived(code, reason)
}

// mayBeSent reports whether a close frame may have that code. The original does
// not know the codes that were registered after RFC 6455, and neither do its
// cases.
func (s *session) mayBeSent(code int) bool {
	switch {
	case code >= 1012 && code <= 1014:
		return s.c.Ours
	case code >= 1000 && code <= 1011:
		return code < 1004 || code > 1006
	}
	return code >= 3000 && code <= 4999
}
