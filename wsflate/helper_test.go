package wsflate

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// foreign works with the standard library.
var foreign = Helper{
	Compressor: func(w io.Writer) Compressor {
		f, _ := flate.NewWriter(w, 9)
		return f
	},
	Decompressor: func(r io.Reader) Decompressor { return flate.NewReader(r) },
}

var helpers = []struct {
	name string
	h    *Helper
}{
	{"default", &DefaultHelper},
	{"zero", new(Helper)},
	{"foreign", &foreign},
}

func TestHelperFrames(t *testing.T) {
	for _, x := range helpers {
		for _, text := range []string{"", "Hello", strings.Repeat("Hello, ", 20_000)} {
			f := ws.NewTextFrame([]byte(text))
			z, err := x.h.CompressFrame(f)
			if err != nil || z.Header.Rsv != bit || z.Header.Length != int64(len(z.Payload)) {
				t.Fatalf("%s: %+v, %v", x.name, z.Header, err)
			}
			if text == "Hello" && !bytes.Equal(z.Payload, wstest.Unhex("f2 48 cd c9 c9 07 00")) {
				t.Errorf("%s: Hello is %x", x.name, z.Payload)
			}
			if set, err := IsCompressed(z.Header); !set || err != nil {
				t.Errorf("%s: IsCompressed %v, %v", x.name, set, err)
			}
			for _, y := range helpers {
				got, err := y.h.DecompressFrame(z)
				if err != nil || string(got.Payload) != text || got.Header != f.Header {
					t.Errorf("%s to %s: %+v, %v", x.name, y.name, got.Header, err)
				}
			}
			var zbuf, buf bytes.Buffer
			if zf, err := x.h.CompressFrameBuffer(&zbuf, f); err != nil || zf.Header != z.Header || !bytes.Equal(zf.Payload, zbuf.Bytes()) {
				t.Errorf("%s: into a buffer %+v, %v", x.name, zf.Header, err)
			}
			if got, err := x.h.DecompressFrameBuffer(&buf, z); err != nil || string(got.Payload) != text || buf.String() != text {
				t.Errorf("%s: from a buffer %+v, %v", x.name, got.Header, err)
			}
		}
	}
}

func TestHelperFramesThatAreNoMessages(t *testing.T) {
	ping := ws.NewPingFrame([]byte("p"))
	if f, err := CompressFrame(ping); err != nil || f.Header != ping.Header || string(f.Payload) != "p" {
		t.Errorf("compressed ping %+v, %v", f, err)
	}
	if f, err := DecompressFrame(ping); err != nil || f.Header != ping.Header {
		t.Errorf("decompressed ping %+v, %v", f, err)
	}
	ping.Header.Rsv = bit
	text := ws.NewTextFrame([]byte("Hello"))
	fragment, last := text, text
	fragment.Header.Fin, last.Header.OpCode = false, ws.OpContinuation
	compressed, _ := CompressFrame(text)
	tests := []struct {
		name string
		do   func(ws.Frame) (ws.Frame, error)
		f    ws.Frame
		want error
	}{
		{"compress a fragment", CompressFrame, fragment, ErrFragment},
		{"compress the last fragment", CompressFrame, last, ErrFragment},
		{"decompress a fragment", DecompressFrame, fragment, ErrFragment},
		{"decompress the last fragment", DecompressFrame, last, ErrFragment},
		{"compress twice", CompressFrame, compressed, ErrUnexpectedCompressionBit},
		{"decompress a ping", DecompressFrame, ping, ErrUnexpectedCompressionBit},
	}
	for _, test := range tests {
		if _, err := test.do(test.f); err != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestHelperLimits(t *testing.T) {
	z, err := DefaultHelper.Compress(bytes.Repeat([]byte("0123456789"), 10_000))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range helpers {
		h := *x.h
		for _, limit := range []int64{0, -1, 100_000, 99_999, 1} {
			h.MaxSize = limit
			p, err := h.Decompress(z)
			if over := limit > 0 && limit < 100_000; over != (err == ErrTooLarge) || !over && (err != nil || len(p) != 100_000) {
				t.Errorf("%s: limit %d: %d bytes, %v", x.name, limit, len(p), err)
			}
		}
	}
}

func TestHelperErrors(t *testing.T) {
	for _, x := range helpers {
		if _, err := x.h.Decompress(wstest.Unhex("ff ff ff")); err == nil {
			t.Errorf("%s: corrupt data was taken", x.name)
		}
		full := errors.New("full")
		if err := x.h.CompressTo(failing{full}, []byte("text")); !errors.Is(err, full) {
			t.Errorf("%s: %v", x.name, err)
		}
		z, _ := x.h.Compress([]byte("text"))
		if err := x.h.DecompressTo(failing{full}, z); !errors.Is(err, full) {
			t.Errorf("%s: %v", x.name, err)
		}
		// What failed is not what the next one gets.
		if p, err := x.h.Decompress(z); string(p) != "text" || err != nil {
			t.Errorf("%s: then %q, %v", x.name, p, err)
		}
	}
}

func TestHelpersAreConcurrent(t *testing.T) {
	var wg sync.WaitGroup
	for _, m := range texts(20) {
		wg.Go(func() {
			for range 20 {
				z, err := DefaultHelper.Compress(m)
				if err != nil {
					t.Error(err)
				}
				if got, err := DefaultHelper.Decompress(z); err != nil || !bytes.Equal(got, m) {
					t.Errorf("%d of %d bytes, %v", len(got), len(m), err)
				}
			}
		})
	}
	wg.Wait()
}

// TestDefaultHelperIsLent uses what DefaultHelper makes as a program may that
// has its own Reader and Writer: it must not come back from the pool to others.
func TestDefaultHelperIsLent(t *testing.T) {
	var z bytes.Buffer
	w := NewWriter(&z, DefaultHelper.Compressor)
	io.WriteString(w, "Hello")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(z.Bytes(), wstest.Unhex("f2 48 cd c9 c9 07 00")) {
		t.Errorf("%x", z.Bytes())
	}
	r := NewReader(&z, DefaultHelper.Decompressor)
	if p, err := io.ReadAll(r); string(p) != "Hello" || err != nil {
		t.Errorf("%q, %v", p, err)
	}
}

func TestCompressFrameAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget on purpose")
	}
	f := ws.NewTextFrame([]byte("Hello"))
	if n := testing.AllocsPerRun(200, func() { CompressFrame(f) }); n > 1 {
		t.Errorf("CompressFrame: %v allocations", n)
	}
	z, _ := CompressFrame(f)
	if n := testing.AllocsPerRun(200, func() { DecompressFrame(z) }); n > 1 {
		t.Errorf("DecompressFrame: %v allocations", n)
	}
	buf := bytes.NewBuffer(make([]byte, 0, 100))
	if n := testing.AllocsPerRun(200, func() {
		buf.Reset()
		CompressFrameBuffer(buf, f)
		buf.Reset()
		DecompressFrameBuffer(buf, z)
	}); n > 0 {
		t.Errorf("with a buffer: %v allocations", n)
	}
}

// TestHelperTakesAnyRatioWithinItsLimit: MaxSize alone decides, once it is set.
func TestHelperTakesAnyRatioWithinItsLimit(t *testing.T) {
	const size = 9 << 20
	z, err := DefaultHelper.Compress(make([]byte, size))
	if err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int64]error{0: ErrRatio, -1: nil, size: nil, size - 1: ErrTooLarge} {
		h := Helper{MaxSize: limit}
		if p, err := h.Decompress(z); err != want || err == nil && len(p) != size {
			t.Errorf("limit %d: %d bytes, %v; want %v", limit, len(p), err, want)
		}
	}
}
