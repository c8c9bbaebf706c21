package attack

import (
	"fmt"
	"time"
)

// stalled are peers that send and do not receive.
var stalled = []*Attack{
	{"stalled/messages", "messages of 16 KiB that come back to nobody, up to 128 MiB", wantsBound, "RFC 6455, 10.4",
		func(t *trial) finding { return deaf(t, 1, 16<<10) }},
	{"stalled/tiny-messages", "messages of 16 bytes that come back to nobody, up to 128 MiB", wantsBound, "RFC 6455, 10.4",
		func(t *trial) finding { return deaf(t, 1, 16) }},
	{"stalled/many", "messages of 16 KiB on all connections, which come back to nobody", wantsBound, "RFC 6455, 10.4",
		func(t *trial) finding { return deaf(t, t.o.Connections, 16<<10) }},
	{"stalled/close", "connections that receive nothing and then send a close frame", "not wait for ever to have it answered", "RFC 6455, 7.1.1", deafClose},
	{"stalled/slow-reader", "connections that receive a byte now and then", "serve others meanwhile", "RFC 6455, 10.4", slowReader},
}

const wantsBound = "stop receiving, or end the connection, before 64 MiB wait to be sent"

// room is what the receiving side of a deaf peer has. With less, a kernel that is
// out of room drops the acknowledgements of what was sent too.
const room = 256 << 10

// deaf sends on so many connections and receives nothing.
func deaf(t *trial, connections, size int) finding {
	message := appendFrame(nil, final|binaryFrame, make([]byte, size))
	part, _ := repeat(message, 256<<10)
	return t.some(connections, func(l *link) finding {
		l.tcp.SetReadBuffer(room)
		total := int64(0)
		for total < 128<<20 {
			l.SetWriteDeadline(time.Now().Add(t.o.quiet()))
			n, err := l.Write(part)
			total += int64(n)
			t.sent.Add(int64(n))
			if ended(err) {
				return finding{Resisted, fmt.Sprintf("it ended the connection after %.0f MiB at most", float64(total)/(1<<20))}
			}
			if stuck(err) {
				break
			}
		}
		if total > 64<<20 {
			// It may have ended the connection, and drop what still comes.
			if e := l.ending(t.soon()); e.data > 32<<20 || !e.over && e.code == 0 {
				return finding{Weak, fmt.Sprintf("it took %d MiB, and kept the answers", total>>20)}
			}
			return finding{Resisted, "it ended the connection, and kept no answers"}
		}
		return finding{Resisted, fmt.Sprintf("it took %.1f MiB, and then no more", float64(total)/(1<<20))}
	})
}

func deafClose(t *trial) finding {
	message := appendFrame(nil, final|binaryFrame, make([]byte, 16<<10))
	part, _ := repeat(message, 256<<10)
	return t.eachOpen(func(l *link) finding {
		l.tcp.SetReadBuffer(room)
		var err error
		for total := 0; total < 32<<20 && err == nil; total += len(part) {
			l.SetWriteDeadline(time.Now().Add(t.o.quiet()))
			_, err = l.Write(part)
		}
		if ended(err) {
			return finding{Resisted, "it ended the connection"}
		}
		// The rest of a frame may be under way, so that this is none: what counts is
		// that the server is rid of it when the connection has been reset.
		l.SetWriteDeadline(time.Now().Add(t.o.quiet()))
		l.Write(appendFrame(nil, final|closing, nil))
		return finding{Resisted, "it waited, and was rid of the connections after their reset"}
	})
}

func slowReader(t *trial) finding {
	message := appendFrame(nil, final|binaryFrame, make([]byte, 16<<10))
	return t.eachOpen(func(l *link) finding {
		l.tcp.SetReadBuffer(room)
		var b [1]byte
		for over := t.over(); time.Now().Before(over); {
			l.SetWriteDeadline(time.Now().Add(time.Millisecond))
			if _, err := l.Write(message); ended(err) {
				return finding{Resisted, "it ended the connection: " + err.Error()}
			}
			l.SetReadDeadline(time.Now().Add(time.Millisecond))
			l.Read(b[:])
		}
		return finding{Resisted, "it waited"}
	})
}
