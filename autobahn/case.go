package autobahn

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role is what the fuzzer is.
type Role int

const (
	ClientRole Role = iota // the fuzzer is a client, and tests a server
	ServerRole             // the fuzzer is a server, and tests a client
)

func (r Role) String() string {
	if r == ServerRole {
		return "server"
	}
	return "client"
}

// Case is one test. Cases returns all of them.
type Case struct {
	ID    string // as 7.1.3
	Sends string // what the peer gets, in words
	Wants string // what it has to do for OK, and for other verdicts
	RFC   string // where the rule stands, as "RFC 6455, 5.5.1"
	Ours  bool   // not in the original test suite

	only    []Role // empty: for both roles
	steps   []step
	limit   limit
	want    expectation
	closing closeRule
	rounds  *rounds
	deflate *deflateSetup
	opening *opening // handshake that differs from the usual one
	own     ownVerdict
	manner  manner
}

// ownVerdict is for cases whose verdict no list of events brings. The zero value is
// for those of which one does.
type ownVerdict struct {
	// complete reports whether everything has come.
	complete func([]received) bool
	// judged judges a session.
	judged func(*session) Behavior
}

// manner is how a case is run.
type manner struct {
	// again: the server has to go on serving others, which the fuzzing client
	// tries.
	again bool
	heavy bool // takes much of the machine's time
	// deaf is how long the fuzzer does not read, from the handshake on.
	deaf time.Duration
}

// in reports whether the case exists for a fuzzer in that role.
func (c *Case) in(r Role) bool { return len(c.only) == 0 || slices.Contains(c.only, r) }

// Section returns the number before the first dot, as "7".
func (c *Case) Section() string {
	s, _, _ := strings.Cut(c.ID, ".")
	return s
}

// limit ends a case that has not ended by itself. It counts from the last step.
type limit struct {
	after time.Duration
	// kill: a connection that is not closed by then is closed with 1001 (Going
	// Away), and cut off if it is closing. Otherwise an open one is closed
	// without a code.
	kill bool
}

func killAfter(d time.Duration) limit  { return limit{d, true} }
func closeAfter(d time.Duration) limit { return limit{d, false} }

// event is something that the peer may be expected to send: a message or a
// pong. A mark stands for time that has passed with the connection open.
type event struct {
	kind    string // message, pong or mark
	opcode  byte   // of a message
	payload payload
}

func textMessage(p payload) event      { return event{"message", opText, p} }
func message(op byte, p payload) event { return event{"message", op, p} }
func pong(p payload) event             { return event{"pong", 0, p} }
func mark(name string) event           { return event{"mark", 0, octets(name)} }

// received is an event that has happened.
type received struct {
	kind   string
	opcode byte
	data   []byte
}

func (e event) is(r received) bool {
	return e.kind == r.kind && e.opcode == r.opcode && e.payload.length == len(r.data) && bytes.Equal(e.payload.bytes(), r.data)
}

func (e event) String() string {
	switch {
	case e.kind == "mark":
		return "mark " + e.payload.unit
	case e.kind == "pong":
		return "pong " + e.payload.String()
	case e.opcode == opBinary:
		return "binary " + e.payload.String()
	}
	return "text " + e.payload.String()
}

func (r received) String() string {
	e := event{r.kind, r.opcode, octets(string(r.data[:min(len(r.data), 64)]))}
	if len(r.data) > 64 {
		return fmt.Sprintf("%s... (%d bytes)", e, len(r.data))
	}
	return e.String()
}

// expectation says which events bring which verdict. Others bring FAILED.
type expectation struct {
	ok        []event
	nonStrict []event // if hasNonStrict
	// hasNonStrict tells a second sequence that is empty from none.
	hasNonStrict  bool
	informational bool // whatever happens
}

func exactly(events ...event) expectation { return expectation{ok: events} }

func (x expectation) orNonStrict(events ...event) expectation {
	x.nonStrict, x.hasNonStrict = events, true
	return x
}

var anything = expectation{informational: true}

// met reports whether exactly these events have happened.
func met(want []event, got []received) bool {
	if len(want) != len(got) {
		return false
	}
	for i, e := range want {
		if !e.is(got[i]) {
			return false
		}
	}
	return true
}

// side is one end of the connection.
type side string

const (
	fuzzer side = "fuzzer"
	peer   side = "peer"
)

// closeRule says how the connection has to end.
type closeRule struct {
	first side
	codes []int // that the peer's close frame may have; none is always fine
	clean bool  // close frames have to go both ways
	// with is the code with which the fuzzer closes once what it wants has
	// happened; 0: it does not.
	with int

	wrongSideFails, wrongCodeFails bool // the case, not just its closing
}

// byFuzzer: the fuzzer closes with 1000, and the peer answers.
var byFuzzer = closeRule{first: fuzzer, codes: []int{1000}, clean: true, with: 1000}

// byPeer: the peer fails the connection, perhaps without a close frame.
func byPeer(codes ...int) closeRule { return closeRule{first: peer, codes: codes} }

// rounds are messages that are sent one after the other, each once the one
// before has come back. A case without compression sends its steps again.
type rounds struct {
	n      int
	opcode byte
	length int
	// strict: what is wrong makes the case fail even after the last round.
	strict bool
}

// deflateSetup is what a case with compression negotiates and sends.
type deflateSetup struct {
	offers   []string // as client
	policies []deflatePolicy
	corpus   *corpus
	size     int
	fragment int // of the compressed bytes; 0 for one frame
}

// Heavy reports whether the case takes much of the machine's time, so that those
// that measure time should not run beside it.
func (c *Case) Heavy() bool { return c.manner.heavy }
