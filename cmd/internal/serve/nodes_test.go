package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/wshub"
)

// startNodes starts servers that share a broker.
func startNodes(t *testing.T, names ...string) (nodes []*testServer) {
	t.Helper()
	broker := wshub.MemoryBroker{Retain: func(string) wshub.Retention { return wshub.Retention{Messages: 1000} }}
	for _, name := range names {
		o := serve.Default()
		o.Node, o.Bus = name, broker.Bus()
		nodes = append(nodes, start(t, o))
	}
	return nodes
}

// placed is what a chat sends to who wants to go on.
type placed struct {
	happening
	Node     string
	At, Prev wshub.Position
	Gap      bool
}

func (p peer) placed() (h placed) {
	p.t.Helper()
	if err := json.Unmarshal(p.text("what happens"), &h); err != nil {
		p.t.Fatal(err)
	}
	return h
}

// until returns the first of what happens that is an event with a text. If that is a
// message, it fails at another one.
func (p peer) until(event, text string) placed {
	p.t.Helper()
	for {
		h := p.placed()
		if h.Event == event && (text == "" || h.Text == text) {
			return h
		}
		if h.Event == "message" && event == "message" {
			p.t.Fatalf("heard %+v, want %s %q", h, event, text)
		}
	}
}

// enter joins a room to go on after a position.
func (s *testServer) enter(t *testing.T, room, name string, after wshub.Position, more string) (peer, placed) {
	t.Helper()
	query := url.Values{"room": {room}, "name": {name}, "after": {after.String()}}
	p := s.connectTo(t, "/chat?"+query.Encode()+more)
	h := p.placed()
	if h.Event != "welcome" {
		t.Fatalf("%+v, want a welcome", h)
	}
	return p, h
}

func TestAChatIsOneAtAllNodes(t *testing.T) {
	nodes := startNodes(t, "a", "b")
	ann, at := nodes[0].enter(t, "den", "ann", wshub.Position{}, "")
	if at.Node != "a" || at.Name != "ann@a" || at.Gap {
		t.Errorf("welcome: %+v", at)
	}
	bob, _ := nodes[1].enter(t, "den", "bob", wshub.Position{}, "")
	ann.until("join", "")
	for i := range 3 {
		text := fmt.Sprint(i)
		bob.say(text)
		for _, p := range []peer{ann, bob} {
			if h := p.until("message", text); h.Name != "bob@b" || h.Prev != at.At && i == 0 {
				t.Errorf("%+v after %v", h, at.At)
			}
		}
	}
	// Once the nodes have told each other, a welcome names everybody.
	eventually(t, "who is at the other node is known", func() bool {
		p, h := nodes[0].enter(t, "den", "carl", wshub.Position{}, "")
		p.Close()
		return strings.Contains(strings.Join(h.Members, " "), "bob@b")
	})
	bob.Close()
	for {
		if h := ann.placed(); h.Event == "leave" && h.Name == "bob@b" {
			break
		}
	}
}

func TestWhoComesBackGoesOnAtAnyNode(t *testing.T) {
	for _, names := range [][]string{{"a", "b"}, nil} {
		nodes := startNodes(t, names...)
		if names == nil {
			alone := start(t, serve.Default())
			nodes = []*testServer{alone, alone}
		}
		ann, at := nodes[0].enter(t, "den", "ann", wshub.Position{}, "")
		bob, _ := nodes[1].enter(t, "den", "bob", wshub.Position{}, "&receipts")
		bob.say("heard")
		last := ann.until("message", "heard").At
		ann.Close()
		for i := range 50 {
			bob.say(fmt.Sprint(i))
			bob.until("said", fmt.Sprint(i))
		}
		back, welcome := nodes[1].enter(t, "den", "ann", last, "")
		if welcome.Gap || welcome.At != last {
			t.Errorf("%q: welcome %+v, want one after %v", names, welcome, last)
		}
		for i := range 50 {
			h := back.until("message", fmt.Sprint(i))
			if h.Prev.Offset > last.Offset {
				t.Errorf("%q: message %d is after %v, and we are at %v", names, i, h.Prev, last)
			}
			last = h.At
		}
		// A position of another epoch.
		at.At.Epoch++
		if _, welcome := nodes[1].enter(t, "den", "ann", at.At, ""); !welcome.Gap || welcome.At == at.At {
			t.Errorf("%q: welcome %+v, want a gap", names, welcome)
		}
	}
}

func TestAPositionThatIsNoneIsRefused(t *testing.T) { eachWay(t, testAPositionThatIsNoneIsRefused) }

func testAPositionThatIsNoneIsRefused(t *testing.T, o serve.Options) {
	s := start(t, o)
	if resp, body := s.get(t, "/chat?after=0x1", nil); resp.StatusCode != 400 || !strings.Contains(body, "position") {
		t.Errorf("status %d with %q, want 400", resp.StatusCode, body)
	}
}

// Whoever is alone in a room and comes back after the connection was lost has missed
// nothing.
func TestARoomIsRememberedForWhoComesBack(t *testing.T) {
	eachWay(t, testARoomIsRememberedForWhoComesBack)
}

func testARoomIsRememberedForWhoComesBack(t *testing.T, o serve.Options) {
	s := start(t, o)
	ann, at := s.enter(t, "den", "ann", wshub.Position{}, "")
	ann.Close()
	eventually(t, "ann is gone", func() bool { return s.vars(t).ChatMembers == 0 })
	ann, back := s.enter(t, "den", "ann", at.At, "")
	if back.Gap || back.At != at.At {
		t.Errorf("welcome %+v, want one after %v", back, at.At)
	}
	ann.Close()
	eventually(t, "ann is gone", func() bool { return s.vars(t).ChatMembers == 0 })
	for i := range 101 { // more than there is room for
		p, _ := s.enter(t, fmt.Sprint("room ", i), "bob", wshub.Position{}, "")
		p.Close()
	}
	eventually(t, "all are gone", func() bool { return s.vars(t).ChatMembers == 0 })
	if _, late := s.enter(t, "den", "ann", at.At, ""); !late.Gap {
		t.Errorf("welcome %+v, want a gap: the room was forgotten", late)
	}
}

// More than may wait for a member is given to who has missed it all the same.
func TestWhoHasMissedMuchGetsAllOfIt(t *testing.T) {
	const n = 200
	broker := wshub.MemoryBroker{Retain: func(string) wshub.Retention { return wshub.Retention{Messages: 2 * n} }}
	o := serve.Default()
	o.Node, o.Bus, o.ChatQueue = "a", broker.Bus(), 8
	s := start(t, o)
	_, at := s.enter(t, "den", "ann", wshub.Position{}, "")
	bob, _ := s.enter(t, "den", "bob", wshub.Position{}, "&receipts")
	for i := range n {
		bob.say(fmt.Sprint(i))
		// Both, in whatever order: messages that are said and not delivered would come all at once.
		for heard := map[string]bool{}; !heard["said"] || !heard["message"]; {
			if h := bob.placed(); h.Text == fmt.Sprint(i) {
				heard[h.Event] = true
			}
		}
	}
	back, _ := s.enter(t, "den", "ann", at.At, "")
	for i := range n {
		back.until("message", fmt.Sprint(i))
	}
}

// failingBus is a bus that does not take messages.
type failingBus struct{ wshub.Bus }

var errBus = errors.New("no broker")

func (failingBus) Publish(context.Context, string, wshub.Record) (wshub.Position, error) {
	return wshub.Position{}, errBus
}
func (failingBus) Ping(context.Context) error { return errBus }

func TestABusThatFailsIsToldToWhoSpeaksAndWhoAsksForHealth(t *testing.T) {
	var broker wshub.MemoryBroker
	o := serve.Default()
	o.Node, o.Bus = "a", failingBus{broker.Bus()}
	s := start(t, o)
	ann, _ := s.enter(t, "den", "ann", wshub.Position{}, "&receipts")
	ann.say("hello")
	ann.until("failed", "hello")
	if resp, _ := s.get(t, "/healthz", nil); resp.StatusCode != 503 {
		t.Errorf("healthz: status %d, want 503", resp.StatusCode)
	}
}

// safeLog is a log that may be read meanwhile.
type safeLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *safeLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *safeLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestTwoNodesWithOneNameAreLogged(t *testing.T) {
	var broker wshub.MemoryBroker
	var log safeLog
	for range 2 {
		o := serve.Default()
		o.Node, o.Bus, o.Log = "a", broker.Bus(), slog.New(slog.NewTextHandler(&log, nil))
		start(t, o)
	}
	eventually(t, "both say so", func() bool { return strings.Count(log.String(), "another node has the same name") >= 2 })
}
