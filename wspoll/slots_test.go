package wspoll

import "testing"

func TestATokenIsNeverUsedAgain(t *testing.T) {
	type held struct {
		token token
		conn  *Conn
	}
	var s slots
	seen := make(map[token]bool)
	var last []held
	for range 1000 {
		var now []held
		for range 5 {
			c := new(Conn)
			tok := s.add(c)
			if seen[tok] || s.get(tok) != c {
				t.Fatalf("token %x stands for another", tok)
			}
			seen[tok] = true
			now = append(now, held{tok, c})
		}
		for _, h := range last {
			s.remove(h.conn)
			s.remove(h.conn)
			if s.get(h.token) != nil {
				t.Fatalf("token %x stands for somebody who is gone", h.token)
			}
		}
		last = now
	}
	n := 0
	s.each(func(*Conn) { n++ })
	if s.used != 5 || n != 5 || s.next > 10 {
		t.Errorf("%d connections, %d of them found, in %d places, want 5 in up to 10", s.used, n, s.next)
	}
}
