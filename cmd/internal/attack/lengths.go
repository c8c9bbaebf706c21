package attack

import "fmt"

// lengths are frames whose headers say more than comes.
var lengths = []*Attack{
	{"lengths/top-bit", "a frame of 2^63 bytes and more: a length whose first bit is set", "end the connection", "RFC 6455, 5.2", func(t *trial) finding {
		return refusedFrame(t, Weak, appendLength(nil, final|binaryFrame, 1<<63|5, 8))
	}},
	{"lengths/largest", "frames of 2^63-1 bytes", wantsNoMemory, "RFC 6455, 10.4", func(t *trial) finding {
		return declared(t, 1<<63-1)
	}},
	{"lengths/2^48", "frames of 2^48 bytes", wantsNoMemory, "RFC 6455, 10.4", func(t *trial) finding { return declared(t, 1<<48) }},
	{"lengths/gibibyte", "frames of 1 GiB", wantsNoMemory, "RFC 6455, 10.4", func(t *trial) finding { return declared(t, 1<<30) }},
	{"lengths/fragment", "a first fragment of a byte, and a second one of 2^62 bytes", wantsNoMemory, "RFC 6455, 10.4", func(t *trial) finding {
		b := appendFrame(nil, binaryFrame, []byte("a"))
		return declaredAfter(t, b, 1<<62)
	}},
	{"lengths/not-shortest", "a length of five in eight bytes", "end the connection", "RFC 6455, 5.2", func(t *trial) finding {
		b := appendLength(nil, final|text, 5, 8)
		for i, c := range []byte("hello") {
			b = append(b, c^key[i&3])
		}
		return refusedFrame(t, Lenient, b)
	}},
	{"lengths/ping", "a ping of 65,535 bytes", "end the connection", "RFC 6455, 5.5", func(t *trial) finding {
		return refusedFrame(t, Weak, appendFrame(nil, final|ping, make([]byte, 0xffff)))
	}},
	{"lengths/close", "a close frame of 65,535 bytes", "end the connection", "RFC 6455, 5.5", func(t *trial) finding {
		return refusedFrame(t, Weak, appendFrame(nil, final|closing, make([]byte, 0xffff)))
	}},
}

const wantsNoMemory = "end the connection, or wait without memory for it"

// refusedFrame sends a frame that no server may take.
func refusedFrame(t *trial, taken Verdict, b []byte) finding {
	l, err := t.open()
	if err != nil {
		return untried(err)
	}
	if err := l.send(b); ended(err) {
		return finding{Resisted, "it ended the connection"}
	}
	e := l.ending(t.soon())
	if !e.over && e.code == 0 {
		return finding{taken, fmt.Sprintf("%v", e)}
	}
	return finding{Resisted, e.String()}
}

// declared opens connections that declare so many bytes and send ten.
func declared(t *trial, length uint64) finding { return declaredAfter(t, nil, length) }

func declaredAfter(t *trial, before []byte, length uint64) finding {
	first := byte(final | binaryFrame)
	if before != nil {
		first = final | continuation
	}
	b := append(appendLength(before[:len(before):len(before)], first, length, 8), "ten bytes."...)
	return t.eachOpen(func(l *link) finding {
		if err := l.send(b); ended(err) {
			return finding{Resisted, "it ended the connection"}
		}
		e := l.ending(t.over())
		if !e.over && e.code == 0 {
			return finding{Resisted, "it waits for the rest"}
		}
		return finding{Resisted, e.String()}
	})
}
