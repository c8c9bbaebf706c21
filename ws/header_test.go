package ws_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/wirews/wirews/ws"
)

// headerVectors holds a header of every length class at its edges; the RFC's
// words (section 5.2) stand beside the first of each class.
var headerVectors = []struct {
	name string
	wire []byte
	want ws.Header
}{
	// "The length of the "Payload data", in bytes: if 0-125, that is the
	// payload length."
	{"0", unhex("81 00"), ws.Header{Fin: true, OpCode: ws.OpText}},
	{"1", unhex("82 01"), ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 1}},
	{"125", unhex("82 7d"), ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 125}},
	// "If 126, the following 2 bytes interpreted as a 16-bit unsigned integer
	// are the payload length."
	{"126", unhex("82 7e 007e"), ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 126}},
	{"127", unhex("82 7e 007f"), ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 127}},
	{"65535", unhex("02 7e ffff"), ws.Header{OpCode: ws.OpBinary, Length: 65535}},
	// "If 127, the following 8 bytes interpreted as a 64-bit unsigned integer
	// (the most significant bit MUST be 0) are the payload length."
	{"65536", unhex("82 7f 0000000000010000"), ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 65536}},
	{"1<<31-1", unhex("82 7f 000000007fffffff"), ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 1<<31 - 1}},
	{"1<<31", unhex("82 7f 0000000080000000"), ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 1 << 31}},
	{"1<<32+5", unhex("82 7f 0000000100000005"), ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 1<<32 + 5}},
	{"1<<63-1", unhex("82 7f 7fffffffffffffff"), ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 1<<63 - 1}},
	// "Masking-key: 0 or 4 bytes"
	{"masked 0", unhex("8a 80 37fa213d"),
		ws.Header{Fin: true, OpCode: ws.OpPong, Masked: true, Mask: [4]byte{0x37, 0xfa, 0x21, 0x3d}}},
	{"masked 125", unhex("89 fd 00000000"), ws.Header{Fin: true, OpCode: ws.OpPing, Masked: true, Length: 125}},
	{"masked 126", unhex("c1 fe 007e 01020304"),
		ws.Header{Fin: true, Rsv: 4, OpCode: ws.OpText, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: 126}},
	{"masked 65535", unhex("00 fe ffff 01020304"),
		ws.Header{Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: 65535}},
	{"masked 65536", unhex("f2 ff 0000000000010000 ffffffff"),
		ws.Header{Fin: true, Rsv: 7, OpCode: ws.OpBinary, Masked: true, Mask: [4]byte{255, 255, 255, 255}, Length: 65536}},
	{"masked 1<<63-1", unhex("82 ff 7fffffffffffffff 00000000"),
		ws.Header{Fin: true, OpCode: ws.OpBinary, Masked: true, Length: 1<<63 - 1}},
}

func TestHeaderVectorsBothWays(t *testing.T) {
	for _, tt := range headerVectors {
		t.Run(tt.name, func(t *testing.T) {
			h, n, err := ws.ParseHeader(tt.wire)
			if err != nil || n != len(tt.wire) {
				t.Fatalf("got n=%d, error %v; want n=%d", n, err, len(tt.wire))
			}
			if h != tt.want {
				t.Errorf("got %+v, want %+v", h, tt.want)
			}
			if got := ws.AppendHeader(nil, tt.want); !bytes.Equal(got, tt.wire) {
				t.Errorf("AppendHeader: got %x, want %x", got, tt.wire)
			}
			if got := ws.HeaderSize(tt.want); got != len(tt.wire) {
				t.Errorf("HeaderSize: got %d, want %d", got, len(tt.wire))
			}
		})
	}
}

// TestParseIntoAUsedHeader: nothing of what was there before is left, and
// with an error all of it is.
func TestParseIntoAUsedHeader(t *testing.T) {
	used := ws.Header{Fin: true, Rsv: 7, OpCode: 0xf, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: 1 << 40}
	for _, tt := range headerVectors {
		h := used
		if n, err := h.Parse(tt.wire); n != len(tt.wire) || err != nil || h != tt.want {
			t.Errorf("%s: got %+v, %d, %v; want %+v", tt.name, h, n, err, tt.want)
		}
		for cut := range tt.wire {
			h = used
			if _, err := h.Parse(tt.wire[:cut]); err != ws.ErrShort || h != used {
				t.Errorf("%s cut at %d: got %+v, %v; want ErrShort and the header unchanged", tt.name, cut, h, err)
			}
		}
	}
	for _, wire := range [][]byte{unhex("82 7e 007d"), unhex("82 7f 000000000000ffff"), unhex("82 ff 8000000000000000 01020304")} {
		h := used
		if n, err := h.Parse(wire); n != 0 || err == nil || h != used {
			t.Errorf("% x: got %+v, %d, %v; want an error and the header unchanged", wire, h, n, err)
		}
	}
}

func TestParseHeaderLeavesWhatFollowsAlone(t *testing.T) {
	for _, tt := range headerVectors {
		h, n, err := ws.ParseHeader(append(bytes.Clone(tt.wire), "payload"...))
		if h != tt.want || n != len(tt.wire) || err != nil {
			t.Errorf("%s: got %+v, n=%d, error %v", tt.name, h, n, err)
		}
	}
}

// Every truncation is ErrShort with the least length that can succeed: one
// byte less of it gives the same answer again, and with that many bytes the
// parser either succeeds or has learnt that it needs more.
func TestParseHeaderTruncations(t *testing.T) {
	for _, tt := range headerVectors {
		for cut := range tt.wire {
			h, n, err := ws.ParseHeader(tt.wire[:cut])
			if err != ws.ErrShort || h != (ws.Header{}) {
				t.Fatalf("%s cut to %d bytes: got %+v, error %v, want ErrShort", tt.name, cut, h, err)
			}
			if n <= cut || len(tt.wire) < n {
				t.Fatalf("%s cut to %d bytes: n=%d", tt.name, cut, n)
			}
			if _, again, err := ws.ParseHeader(tt.wire[:n-1]); err != ws.ErrShort || again != n {
				t.Errorf("%s cut to %d bytes: asked for %d, but %d bytes give n=%d, error %v",
					tt.name, cut, n, n-1, again, err)
			}
			if _, more, err := ws.ParseHeader(tt.wire[:n]); err == ws.ErrShort && more <= n {
				t.Errorf("%s: still ErrShort with the %d bytes asked for", tt.name, n)
			}
		}
	}
}

// From the second byte on the size is known, so the parser asks twice at most.
func TestParseHeaderKnowsTheSizeFromTwoBytes(t *testing.T) {
	for _, tt := range headerVectors {
		for cut := 2; cut < len(tt.wire); cut++ {
			if _, n, _ := ws.ParseHeader(tt.wire[:cut]); n != len(tt.wire) {
				t.Errorf("%s cut to %d bytes: asks for %d, want %d", tt.name, cut, n, len(tt.wire))
			}
		}
	}
}

// The first two bytes in all 65536 values, checked bit by bit against the
// diagram of section 5.2.
func TestParseHeaderEveryTwoBytes(t *testing.T) {
	for i := range 1 << 16 {
		b0, b1 := byte(i>>8), byte(i)
		wire := []byte{b0, b1}
		length := int64(b1 & 0x7f)
		switch length {
		case 126:
			length = 0x1234
			wire = append(wire, 0x12, 0x34)
		case 127:
			length = 0x123456789abcdef
			wire = binary.BigEndian.AppendUint64(wire, uint64(length))
		}
		want := ws.Header{
			Fin:    b0/128 == 1,
			Rsv:    b0 / 16 % 8,
			OpCode: ws.OpCode(b0 % 16),
			Masked: b1/128 == 1,
			Length: length,
		}
		if want.Masked {
			want.Mask = [4]byte{0xde, 0xad, 0xbe, 0xef}
			wire = append(wire, want.Mask[:]...)
		}
		if h, n, err := ws.ParseHeader(wire); h != want || n != len(wire) || err != nil {
			t.Fatalf("%x: got %+v, n=%d, error %v, want %+v", wire, h, n, err, want)
		}
		if got := ws.AppendHeader(nil, want); !bytes.Equal(got, wire) {
			t.Fatalf("AppendHeader(%+v) = %x, want %x", want, got, wire)
		}
		if _, n, err := ws.ParseHeader(wire[:2]); len(wire) > 2 && (err != ws.ErrShort || n != len(wire)) {
			t.Fatalf("%x: got n=%d, error %v, want n=%d, ErrShort", wire[:2], n, err, len(wire))
		}
	}
}

func TestParseHeaderRefusesBadLengths(t *testing.T) {
	for _, tt := range []struct {
		name string
		wire []byte
		want error
	}{
		// 5.2: "the minimal number of bytes MUST be used to encode the length,
		// for example, the length of a 124-byte-long string can't be encoded
		// as the sequence 126, 0, 124."
		{"W12: 124 in 16 bits", unhex("81 7e 007c"), ws.ErrHeaderLengthNotMinimal},
		{"W12: 0 in 16 bits", unhex("81 7e 0000"), ws.ErrHeaderLengthNotMinimal},
		{"W12: 125 in 16 bits", unhex("81 7e 007d"), ws.ErrHeaderLengthNotMinimal},
		{"W12: 5 in 16 bits, masked", unhex("81 fe 0005 01020304"), ws.ErrHeaderLengthNotMinimal},
		{"W12: 5 in 16 bits, control", unhex("89 7e 0005"), ws.ErrHeaderLengthNotMinimal},
		{"W12: 0 in 64 bits", unhex("81 7f 0000000000000000"), ws.ErrHeaderLengthNotMinimal},
		{"W12: 5 in 64 bits", unhex("81 7f 0000000000000005"), ws.ErrHeaderLengthNotMinimal},
		{"W12: 126 in 64 bits", unhex("81 7f 000000000000007e"), ws.ErrHeaderLengthNotMinimal},
		{"W12: 65535 in 64 bits", unhex("81 7f 000000000000ffff"), ws.ErrHeaderLengthNotMinimal},
		{"W12: 65535 in 64 bits, masked", unhex("81 ff 000000000000ffff 01020304"), ws.ErrHeaderLengthNotMinimal},
		// 5.2: "the most significant bit MUST be 0"
		{"most significant bit alone", unhex("82 7f 8000000000000000"), ws.ErrHeaderLengthMSB},
		{"most significant bit and 5", unhex("82 7f 8000000000000005"), ws.ErrHeaderLengthMSB},
		{"all bits", unhex("82 7f ffffffffffffffff"), ws.ErrHeaderLengthMSB},
		{"all bits, masked", unhex("82 ff ffffffffffffffff 01020304"), ws.ErrHeaderLengthMSB},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, n, err := ws.ParseHeader(tt.wire)
			if err != tt.want || n != 0 || h != (ws.Header{}) {
				t.Errorf("got %+v, n=%d, error %v, want n=0, error %v", h, n, err, tt.want)
			}
			for cut := range tt.wire {
				if _, _, err := ws.ParseHeader(tt.wire[:cut]); err != ws.ErrShort {
					t.Errorf("cut to %d bytes: got error %v, want ErrShort", cut, err)
				}
			}
		})
	}
}

func TestAppendHeaderMasksOffWhatDoesNotFit(t *testing.T) {
	for _, tt := range []struct {
		name string
		h    ws.Header
		want []byte
	}{
		{"W4: Rsv 8 does not set FIN", ws.Header{Rsv: 8, OpCode: ws.OpText}, unhex("01 00")},
		{"W4: Rsv 255", ws.Header{Rsv: 255, OpCode: ws.OpText}, unhex("71 00")},
		{"W4: OpCode 0x11 does not set RSV3", ws.Header{OpCode: 0x11}, unhex("01 00")},
		{"W4: OpCode 0xff", ws.Header{OpCode: 0xff}, unhex("0f 00")},
		{"W4: the mask without Masked", ws.Header{Fin: true, OpCode: ws.OpText, Mask: [4]byte{1, 2, 3, 4}}, unhex("81 00")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := ws.AppendHeader(nil, tt.h); !bytes.Equal(got, tt.want) {
				t.Errorf("got %x, want %x", got, tt.want)
			}
			if got := ws.HeaderSize(tt.h); got != len(tt.want) {
				t.Errorf("HeaderSize: got %d, want %d", got, len(tt.want))
			}
		})
	}
}

func TestAppendHeaderKeepsWhatIsInFront(t *testing.T) {
	got := ws.AppendHeader([]byte("front"), ws.Header{Fin: true, OpCode: ws.OpPing})
	if want := "front\x89\x00"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNegativeLengthIsTheCallersBug(t *testing.T) {
	for _, length := range []int64{-1, math.MinInt64} {
		t.Run(fmt.Sprint("W3: ", length), func(t *testing.T) {
			h := ws.Header{Fin: true, OpCode: ws.OpText, Length: length}
			if got := ws.HeaderSize(h); got != -1 {
				t.Errorf("HeaderSize: got %d, want -1", got)
			}
			defer func() {
				if got := recover(); got != ws.ErrHeaderLengthUnexpected {
					t.Errorf("AppendHeader: recovered %v, want ErrHeaderLengthUnexpected", got)
				}
			}()
			t.Errorf("AppendHeader gave %x", ws.AppendHeader(nil, h))
		})
	}
}

func TestHeaderSizeIsTheLengthOfAppendHeader(t *testing.T) {
	for _, length := range []int64{0, 1, 125, 126, 127, 65535, 65536, 1<<31 - 1, 1 << 31, 1<<32 + 5, 1<<63 - 1} {
		for _, masked := range []bool{false, true} {
			h := ws.Header{Masked: masked, Length: length}
			if got, want := ws.HeaderSize(h), len(ws.AppendHeader(nil, h)); got != want {
				t.Errorf("%+v: HeaderSize says %d, AppendHeader makes %d", h, got, want)
			}
		}
	}
}

func TestRsvPacksAndUnpacks(t *testing.T) {
	for rsv := byte(0); rsv < 8; rsv++ {
		r1, r2, r3 := ws.RsvBits(rsv)
		if got := ws.Rsv(r1, r2, r3); got != rsv {
			t.Errorf("Rsv(RsvBits(%d)) = %d", rsv, got)
		}
		h, _, _ := ws.ParseHeader([]byte{rsv << 4, 0})
		if h.Rsv1() != r1 || h.Rsv2() != r2 || h.Rsv3() != r3 {
			t.Errorf("Rsv %d: methods say %v %v %v, RsvBits %v %v %v", rsv, h.Rsv1(), h.Rsv2(), h.Rsv3(), r1, r2, r3)
		}
	}
	// RSV1 is the first bit behind FIN: permessage-deflate's (RFC 7692, 6).
	if h, _, _ := ws.ParseHeader([]byte{0xc1, 0}); !h.Rsv1() || h.Rsv2() || h.Rsv3() {
		t.Errorf("c1: got RSV %03b, want RSV1 alone", h.Rsv)
	}
}

// #155: header bytes in a slice of the caller's, without an allocation.
func TestHeaderCodecDoesNotAllocate_155(t *testing.T) {
	buf := make([]byte, 0, ws.MaxHeaderSize)
	for _, tt := range headerVectors {
		t.Run("#155: "+tt.name, func(t *testing.T) {
			wantAllocs(t, 0, func() {
				h, _, err := ws.ParseHeader(tt.wire)
				if err != nil {
					t.Fatal(err)
				}
				buf = ws.AppendHeader(buf[:0], h)
			})
		})
	}
	bad := unhex("81 7e 0000")
	wantAllocs(t, 0, func() {
		if _, _, err := ws.ParseHeader(bad); err == nil {
			t.Fatal("no error")
		}
	})
}

// benchHeaders has one header of each size that a frame can have.
var benchHeaders = []struct {
	name string
	h    ws.Header
}{
	{"2", ws.Header{Fin: true, OpCode: ws.OpText, Length: 5}},
	{"4", ws.Header{Fin: true, OpCode: ws.OpText, Length: 500}},
	{"6", ws.Header{Fin: true, OpCode: ws.OpText, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: 5}},
	{"8", ws.Header{Fin: true, OpCode: ws.OpText, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: 500}},
	{"10", ws.Header{Fin: true, OpCode: ws.OpText, Length: 1 << 20}},
	{"14", ws.Header{Fin: true, OpCode: ws.OpText, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: 1 << 20}},
}

func BenchmarkParseHeader(b *testing.B) {
	for _, bb := range benchHeaders {
		b.Run(bb.name, func(b *testing.B) {
			wire := ws.AppendHeader(nil, bb.h)
			b.ReportAllocs()
			for b.Loop() {
				ws.ParseHeader(wire)
			}
		})
	}
}

func BenchmarkAppendHeader(b *testing.B) {
	for _, bb := range benchHeaders {
		b.Run(bb.name, func(b *testing.B) {
			buf := make([]byte, 0, ws.MaxHeaderSize)
			b.ReportAllocs()
			for b.Loop() {
				buf = ws.AppendHeader(buf[:0], bb.h)
			}
		})
	}
}
