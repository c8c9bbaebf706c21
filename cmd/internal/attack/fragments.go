package attack

import (
	"fmt"
	"time"
)

// fragments are messages in pieces.
var fragments = []*Attack{
	{"fragments/tiny", "a message in 1,048,576 fragments of a byte, which does not end", "end the connection at a limit of fragments or of bytes", "RFC 6455, 10.4",
		func(t *trial) finding {
			return endlessFrames(t, Lenient, binaryFrame, appendFrame(nil, continuation, []byte("a")), 1<<20)
		}},
	{"fragments/empty", "a message in 1,048,576 empty fragments, which does not end", "end the connection at a limit of fragments", "RFC 6455, 5.4; 10.4",
		func(t *trial) finding {
			return endlessFrames(t, Lenient, text, appendFrame(nil, continuation, nil), 1<<20)
		}},
	{"fragments/pings-inside", "1,048,576 pings inside a message that does not end", "end the connection at a limit, or hold nothing of them", "RFC 6455, 5.5.2; 10.4",
		func(t *trial) finding {
			return endlessFrames(t, Lenient, text, appendFrame(nil, final|ping, nil), 1<<20)
		}},
	{"fragments/large", "a message in fragments of 64 KiB, up to 256 MiB, which does not end", "end the connection at a limit of bytes", "RFC 6455, 10.4",
		func(t *trial) finding {
			return endlessFrames(t, Weak, binaryFrame, appendFrame(nil, continuation, make([]byte, 64<<10)), 4<<10)
		}},
	{"fragments/unfinished", "connections that each send a message of up to 1 MiB, but for its end, and hold it", "hold no more than what has come, in the same order of size", "RFC 6455, 10.4", unfinished},
	{"fragments/out-of-order", "a continuation without a beginning", "end the connection", "RFC 6455, 5.4",
		func(t *trial) finding {
			return refusedFrame(t, Weak, appendFrame(nil, final|continuation, []byte("a")))
		}},
	{"fragments/two-beginnings", "a message that begins inside another one", "end the connection", "RFC 6455, 5.4",
		func(t *trial) finding {
			return refusedFrame(t, Weak, appendFrame(appendFrame(nil, text, []byte("a")), text, []byte("b")))
		}},
}

// endlessFrames sends a first fragment, and frames without end after it.
func endlessFrames(t *trial, all Verdict, first byte, more []byte, count int) finding {
	l, err := t.open()
	if err != nil {
		return untried(err)
	}
	return endlessMessage(l, all, appendFrame(nil, first, []byte("a")), more, count)
}

// endlessMessage sends the beginning of a message, and a frame so many times more.
// Whoever has taken all of them is given that verdict.
func endlessMessage(l *link, all Verdict, begin, more []byte, count int) finding {
	reading := make(chan ending, 1)
	// What comes is received as long as something is sent, however long that takes: a
	// server that answers pings is not to wait for us.
	go func() { reading <- l.ending(time.Now().Add(24 * time.Hour)) }()
	err := l.send(begin)
	part, copies := repeat(more, 64<<10)
	sent := 0
	for ; sent < count && err == nil && len(reading) == 0; sent += copies {
		err = l.send(part)
	}
	if err == nil {
		// The server may still be at it. The answer to a close frame says whether it has
		// come so far: one that it has sent before has another code.
		err = l.send(appendFrame(nil, final|closing, []byte{3, 0xe8}))
	}
	if stuck(err) {
		return finding{Weak, fmt.Sprintf("after %d frames it took no more, and kept the connection", sent)}
	}
	var e ending
	select {
	case e = <-reading:
	case <-time.After(8 * l.t.o.answer()):
	}
	switch {
	case e.code == 1000:
		return finding{all, fmt.Sprintf("it took all %d frames", sent)}
	case e.over || e.code != 0:
		return finding{Resisted, fmt.Sprintf("%v, after %d frames at most", e, sent)}
	}
	return finding{Weak, fmt.Sprintf("after %d frames it is stuck", sent)}
}

func unfinished(t *trial) finding {
	part := appendFrame(nil, continuation, make([]byte, 64<<10))
	f := t.eachOpen(func(l *link) finding {
		err := l.send(appendFrame(nil, binaryFrame, []byte("a")))
		for range 16 {
			if err == nil {
				err = l.send(part)
			}
		}
		if err != nil {
			return finding{Resisted, "it ended the connection: " + err.Error()}
		}
		t.held.Add(1 << 20)
		return finding{Resisted, "it waits for the rest"}
	})
	t.wait(t.o.Duration)
	return f
}
