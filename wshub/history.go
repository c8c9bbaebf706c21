package wshub

import (
	"cmp"
	"slices"
	"time"

	"github.com/wirews/wirews/wsflate"
)

// history is what is kept of a topic: all of it after a position, in an epoch.
type history struct {
	from, at Position
	kept     []*post // from the oldest on
	bytes    int
	quiet    uint64 // offset until which nothing has come after at; it counts if it is greater
}

// post is an entry, with what becomes of it in a hub.
type post struct {
	Entry
	prev Position // of the message before it, or a later one
	// prepared is what members are sent, nil if that is nothing or if it is not encoded
	// yet. It belongs to whoever delivers.
	prepared *wsflate.PreparedMessage
	encoded  bool
}

func (p *post) size() int { return len(p.Data) + len(p.Key) }

// begin forgets everything. What comes is after a position.
func (h *history) begin(at Position) {
	*h = history{from: at, at: at}
}

// add adds the next message, and drops what the bounds exclude then.
func (h *history) add(e Entry, r Retention) *post {
	p := &post{Entry: e, prev: h.at}
	h.at = e.Position
	h.kept = append(h.kept, p)
	h.bytes += p.size()
	h.trim(r, e.Time)
	return p
}

// trim drops what the bounds exclude.
func (h *history) trim(r Retention, now time.Time) {
	n := 0
	for _, p := range h.kept {
		if len(h.kept)-n <= r.Messages && (r.Bytes <= 0 || h.bytes <= r.Bytes) && (r.Age <= 0 || now.Sub(p.Time) <= r.Age) {
			break
		}
		h.from = p.Position
		h.bytes -= p.size()
		n++
	}
	clear(h.kept[:n]) // for the garbage collector
	h.kept = h.kept[n:]
}

// has reports whether everything after a position is kept.
func (h *history) has(p Position) bool {
	return p.Epoch == h.at.Epoch && h.from.Offset <= p.Offset && p.Offset <= h.reached()
}

// reached returns the offset until which everything is known.
func (h *history) reached() uint64 { return max(h.at.Offset, h.quiet) }

// since returns what a subscriber with this start gets, oldest first, the position
// that it is after, and whether there is a gap.
func (h *history) since(s Start) (posts []*post, from Position, gap bool) {
	if !s.After.IsZero() {
		if h.has(s.After) {
			return slices.Clone(h.after(s.After.Offset)), s.After, false
		}
		gap = true
	}
	if s.Last <= 0 || len(h.kept) == 0 {
		return nil, h.at, gap
	}
	posts = slices.Clone(h.kept[max(0, len(h.kept)-s.Last):])
	return posts, posts[0].prev, gap
}

// after returns the messages with a greater offset.
func (h *history) after(offset uint64) []*post {
	i, found := slices.BinarySearchFunc(h.kept, offset, func(p *post, offset uint64) int {
		return cmp.Compare(p.Position.Offset, offset)
	})
	if found {
		i++
	}
	return h.kept[i:]
}

// replay returns what since does, as a bus has it.
func (h *history) replay(s Start) Replay {
	posts, from, gap := h.since(s)
	r := Replay{Gap: gap, From: from, At: h.at}
	for _, p := range posts {
		r.Entries = append(r.Entries, p.Entry)
	}
	return r
}

// extend puts messages in front of those that are kept, without a hole after a position,
// unless that would be more than the bounds allow.
func (h *history) extend(older []*post, from Position, r Retention) {
	bytes := 0
	for _, p := range older {
		bytes += p.size()
	}
	if len(older)+len(h.kept) > r.Messages || r.Bytes > 0 && h.bytes+bytes > r.Bytes {
		return
	}
	h.kept = append(slices.Clip(older), h.kept...)
	h.bytes += bytes
	h.from = from
}
