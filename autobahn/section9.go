package autobahn

import (
	"fmt"
	"time"
)

// Section 9: large messages, and many of them. Sizes and times are judged, the
// octets are not.

const (
	rfcLimits = "RFC 6455, 5.2, 5.4 and 10.4"
	mib       = 1 << 20
	textUnit  = "BAsd7&jh23"
	octetUnit = "\x00\xfe\x23\xfa\xf0"
)

// large is a case with one message.
func large(op byte, n int, sends string, wait time.Duration, s step) Case {
	return Case{
		Sends: sends, Wants: "OK: a message of the same type and length comes back in time",
		steps: []step{s}, limit: closeAfter(wait), rounds: &rounds{n: 1, opcode: op, length: n}, closing: byFuzzer, manner: manner{heavy: true},
	}
}

func largeText() part {
	p := part{number: "9.1", title: "large text messages in one frame", rfc: rfcLimits}
	for i, n := range []int{65536, 262144, mib, 4 * mib, 8 * mib, 16 * mib} {
		wait := 100 * time.Second
		if i < 2 {
			wait = 10 * time.Second
		}
		p.cases = append(p.cases, large(opText, n, fmt.Sprintf("a text of %d octets in one frame", n), wait, frame{opcode: opText, payload: repeat(textUnit, n)}))
	}
	return p
}

func largeBinary() part {
	p := part{number: "9.2", title: "large binary messages in one frame", rfc: rfcLimits}
	for i, n := range []int{65536, 262144, mib, 4 * mib, 8 * mib, 16 * mib} {
		wait := 100 * time.Second
		if i < 4 {
			wait = 10 * time.Second
		}
		p.cases = append(p.cases, large(opBinary, n, fmt.Sprintf("a binary message of %d octets in one frame", n), wait, frame{opcode: opBinary, payload: repeat(octetUnit, n)}))
	}
	return p
}

func fragmentedText() part {
	return part{"9.3", "4 MiB of text in fragments", rfcLimits, inFragmentsOf(opText, "*")}
}

func fragmentedBinary() part {
	return part{"9.4", "4 MiB of binary in fragments", rfcLimits, inFragmentsOf(opBinary, "\xfe")}
}

func inFragmentsOf(op byte, unit string) (cases []Case) {
	const n = 4 * mib
	for _, size := range []int{64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, mib, 4 * mib} {
		sends := fmt.Sprintf("a %s message of 4 MiB in fragments of %d octets", opcodeNames[op], size)
		cases = append(cases, large(op, n, sends, 100*time.Second, wholeMessage{op, repeat(unit, n), size}))
		unit = "*" // as the original has it from the second case on
	}
	return cases
}

func choppedText() part {
	return part{"9.5", "1 MiB of text, written in pieces", rfcLimits, inPiecesOf(opText, textUnit)}
}

func choppedBinary() part {
	return part{"9.6", "1 MiB of binary, written in pieces", rfcLimits, inPiecesOf(opBinary, octetUnit)}
}

func inPiecesOf(op byte, unit string) (cases []Case) {
	for size := 64; size <= 2048; size *= 2 {
		sends := fmt.Sprintf("a %s message of 1 MiB in one frame, written in pieces of %d octets", opcodeNames[op], size)
		cases = append(cases, large(op, mib, sends, 1000*time.Second, frame{opcode: op, payload: repeat(unit, mib), chop: size}))
	}
	return cases
}

func textRounds() part {
	return part{"9.7", "1000 text messages, one after the other", rfcLimits, thousand(opText, "*")}
}

func binaryRounds() part {
	return part{"9.8", "1000 binary messages, one after the other", rfcLimits, thousand(opBinary, "\xfe")}
}

func thousand(op byte, unit string) (cases []Case) {
	for i, n := range []int{0, 16, 64, 256, 1024, 4096} {
		wait := []time.Duration{60, 60, 60, 120, 240, 480}[i] * time.Second
		cases = append(cases, Case{
			Sends: fmt.Sprintf("1000 times a %s message of %d octets, each once the one before has come back", opcodeNames[op], n),
			Wants: "OK: each comes back with its type and length, in time",
			steps: []step{frame{opcode: op, payload: repeat(unit, n)}}, limit: closeAfter(wait),
			rounds: &rounds{n: 1000, opcode: op, length: n, strict: true}, closing: byFuzzer, manner: manner{heavy: true},
		})
	}
	return cases
}

// Section 10: a message that the fuzzer's encoder cuts.
func automaticFragments() part {
	p := repeat("*", 65536)
	return part{"10.1", "automatic fragmentation", "RFC 6455, 5.4", []Case{
		echo("a text of 65536 octets in fragments of 1300", killAfter(10*time.Second), textMessage(p), wholeMessage{opText, p, 1300}),
	}}
}
