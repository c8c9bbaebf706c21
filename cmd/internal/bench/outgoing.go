package bench

import (
	"slices"

	"github.com/wirews/wirews/ws"
)

// outgoing is what one connection has still to write. Messages are not copied:
// they are written from where the script has them, any number with one call.
type outgoing struct {
	script  *script
	next    int    // message to add next
	at      int    // in script.sent, of the next byte to write
	owed    int    // bytes of added messages that have not been written
	control []byte // control frames, which go between messages
	turn    bool   // the chunk is control

	// With fresh masks, frames are made as they are added.
	fresh    bool
	fragment int
	made     []byte
	done     int // bytes of made that are written
}

func newOutgoing(s *script, first int, o Options) outgoing {
	return outgoing{script: s, next: first, at: s.start(first), fresh: o.FreshMasks, fragment: o.Fragment}
}

// add puts the next n messages after what there is to write.
func (w *outgoing) add(n int) {
	for range n {
		if w.fresh {
			w.made = appendMessage(w.made, w.script.op, 0, w.script.plain[w.next], w.fragment, ws.NewMask)
		} else {
			w.owed += w.script.sentEnds[w.next] - w.script.start(w.next)
		}
		if w.next++; w.next == len(w.script.plain) {
			w.next = 0
		}
	}
}

// chunk returns the next bytes to write, none if there are none.
func (w *outgoing) chunk() []byte {
	if w.fresh {
		w.made = append(w.made, w.control...)
		w.control = w.control[:0]
		return w.made[w.done:]
	}
	end := min(w.at+w.owed, len(w.script.sent))
	w.turn = len(w.control) > 0 && w.between()
	if w.turn {
		return w.control
	}
	if len(w.control) > 0 {
		i, _ := slices.BinarySearch(w.script.sentEnds, w.at)
		end = min(end, w.script.sentEnds[i])
	}
	return w.script.sent[w.at:end]
}

// wrote takes n bytes of the last chunk away.
func (w *outgoing) wrote(n int) {
	switch {
	case w.fresh:
		if w.done += n; w.done == len(w.made) {
			w.made, w.done = w.made[:0], 0
		}
	case w.turn:
		w.control = w.control[:copy(w.control, w.control[n:])]
	default:
		w.owed -= n
		if w.at += n; w.at == len(w.script.sent) {
			w.at = 0
		}
	}
}

// between reports whether a message ends where the next byte is.
func (w *outgoing) between() bool {
	_, found := slices.BinarySearch(w.script.sentEnds, w.at)
	return found || w.at == 0
}
