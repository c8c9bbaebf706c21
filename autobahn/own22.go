package autobahn

import (
	"fmt"
	"time"
)

// Section 22: frames once compression is agreed.

// withDeflate makes c a case for which permessage-deflate is agreed.
func withDeflate(c Case) Case {
	c.deflate = &deflateSetup{offers: []string{usualOffer}, policies: []deflatePolicy{{}}}
	c.Wants += "; UNIMPLEMENTED: the peer does not agree to compress"
	return c
}

// compressedMessage is a message through the fuzzer's compressor. The other bits
// and the end may be wrong.
type compressedMessage struct {
	opcode   byte
	payload  payload
	fragment int
	rsv      byte // besides RSV1
}

func (m compressedMessage) do(s *session) {
	s.writeMessage(m.opcode, rsv1|m.rsv, s.deflater.compress(m.payload.bytes()), m.fragment)
}

func (m compressedMessage) String() string {
	return fmt.Sprintf("compressed %d %s fragment=%d rsv=%d", m.opcode, m.payload, m.fragment, m.rsv)
}

func (m compressedMessage) words() string {
	s := fmt.Sprintf("compressed %s message, %s", opcodeNames[m.opcode], m.payload.words())
	if m.fragment > 0 {
		s += fmt.Sprintf(", in fragments of %d octets", m.fragment)
	}
	if m.rsv != 0 {
		s += fmt.Sprintf(", with RSV=%03b", rsv1|m.rsv)
	}
	return s
}

func deflateFrames() part {
	// "Hello", as RFC 7692, section 7.2.3 has it.
	compressed := unhex("f248cdc9c90700")
	back := func(sends string, p payload, steps ...step) Case {
		return withDeflate(echo(sends, killAfter(time.Second), textMessage(p), steps...))
	}
	bad := func(sends string, codes []int, steps ...step) Case {
		c := withDeflate(refused(sends, steps...))
		c.closing = byPeer(codes...)
		return c
	}
	protocol, data := []int{1002}, []int{1002, 1003, 1007, 1011}
	long := repeat("a compressed message, over and over; ", 100_000)
	return part{"22.1", "frames once permessage-deflate is agreed", "RFC 7692, 6 and 7", ours(
		back("a message without compression", hello, frame{opcode: opText, payload: hello}),
		back("a compressed message of the RFC", octets("Hello"), frame{opcode: opText, rsv: rsv1, payload: compressed}),
		back("the same in a block without compression", octets("Hello"), frame{opcode: opText, rsv: rsv1, payload: unhex("000500faff48656c6c6f00")}),
		back("the same in a block that says it is the last one", octets("Hello"), frame{opcode: opText, rsv: rsv1, payload: unhex("f348cdc9c9070000")}),
		back("the same in two fragments", octets("Hello"), frame{opcode: opText, rsv: rsv1, more: true, payload: unhex("f248cd")}, continuation(unhex("c9c90700"))),
		back("an empty compressed message", octets(""), compressedMessage{opcode: opText}),
		back("a message of 100000 octets, compressed, an octet a fragment", long, compressedMessage{opText, long, 1, 0}),
		bad("a compressed message with RSV2", protocol, compressedMessage{opText, hello, 0, rsv2}),
		bad("a compressed message with RSV3", protocol, compressedMessage{opText, hello, 0, rsv3}),
		bad("a message with RSV2 and without compression", protocol, frame{opcode: opText, rsv: rsv2, payload: hello}),
		bad("a ping with RSV1", protocol, frame{opcode: opPing, rsv: rsv1, payload: hello}),
		bad("a close frame with RSV1", protocol, frame{opcode: opClose, rsv: rsv1, payload: octets("\x03\xe8")}),
		bad("a continuation with RSV1", protocol, frame{opcode: opText, rsv: rsv1, more: true, payload: unhex("f248cd")}, frame{opcode: opContinuation, rsv: rsv1, payload: unhex("c9c90700")}),
		bad("a message without compression whose continuation has RSV1", protocol, frame{opcode: opText, more: true, payload: hello}, frame{opcode: opContinuation, rsv: rsv1, payload: unhex("f248cdc9c90700")}),
		bad("a compressed message that does not inflate", data, frame{opcode: opBinary, rsv: rsv1, payload: unhex("ffffffffffff")}),
		bad("a compressed message that refers to what was never sent", data, frame{opcode: opBinary, rsv: rsv1, payload: unhex("0213000000")}),
		bad("a compressed text that is not UTF-8", []int{1007}, compressedMessage{opcode: opText, payload: surrogateInText}),
	)}
}

// deflateAnswers: a server that accepts an offer does what it demands, and says
// so. The original does not insist on it.
func deflateAnswers() part {
	p := repeat("a compressed message, over and over; ", 5000)
	asked := func(words, offer string) Case {
		c := withDeflate(echo("an offer with "+words+", and a compressed message", killAfter(2*time.Second), textMessage(p), compressedMessage{opcode: opText, payload: p}))
		c.Wants = "OK: the response accepts the offer, and the message comes back as was agreed; UNIMPLEMENTED: the server declines"
		c.deflate.offers = []string{offer}
		c.only = []Role{ClientRole}
		return c
	}
	return part{"22.2", "answers to offers of permessage-deflate", "RFC 7692, 5.1 and 7.1", ours(
		asked("server_no_context_takeover", "permessage-deflate; server_no_context_takeover"),
		asked("server_max_window_bits=9", "permessage-deflate; server_max_window_bits=9"),
		asked("server_max_window_bits=12", "permessage-deflate; server_max_window_bits=12"),
		asked("nothing, so that client_max_window_bits must not be in the response", "permessage-deflate"),
		asked("client_max_window_bits=10", "permessage-deflate; client_max_window_bits=10"),
	)}
}
