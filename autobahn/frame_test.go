package autobahn

import (
	"bytes"
	"math"
	"testing"

	"github.com/wirews/wirews/ws"
)

func TestHeaders(t *testing.T) {
	key := [4]byte{1, 2, 3, 4}
	for _, c := range []struct {
		name string
		h    header
		wire string
	}{
		{"text of 5", header{fin: true, opcode: opText, length: 5}, "\x81\x05"},
		{"masked", header{fin: true, opcode: opText, masked: true, key: key, length: 5}, "\x81\x85\x01\x02\x03\x04"},
		{"16 bits", header{opcode: opBinary, length: 126, form: 2}, "\x02\x7e\x00\x7e"},
		{"64 bits", header{opcode: opContinuation, length: 65536, form: 8}, "\x00\x7f\x00\x00\x00\x00\x00\x01\x00\x00"},
		{"16 bits for 5", header{fin: true, opcode: opPing, length: 5, form: 2}, "\x89\x7e\x00\x05"},
		{"64 bits for 5", header{fin: true, opcode: opPing, length: 5, form: 8}, "\x89\x7f\x00\x00\x00\x00\x00\x00\x00\x05"},
		{"first bit of the length", header{fin: true, opcode: opText, length: 1 << 63, form: 8}, "\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00"},
		{"reserved bits and opcode", header{fin: true, rsv: rsv1 | rsv3, opcode: 15}, "\xdf\x00"},
	} {
		if got := string(appendHeader(nil, c.h)); got != c.wire {
			t.Errorf("%s: written as %x, want %x", c.name, got, c.wire)
		}
		if got, n := parseHeader([]byte(c.wire)); got != c.h || n != len(c.wire) {
			t.Errorf("%s: parsed as %+v of %d bytes, want %+v of %d", c.name, got, n, c.h, len(c.wire))
		}
		for n := range c.wire {
			if _, got := parseHeader([]byte(c.wire[:n])); got != 0 {
				t.Errorf("%s: %d bytes of it parse as a header of %d", c.name, n, got)
			}
		}
	}
}

// FuzzHeader holds the judge's codec against the one that it judges.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{"\x81\x05", "\x81\x85\x01\x02\x03\x04", "\x02\x7e\x00\x7e", "\x89\x7e\x00\x05", "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n := parseHeader(b)
		want, wantN, err := ws.ParseHeader(b)
		if err == ws.ErrShort {
			// An impossible length may be reported before the key is there.
			if n != 0 {
				t.Fatalf("%x: header of %d bytes, want none", b, n)
			}
			return
		}
		if illegal := h.form != h.shortestForm() || h.length > math.MaxInt64; err != nil {
			if n != 0 && !illegal {
				t.Fatalf("%x: %+v, but ws says %v", b, h, err)
			}
			return
		}
		if n != wantN || h.fin != want.Fin || h.rsv != want.Rsv || h.opcode != byte(want.OpCode) ||
			h.masked != want.Masked || h.key != want.Mask || h.length != uint64(want.Length) {
			t.Fatalf("%x: %+v of %d bytes, want %+v of %d", b, h, n, want, wantN)
		}
		if got := appendHeader(nil, h); !bytes.Equal(got, b[:n]) || !bytes.Equal(got, ws.AppendHeader(nil, want)) {
			t.Fatalf("%x: written again as %x", b[:n], got)
		}
	})
}

// FuzzFrame: what one codec writes, the other reads.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("Hello"), byte(opText), true, uint32(0x01020304))
	f.Add([]byte{}, byte(opPing), false, uint32(0))
	f.Fuzz(func(t *testing.T, p []byte, op byte, masked bool, key uint32) {
		h := header{fin: true, opcode: op & 15, masked: masked}
		if masked {
			h.key = [4]byte{byte(key >> 24), byte(key >> 16), byte(key >> 8), byte(key)}
		}
		wire := appendFrame(nil, h, p)
		frame := ws.NewFrame(ws.OpCode(h.opcode), true, p)
		if masked {
			frame = ws.MaskFrameWith(frame, h.key)
		}
		if want := ws.AppendFrame(nil, frame); !bytes.Equal(wire, want) {
			t.Fatalf("%x, want %x", wire, want)
		}
		got, n := parseHeader(wire)
		body := wire[n:]
		if got.masked {
			// In two parts, as payload arrives.
			half := len(body) / 2
			mask(body[:half], got.key, 0)
			mask(body[half:], got.key, half)
		}
		if !bytes.Equal(body, p) {
			t.Fatalf("%x, want %x", body, p)
		}
	})
}
