package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

var (
	// RFC 6455, 5.7: "A single-frame masked text message".
	key        = [4]byte{0x37, 0xfa, 0x21, 0x3d}
	maskedText = unhex("7f 9f 4d 51 58")
)

// masked is the definition in RFC 6455, 5.3: octet i of the transformed data
// is the XOR of octet i of the original data with octet i MOD 4 of the key.
func masked(p []byte, key [4]byte) []byte {
	out := make([]byte, len(p))
	for i := range p {
		out[i] = p[i] ^ key[i%4]
	}
	return out
}

func TestCipherReaderHoweverTheBytesCome(t *testing.T) {
	for n := range 70 {
		want := pattern(n)
		for name, source := range sources(masked(want, key)) {
			got, err := io.ReadAll(wsutil.NewCipherReader(source, key))
			if !bytes.Equal(got, want) || err != nil {
				t.Errorf("%d bytes, %s: got % x, %v", n, name, got, err)
			}
		}
		for size := 1; size < 6; size++ {
			got, err := readSmall(size)(wsutil.NewCipherReader(bytes.NewReader(masked(want, key)), key))
			if !bytes.Equal(got, want) || err != nil {
				t.Errorf("%d bytes by %d: got % x, %v", n, size, got, err)
			}
		}
	}
}

func TestCipherReaderReset(t *testing.T) {
	var c wsutil.CipherReader
	for range 2 {
		c.Reset(bytes.NewReader(maskedText), key)
		if got, err := io.ReadAll(&c); string(got) != "Hello" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestCipherReaderGivesBytesWithTheirError(t *testing.T) {
	broken := errors.New("broken")
	c := wsutil.NewCipherReader(iotest.DataErrReader(io.MultiReader(bytes.NewReader(maskedText), iotest.ErrReader(broken))), key)
	p := make([]byte, 10)
	n, err := c.Read(p)
	for err == nil {
		var k int
		k, err = c.Read(p[n:])
		n += k
	}
	if string(p[:n]) != "Hello" || err != broken {
		t.Errorf("got %q, %v", p[:n], err)
	}
}

// endless yields as many bytes as it is asked for.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// W11: a payload may be longer than an int on 32 bits can count.
func TestCipherReaderW11Beyond2GiB(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("4 GiB take a while")
	}
	c := wsutil.NewCipherReader(endless{}, [4]byte{1, 2, 3, 4})
	p := make([]byte, 64<<20-1) // not a multiple of 4
	var at uint64
	for at < 1<<32+1<<20 {
		clear(p[:4])
		n, err := c.Read(p)
		if err != nil {
			t.Fatal(err)
		}
		if want := byte(at%4 + 1); p[0] != want {
			t.Fatalf("W11: byte %d: got %d, want %d", at, p[0], want)
		}
		at += uint64(n)
	}
}

func TestCipherWriterWritesAMaskedCopy(t *testing.T) {
	for n := range 70 {
		p := pattern(n)
		for name, pieces := range wstest.Splits(p) {
			var out bytes.Buffer
			c := wsutil.NewCipherWriter(&out, key)
			for _, piece := range pieces {
				if k, err := c.Write(piece); k != len(piece) || err != nil {
					t.Fatalf("%s: Write of %d: %d, %v", name, len(piece), k, err)
				}
			}
			if !bytes.Equal(out.Bytes(), masked(p, key)) {
				t.Errorf("%d bytes, %s: got % x", n, name, out.Bytes())
			}
		}
		if !bytes.Equal(p, pattern(n)) {
			t.Errorf("%d bytes: the caller's bytes have changed", n)
		}
	}
}

// shortWriter takes at most three bytes at a time.
type shortWriter struct{ bytes.Buffer }

func (s *shortWriter) Write(p []byte) (int, error) {
	if len(p) > 3 {
		s.Buffer.Write(p[:3])
		return 3, io.ErrShortWrite
	}
	return s.Buffer.Write(p)
}

func TestCipherWriterGoesOnBehindWhatWasTaken(t *testing.T) {
	var out shortWriter
	c := wsutil.NewCipherWriter(&out, key)
	p := []byte("Hello")
	n, err := c.Write(p)
	if n != 3 || err != io.ErrShortWrite {
		t.Fatalf("got %d, %v", n, err)
	}
	if n, err = c.Write(p[n:]); n != 2 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	if !bytes.Equal(out.Bytes(), maskedText) {
		t.Errorf("got % x", out.Bytes())
	}
	c.Reset(&out, key)
	out.Reset()
	c.Write(p[:3])
	if !bytes.Equal(out.Bytes(), maskedText[:3]) {
		t.Errorf("after Reset: got % x", out.Bytes())
	}
}

func TestCiphersDoNotAllocate(t *testing.T) {
	p := make([]byte, 1000)
	w := wsutil.NewCipherWriter(io.Discard, key)
	wantAllocs(t, 0, func() { w.Write(p) })
	r := wsutil.NewCipherReader(endless{}, key)
	wantAllocs(t, 0, func() { r.Read(p) })
}

func FuzzCipher(f *testing.F) {
	f.Add([]byte("Hello"), []byte{0x37, 0xfa, 0x21, 0x3d}, uint8(2))
	f.Fuzz(func(t *testing.T, p, k []byte, cut uint8) {
		var key [4]byte
		copy(key[:], k)
		n := min(int(cut), len(p))
		var out bytes.Buffer
		w := wsutil.NewCipherWriter(&out, key)
		w.Write(p[:n])
		w.Write(p[n:])
		if !bytes.Equal(out.Bytes(), masked(p, key)) {
			t.Fatalf("CipherWriter, cut at %d: got % x", n, out.Bytes())
		}
		r := wsutil.NewCipherReader(io.MultiReader(bytes.NewReader(out.Bytes()[:n]), bytes.NewReader(out.Bytes()[n:])), key)
		if got, err := io.ReadAll(r); !bytes.Equal(got, p) || err != nil {
			t.Fatalf("CipherReader, cut at %d: got % x, %v", n, got, err)
		}
	})
}

func ExampleCipherReader() {
	h, n, _ := ws.ParseHeader(unhex("81 85 37fa213d 7f9f4d5158"))
	payload := bytes.NewReader(unhex("81 85 37fa213d 7f9f4d5158")[n:])
	p, _ := io.ReadAll(wsutil.NewCipherReader(payload, h.Mask))
	fmt.Printf("%s\n", p)
	// Output: Hello
}

func ExampleCipherWriter() {
	var conn bytes.Buffer
	w := wsutil.NewCipherWriter(&conn, [4]byte{0x37, 0xfa, 0x21, 0x3d})
	io.WriteString(w, "Hel")
	io.WriteString(w, "lo")
	fmt.Printf("% x\n", conn.Bytes())
	// Output: 7f 9f 4d 51 58
}
