package wspoll

import "testing"

func TestATokenIsNeverUsedAgain(t *testing.T) {
	var s slots
	seen := make(map[token]bool)
	var last []token
	for range 1000 {
		var now []token
		for range 5 {
			c := new(Conn)
			tok := s.add(c)
			if seen[tok] || s.get(tok) != c {
				t.Fatalf("token %x stands for another", tok)
			}
			seen[tok] = true
			now = append(now, tok)
		}
		for _, tok := range last {
			s.remove(tok)
			s.remove(tok)
			if s.get(tok) != nil {
				t.Fatalf("token %x stands for somebody who is gone", tok)
			}
		}
		last = now
	}
	if s.used != 5 || len(s.all) > 10 {
		t.Errorf("%d connections in %d places, want 5 in up to 10", s.used, len(s.all))
	}
}
