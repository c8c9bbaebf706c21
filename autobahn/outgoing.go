package autobahn

// startedFrame is a frame whose payload leaves in parts.
type startedFrame struct {
	header header
	offset int
}

// writeFrame queues a frame for the next flush.
func (s *session) writeFrame(h header, p []byte, badMask bool) {
	h.masked = (s.role == ClientRole) != badMask
	if h.masked {
		h.key = newMask()
	}
	if badMask {
		// A peer that takes the octets as they are takes ASCII for ASCII, so that
		// what it sends back is text in any case.
		for i := range h.key {
			h.key[i] &= 0x7f
		}
	}
	if h.length == 0 {
		h.length = uint64(len(p))
	}
	s.count(&s.sent, h, len(p))
	s.log.frame("sent", h, p)
	s.pending = appendFrame(s.pending, h, p)
}

func (s *session) count(t *traffic, h header, n int) {
	t.frames[h.opcode]++
	t.octets += int64(n + len(appendHeader(make([]byte, 0, maxHeaderSize), h)))
}

// writeMessage queues a message, cut into fragments if fragment is not 0. Its
// last frame is the first one that reaches beyond the end, so that a length that
// is a multiple of fragment ends with an empty frame. rsv is the first frame's.
func (s *session) writeMessage(opcode, rsv byte, p []byte, fragment int) {
	for start := 0; ; start += fragment {
		fin := fragment == 0 || start+fragment > len(p)
		end := start + fragment
		if fin {
			end = len(p)
		}
		s.writeFrame(header{fin: fin, rsv: rsv, opcode: opcode}, p[start:end], false)
		if fin {
			return
		}
		opcode, rsv = opContinuation, 0
	}
}

// flush sends what is queued in one write.
func (s *session) flush() { s.flushChopped(0) }

// flushChopped sends it in writes of that size.
func (s *session) flushChopped(chop int) {
	if len(s.pending) > 0 {
		s.out.send(piece{b: s.pending, chop: chop})
		s.pending = nil
	}
}

// startFrame queues a header whose payload comes later.
func (s *session) startFrame(f frameStart) {
	h := header{fin: !f.more, opcode: f.opcode, length: uint64(f.length), masked: s.role == ClientRole}
	if h.masked {
		h.key = newMask()
	}
	s.count(&s.sent, h, 0)
	s.log.frame("sent the header of", h, nil)
	s.pending = appendHeader(s.pending, h)
	s.cut = startedFrame{header: h}
}

// writePart queues a part of the payload of the frame that was started.
func (s *session) writePart(p []byte) {
	s.log.add(WireEntry{What: "sent a part", Hex: hexOf(p), Size: len(p)})
	s.sent.octets += int64(len(p))
	start := len(s.pending)
	s.pending = append(s.pending, p...)
	if s.cut.header.masked {
		mask(s.pending[start:], s.cut.header.key, s.cut.offset)
	}
	s.cut.offset += len(p)
}
