package attack

import (
	"bytes"
	"fmt"
	"time"
)

// slow are peers that take their time.
var slow = []*Attack{
	{"slow/silent", "connections that send nothing", "end them in the time of a handshake", "RFC 9110, 15.5.9; RFC 6455, 10.7",
		func(t *trial) finding { return slowHead(t, func(request) []byte { return nil }) }},
	{"slow/half-a-head", "connections that send half of a request, and then nothing", "end them in the time of a handshake", "RFC 9110, 15.5.9",
		func(t *trial) finding {
			return slowHead(t, func(r request) []byte { b := r.bytes(); return b[:len(b)/2] })
		}},
	{"slow/head-by-bytes", "requests of which a byte comes now and then, so that no pause is long", "end them in the time of a handshake all the same", "RFC 9110, 15.5.9", slowBytes},
	{"slow/frames-by-bytes", "messages of which a byte comes every few milliseconds", "put them together, and serve others meanwhile", "RFC 6455, 5.4", slowFrames},
	{"slow/half-a-frame", "frames of 64 KiB of which all but a byte has come", "hold no more than what has come, in the same order of size", "RFC 6455, 10.4", halfFrames},
}

// slowHead sends a part of a head on all connections, and waits.
func slowHead(t *trial, part func(request) []byte) finding {
	return t.each(func(int) finding {
		l, err := t.dial()
		if err != nil {
			return untried(err)
		}
		if err := l.send(part(t.good())); err != nil {
			return untried(err)
		}
		return l.endsInTime(t.o.Handshake)
	})
}

// endsInTime finds out whether the server ends a connection.
func (l *link) endsInTime(d time.Duration) finding {
	start := time.Now()
	for {
		l.in = nil
		err := l.more(start.Add(d))
		if stuck(err) {
			return finding{Weak, fmt.Sprintf("the connection was still there after %v", d)}
		}
		if err != nil {
			return finding{Resisted, fmt.Sprintf("ended after %.1f s", time.Since(start).Seconds())}
		}
	}
}

func slowBytes(t *trial) finding {
	return t.each(func(int) finding {
		l, err := t.dial()
		if err != nil {
			return untried(err)
		}
		head := t.good().with("X-Slow: " + string(bytes.Repeat([]byte("a"), 200))).bytes()
		start := time.Now()
		pause := t.o.Handshake / 200 // so that the last byte is never due
		for i := range head {
			if l.more(time.Now().Add(pause)); time.Since(start) > t.o.Handshake {
				return finding{Weak, fmt.Sprintf("the connection was still there after %v", t.o.Handshake)}
			}
			if err := l.send(head[i : i+1]); ended(err) {
				return finding{Resisted, fmt.Sprintf("ended after %.1f s, %d bytes of the head", time.Since(start).Seconds(), i)}
			}
		}
		return finding{Untried, "the head was over before the time"}
	})
}

// slowFrames sends messages byte by byte, as long as a flood takes, and wants them
// back.
func slowFrames(t *trial) finding {
	return t.eachOpen(func(l *link) finding {
		message := appendFrame(nil, final|text, []byte("slowly"))
		n := 0
		for over := t.over(); n == 0 || time.Now().Before(over); n++ {
			for i := range message {
				if err := l.send(message[i : i+1]); err != nil {
					return finding{Weak, "a message that came in bytes ended the connection: " + err.Error()}
				}
				t.wait(2 * time.Millisecond)
			}
			f, err := l.frame(t.soon())
			if err != nil || f.first != final|text || string(f.payload) != "slowly" {
				return finding{Weak, fmt.Sprintf("a message that came in bytes did not come back: %x %q, %v", f.first, f.payload, err)}
			}
		}
		return finding{Resisted, fmt.Sprintf("%d messages came back on each connection", n)}
	})
}

func halfFrames(t *trial) finding {
	f := t.eachOpen(func(l *link) finding {
		b := appendFrame(nil, final|binaryFrame, make([]byte, 64<<10))
		if err := l.send(b[:len(b)-1]); ended(err) {
			return finding{Resisted, "ended a frame that is not complete"}
		}
		t.held.Add(64 << 10)
		return finding{Resisted, "waits for the rest"}
	})
	t.wait(t.o.Duration)
	return f
}
