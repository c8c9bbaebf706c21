package ws_test

import (
	"bytes"
	"testing"

	"github.com/wirews/wirews/ws"
)

// frameVectors are the examples of RFC 6455, section 5.7, and the edges of
// the length classes.
var frameVectors = []struct {
	name    string
	wire    []byte
	header  ws.Header
	payload []byte // unmasked
}{
	{"a single-frame unmasked text message", unhex("81 05 48 65 6c 6c 6f"),
		ws.Header{Fin: true, OpCode: ws.OpText, Length: 5}, []byte("Hello")},
	{"a single-frame masked text message", unhex("81 85 37 fa 21 3d 7f 9f 4d 51 58"),
		ws.Header{Fin: true, OpCode: ws.OpText, Masked: true, Mask: [4]byte{0x37, 0xfa, 0x21, 0x3d}, Length: 5}, []byte("Hello")},
	{"a fragmented unmasked text message, first", unhex("01 03 48 65 6c"),
		ws.Header{OpCode: ws.OpText, Length: 3}, []byte("Hel")},
	{"a fragmented unmasked text message, last", unhex("80 02 6c 6f"),
		ws.Header{Fin: true, OpCode: ws.OpContinuation, Length: 2}, []byte("lo")},
	{"unmasked ping request", unhex("89 05 48 65 6c 6c 6f"),
		ws.Header{Fin: true, OpCode: ws.OpPing, Length: 5}, []byte("Hello")},
	{"masked ping response", unhex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"),
		ws.Header{Fin: true, OpCode: ws.OpPong, Masked: true, Mask: [4]byte{0x37, 0xfa, 0x21, 0x3d}, Length: 5}, []byte("Hello")},
	{"256 bytes binary message in a single unmasked frame", append(unhex("82 7e 01 00"), pattern(256)...),
		ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 256}, pattern(256)},
	{"64 KiB binary message in a single unmasked frame", append(unhex("82 7f 00 00 00 00 00 01 00 00"), pattern(65536)...),
		ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 65536}, pattern(65536)},
	{"empty text", unhex("81 00"), ws.Header{Fin: true, OpCode: ws.OpText}, nil},
	{"close 1000", unhex("88 02 03 e8"), ws.Header{Fin: true, OpCode: ws.OpClose, Length: 2}, unhex("03e8")},
	{"125 bytes", append(unhex("82 7d"), pattern(125)...),
		ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 125}, pattern(125)},
	{"126 bytes", append(unhex("82 7e 00 7e"), pattern(126)...),
		ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 126}, pattern(126)},
	{"65535 bytes", append(unhex("82 7e ff ff"), pattern(65535)...),
		ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 65535}, pattern(65535)},
}

func TestFrameVectorsBothWays(t *testing.T) {
	for _, tt := range frameVectors {
		t.Run(tt.name, func(t *testing.T) {
			h, n, err := ws.ParseHeader(tt.wire)
			if err != nil || h != tt.header {
				t.Fatalf("got %+v, error %v, want %+v", h, err, tt.header)
			}
			f := ws.Frame{Header: h, Payload: tt.wire[n:]}
			if got := ws.AppendFrame(nil, f); !bytes.Equal(got, tt.wire) {
				t.Errorf("AppendFrame: got %.32x, want %.32x", got, tt.wire)
			}
			if got := ws.UnmaskFrame(f).Payload; !bytes.Equal(got, tt.payload) {
				t.Errorf("unmasked payload: got %.32x, want %.32x", got, tt.payload)
			}
			// Masking while copying gives the same bytes.
			if h.Masked {
				got := ws.AppendCipher(ws.AppendHeader(nil, h), tt.payload, h.Mask, 0)
				if !bytes.Equal(got, tt.wire) {
					t.Errorf("AppendHeader and AppendCipher: got %.32x, want %.32x", got, tt.wire)
				}
			}
		})
	}
}

func TestNewFramesAreUnmaskedAndAliasTheirPayload(t *testing.T) {
	p := []byte("payload")
	for _, tt := range []struct {
		name string
		got  ws.Frame
		want ws.Header
	}{
		{"NewFrame", ws.NewFrame(ws.OpContinuation, false, p), ws.Header{Length: 7}},
		{"NewTextFrame", ws.NewTextFrame(p), ws.Header{Fin: true, OpCode: ws.OpText, Length: 7}},
		{"NewBinaryFrame", ws.NewBinaryFrame(p), ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 7}},
		{"NewPingFrame", ws.NewPingFrame(p), ws.Header{Fin: true, OpCode: ws.OpPing, Length: 7}},
		{"NewPongFrame", ws.NewPongFrame(p), ws.Header{Fin: true, OpCode: ws.OpPong, Length: 7}},
		{"NewCloseFrame", ws.NewCloseFrame(p), ws.Header{Fin: true, OpCode: ws.OpClose, Length: 7}},
	} {
		if tt.got.Header != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, tt.got.Header, tt.want)
		}
		if &tt.got.Payload[0] != &p[0] || len(tt.got.Payload) != len(p) {
			t.Errorf("%s copies its payload", tt.name)
		}
	}
}

func TestAppendFrameKeepsWhatIsInFront(t *testing.T) {
	got := ws.AppendFrame([]byte("front"), ws.NewPingFrame([]byte("Hello")))
	if want := "front\x89\x05Hello"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAppendFramePanicsOnTheCallersBugs(t *testing.T) {
	for _, tt := range []struct {
		name string
		f    ws.Frame
		want error
	}{
		{"length over the payload", ws.Frame{Header: ws.Header{Length: 6}, Payload: []byte("Hello")}, ws.ErrFrameLength},
		{"length under the payload", ws.Frame{Header: ws.Header{Length: 4}, Payload: []byte("Hello")}, ws.ErrFrameLength},
		{"W3: negative length", ws.Frame{Header: ws.Header{Length: -1}}, ws.ErrFrameLength},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if got := recover(); got != tt.want {
					t.Errorf("recovered %v, want %v", got, tt.want)
				}
			}()
			t.Errorf("got %x, want a panic", ws.AppendFrame(nil, tt.f))
		})
	}
}

func TestAppendFrameDoesNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 70000)
	for _, tt := range frameVectors {
		f := ws.Frame{Header: tt.header, Payload: tt.wire[len(tt.wire)-int(tt.header.Length):]}
		wantAllocs(t, 0, func() { dst = ws.AppendFrame(dst[:0], f) })
	}
}

func BenchmarkAppendFrame(b *testing.B) {
	f := ws.NewTextFrame(pattern(125))
	dst := make([]byte, 0, 256)
	b.SetBytes(125)
	b.ReportAllocs()
	for b.Loop() {
		dst = ws.AppendFrame(dst[:0], f)
	}
}
