package autobahn

import (
	"fmt"
	"math"
	"time"
)

// Sections 24 and 25: much of what is legal.

// many is a frame that is sent over and over.
type many struct {
	n int
	frame
}

func (m many) do(s *session) {
	for range m.n {
		m.frame.do(s)
	}
}

func (m many) String() string { return fmt.Sprintf("%d times %s", m.n, m.frame) }

func (m many) words() string { return fmt.Sprintf("%d times: %s", m.n, m.frame.words()) }

// messageAmongPongs reports whether that message has come back, whatever pongs
// came: RFC 6455, 5.5.3 lets an endpoint answer the last ping only.
func messageAmongPongs(want event) func([]received) bool {
	return func(got []received) bool {
		n := 0
		for _, r := range got {
			switch {
			case want.is(r):
				n++
			case r.kind != "pong":
				return false
			}
		}
		return n == 1
	}
}

func floods() part {
	flood := func(sends string, back event, steps ...step) Case {
		complete := messageAmongPongs(back)
		return Case{
			Sends: sends,
			Wants: "OK: the message comes back, and perhaps pongs: RFC 6455 does not want one for each ping; NON-STRICT: the peer defends itself and ends the connection",
			steps: steps, limit: killAfter(10 * time.Second), manner: manner{heavy: true},
			closing: closeRule{codes: []int{1000, 1008}, with: 1000},
			own: ownVerdict{complete: complete, judged: func(s *session) Behavior {
				switch {
				case complete(s.received) && s.first == fuzzer:
					return OK
				case s.first == peer && !s.failed:
					return NonStrict
				}
				return Failed
			}},
		}
	}
	text := frame{opcode: opText, payload: hello}
	begin := frame{opcode: opText, more: true, payload: hello}
	return part{"24.1", "floods of small frames", "RFC 6455, 5.4 and 5.5", ours(
		flood("10000 pings, then a message", textMessage(hello), many{10_000, frame{opcode: opPing, payload: octets("ping")}}, text),
		flood("10000 pongs that nobody has asked for, then a message", textMessage(hello), many{10_000, frame{opcode: opPong, payload: octets("pong")}}, text),
		flood("a message in two fragments with 1000 pings between", textMessage(octets(hello.unit+hello.unit)), begin, many{1000, frame{opcode: opPing}}, continuation(hello)),
		flood("a message in two fragments with 1000 empty ones between", textMessage(octets(hello.unit+hello.unit)), begin, many{1000, frame{opcode: opContinuation, more: true}}, continuation(hello)),
		Case{
			Sends: "10000 empty messages, then one that is not", Wants: "OK: all come back",
			steps: []step{many{10_000, frame{opcode: opText}}, text}, limit: killAfter(10 * time.Second), closing: byFuzzer, manner: manner{heavy: true},
			own: ownVerdict{complete: func(got []received) bool { return len(got) == 10_001 && textMessage(hello).is(got[10_000]) }},
		},
	)}
}

// tooMuch are messages that no endpoint has to take.
func tooMuch() part {
	// A close frame with 1009 says what is wrong. Others wait for what does not
	// come, or end TCP.
	judged := func(s *session) Behavior {
		switch {
		case len(s.received) > 0:
			return Failed
		case s.first == peer && s.remoteCode == 1009:
			return OK
		}
		return NonStrict
	}
	huge := func(sends string, steps ...step) Case {
		return Case{
			Sends: sends, Wants: "OK: the peer closes with 1009; NON-STRICT: it waits for the rest, or fails the connection in another way",
			steps: steps, limit: killAfter(time.Second), own: ownVerdict{judged: judged}, closing: closeRule{codes: []int{1000, 1001, 1002, 1008, 1009, 1011}},
		}
	}
	const fragments = 262_144
	whole := repeat("*", fragments)
	endless := huge("65 fragments of 1 MiB, and no last one", frame{opcode: opBinary, more: true}, many{65, frame{opcode: opContinuation, more: true, payload: repeat(octetUnit, mib), sync: true}})
	endless.Wants = "OK: the peer closes with 1009; NON-STRICT: it takes all of it, or fails the connection in another way"
	endless.limit, endless.manner.heavy = killAfter(3*time.Second), true
	return part{"25.1", "lengths and fragments without end", "RFC 6455, 7.4.1 and 10.4", ours(
		huge("the header of a binary frame of 2^63-1 octets, and nothing else", frame{opcode: opBinary, declared: math.MaxInt64}),
		huge("the header of a text frame of 2^48 octets, and 13 of them", frame{opcode: opText, declared: 1 << 48, payload: hello}),
		huge("the header of a fragment of 2^40 octets, and 13 of them", frame{opcode: opBinary, more: true, declared: 1 << 40, payload: hello}),
		Case{
			Sends: fmt.Sprintf("a text in %d fragments of one octet", fragments), Wants: "OK: the message comes back, or the peer closes with 1009 or 1008",
			steps: []step{wholeMessage{opText, whole, 1}}, limit: killAfter(10 * time.Second), manner: manner{heavy: true},
			closing: closeRule{codes: []int{1000, 1008, 1009}, with: 1000},
			own: ownVerdict{
				complete: func(got []received) bool { return met([]event{textMessage(whole)}, got) },
				judged: func(s *session) Behavior {
					if met([]event{textMessage(whole)}, s.received) || len(s.received) == 0 && s.first == peer && (s.remoteCode == 1009 || s.remoteCode == 1008) {
						return OK
					}
					return Failed
				},
			},
		},
		endless,
	)}
}
