package wspoll

// slots are the connections of a loop under the tokens that the poller reports
// them by. A token is never used again.
type slots struct {
	all  []slot
	free []uint32 // places
	used int
}

type slot struct {
	conn *Conn
	turn uint32 // how often the place was used before
}

// add gives c a place and returns its token.
func (s *slots) add(c *Conn) token {
	s.used++
	if n := len(s.free); n > 0 {
		place := s.free[n-1]
		s.free = s.free[:n-1]
		s.all[place].conn = c
		return newToken(place, s.all[place].turn)
	}
	s.all = append(s.all, slot{conn: c})
	return newToken(uint32(len(s.all)-1), 0)
}

// get returns the connection that is reported under t, or nil: it is gone, and
// whoever has its place now is not meant.
func (s *slots) get(t token) *Conn {
	if int(t.place()) >= len(s.all) || s.all[t.place()].turn != t.turn() {
		return nil
	}
	return s.all[t.place()].conn
}

// remove ends the token.
func (s *slots) remove(t token) {
	if s.get(t) == nil {
		return
	}
	s.all[t.place()] = slot{turn: t.turn() + 1}
	s.free = append(s.free, t.place())
	s.used--
}

// each calls f for all connections.
func (s *slots) each(f func(*Conn)) {
	for i := range s.all {
		if c := s.all[i].conn; c != nil {
			f(c)
		}
	}
}
