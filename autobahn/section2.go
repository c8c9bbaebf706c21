package autobahn

import (
	"fmt"
	"time"
)

// Section 2: pings are answered with pongs that carry the same octets, in order;
// pongs nobody has asked for are ignored.
func pings() part {
	long := repeat("\xfe", 125)
	unasked := octets("unsolicited pong payload")
	thenClose := closeFrame{code: 1000}
	return part{"2", "pings and pongs", "RFC 6455, 5.5.2 and 5.5.3", []Case{
		pinged("an empty ping", octets("")),
		pinged("a ping with 13 octets of text", octets("Hello, world!")),
		pinged("a ping with octets that are not UTF-8", unhex("00fffefdfcfb00ff")),
		pinged("a ping of 125 octets, the longest there may be", long),
		refused("a ping of 126 octets, one too many for a control frame", frame{opcode: opPing, payload: repeat("\xfe", 126)}),
		{
			Sends: "a ping of 125 octets, octet by octet", Wants: wantsPong,
			steps: []step{frame{opcode: opPing, payload: long, chop: 1}}, limit: closeAfter(2 * time.Second),
			want: exactly(pong(long)), closing: byFuzzer,
		},
		ignored("an empty pong that nobody has asked for, then close 1000", frame{opcode: opPong}, thenClose),
		ignored("a pong of 24 octets that nobody has asked for, then close 1000", frame{opcode: opPong, payload: unasked}, thenClose),
		{
			Sends: "a pong that nobody has asked for, then a ping", Wants: "OK: a pong for the ping, and nothing else",
			steps: together.by(frame{opcode: opPong, payload: unasked}, frame{opcode: opPing, payload: octets("ping payload")}),
			limit: closeAfter(time.Second), want: exactly(pong(octets("ping payload"))), closing: byFuzzer,
		},
		tenPings(together),
		tenPings(byOctet),
	}}
}

const wantsPong = "OK: a pong with the same octets"

func pinged(sends string, p payload) Case {
	return Case{
		Sends: sends, Wants: wantsPong, steps: []step{frame{opcode: opPing, payload: p}},
		limit: closeAfter(time.Second), want: exactly(pong(p)), closing: byFuzzer,
	}
}

// ignored: nothing comes back but the answer to the close frame.
func ignored(sends string, steps ...step) Case {
	return Case{
		Sends: sends, Wants: "OK: nothing comes back but a close frame", steps: steps, limit: closeAfter(time.Second),
		want: exactly(), closing: closeRule{first: fuzzer, codes: []int{1000}, clean: true},
	}
}

func tenPings(d delivery) Case {
	var frames []frame
	var pongs []event
	for i := range 10 {
		p := octets(fmt.Sprintf("payload-%d", i))
		frames = append(frames, frame{opcode: opPing, payload: p})
		pongs = append(pongs, pong(p))
	}
	return Case{
		Sends: "ten pings with different octets, " + d.words, Wants: "OK: ten pongs, in the order of the pings",
		steps: d.by(frames...), limit: closeAfter(3 * time.Second), want: exactly(pongs...), closing: byFuzzer,
	}
}
