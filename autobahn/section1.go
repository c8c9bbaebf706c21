package autobahn

import (
	"fmt"
	"time"
)

// Section 1: framing. The lengths are those around which the encoding of the
// length changes.

func textLengths() part {
	return part{"1.1", "text, lengths around the forms of a length", "RFC 6455, 5.2 and 5.6", lengths(opText, "*")}
}

func binaryLengths() part {
	return part{"1.2", "binary, lengths around the forms of a length", "RFC 6455, 5.2 and 5.6", lengths(opBinary, "\xfe")}
}

func lengths(op byte, unit string) (cases []Case) {
	for _, c := range []struct {
		n    int
		chop int
		wait time.Duration
	}{
		{0, 0, time.Second},
		{125, 0, time.Second},
		{126, 0, time.Second},
		{127, 0, time.Second},
		{128, 0, time.Second},
		{65535, 0, 10 * time.Second},
		{65536, 0, 10 * time.Second},
		{65536, 997, 10 * time.Second},
	} {
		p := repeat(unit, c.n)
		if c.n == 0 {
			p = octets("")
		}
		sends := fmt.Sprintf("a %s message of %d octets in one frame", opcodeNames[op], c.n)
		if c.chop > 0 {
			sends += fmt.Sprintf(", written in pieces of %d", c.chop)
		}
		cases = append(cases, echo(sends, killAfter(c.wait), message(op, p), frame{opcode: op, payload: p, chop: c.chop}))
	}
	return cases
}
