package wsflate

import (
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// TestStreamsShareTheContext writes and reads messages one after the other
// through one Writer and one Reader.
func TestStreamsShareTheContext(t *testing.T) {
	from, to := New(ws.StateServerSide, Parameters{}, nil), New(ws.StateClientSide, Parameters{}, nil)
	w := NewWriter(nil, from.Encoder().Compressor)
	r := NewReader(strings.NewReader(""), to.Decoder().Decompressor)
	for i, want := range []string{"f2 48 cd c9 c9 07 00", "f2 00 11 00 00"} {
		var z bytes.Buffer
		w.Reset(&z)
		io.WriteString(w, "Hel")
		io.WriteString(w, "lo")
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(z.Bytes(), wstest.Unhex(want)) {
			t.Errorf("message %d is %x", i, z.Bytes())
		}
		r.Reset(iotest.OneByteReader(&z))
		if p, err := io.ReadAll(r); string(p) != "Hello" || err != nil {
			t.Errorf("message %d: %q, %v", i, p, err)
		}
		if err := r.Close(); err != nil || r.Err() != nil {
			t.Errorf("message %d: %v, %v", i, err, r.Err())
		}
	}
}

// plainReader is a reader without ReadByte.
type plainReader struct{ io.Reader }

func TestReader(t *testing.T) {
	long := strings.Repeat("some words, ", 10_000)
	tests := []struct{ name, message, want string }{
		{"one block", "\xf2\x48\xcd\xc9\xc9\x07\x00", "Hello"},
		{"BFINAL", "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", "Hello"},
		{"BFINAL, inside of an octet", "\xf3\x48\xcd\xc9\xc9\x07\x00", "Hello"},
		{"two blocks", "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", "Hello"},
		{"empty", "\x00", ""},
		{"long", string(New(0, DefaultParameters, nil).Encoder().AppendMessage(nil, []byte(long))), long},
	}
	decompressors := map[string]func(io.Reader) Decompressor{
		"ours":   New(0, DefaultParameters, nil).Decoder().Decompressor,
		"stdlib": foreign.Decompressor,
	}
	for name, ctor := range decompressors {
		for _, test := range tests {
			for kind, src := range map[string]io.Reader{
				"bytes": strings.NewReader(test.message), "plain": plainReader{strings.NewReader(test.message)},
				"one byte": iotest.OneByteReader(strings.NewReader(test.message)), "data and EOF": iotest.DataErrReader(strings.NewReader(test.message)),
				"buffered": bufio.NewReader(strings.NewReader(test.message)),
			} {
				r := NewReader(src, ctor)
				p, err := io.ReadAll(r)
				if err != nil || string(p) != test.want {
					t.Errorf("%s, %s, %s: %d bytes, %v", name, test.name, kind, len(p), err)
				}
			}
		}
	}
}

func TestReaderSeesTheBytesBehindALastBlock(t *testing.T) {
	// RFC 7692, 7.2.3.5: a message may have any number of blocks. One that
	// ends a stream may be followed by another stream.
	message := "\xf3\x48\xcd\xc9\xc9\x07\x00" + "\xf2\x48\xcd\xc9\xc9\x07\x00"
	r := NewReader(strings.NewReader(message), New(0, DefaultParameters, nil).Decoder().Decompressor)
	if p, err := io.ReadAll(r); err != nil || string(p) != "HelloHello" {
		t.Errorf("%q, %v", p, err)
	}
}

func TestDecompressorWithoutASource(t *testing.T) {
	r := NewReader(nil, New(0, Parameters{}, nil).Decoder().Decompressor)
	if p, err := io.ReadAll(r); len(p) > 0 || err != nil {
		t.Errorf("%q, %v", p, err)
	}
}

// idle returns neither bytes nor an error, from the n-th Read on.
type idle struct {
	src io.Reader
	n   int
}

func (r *idle) Read(p []byte) (int, error) {
	if r.n--; r.n < 0 {
		return 0, nil
	}
	return r.src.Read(p)
}

func TestDecompressorDoesNotSpin(t *testing.T) {
	for n := range 3 {
		src := &idle{iotest.OneByteReader(strings.NewReader("\xf2\x48\xcd")), n}
		r := NewReader(src, New(0, Parameters{}, nil).Decoder().Decompressor)
		if _, err := io.ReadAll(r); err != io.ErrNoProgress {
			t.Errorf("after %d octets: %v", n, err)
		}
	}
}

func TestReaderErrorsAreKept(t *testing.T) {
	r := NewReader(strings.NewReader("\xff\xff"), New(0, Parameters{}, nil).Decoder().Decompressor)
	_, err := io.ReadAll(r)
	var corrupt *CorruptError
	if !errors.As(err, &corrupt) || r.Err() != err || r.Close() != err {
		t.Errorf("%v, Err %v, Close %v", err, r.Err(), r.Close())
	}
	if _, again := r.Read(make([]byte, 1)); again != err {
		t.Errorf("then %v", again)
	}
}

func TestReaderThatWasNotReadToItsEnd(t *testing.T) {
	for _, test := range []struct {
		p    Parameters
		want error
	}{{DefaultParameters, nil}, {Parameters{}, ErrUnfinished}} {
		src := iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("\xf2\x48\xcd")))
		r := NewReader(src, New(ws.StateClientSide, test.p, nil).Decoder().Decompressor)
		if _, err := io.ReadAll(r); err != iotest.ErrTimeout || r.Err() != err {
			t.Errorf("%v, Err %v", err, r.Err())
		}
		r.Reset(strings.NewReader("\xf2\x48\xcd\xc9\xc9\x07\x00"))
		if p, err := io.ReadAll(r); err != test.want || err == nil && string(p) != "Hello" {
			t.Errorf("%+v: %q, %v", test.p, p, err)
		}
	}
}

func TestWriterTakesAwayOnlyTheTail(t *testing.T) {
	text := strings.Repeat("text ", 5000)
	for name, ctor := range map[string]func(io.Writer) Compressor{
		"stdlib": foreign.Compressor,
		"ours":   New(0, DefaultParameters, nil).Encoder().Compressor,
	} {
		var z bytes.Buffer
		w := NewWriter(&z, ctor)
		for i := range 3 {
			z.Reset()
			w.Reset(&z)
			for p := text; len(p) > 0; {
				n := min(len(p), 1+i*777)
				if k, err := io.WriteString(w, p[:n]); k != n || err != nil {
					t.Fatal(k, err)
				}
				p = p[n:]
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			p, err := io.ReadAll(flate.NewReader(io.MultiReader(&z, strings.NewReader(readerTail))))
			if err != nil || string(p) != text {
				t.Errorf("%s: %d bytes, %v", name, len(p), err)
			}
		}
	}
}

func TestTailCutterAtEverySplit(t *testing.T) {
	whole := []byte("0123456789" + tail)
	for name, pieces := range wstest.Splits(whole) {
		var got bytes.Buffer
		c := tailCutter{dst: &got}
		for _, p := range pieces {
			if n, err := c.Write(p); n != len(p) || err != nil {
				t.Fatal(n, err)
			}
		}
		if got.String() != "0123456789" || !c.complete() {
			t.Errorf("%s: %q, complete %v", name, got.String(), c.complete())
		}
	}
}

// noTail is a Compressor that does not end as it must.
type noTail struct{ io.Writer }

func (noTail) Flush() error { return nil }

func TestWriterErrorsAreKept(t *testing.T) {
	w := NewWriter(io.Discard, func(w io.Writer) Compressor { return noTail{w} })
	io.WriteString(w, "abcdef")
	err := w.Flush()
	if err == nil || !strings.Contains(err.Error(), "63646566") {
		t.Errorf("%v", err)
	}
	if w.Err() != err || w.Close() != err || w.Flush() != err {
		t.Error("the error is forgotten")
	}
	full := errors.New("full")
	w = NewWriter(failing{full}, New(0, Parameters{}, nil).Encoder().Compressor)
	io.WriteString(w, "text")
	if err := w.Flush(); err != full || w.Err() != full {
		t.Errorf("%v, Err %v", err, w.Err())
	}
}

// failing is a writer that fails with its error.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
