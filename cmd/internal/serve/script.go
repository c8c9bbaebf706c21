package serve

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// maxUnheard is how many messages may come before the script expects them.
const maxUnheard = 256

// scripted answers as a Script says, on a connection of package websocket: it waits.
type scripted struct {
	*session
	conn   *websocket.Conn
	script *Script
	heard  chan heard
	ended  chan struct{} // closed when nothing comes any more
}

// heard is a message that has come.
type heard struct {
	typ websocket.MessageType
	p   []byte
}

// String returns the beginning of a message.
func (h heard) String() string {
	if h.typ == websocket.MessageBinary {
		return fmt.Sprintf("bytes % .20x", h.p)
	}
	return fmt.Sprintf("%.40q", h.p)
}

func (s *Script) prepare(url.Values) (start, error) {
	return func(c *session) service {
		return &scripted{session: c, conn: c.link.(threaded).Conn, script: s, heard: make(chan heard, maxUnheard), ended: make(chan struct{})}
	}, nil
}

func (s *scripted) begin() { s.pushing.Go(s.play) }

func (s *scripted) message(typ websocket.MessageType, p []byte) error {
	select {
	case s.heard <- heard{typ, slices.Clone(p)}:
		return nil
	default:
		return &unscripted{fmt.Sprintf("more than %d messages that no line expects", maxUnheard)}
	}
}

func (s *scripted) stop() { close(s.ended) }

// play obeys line after line, and closes with 1000 after the last.
func (s *scripted) play() {
	for at := 0; at < len(s.script.steps); at++ {
		step := s.script.steps[at]
		if step.verb == repeat {
			at = -1
			continue
		}
		if !s.obey(step) {
			return
		}
	}
	s.conn.Close(websocket.StatusNormalClosure, "")
}

// obey does what a line says. It returns false when that is the end.
func (s *scripted) obey(step step) bool {
	switch step.verb {
	case send:
		return s.send(step.typ, step.p) == nil
	case ping:
		return s.ping()
	case wait:
		select {
		case <-time.After(step.d):
			return true
		case <-s.ended:
			return false
		}
	case closing:
		s.conn.Close(step.code, string(step.p))
		return false
	case cut:
		s.conn.Flush(context.Background()) // what was sent before the cut arrives
		s.conn.CloseNow()
		return false
	}
	return s.expect(step)
}

// ping waits for the pong.
func (s *scripted) ping() bool {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	return s.conn.Ping(ctx) == nil
}

// expect waits for a message. A client that sends another is told so, with 1008.
func (s *scripted) expect(step step) bool {
	var m heard
	select {
	case m = <-s.heard:
	case <-s.ended:
		return false
	}
	if step.meets(m) {
		return true
	}
	why := &unscripted{fmt.Sprintf("line %d: want %s, got %s", step.line, step.text, m)}
	s.conn.Close(websocket.StatusPolicyViolation, why.CloseReason())
	return false
}

// meets reports whether a message is what a line expects.
func (s step) meets(m heard) bool {
	switch {
	case s.verb == expectAny:
		return true
	case s.re != nil:
		return m.typ == websocket.MessageText && s.re.Match(m.p)
	}
	return m.typ == s.typ && bytes.Equal(m.p, s.p)
}

// unscripted says that a client has not done what a script wants.
type unscripted struct{ text string }

func (e *unscripted) Error() string             { return "script: " + e.text }
func (e *unscripted) StatusCode() ws.StatusCode { return ws.StatusPolicyViolation }
func (e *unscripted) CloseReason() string       { return e.Error() }
