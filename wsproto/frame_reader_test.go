package wsproto_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// readFrames feeds the pieces and puts the frames together again.
func readFrames(t testing.TB, pieces ...[]byte) (frames []string, err error) {
	t.Helper()
	var r wsproto.FrameReader
	var payload []byte
	for _, piece := range pieces {
		b := bytes.Clone(piece)
		for {
			p, n, err := r.Next(b)
			b = b[n:]
			if err == ws.ErrShort {
				if len(b) != 0 {
					t.Fatalf("ErrShort with %d bytes left", len(b))
				}
				break
			}
			if err != nil {
				return frames, err
			}
			if int64(len(payload)) != p.Offset {
				t.Fatalf("piece at offset %d, %d bytes before it", p.Offset, len(payload))
			}
			payload = append(payload, p.Payload...)
			if p.Remaining() == 0 {
				frames = append(frames, fmt.Sprintf("%+v %x", p.Header, payload))
				payload = nil
			}
		}
	}
	if r.Inside() != (len(payload) > 0) && len(payload) > 0 {
		t.Fatal("Inside() is false inside a frame")
	}
	return frames, nil
}

func TestFrameReaderEverySplit(t *testing.T) {
	long := frame(binary, true, string(bytes.Repeat([]byte("0123456789"), 30)))
	in := join(frame(text, true, "Hello"), frame(ping, true, ""), mustHex("81 05 48 65 6c 6c 6f"), long, frame(closeF, true, "\x03\xe8"))
	want, err := readFrames(t, in)
	if err != nil || len(want) != 5 {
		t.Fatalf("%d frames, %v", len(want), err)
	}
	var single [][]byte
	for i := range in {
		single = append(single, in[i:i+1])
		got, err := readFrames(t, in[:i], in[i:])
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("cut at %d: %v, %v", i, got, err)
		}
	}
	if got, err := readFrames(t, single...); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("byte by byte: %v, %v", got, err)
	}
}

func TestFrameReaderRefusesWhatParseHeaderDoes(t *testing.T) {
	in := mustHex("82 7e 00 05 00")
	for i := range in {
		if _, err := readFrames(t, in[:i], in[i:]); err != ws.ErrHeaderLengthNotMinimal {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
}

func TestFrameReaderDoesNotAllocate(t *testing.T) {
	in := join(frame(text, true, "Hello"), frame(binary, true, "more"))
	b := make([]byte, len(in))
	var r wsproto.FrameReader
	if n := testing.AllocsPerRun(100, func() {
		copy(b, in)
		for cut := range b {
			rest := b[cut : cut+1]
			for {
				_, n, err := r.Next(rest)
				if err != nil {
					break
				}
				rest = rest[n:]
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzFrameReader(f *testing.F) {
	f.Add(join(frame(text, true, "Hello"), frame(ping, true, "")), 3)
	f.Add(mustHex("82 7f 00000000 00010000"), 9)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		if cut < 0 || cut > len(in) {
			return
		}
		want, werr := readFrames(t, in)
		got, gerr := readFrames(t, in[:cut], in[cut:])
		if werr != gerr || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("cut at %d: %v %v, want %v %v", cut, got, gerr, want, werr)
		}
	})
}
