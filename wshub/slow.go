package wshub

import "time"

// slow is what a topic knows of members that have refused what they were to be sent.
// They get nothing until they are tried again, and then what they have missed, or a
// gap. It belongs to whoever delivers; there is no lock.
type slow struct {
	behind map[*Member]lag
	done   Position // of what was delivered last, to those that are not behind
	timed  bool     // they will be tried again
}

// lag is where a member has been left.
type lag struct {
	after  Position
	answer *Event // that it has to get first; nil: none
}

// tryAgain is how long a member is left alone after it has refused something.
const tryAgain = 200 * time.Millisecond

func (s *slow) has(m *Member) bool {
	if len(s.behind) == 0 {
		return false
	}
	_, behind := s.behind[m]
	return behind
}

// leaveBehind has a member get nothing more until it is tried again.
func (t *topic) leaveBehind(m *Member, l lag) {
	s := &t.past.slow
	if s.behind == nil {
		s.behind = make(map[*Member]lag)
	}
	s.behind[m] = l
	if s.timed {
		return
	}
	s.timed = true
	time.AfterFunc(tryAgain, func() {
		t.mu.Lock()
		t.bring(delivery{topic: t, errand: &errand{resume: true}})
	})
}

// resume tries those that are behind again.
func (t *topic) resume() {
	s := &t.past.slow
	s.timed = false
	behind := s.behind
	s.behind = make(map[*Member]lag)
	for m, l := range behind {
		posts, gap, state := t.missed(m, l.after)
		switch {
		case state == gone:
		case state == asks:
			s.behind[m] = l // until it is answered
		case gap && t.past.feed != nil:
			s.behind[m] = l
			t.past.feed.askAgain(m, l)
		case gap:
			t.replay(m, answer(true, s.done), nil)
		default:
			t.replay(m, l.answer, posts)
		}
	}
}

// standing is how a member stands with a topic.
type standing uint8

const (
	subscribed standing = iota
	asks                // it waits for an answer
	gone
)

// missed returns what has been delivered to others after a position, unless there is a
// gap, and how a member stands.
func (t *topic) missed(m *Member, after Position) (posts []*post, gap bool, s standing) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.past.feed; t.past.answers[m] > 0 || f != nil && f.asks(m) {
		return nil, false, asks
	}
	if !t.members.has(m) {
		return nil, false, gone
	}
	posts, _, gap = t.past.since(Start{After: after})
	for len(posts) > 0 && posts[len(posts)-1].Position.Offset > t.past.slow.done.Offset {
		posts = posts[:len(posts)-1] // the rest is still to be delivered, to everybody
	}
	return posts, gap, subscribed
}
