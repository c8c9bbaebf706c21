package autobahn

import "fmt"

// Section 3: a reserved bit is set though no extension was agreed.
func reservedBits() part {
	alone := func(op, rsv byte, p payload) Case {
		return refused(fmt.Sprintf("a %s frame with RSV=%03b", opcodeNames[op], rsv), frame{opcode: op, rsv: rsv, payload: p})
	}
	second := func(rsv byte, d delivery) Case {
		return refusedAfterEcho(fmt.Sprintf("a good text message, the same with RSV=%03b, an empty ping; %s", rsv, d.words), hello,
			d.by(frame{opcode: opText, payload: hello}, frame{opcode: opText, rsv: rsv, payload: hello}, frame{opcode: opPing})...)
	}
	return part{"3", "reserved bits", "RFC 6455, 5.2", []Case{
		alone(opText, rsv3, hello),
		second(rsv2, together),
		second(rsv2|rsv3, apart),
		second(rsv1, byOctet),
		alone(opBinary, rsv1|rsv3, unhex("00fffefdfcfb00ff")),
		alone(opBinary, rsv1|rsv2, hello),
		alone(opClose, rsv1|rsv2|rsv3, octets("")),
	}}
}
