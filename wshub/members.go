package wshub

import "slices"

// members are those of a topic. A delivery goes through the roll of when its
// message was published, while members come and go: so what a roll consists of never
// changes, and a change makes a new one, of which only one part is new.
type members struct {
	roll  roll
	at    map[*Member]int // in which part of the roll
	spare []int           // parts with room
}

// roll is a list of members in parts, none of which change.
type roll []*part

type part []*Member

// partSize is how many members a part has at most: a change copies as many
// pointers, and one per part.
const partSize = 256

func (s *members) len() int { return len(s.at) }

func (s *members) has(m *Member) bool {
	_, has := s.at[m]
	return has
}

// add adds m, which must not be a member yet.
func (s *members) add(m *Member) {
	if s.at == nil {
		s.at = make(map[*Member]int)
	}
	if len(s.spare) == 0 {
		s.spare = append(s.spare, len(s.roll))
		s.roll = append(slices.Clip(s.roll), new(part))
	}
	i := s.spare[len(s.spare)-1]
	grown := slices.Concat(*s.roll[i], part{m})
	if len(grown) == partSize {
		s.spare = s.spare[:len(s.spare)-1]
	}
	s.at[m] = i
	s.replace(i, grown)
}

// remove removes m, if it is a member.
func (s *members) remove(m *Member) {
	i, ok := s.at[m]
	if !ok {
		return
	}
	old := *s.roll[i]
	if len(old) == partSize {
		s.spare = append(s.spare, i)
	}
	delete(s.at, m)
	k := slices.Index(old, m)
	s.replace(i, slices.Concat(old[:k], old[k+1:]))
}

func (s *members) replace(i int, p part) {
	s.roll = slices.Clone(s.roll)
	s.roll[i] = &p
}
