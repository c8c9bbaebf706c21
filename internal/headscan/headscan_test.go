package headscan

import (
	"bytes"
	"testing"

	"github.com/wirews/wirews/internal/guardpage"
)

// kernel is one implementation of mark, called by its name.
type kernel struct {
	name    string
	min     int  // the least size it takes
	missing bool // in this machine
	mark    func(b []byte, token, text []uint64)
}

func kernels() []kernel {
	return append([]kernel{
		{name: "bytes", mark: markBytes},
		{name: "mark", mark: mark},
	}, vectorKernels()...)
}

// isMarked says what the marks of c are (RFC 9110, 5.6.2 and 5.5).
func isMarked(c byte) (token, text bool) {
	alphanumeric := c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
	token = !alphanumeric && bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) < 0
	return token, c != '\t' && (c < 0x20 || c == 0x7f)
}

func (k *kernel) check(t *testing.T, b []byte) {
	t.Helper()
	var token, text [MaxMarks/64 + 1]uint64
	for i := range token {
		token[i], text[i] = 0xa5a5a5a5a5a5a5a5, 0x5a5a5a5a5a5a5a5a
	}
	untouched := (len(b) + 63) / 64
	k.mark(b, token[:untouched], text[:untouched])
	for i := range untouched * 64 {
		wantToken, wantText := false, false
		if i < len(b) {
			wantToken, wantText = isMarked(b[i])
		}
		gotToken, gotText := token[i/64]>>(i%64)&1 != 0, text[i/64]>>(i%64)&1 != 0
		if gotToken != wantToken || gotText != wantText {
			t.Fatalf("%s: byte %d of %d, %#x: token %t, want %t; text %t, want %t",
				k.name, i, len(b), b[min(i, len(b)-1)], gotToken, wantToken, gotText, wantText)
		}
	}
	if token[untouched] != 0xa5a5a5a5a5a5a5a5 || text[untouched] != 0x5a5a5a5a5a5a5a5a {
		t.Fatalf("%s: %d bytes: wrote behind the last word", k.name, len(b))
	}
}

// TestKernelsEveryLength lets every byte come to every place of a word, at
// both ends of guarded memory.
func TestKernelsEveryLength(t *testing.T) {
	m := guardpage.Memory(t, MaxMarks)
	for _, k := range kernels() {
		t.Run(k.name, func(t *testing.T) {
			if k.missing {
				t.Skip("this processor does not have it")
			}
			for n := k.min; n <= 400; n++ {
				for i := range m {
					m[i] = byte(i + n)
				}
				k.check(t, m[:n])
				k.check(t, m[len(m)-n:])
				k.check(t, m[7:][:n])
			}
			k.check(t, m[:MaxMarks])
			k.check(t, m[:MaxMarks-1])
		})
	}
}

func TestMarksFindEveryEnd(t *testing.T) {
	b := bytes.Repeat([]byte("name: some text\r\n"), MaxMarks/17)
	var m Marks
	m.Set(b)
	for i := range b {
		token, text := i, i
		for ; token < len(b); token++ {
			if end, _ := isMarked(b[token]); end {
				break
			}
		}
		for ; text < len(b); text++ {
			if _, end := isMarked(b[text]); end {
				break
			}
		}
		if got := m.TokenEnd(i); got != token {
			t.Fatalf("TokenEnd(%d) = %d, want %d", i, got, token)
		}
		if got := m.TextEnd(i); got != text {
			t.Fatalf("TextEnd(%d) = %d, want %d", i, got, text)
		}
	}
	for _, i := range []int{len(b), MaxMarks - 1, MaxMarks, MaxMarks + 1} {
		if got := m.TextEnd(i); got < len(b) {
			t.Errorf("TextEnd(%d) = %d behind the end", i, got)
		}
	}
}

func FuzzKernels(f *testing.F) {
	f.Add(bytes.Repeat([]byte("Host: example.com\r\n"), 9))
	f.Add([]byte("\x00\x1f\t\x7f\x80\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:min(len(b), MaxMarks)]
		for _, k := range kernels() {
			if !k.missing && len(b) >= k.min {
				k.check(t, b)
			}
		}
	})
}

func BenchmarkKernels(b *testing.B) {
	head := bytes.Repeat([]byte("name: some text\r\n"), 35)
	var m Marks
	for _, k := range kernels() {
		if k.missing {
			continue
		}
		b.Run(k.name, func(b *testing.B) {
			b.SetBytes(int64(len(head)))
			for b.Loop() {
				k.mark(head, m.token[:], m.text[:])
			}
		})
	}
}
