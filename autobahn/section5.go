package autobahn

import (
	"fmt"
	"time"
)

// Section 5: fragmentation.
func fragmentation() part {
	first, second := octets("fragment1"), octets("fragment2")
	joined := octets("fragment1fragment2")
	return part{"5", "fragmentation", "RFC 6455, 5.4", []Case{
		refused("a ping with FIN=0, then a final continuation", together.by(frame{opcode: opPing, more: true, payload: first}, continuation(second))...),
		refused("a pong with FIN=0, then a final continuation", together.by(frame{opcode: opPong, more: true, payload: first}, continuation(second))...),
		inTwo(together), inTwo(apart), inTwo(byOctet),
		pingBetween(together), pingBetween(apart), pingBetween(byOctet),
		noMessage(false, together), noMessage(false, apart), noMessage(false, byOctet),
		noMessage(true, together), noMessage(true, apart), noMessage(true, byOctet),
		{
			Sends: "a text message in two fragments, a continuation with FIN=0 of no message, a text message; back to back",
			Wants: "OK: the first message comes back, and the peer fails the connection; NON-STRICT: it fails without sending the message back",
			steps: together.by(
				frame{opcode: opText, more: true, payload: first}, continuation(second),
				frame{opcode: opContinuation, more: true, payload: octets("fragment3")}, frame{opcode: opText, payload: octets("fragment4")}),
			limit: killAfter(time.Second), want: exactly(textMessage(joined)).orNonStrict(), closing: byPeer(1002),
		},
		twiceNoMessage(true), twiceNoMessage(false),
		refused("a text fragment, then a text message instead of its continuation",
			together.by(frame{opcode: opText, more: true, payload: first}, frame{opcode: opText, payload: second})...),
		inFive(together), inFive(apart),
	}}
}

func continuation(p payload) frame { return frame{opcode: opContinuation, payload: p} }

func inTwo(d delivery) Case {
	return echo("a text message in two fragments, "+d.words, closeAfter(time.Second), textMessage(octets("fragment1fragment2")),
		d.by(frame{opcode: opText, more: true, payload: octets("fragment1")}, continuation(octets("fragment2")))...)
}

func pingBetween(d delivery) Case {
	ping := octets("ping payload")
	return Case{
		Sends: "a text message in two fragments with a ping between them, " + d.words,
		Wants: "OK: first the pong, then the message",
		steps: d.by(frame{opcode: opText, more: true, payload: octets("fragment1")}, frame{opcode: opPing, payload: ping}, continuation(octets("fragment2"))),
		limit: closeAfter(time.Second), want: exactly(pong(ping), textMessage(octets("fragment1fragment2"))), closing: byFuzzer,
	}
}

func noMessage(more bool, d delivery) Case {
	return refused(fmt.Sprintf("a continuation with FIN=%d of no message, then a text message; %s", bit(!more), d.words),
		d.by(frame{opcode: opContinuation, more: more, payload: octets("non-continuation payload")}, frame{opcode: opText, payload: hello})...)
}

func bit(set bool) int {
	if set {
		return 1
	}
	return 0
}

func twiceNoMessage(more bool) Case {
	once := []frame{
		{opcode: opContinuation, more: more, payload: octets("fragment1")},
		{opcode: opText, more: true, payload: octets("fragment2")},
		continuation(octets("fragment3")),
	}
	return refused(fmt.Sprintf("twice: a continuation with FIN=%d of no message, then a text message in two fragments", bit(!more)),
		together.by(append(once, once...)...)...)
}

func inFive(d delivery) Case {
	first, second := octets("pongme 1!"), octets("pongme 2!")
	steps := d.by(
		frame{opcode: opText, more: true, payload: octets("fragment1")},
		frame{opcode: opContinuation, more: true, payload: octets("fragment2")},
		frame{opcode: opPing, payload: first})
	steps = append(steps, pause{d: time.Second})
	steps = append(steps, d.by(
		frame{opcode: opContinuation, more: true, payload: octets("fragment3")},
		frame{opcode: opContinuation, more: true, payload: octets("fragment4")},
		frame{opcode: opPing, payload: second},
		continuation(octets("fragment5")))...)
	return Case{
		Sends: "a text message in five fragments with a ping after the second, a second later, and one after the fourth; " + d.words,
		Wants: "OK: both pongs, then the message",
		steps: steps, limit: closeAfter(time.Second),
		want:    exactly(pong(first), pong(second), textMessage(octets("fragment1fragment2fragment3fragment4fragment5"))),
		closing: byFuzzer,
	}
}
