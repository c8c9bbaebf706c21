package autobahn

import (
	"net"
	"time"
)

// Section 27: how the octets come, and how they end.

// halfClose ends the sending half of TCP, after what was sent.
type halfClose struct{}

func (halfClose) do(s *session) {
	s.flush()
	s.log.note("fuzzer ends its half of TCP")
	s.out.send(piece{after: func() {
		if half, ok := s.conn.(interface{ CloseWrite() error }); ok {
			half.CloseWrite()
		}
	}})
}

func (halfClose) String() string { return "half close" }
func (halfClose) words() string  { return "the end of TCP in this direction" }

// reset ends TCP with RST, after what was sent.
type reset struct{}

func (reset) do(s *session) {
	s.flush()
	s.log.note("fuzzer resets TCP")
	conn := s.conn
	if secure, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secure.NetConn()
	}
	s.out.send(piece{after: func() {
		if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
			tcp.SetLinger(0)
		}
		conn.Close()
	}})
}

func (reset) String() string { return "reset" }
func (reset) words() string  { return "a reset of TCP" }

// peerEnds: the peer has to end TCP by itself. A client may send a close frame
// instead, since it is the server who ends TCP then (RFC 6455, section 7.1.1).
func peerEnds(s *session) Behavior {
	if s.dropped && (s.role == ClientRole || s.first != peer) {
		return Failed
	}
	return OK
}

func ends() part {
	half := func(sends string, steps ...step) Case {
		return Case{
			Sends: sends, Wants: "OK: the peer ends TCP, or as a client closes, within a second; whether it sends anything before is its choice",
			steps: append(steps, halfClose{}), limit: killAfter(time.Second), own: ownVerdict{judged: peerEnds},
			closing: closeRule{codes: []int{1000, 1001, 1002, 1006, 1007, 1011}},
		}
	}
	cut := func(sends string, steps ...step) Case {
		return Case{
			Sends: sends, Wants: "OK: the server goes on serving others",
			steps: append(steps, reset{}), limit: killAfter(time.Second), own: ownVerdict{judged: func(*session) Behavior { return OK }},
			closing: closeRule{}, only: []Role{ClientRole}, manner: manner{again: true},
		}
	}
	begun := frameStart{opText, false, 1000}
	return part{"27.1", "the end of TCP", "RFC 6455, 7.1.5 and 7.2", ours(
		half("a message, then the end of TCP in this direction", frame{opcode: opText, payload: hello}),
		half("the begin of a frame, then the end of TCP in this direction", begun, framePart{hello}),
		half("the begin of a message, then the end of TCP in this direction", frame{opcode: opText, more: true, payload: hello}),
		cut("a message, then a reset of TCP", frame{opcode: opText, payload: hello}),
		cut("the begin of a frame, then a reset of TCP", begun, framePart{hello}),
		cut("a message of 1 MiB, then a reset of TCP while it comes back", frame{opcode: opBinary, payload: repeat(octetUnit, mib)}),
	)}
}

func octetByOctet() part {
	ping := octets("ping payload")
	long := repeat(textUnit, 300)
	return part{"27.2", "everything octet by octet", "RFC 6455, 5", ours(
		Case{
			Sends: "a ping, a message in two fragments with a ping between, a message with a long header; octet by octet",
			Wants: "OK: both pongs and both messages, in order",
			steps: byOctet.by(frame{opcode: opPing, payload: ping}, frame{opcode: opText, more: true, payload: hello}, frame{opcode: opPing}, continuation(hello), frame{opcode: opText, payload: long}),
			limit: killAfter(2 * time.Second), want: exactly(pong(ping), pong(octets("")), textMessage(octets(hello.unit+hello.unit)), textMessage(long)), closing: byFuzzer,
		},
		Case{
			Sends: "a close frame with 1000, octet by octet", Wants: "OK: the peer answers with 1000 or no code",
			steps: byOctet.by(frame{opcode: opClose, payload: octets("\x03\xe8")}), limit: killAfter(time.Second),
			want: exactly(), closing: closeRule{first: peer, codes: []int{1000}, clean: true},
		},
	)}
}

// unread is about a peer that ends TCP while it has not read everything: its
// system answers that with a reset, and drops what it has not sent yet. The
// fuzzer reads late, so that there is something to drop.
func unread() part {
	text := repeat(textUnit, 200_000)
	after := func(sends string, tail ...step) Case {
		rule := answered(1000)
		return Case{
			Sends: "a text of 200000 octets, close 1000, then " + sends + "; it reads nothing for a fifth of a second",
			Wants: "OK: the whole message, and then a close frame with 1000 or no code; NON-STRICT: the close frame alone",
			steps: append([]step{frame{opcode: opText, payload: text}, closeFrame{code: 1000}}, tail...),
			limit: killAfter(2 * time.Second), want: exactly(textMessage(text)).orNonStrict(), closing: rule, manner: manner{deaf: time.Second / 5},
		}
	}
	ping := after("a ping", frame{opcode: opPing})
	ping.only = []Role{ClientRole} // what a client does with it depends on when it arrives
	return part{"27.3", "what the peer has not read when it ends TCP", "RFC 6455, 5.5.1 and 7.1.1", ours(
		ping,
		after("a binary message of 300000 octets", frame{opcode: opBinary, payload: repeat(octetUnit, 300_000)}),
	)}
}
