package autobahn

import (
	"bytes"
	"fmt"
	"time"
)

// Section 26: messages that are small on the wire and huge once inflated.

// bomb is a compressed message of that many zeros, cut into fragments if
// fragment is not 0.
type bomb struct {
	opcode   byte
	size     int
	fragment int
}

func (b bomb) do(s *session) {
	const unit = 16 * mib
	// A message that is flushed ends at a byte: it can stand after itself.
	one := newDeflater(maxBits, true).compress(make([]byte, unit))
	all := bytes.Repeat(append(one[:len(one):len(one)], blockEnd[:4]...), b.size/unit)
	s.writeMessage(b.opcode, rsv1, all[:len(all)-4], b.fragment)
}

func (b bomb) String() string {
	return fmt.Sprintf("bomb %d %d fragment=%d", b.opcode, b.size, b.fragment)
}

func (b bomb) words() string {
	s := fmt.Sprintf("compressed %s message of %d zeros", opcodeNames[b.opcode], b.size)
	if b.fragment > 0 {
		s += fmt.Sprintf(", in fragments of %d octets", b.fragment)
	}
	return s
}

func bombs() part {
	explode := func(op byte, fragment int) Case {
		b := bomb{op, 1 << 30, fragment}
		c := withDeflate(Case{
			Sends: "a " + b.words(), Wants: "OK: the peer is the first to close, with 1009 or no code",
			steps: []step{b}, limit: killAfter(10 * time.Second), want: exactly(), closing: byPeer(1009), manner: manner{heavy: true},
		})
		c.closing.wrongSideFails = true
		return c
	}
	return part{"26.1", "compression bombs of 1 GiB", "RFC 6455, 7.4.1 and 10.4; RFC 7692, 8", ours(
		explode(opBinary, 0), explode(opText, 0), explode(opBinary, 4096),
	)}
}
