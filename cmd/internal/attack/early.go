package attack

import (
	"fmt"
	"time"
)

// early are bytes that come too early.
var early = []*Attack{
	{"early/frame", "a handshake and a message in one segment", "refuse the handshake, or send the message back: not lose it", "RFC 6455, 4.1", earlyFrame},
	{"early/flood", "a handshake and 16 MiB of messages in front of its answer", "refuse the handshake, or answer it, and hold no more than usual", "RFC 6455, 4.1", earlyFlood},
	{"early/no-handshake", "a frame instead of a handshake", "refuse it, or end the connection", "RFC 6455, 4.2.1",
		func(t *trial) finding { return garbage(t, appendFrame(nil, final|text, []byte("hello\r\n\r\n"))) }},
	{"early/tls", "the beginning of TLS instead of a handshake", "refuse it, or end the connection", "RFC 9112, 2.2",
		func(t *trial) finding {
			return garbage(t, []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"))
		}},
	{"early/http2", "the preface of HTTP/2 instead of a handshake, and nothing else", "refuse it, or end the connection, in the time of a handshake", "RFC 9113, 3.4",
		func(t *trial) finding { return garbage(t, []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")) }},
}

func earlyFrame(t *trial) finding {
	l, err := t.dial()
	if err != nil {
		return untried(err)
	}
	r := t.good()
	r.body = string(appendFrame(nil, final|text, []byte("early")))
	if err := l.send(r.bytes()); err != nil {
		return finding{Resisted, "it ended the connection"}
	}
	a, err := l.answer(t.soon())
	switch {
	case stuck(err):
		return finding{Weak, fmt.Sprintf("no answer in %v", t.o.answer())}
	case err != nil || a.status != 101:
		return finding{Resisted, fmt.Sprintf("it did not accept the handshake: %d", a.status)}
	}
	f, err := l.frame(t.soon())
	if err != nil || string(f.payload) != "early" {
		return finding{Weak, "it accepted the handshake, and the message is lost"}
	}
	return finding{Resisted, "it accepted the handshake, and sent the message back"}
}

func earlyFlood(t *trial) finding {
	l, err := t.dial()
	if err != nil {
		return untried(err)
	}
	part, _ := repeat(appendFrame(nil, final|text, []byte("early")), 256<<10)
	err = l.send(t.good().bytes())
	for size := 0; size < 16<<20 && err == nil; size += len(part) {
		l.SetWriteDeadline(time.Now().Add(t.o.quiet()))
		_, err = l.Write(part)
	}
	a, noAnswer := l.answer(t.soon())
	switch {
	case stuck(noAnswer):
		return finding{Weak, fmt.Sprintf("no answer in %v", t.o.answer())}
	case noAnswer != nil:
		return finding{Resisted, "it ended the connection"}
	}
	return finding{Resisted, fmt.Sprintf("answered with %d", a.status)}
}

// garbage sends what is no handshake, and wants the connection ended.
func garbage(t *trial, b []byte) finding {
	l, err := t.dial()
	if err != nil {
		return untried(err)
	}
	if err := l.send(b); err != nil {
		return finding{Resisted, "it ended the connection"}
	}
	a, err := l.answer(t.soon())
	if err == nil && a.status == 101 {
		return finding{Weak, "it took that for a handshake"}
	}
	if err == nil {
		return finding{Resisted, fmt.Sprintf("answered with %d", a.status)}
	}
	return l.endsInTime(t.o.Handshake)
}
