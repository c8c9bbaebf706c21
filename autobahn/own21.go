package autobahn

import (
	"fmt"
)

// Section 21: headers of frames that the original does not try.

func ours(cases ...Case) []Case {
	for i := range cases {
		cases[i].Ours = true
	}
	return cases
}

// longForms: RFC 6455, 5.2 wants the minimal number of bytes for a length.
func longForms() part {
	long := func(op byte, n, form int) Case {
		return refused(fmt.Sprintf("a %s frame of %d octets whose length is written in %d octets", opcodeNames[op], n, form),
			frame{opcode: op, payload: repeat("a", n), form: form})
	}
	firstBit := refused("a text frame whose length has its first bit set", frame{opcode: opText, payload: octets("Hello"), declared: 1<<63 | 5, form: 8})
	firstBit.closing = byPeer(1002, 1009)
	return part{"21.1", "lengths that are not in their shortest form", "RFC 6455, 5.2", ours(
		long(opText, 5, 2), long(opText, 125, 2), long(opText, 5, 8), long(opBinary, 65535, 8), long(opPing, 5, 2), long(opPing, 5, 8), long(opPong, 5, 2),
		firstBit,
	)}
}

func wrongMasks() part {
	wrong := func(op byte, p payload) Case {
		return refused(fmt.Sprintf("a %s frame that is masked by a server, or not masked by a client", opcodeNames[op]), frame{opcode: op, payload: p, badMask: true})
	}
	return part{"21.2", "masks in the wrong direction", "RFC 6455, 5.1", ours(
		wrong(opText, hello), wrong(opBinary, hello), wrong(opPing, hello), wrong(opPong, hello),
		wrong(opClose, octets("\x03\xe8")),
		refused("a text fragment, and a continuation whose mask is wrong", frame{opcode: opText, more: true, payload: hello}, frame{opcode: opContinuation, payload: hello, badMask: true}),
	)}
}
