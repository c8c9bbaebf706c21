package attack

import (
	"fmt"
	"sync/atomic"
	"time"
)

// floods cost the server, or others, more than the sender.
var floods = []*Attack{
	{"floods/ping", "pings as fast as they are taken; the pongs are received", "serve others meanwhile", "RFC 6455, 5.5.2",
		func(t *trial) finding { return flood(t, appendFrame(nil, final|ping, []byte("flood")), true) }},
	{"floods/ping-deaf", "pings as fast as they are taken; the pongs are not received", "hold no more than usual: only the latest ping needs an answer", "RFC 6455, 5.5.3",
		func(t *trial) finding { return flood(t, appendFrame(nil, final|ping, make([]byte, 125)), false) }},
	{"floods/pong", "pongs that nobody has asked for", "serve others meanwhile", "RFC 6455, 5.5.3",
		func(t *trial) finding { return flood(t, appendFrame(nil, final|pong, []byte("flood")), true) }},
	{"floods/empty-messages", "messages of no bytes, which come back", "serve others meanwhile", "RFC 6455, 5.6",
		func(t *trial) finding { return flood(t, appendFrame(nil, final|text, nil), true) }},
	{"floods/tiny-messages", "messages of a byte, which come back", "serve others meanwhile", "RFC 6455, 5.6",
		func(t *trial) finding { return flood(t, appendFrame(nil, final|text, []byte("a")), true) }},
	{"floods/tiny-fragments", "messages of 16 fragments of a byte", "serve others meanwhile", "RFC 6455, 5.4",
		func(t *trial) finding {
			b := appendFrame(nil, text, []byte("a"))
			for range 14 {
				b = appendFrame(b, continuation, []byte("a"))
			}
			return flood(t, appendFrame(b, final|continuation, []byte("a")), true)
		}},
	{"floods/after-close", "messages after a close frame", "end the connection: nothing after it counts", "RFC 6455, 5.5.1; 7.1.1", afterClose},
	{"floods/handshakes", "connections that upgrade and are reset, as fast as they can", "serve others, and leave no descriptor open", "RFC 6455, 10.7", manyHandshakes},
	{"floods/connections", "connections that are reset at once", "serve others, and leave no descriptor open", "RFC 6455, 10.7", manyConnections},
}

// flood sends a frame again and again on all connections.
func flood(t *trial, b []byte, receiving bool) finding {
	part, copies := repeat(b, 32<<10)
	var frames, closed, full atomic.Int64
	f := t.eachOpen(func(l *link) finding {
		if receiving {
			l.drop()
		}
		for over := t.over(); time.Now().Before(over); {
			l.SetWriteDeadline(over)
			n, err := l.Write(part)
			t.sent.Add(int64(n))
			frames.Add(int64(n * copies / len(part)))
			if ended(err) {
				closed.Add(1)
				break
			}
			if stuck(err) {
				full.Add(1)
			}
		}
		return finding{verdict: Resisted}
	})
	if f.verdict == Resisted {
		f.seen = fmt.Sprintf("%s frames a second taken", short(float64(frames.Load())/t.o.Duration.Seconds()))
		if n := closed.Load(); n > 0 {
			f.seen += fmt.Sprintf("; it ended %d connections", n)
		}
	}
	return f
}

// short writes a number so that it can be compared at a glance.
func short(n float64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.1fM", n/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.0fk", n/1e3)
	}
	return fmt.Sprintf("%.0f", n)
}

// afterClose goes on after a close frame, until the connection has ended.
func afterClose(t *trial) finding {
	part, _ := repeat(appendFrame(nil, final|text, []byte("still here")), 32<<10)
	return t.eachOpen(func(l *link) finding {
		if err := l.send(appendFrame(nil, final|closing, []byte{3, 0xe8})); err != nil {
			return untried(err)
		}
		start := time.Now()
		l.drop()
		for time.Since(start) < 2*t.o.answer() {
			if err := l.send(part); ended(err) {
				return finding{Resisted, fmt.Sprintf("ended after %.1f s", time.Since(start).Seconds())}
			}
			t.wait(time.Millisecond)
		}
		return finding{Weak, fmt.Sprintf("the connection was still there %v after the close frame", 2*t.o.answer())}
	})
}

func manyHandshakes(t *trial) finding {
	return again(t, func() error {
		l, err := t.open()
		if l != nil {
			t.forget(l)
		}
		return err
	})
}

func manyConnections(t *trial) finding {
	return again(t, func() error {
		l, err := t.dial()
		if l != nil {
			t.forget(l)
		}
		return err
	})
}

// again does something again and again, on as many connections as an attack has.
func again(t *trial, f func() error) finding {
	var done, failed atomic.Int64
	t.each(func(int) finding {
		for over := t.over(); time.Now().Before(over) && t.ctx.Err() == nil; {
			if f() != nil {
				failed.Add(1)
				t.wait(time.Millisecond)
			} else {
				done.Add(1)
			}
		}
		return finding{verdict: Resisted}
	})
	if done.Load() == 0 {
		return finding{Untried, "no connection could be opened"}
	}
	return finding{Resisted, fmt.Sprintf("%s a second, and %d that failed", short(float64(done.Load())/t.o.Duration.Seconds()), failed.Load())}
}
