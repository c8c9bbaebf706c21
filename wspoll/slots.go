package wspoll

// slots are the connections of a loop under the tokens that the poller reports
// them by. A token is never used again. They lie in blocks, so that nothing moves, and
// nothing is left over, when there are more.
type slots struct {
	blocks []*[slotBlock]slot
	free   []uint32 // places that were used before
	next   uint32   // the first place that never was
	used   int
}

const slotBlock = 256

type slot struct {
	conn *Conn
	turn uint32 // how often the place was used before
}

// add gives c a place, and returns its token.
func (s *slots) add(c *Conn) token {
	s.used++
	if n := len(s.free); n > 0 {
		c.place = s.free[n-1]
		s.free = s.free[:n-1]
	} else {
		if c.place = s.next; c.place%slotBlock == 0 {
			s.blocks = append(s.blocks, new([slotBlock]slot))
		}
		s.next++
	}
	at := s.at(c.place)
	at.conn = c
	return newToken(c.place, at.turn)
}

func (s *slots) at(place uint32) *slot { return &s.blocks[place/slotBlock][place%slotBlock] }

// get returns the connection that is reported under t, or nil: it is gone, and
// whoever has its place now is not meant.
func (s *slots) get(t token) *Conn {
	if t.place() >= s.next || s.at(t.place()).turn != t.turn() {
		return nil
	}
	return s.at(t.place()).conn
}

// remove takes c out of its place, which ends its token.
func (s *slots) remove(c *Conn) {
	at := s.at(c.place)
	if at.conn != c {
		return
	}
	*at = slot{turn: at.turn + 1}
	s.free = append(s.free, c.place)
	s.used--
}

// each calls f for all connections.
func (s *slots) each(f func(*Conn)) {
	for place := range s.next {
		if c := s.at(place).conn; c != nil {
			f(c)
		}
	}
}
