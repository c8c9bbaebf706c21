package autobahn

import "fmt"

// Section 4: opcodes that RFC 6455 reserves.

func reservedDataOpcodes() part {
	return part{"4.1", "reserved opcodes of data frames", "RFC 6455, 5.2", reservedOpcodes(3)}
}

func reservedControlOpcodes() part {
	return part{"4.2", "reserved opcodes of control frames", "RFC 6455, 5.2 and 5.5", reservedOpcodes(11)}
}

// reservedOpcodes are five cases, each with an opcode of its own.
func reservedOpcodes(op byte) []Case {
	second := func(op byte, p payload, d delivery) Case {
		return refusedAfterEcho(fmt.Sprintf("a good text message, a frame with opcode %d and %d octets, an empty ping; %s", op, p.length, d.words), hello,
			d.by(frame{opcode: opText, payload: hello}, frame{opcode: op, payload: p}, frame{opcode: opPing})...)
	}
	return []Case{
		refused(fmt.Sprintf("an empty frame with opcode %d", op), frame{opcode: op}),
		refused(fmt.Sprintf("a frame with opcode %d and 23 octets", op+1), frame{opcode: op + 1, payload: octets("reserved opcode payload")}),
		second(op+2, octets(""), together),
		second(op+3, hello, together),
		second(op+4, hello, byOctet),
	}
}
