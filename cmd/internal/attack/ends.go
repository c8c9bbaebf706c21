package attack

import (
	"fmt"
	"time"
)

// ends are connections that end where they should not.
var ends = []*Attack{
	{"ends/reset-in-head", "a reset after each byte of a handshake", "serve others, and leave no descriptor open", "RFC 6455, 7.1.7; RFC 9293, 3.5.2",
		func(t *trial) finding { return resets(t, false) }},
	{"ends/reset-in-frame", "a reset after each byte of a message", "serve others, and leave no descriptor open", "RFC 6455, 7.1.7; RFC 9293, 3.5.2",
		func(t *trial) finding { return resets(t, true) }},
	{"ends/reset-in-answer", "resets while an answer of 1 MiB is under way", "serve others, and leave no descriptor open", "RFC 9293, 3.5.2", resetInAnswer},
	{"ends/half-closed-head", "the end of sending after each byte of a handshake", "end the connection in the time of a handshake", "RFC 9112, 9.6",
		func(t *trial) finding { return halfCloses(t, false) }},
	{"ends/half-closed-frame", "the end of sending after each byte of a message, without a close frame", "end the connection in seconds", "RFC 6455, 7.1.5",
		func(t *trial) finding { return halfCloses(t, true) }},
}

// points returns after how many bytes a thing of that size is to end: after each
// of the first and the last, and some of those between.
func points(size int) (all []int) {
	for n := 0; n <= size; n++ {
		if size < 64 || n < 16 || n > size-16 || n%7 == 0 {
			all = append(all, n)
		}
	}
	return all
}

// cut sends the first n bytes of a handshake, or of a message after one.
func (t *trial) cut(n int, message bool) (l *link, err error) {
	b := t.good().bytes()
	if message {
		b = appendFrame(nil, final|text, []byte("a message that is cut"))
		l, err = t.open()
	} else {
		l, err = t.dial()
	}
	if err != nil {
		return nil, err
	}
	return l, l.send(b[:n])
}

func (t *trial) sizeOf(message bool) int {
	if message {
		return len(appendFrame(nil, final|text, []byte("a message that is cut")))
	}
	return len(t.good().bytes())
}

func resets(t *trial, message bool) finding {
	all := points(t.sizeOf(message))
	for _, n := range all {
		l, err := t.cut(n, message)
		if err != nil {
			return untried(err)
		}
		t.wait(time.Millisecond) // so that the server has got the bytes first
		t.forget(l)
	}
	return finding{Resisted, fmt.Sprintf("%d connections were reset", len(all))}
}

func resetInAnswer(t *trial) finding {
	b := appendFrame(nil, final|binaryFrame, make([]byte, 1<<20))
	n := 0
	for over := t.over(); time.Now().Before(over); n++ {
		l, err := t.open()
		if err != nil {
			return untried(err)
		}
		go l.send(b)
		l.more(t.soon())
		t.forget(l)
	}
	return finding{Resisted, fmt.Sprintf("%d connections were reset", n)}
}

func halfCloses(t *trial, message bool) finding {
	all := points(t.sizeOf(message))
	limit := t.o.answer() * 2
	if !message {
		limit = max(limit, t.o.Handshake)
	}
	findings := make(chan finding, len(all))
	turns := make(chan struct{}, t.o.Connections)
	for _, n := range all {
		go func() {
			turns <- struct{}{}
			findings <- t.halfClose(n, message, limit)
			<-turns
		}()
	}
	f := finding{verdict: Resisted}
	for range all {
		f = worst(f, <-findings)
	}
	if f.verdict == Resisted {
		f.seen = fmt.Sprintf("it ended all %d connections", len(all))
	}
	return f
}

func (t *trial) halfClose(n int, message bool, limit time.Duration) finding {
	l, err := t.cut(n, message)
	if err == nil {
		err = l.tcp.CloseWrite()
	}
	if err != nil {
		return untried(err)
	}
	f := l.endsInTime(limit)
	t.forget(l)
	if f.verdict != Resisted {
		f.seen += fmt.Sprintf(", half-closed after %d bytes", n)
	}
	return f
}

// forget resets a connection and keeps nothing of it.
func (t *trial) forget(l *link) {
	l.reset()
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.links {
		if t.links[i] == l {
			last := len(t.links) - 1
			t.links[i] = t.links[last]
			t.links = t.links[:last]
			return
		}
	}
}
