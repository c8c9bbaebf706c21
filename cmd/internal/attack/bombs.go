package attack

import (
	"bytes"
	"compress/flate"
	"fmt"
	"strings"
	"sync"
	"time"
)

// bombs are compressed messages (RFC 7692).
var bombs = []*Attack{
	{"bombs/zeros", "a message of 256 MiB of zeros in 256 KiB", "end the connection before it holds that", "RFC 6455, 10.4; RFC 7692, 10",
		func(t *trial) finding {
			return compressedMessage(t, appendFrame(nil, final|compressed|binaryFrame, bomb()))
		}},
	{"bombs/fragments", "the same in fragments of 64 bytes", "end the connection before it holds that", "RFC 6455, 10.4; RFC 7692, 10", bombInPieces},
	{"bombs/unfinished", "connections that each send what inflates to 8 MiB, but for its end, and hold it", "hold no more than 16 MiB for each, or end them", "RFC 6455, 10.4", unfinishedBombs},
	{"bombs/within-limits", "messages of 512 KiB of zeros in 512 bytes, one after the other, which come back", "serve others meanwhile", "RFC 6455, 10.4", smallBombs},
	{"bombs/empty-blocks", "a message of 64 MiB of DEFLATE that inflates to nothing", "end the connection at a limit", "RFC 6455, 10.4; RFC 1951, 3.2.4",
		func(t *trial) finding {
			blocks, _ := repeat([]byte{0, 0, 0, 0xff, 0xff}, 64<<10)
			return deflating(t, func(l *link) finding {
				return endlessMessage(l, Lenient, appendFrame(nil, compressed|binaryFrame, blocks), appendFrame(nil, continuation, blocks), 1<<10)
			})
		}},
	{"bombs/broken", "a compressed message that is no DEFLATE", "end the connection", "RFC 7692, 7.2.2; RFC 6455, 7.4.1",
		func(t *trial) finding {
			return compressedMessage(t, appendFrame(nil, final|compressed|text, bytes.Repeat([]byte{0xff}, 100)))
		}},
	{"bombs/not-agreed", "a compressed message, though no compression is agreed", "end the connection", "RFC 6455, 5.2",
		func(t *trial) finding {
			return refusedFrame(t, Weak, appendFrame(nil, final|compressed|text, zeros(1<<10)))
		}},
}

// zeros returns so many of them, compressed for a message (RFC 7692, 7.2.1).
func zeros(n int) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	for part := make([]byte, 1<<20); n > 0; n -= len(part) {
		w.Write(part[:min(n, len(part))])
	}
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})
}

// bomb is what two attacks send.
var bomb = sync.OnceValue(func() []byte { return zeros(256 << 20) })

// deflating opens a connection with compression.
func deflating(t *trial, f func(l *link) finding) finding {
	l, head, err := t.openWith(t.good().with("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"))
	if err != nil {
		return untried(err)
	}
	if !strings.Contains(strings.ToLower(head), "permessage-deflate") {
		return finding{NotOffered, "it declines permessage-deflate"}
	}
	return f(l)
}

// compressedMessage sends a message that has to end the connection.
func compressedMessage(t *trial, b []byte) finding {
	return deflating(t, func(l *link) finding {
		if err := l.send(b); ended(err) {
			return finding{Resisted, "it ended the connection"}
		}
		return judgeBomb(l.ending(t.soon().Add(t.o.answer())))
	})
}

func judgeBomb(e ending) finding {
	switch {
	case e.data > 0:
		return finding{Weak, fmt.Sprintf("%d bytes came back", e.data)}
	case e.over || e.code != 0:
		return finding{Resisted, e.String()}
	}
	return finding{Weak, e.String()}
}

func bombInPieces(t *trial) finding {
	return deflating(t, func(l *link) finding {
		bomb := bomb()
		var b []byte
		first := byte(compressed | binaryFrame)
		for len(bomb) > 0 {
			n := min(64, len(bomb))
			if n == len(bomb) {
				first |= final
			}
			b, bomb, first = appendFrame(b, first, bomb[:n]), bomb[n:], continuation
		}
		if err := l.send(b); ended(err) {
			return finding{Resisted, "it ended the connection"}
		}
		return judgeBomb(l.ending(t.soon().Add(t.o.answer())))
	})
}

func unfinishedBombs(t *trial) finding {
	bomb := zeros(8 << 20)
	f := t.each(func(int) finding {
		return deflating(t, func(l *link) finding {
			if err := l.send(appendFrame(nil, compressed|binaryFrame, bomb)); err != nil {
				return finding{Resisted, "it ended the connection"}
			}
			t.held.Add(4 << 20)
			e := l.ending(t.over())
			if e.over || e.code != 0 {
				return finding{Resisted, e.String()}
			}
			return finding{Resisted, "it waits for the rest"}
		})
	})
	return f
}

func smallBombs(t *trial) finding {
	b := appendFrame(nil, final|compressed|binaryFrame, zeros(512<<10))
	return t.each(func(int) finding {
		return deflating(t, func(l *link) finding {
			l.drop()
			t.held.Add(1 << 20) // a message and its answer
			n := 0
			for over := t.over(); time.Now().Before(over); n++ {
				if err := l.send(b); ended(err) {
					return finding{Resisted, fmt.Sprintf("it ended the connection after %d messages", n)}
				}
			}
			return finding{Resisted, "it took all"}
		})
	})
}
