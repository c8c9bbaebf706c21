package autobahn

// roundArrived handles a message of a case that has rounds.
func (s *session) roundArrived(r received) {
	want := s.c.rounds
	right := r.opcode == want.opcode
	if s.c.deflate == nil {
		right = right && len(r.data) == want.length
	} else {
		right = right && string(r.data) == string(s.sequence.current)
	}
	if !right {
		s.log.note("round %d: got %v of %d bytes", s.round+1, r, len(r.data))
		if want.strict {
			s.roundOK = false
		}
		s.close(1000, nil)
		return
	}
	if s.round++; s.round < want.n {
		if s.c.deflate != nil {
			s.sendRound()
			return
		}
		for _, next := range s.c.steps {
			next.do(s)
		}
		return
	}
	s.roundOK = !s.spoiled
	s.close(1000, nil)
}

// beginDeflate prepares the compression that was agreed, and sends the first
// message.
func (s *session) beginDeflate() {
	if s.agreed == nil {
		s.close(1000, nil)
		return
	}
	send, receive := bitsOr15(s.agreed.clientBits), bitsOr15(s.agreed.serverBits)
	sendFresh, receiveFresh := s.agreed.clientNoTakeover, s.agreed.serverNoTakeover
	if s.role == ServerRole {
		send, receive = receive, send
		sendFresh, receiveFresh = receiveFresh, sendFresh
	}
	s.inflater = newInflater(receive, receiveFresh)
	if s.c.rounds == nil {
		s.deflater = newDeflater(send, sendFresh)
		s.play()
		return
	}
	d := s.c.deflate
	s.sequence = d.corpus.slicer(d.size)
	s.stream = s.streams.get(streamKind{d.corpus, d.size, send, sendFresh})
	s.sendRound()
	s.play()
}

func bitsOr15(bits int) int {
	if bits == 0 {
		return maxBits
	}
	return bits
}

// sendRound sends the next message.
func (s *session) sendRound() {
	s.sequence.next()
	p := s.stream.message(s.round)
	fragment := s.c.deflate.fragment
	if len(p) <= fragment {
		fragment = 0
	}
	s.writeMessage(s.c.rounds.opcode, rsv1, p, fragment)
}
