package attack

import (
	"fmt"
	"time"
)

// heads are requests without an end.
var heads = []*Attack{
	{"heads/endless-line", "a request line of up to 64 MiB", wantsShortHead, "RFC 9112, 3; RFC 9110, 15.5.15",
		func(t *trial) finding { return endlessHead(t, "GET /", []byte("a")) }},
	{"heads/endless-field", "one field line of up to 64 MiB", wantsShortHead, "RFC 6585, 5",
		func(t *trial) finding { return endlessHead(t, "GET / HTTP/1.1\r\nHost: a\r\nX: ", []byte("a")) }},
	{"heads/endless-fields", "short field lines, up to 64 MiB of them", wantsShortHead, "RFC 6585, 5",
		func(t *trial) finding { return endlessHead(t, "GET / HTTP/1.1\r\nHost: a\r\n", []byte("a: b\r\n")) }},
	{"heads/just-line-ends", "empty lines in front of a request, up to 64 MiB of them", wantsShortHead, "RFC 9112, 2.2",
		func(t *trial) finding { return endlessHead(t, "", []byte("\r\n")) }},
}

const wantsShortHead = "refuse it, or end the connection, before it has taken 32 MiB"

// endless is how much is sent of what has no end, and taken how much of it shows
// that somebody reads on: the kernel holds less.
const (
	endless = 64 << 20
	taken   = 32 << 20
)

// endlessHead sends a head that goes on and on, until it is answered.
func endlessHead(t *trial, begin string, more []byte) finding {
	l, err := t.dial()
	if err != nil {
		return untried(err)
	}
	answered := make(chan error, 1)
	var a answer
	go func() {
		var err error
		a, err = l.answer(time.Now().Add(t.o.Handshake + t.o.answer()))
		answered <- err
	}()
	part, _ := repeat(more, 256<<10)
	err = l.send([]byte(begin))
	for size := 0; size < endless && err == nil && len(answered) == 0; size += len(part) {
		err = l.send(part)
	}
	took := float64(t.sent.Load()) / (1 << 20)
	if t.sent.Load() > taken && len(answered) == 0 {
		return finding{Weak, fmt.Sprintf("it took %.0f MiB, and had not answered", took)}
	}
	switch err := <-answered; {
	case err == nil:
		return finding{Resisted, fmt.Sprintf("answered with %d after %.1f MiB at most", a.status, took)}
	case stuck(err):
		return finding{Weak, fmt.Sprintf("after %.1f MiB it took no more, gave no answer in %v, and kept the connection", took, t.o.Handshake)}
	}
	return finding{Resisted, fmt.Sprintf("it ended the connection after %.1f MiB at most", took)}
}
