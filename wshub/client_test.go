package wshub_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
)

// said is what an application sends of an event.
type said struct {
	Kind     string
	Topic    string
	Text     string
	At, Prev wshub.Position
}

func say(e wshub.Event) *wsflate.PreparedMessage {
	p, err := json.Marshal(said{e.Kind.String(), e.Topic, string(e.Data), e.Position, e.Prev})
	if err != nil {
		panic(err)
	}
	return wshub.Text(p).Prepared
}

// client is a subscriber that goes by what it gets, as one at the other end of a
// connection does, and checks what can be seen from there.
type client struct {
	t      testing.TB
	mu     sync.Mutex
	at     wshub.Position
	lines  []string // "subscribed", "gap" and the texts of messages
	gaps   int
	had    []wshub.Position // of the texts since the last answer or gap
	refuse func() bool      // whether the next one is refused
}

var errBusy = errors.New("busy")

func (c *client) Deliver(m *wsflate.PreparedMessage, key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse != nil && c.refuse() {
		return errBusy
	}
	var s said
	if err := json.Unmarshal(m.Payload(), &s); err != nil {
		panic(err)
	}
	switch s.Kind {
	case "message":
		c.message(s)
	case "gap":
		c.gaps++
		fallthrough
	case "subscribed":
		c.had = nil
		c.lines = append(c.lines, s.Kind)
	}
	c.at = s.At
	return nil
}

func (c *client) message(s said) {
	switch {
	case c.at.IsZero():
		c.t.Errorf("%q is the first event", s.Text)
	case s.At.Epoch != c.at.Epoch || s.At.Offset <= c.at.Offset:
		c.t.Errorf("%q at %v comes after %v", s.Text, s.At, c.at)
	case s.Prev.Epoch != c.at.Epoch || s.Prev.Offset > c.at.Offset:
		c.t.Errorf("%q comes after %v, but the one before it is at %v", s.Text, c.at, s.Prev)
	}
	c.had = append(c.had, s.At)
	c.lines = append(c.lines, s.Text)
}

// all returns what the client got, and forgets it.
func (c *client) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := c.lines
	c.lines = nil
	return lines
}

func (c *client) position() wshub.Position {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *client) want(what string, lines ...string) {
	c.t.Helper()
	if got := c.all(); !slices.Equal(got, lines) {
		c.t.Errorf("%s: got %q, want %q", what, got, lines)
	}
}

func keep(n int) func(string) wshub.Retention {
	return func(string) wshub.Retention { return wshub.Retention{Messages: n} }
}

func publish(h *wshub.Hub, topic string, from, to int) {
	for i := from; i < to; i++ {
		h.Publish(topic, wshub.Text(fmt.Append(nil, i)))
	}
}
