package bench_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	gobwas "github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/wirews/wirews/internal/utf8check"
	"github.com/wirews/wirews/ws"
)

// frameHeader is a header as both libraries write it.
type frameHeader struct {
	name   string
	wirews ws.Header
	gobwas gobwas.Header
}

// headers are those of a short and a long message, from a server and from a
// client. The name is the size in bytes.
var headers = []frameHeader{
	newHeader("2", 5, false),
	newHeader("6", 5, true),
	newHeader("8", 500, true),
	newHeader("14", 1<<20, true),
}

func newHeader(name string, length int64, masked bool) frameHeader {
	h := frameHeader{
		name:   name,
		wirews: ws.Header{Fin: true, OpCode: ws.OpText, Masked: masked, Length: length},
		gobwas: gobwas.Header{Fin: true, OpCode: gobwas.OpText, Masked: masked, Length: length},
	}
	if masked {
		h.wirews.Mask, h.gobwas.Mask = key, key
	}
	return h
}

var (
	key          = [4]byte{0x37, 0xfa, 0x21, 0x3d}
	payloadSizes = []int{16, 125, 1 << 10, 16 << 10, 1 << 20}
)

// candidate is one side of a comparison.
type candidate struct {
	lib string
	op  func()
}

// compare runs the candidates one after another on bytes of payload.
func compare(b *testing.B, payload int, candidates ...candidate) {
	for _, c := range candidates {
		b.Run(c.lib, func(b *testing.B) {
			if payload > 0 {
				b.SetBytes(int64(payload))
			}
			b.ReportAllocs()
			for b.Loop() {
				c.op()
			}
		})
	}
}

// sink keeps the compiler from dropping what nobody looks at.
var sink struct {
	wirews ws.Header
	gobwas gobwas.Header
	n      int
	bytes  []byte
}

// BenchmarkParseHeader: bytes that are here already become a header. gobwas
// has no function for it: its users go through a bytes.Reader, with a buffer of
// their own or without.
func BenchmarkParseHeader(b *testing.B) {
	for _, h := range headers {
		b.Run(h.name, func(b *testing.B) {
			wire := ws.AppendHeader(nil, h.wirews)
			r := bytes.NewReader(wire)
			buf := make([]byte, gobwas.MaxHeaderSize)
			compare(b, 0,
				candidate{"wirews", func() { sink.wirews, sink.n, _ = ws.ParseHeader(wire) }},
				candidate{"wirews-in-place", func() { sink.n, _ = sink.wirews.Parse(wire) }},
				candidate{"gobwas", func() {
					r.Reset(wire)
					sink.gobwas, _ = gobwas.ReadHeader(r)
				}},
				candidate{"gobwas-buffer", func() {
					r.Reset(wire)
					sink.gobwas, _ = gobwas.ReadHeaderBuffer(r, buf)
				}},
				candidate{"bare", func() { sink.wirews, sink.n = bareParse(wire) }},
			)
		})
	}
}

// bareParse believes that wire holds a whole, correct header.
func bareParse(wire []byte) (h ws.Header, n int) {
	b0, b1 := wire[0], wire[1]
	h.Fin, h.Rsv, h.OpCode = b0 >= 0x80, b0>>4&7, ws.OpCode(b0&15)
	h.Length, n = int64(b1&127), 2
	switch h.Length {
	case 126:
		h.Length, n = int64(binary.BigEndian.Uint16(wire[2:])), 4
	case 127:
		h.Length, n = int64(binary.BigEndian.Uint64(wire[2:])), 10
	}
	if b1 >= 0x80 {
		h.Masked, h.Mask = true, [4]byte(wire[n:])
		n += 4
	}
	return h, n
}

// BenchmarkAppendHeader: a header becomes bytes in memory. gobwas has no
// function for it: its users go through a bytes.Buffer, with a buffer of their
// own besides or without.
func BenchmarkAppendHeader(b *testing.B) {
	for _, h := range headers {
		b.Run(h.name, func(b *testing.B) {
			out := make([]byte, 0, ws.MaxHeaderSize)
			bare := make([]byte, ws.MaxHeaderSize)
			buf := make([]byte, gobwas.MaxHeaderSize)
			var w bytes.Buffer
			compare(b, 0,
				candidate{"wirews", func() { out = ws.AppendHeader(out[:0], h.wirews) }},
				candidate{"gobwas", func() {
					w.Reset()
					gobwas.WriteHeader(&w, h.gobwas)
				}},
				candidate{"gobwas-buffer", func() {
					w.Reset()
					gobwas.WriteHeaderBuffer(&w, h.gobwas, buf)
				}},
				candidate{"bare", func() { sink.n = bareAppend(bare, &h.wirews) }},
			)
		})
	}
}

// bareAppend believes that dst is large enough and h sound.
func bareAppend(dst []byte, h *ws.Header) (n int) {
	dst[0] = h.Rsv<<4 | byte(h.OpCode)
	if h.Fin {
		dst[0] |= 0x80
	}
	switch {
	case h.Length < 126:
		dst[1], n = byte(h.Length), 2
	case h.Length < 65536:
		dst[1], n = 126, 4
		binary.BigEndian.PutUint16(dst[2:], uint16(h.Length))
	default:
		dst[1], n = 127, 10
		binary.BigEndian.PutUint64(dst[2:], uint64(h.Length))
	}
	if h.Masked {
		dst[1] |= 0x80
		n += copy(dst[n:], h.Mask[:])
	}
	return n
}

func BenchmarkReadHeader(b *testing.B) {
	for _, h := range headers {
		b.Run(h.name, func(b *testing.B) {
			wire := ws.AppendHeader(nil, h.wirews)
			r := bytes.NewReader(wire)
			compare(b, 0,
				candidate{"wirews", func() {
					r.Reset(wire)
					sink.wirews, _ = ws.ReadHeader(r)
				}},
				candidate{"gobwas", func() {
					r.Reset(wire)
					sink.gobwas, _ = gobwas.ReadHeader(r)
				}},
			)
		})
	}
}

func BenchmarkWriteHeader(b *testing.B) {
	for _, h := range headers {
		b.Run(h.name, func(b *testing.B) {
			compare(b, 0,
				candidate{"wirews", func() { ws.WriteHeader(io.Discard, h.wirews) }},
				candidate{"gobwas", func() { gobwas.WriteHeader(io.Discard, h.gobwas) }},
			)
		})
	}
}

func BenchmarkReadFrame(b *testing.B) {
	for _, n := range payloadSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			wire := ws.AppendFrame(nil, ws.NewBinaryFrame(make([]byte, n)))
			r := bytes.NewReader(wire)
			buf := make([]byte, n)
			compare(b, n,
				candidate{"wirews", func() {
					r.Reset(wire)
					f, _ := ws.ReadFrame(r)
					sink.bytes = f.Payload
				}},
				candidate{"gobwas", func() {
					r.Reset(wire)
					//lint:ignore SA1019 deprecated without a replacement that reads a frame
					f, _ := gobwas.ReadFrame(r)
					sink.bytes = f.Payload
				}},
				candidate{"wirews-buffer", func() {
					r.Reset(wire)
					f, _ := ws.ReadFrameBuffer(r, buf, -1)
					sink.bytes = f.Payload
				}},
			)
		})
	}
}

// BenchmarkWriteFrame leaves the system out. io.Discard takes a payload without
// looking at it, so a second Write costs nothing here and copying the payload
// behind its header does; BenchmarkWriteFrameTCP has it the other way round.
func BenchmarkWriteFrame(b *testing.B) {
	for _, n := range payloadSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := make([]byte, n)
			compare(b, n,
				candidate{"wirews", func() { ws.WriteFrame(io.Discard, ws.NewBinaryFrame(p)) }},
				candidate{"gobwas", func() { gobwas.WriteFrame(io.Discard, gobwas.NewBinaryFrame(p)) }},
			)
		})
	}
}

// BenchmarkWriteFrameTCP is one frame over loopback to a peer that reads as
// fast as it can: here the number of system calls is what counts.
func BenchmarkWriteFrameTCP(b *testing.B) {
	for _, n := range payloadSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			conn := sinkConn(b)
			p := make([]byte, n)
			wire := ws.AppendFrame(nil, ws.NewBinaryFrame(p))
			compare(b, n,
				candidate{"wirews", func() { ws.WriteFrame(conn, ws.NewBinaryFrame(p)) }},
				candidate{"gobwas", func() { gobwas.WriteFrame(conn, gobwas.NewBinaryFrame(p)) }},
				candidate{"bare", func() { conn.Write(wire) }},
			)
		})
	}
}

func BenchmarkCipher(b *testing.B) {
	for _, n := range payloadSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := make([]byte, n)
			compare(b, n,
				candidate{"wirews", func() { ws.Cipher(p, key, 0) }},
				candidate{"gobwas", func() { gobwas.Cipher(p, key, 0) }},
			)
		})
	}
}

// BenchmarkMaskedFrame: a client's message, from the caller's payload, which
// stays as it is, to the bytes on the wire.
func BenchmarkMaskedFrame(b *testing.B) {
	for _, n := range payloadSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := make([]byte, n)
			var out []byte
			var w bytes.Buffer
			compare(b, n,
				candidate{"wirews", func() {
					h := ws.Header{Fin: true, OpCode: ws.OpBinary, Masked: true, Mask: ws.NewMask(), Length: int64(n)}
					out = ws.AppendCipher(ws.AppendHeader(out[:0], h), p, h.Mask, 0)
				}},
				candidate{"gobwas", func() {
					w.Reset()
					gobwas.WriteFrame(&w, gobwas.MaskFrame(gobwas.NewBinaryFrame(p)))
				}},
			)
		})
	}
}

// BenchmarkNewMask: gobwas takes its keys from math/rand, wirews from the
// strong source that RFC 6455, section 10.3, demands.
func BenchmarkNewMask(b *testing.B) {
	var m [4]byte
	compare(b, 0,
		candidate{"wirews", func() { m = ws.NewMask() }},
		candidate{"gobwas", func() { m = gobwas.NewMask() }},
	)
	sink.n = int(m[0])
}

// BenchmarkText validates a message of ASCII, and one of runes of all lengths.
// bare is what the standard library needs for a message in one piece.
func BenchmarkText(b *testing.B) {
	for _, text := range []struct{ name, rune string }{
		{"ascii", "abcdefghij"}, {"mixed", "aé€😀"},
	} {
		for _, n := range []int{125, 4 << 10, 64 << 10} {
			b.Run(fmt.Sprintf("%s/%d", text.name, n), func(b *testing.B) {
				p := []byte(strings.Repeat(text.rune, n/len(text.rune)))
				r := bytes.NewReader(p)
				u := wsutil.NewUTF8Reader(r)
				buf := make([]byte, len(p))
				valid := 0
				compare(b, len(p),
					candidate{"wirews", func() {
						var v utf8check.Validator
						if _, ok := v.Next(p); ok && v.Complete() {
							valid++
						}
					}},
					candidate{"gobwas", func() {
						r.Reset(p)
						u.Reset(r)
						if _, err := io.ReadFull(u, buf); err == nil && u.Valid() {
							valid++
						}
					}},
					candidate{"bare", func() {
						if utf8.Valid(p) {
							valid++
						}
					}},
				)
				if valid == 0 {
					b.Error("valid text is refused")
				}
			})
		}
	}
}
