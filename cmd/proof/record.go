//go:build !nobus && unix

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/wirews/wirews/wshub"
)

// stepKind says what a client was told.
type stepKind uint8

const (
	began   stepKind = iota // it is at a position, and has had nothing before
	message                 // somebody has said something
	gap                     // what is between two positions may be missing
)

// step is what a client was told, and where it is after it.
type step struct {
	kind stepKind
	from wshub.Position // of a gap
	at   wshub.Position
	text string
}

// record is what a client was told, in the order in which it was.
type record struct {
	name string

	mu     sync.Mutex
	steps  []step
	at     wshub.Position
	texts  map[string]bool
	faults []string
}

func newRecord(name string) *record { return &record{name: name, texts: make(map[string]bool)} }

// happening is what a server says.
type happening struct {
	Event, Text string
	At, Prev    wshub.Position
	Gap         bool
}

// take adds what a server says to a client that has come with a position.
func (r *record) take(h happening) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case h.Event == "welcome" && r.at.IsZero():
		r.add(step{kind: began, at: h.At})
	case h.Event == "welcome" && !h.Gap:
		if h.At != r.at {
			r.fault("it goes on after %v, and was at %v", h.At, r.at)
		}
	case h.Event == "welcome" || h.Event == "gap":
		r.add(step{kind: gap, from: r.at, at: h.At})
	case h.Event == "message":
		r.hear(h)
	}
}

func (r *record) hear(h happening) {
	if h.At.Epoch != r.at.Epoch || h.At.Offset <= r.at.Offset {
		r.fault("%q is at %v, after %v", h.Text, h.At, r.at)
	}
	if h.Prev.Epoch == r.at.Epoch && h.Prev.Offset > r.at.Offset { // it was told that something is missing
		r.add(step{kind: gap, from: r.at, at: h.Prev})
	}
	if r.texts[h.Text] {
		r.fault("%q came twice", h.Text)
	}
	r.texts[h.Text] = true
	r.add(step{kind: message, at: h.At, text: h.Text})
}

func (r *record) add(s step) {
	r.steps = append(r.steps, s)
	r.at = s.at
}

func (r *record) fault(format string, v ...any) {
	r.faults = append(r.faults, r.name+": "+fmt.Sprintf(format, v...))
}

// position returns where the client is.
func (r *record) position() wshub.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

// heard reports whether the client was told of a message.
func (r *record) heard(text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.texts[text]
}

// count returns how many messages and gaps there were.
func (r *record) count() (messages, gaps int) {
	for _, s := range r.steps {
		switch s.kind {
		case message:
			messages++
		case gap:
			gaps++
		}
	}
	return messages, gaps
}

// said is a message that was acknowledged to its publisher.
type said struct {
	text string
	at   wshub.Position // zero on a bus that gives none
}

// verify returns what is wrong with the records of all clients. acked are, by publisher,
// what was acknowledged, in order. The records do not change any more.
func verify(records []*record, acked map[string][]said) (faults []string) {
	all := make(map[wshub.Position]string) // of what anybody knows
	note := func(at wshub.Position, text string) {
		if before, ok := all[at]; ok && before != text {
			faults = append(faults, fmt.Sprintf("at %v there are %q and %q", at, before, text))
		}
		all[at] = text
	}
	for _, r := range records {
		faults = append(faults, r.faults...)
		for _, s := range r.steps {
			if s.kind == message {
				note(s.at, s.text)
			}
		}
	}
	for publisher, list := range acked {
		var last wshub.Position
		for _, s := range list {
			if s.at.IsZero() {
				continue
			}
			note(s.at, s.text)
			if s.at.Epoch == last.Epoch && s.at.Offset <= last.Offset {
				faults = append(faults, fmt.Sprintf("%s: %q was acknowledged at %v, after %v", publisher, s.text, s.at, last))
			}
			last = s.at
		}
	}
	for _, r := range records {
		faults = append(faults, r.holes(all)...)
		faults = append(faults, r.disorder(acked)...)
	}
	return faults
}

// holes returns what the client has neither had nor been told of as missing.
func (r *record) holes(all map[wshub.Position]string) (faults []string) {
	for _, at := range slices.SortedFunc(maps.Keys(all), byPosition) {
		if !r.texts[all[at]] && !r.excuses(at) {
			faults = append(faults, fmt.Sprintf("%s: a hole without a gap: %q at %v", r.name, all[at], at))
		}
	}
	return faults
}

func byPosition(a, b wshub.Position) int {
	if a.Epoch != b.Epoch {
		return strings.Compare(a.String(), b.String())
	}
	return int(int64(a.Offset - b.Offset))
}

// excuses reports whether the client need not have what is at a position: it was not
// there yet, it was told of a gap, it has gone before, or it never was in this epoch.
func (r *record) excuses(at wshub.Position) bool {
	been := false
	for _, s := range r.steps {
		been = been || s.at.Epoch == at.Epoch
		switch {
		case s.kind == began && s.at.Epoch == at.Epoch && at.Offset <= s.at.Offset:
			return true
		case s.kind != gap:
		case s.from.Epoch == at.Epoch && at.Offset > s.from.Offset && (s.at.Epoch != at.Epoch || at.Offset <= s.at.Offset):
			return true
		case s.from.Epoch != at.Epoch && s.at.Epoch == at.Epoch && at.Offset <= s.at.Offset:
			return true
		}
	}
	return !been || r.at.Epoch == at.Epoch && at.Offset > r.at.Offset
}

// disorder returns where the messages of a publisher that were acknowledged come in
// another order, or lack one between them, without a gap. It needs no positions.
func (r *record) disorder(acked map[string][]said) (faults []string) {
	type place struct {
		publisher string
		index     int
	}
	places := make(map[string]place)
	for publisher, list := range acked {
		for i, s := range list {
			places[s.text] = place{publisher, i}
		}
	}
	next := make(map[string]int) // by publisher, since the last gap
	for _, s := range r.steps {
		if s.kind == gap {
			clear(next)
			continue
		}
		p, ok := places[s.text]
		if !ok || s.kind != message {
			continue
		}
		if want, ok := next[p.publisher]; ok && p.index != want {
			faults = append(faults, fmt.Sprintf("%s: %q of %s is number %d of what was acknowledged, want %d", r.name, s.text, p.publisher, p.index, want))
		}
		next[p.publisher] = p.index + 1
	}
	return faults
}
