package ws_test

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
)

// naiveCipher is section 5.3 as it is written: "j = i MOD 4,
// transformed-octet-i = original-octet-i XOR masking-key-octet-j".
func naiveCipher(payload []byte, key [4]byte, offset int) []byte {
	out := make([]byte, len(payload))
	for i := range payload {
		out[i] = payload[i] ^ key[(i+(offset%4+4)%4)%4]
	}
	return out
}

var cipherKey = [4]byte{0x37, 0xfa, 0x21, 0x3d}

func TestCipherEveryLengthAndOffset(t *testing.T) {
	for n := 0; n <= 200; n++ {
		for offset := -5; offset <= 5; offset++ {
			p := pattern(n)
			want := naiveCipher(p, cipherKey, offset)

			got := ws.AppendCipher([]byte("front"), p, cipherKey, offset)
			if !bytes.Equal(got, append([]byte("front"), want...)) {
				t.Fatalf("n=%d offset=%d: AppendCipher is wrong", n, offset)
			}
			if !bytes.Equal(p, pattern(n)) {
				t.Fatalf("n=%d offset=%d: AppendCipher changed its source", n, offset)
			}
			ws.Cipher(p, cipherKey, offset)
			if !bytes.Equal(p, want) {
				t.Fatalf("n=%d offset=%d: Cipher is wrong", n, offset)
			}
			ws.Cipher(p, cipherKey, offset)
			if !bytes.Equal(p, pattern(n)) {
				t.Fatalf("n=%d offset=%d: Cipher twice is not the original", n, offset)
			}
		}
	}
}

// A payload that arrives in pieces is unmasked piece by piece, each at its
// offset; where it is cut must not matter.
func TestCipherAtEverySplit(t *testing.T) {
	p := pattern(97)
	want := naiveCipher(p, cipherKey, 0)
	for i := range len(p) + 1 {
		for j := i; j <= len(p); j++ {
			got := bytes.Clone(p)
			ws.Cipher(got[:i], cipherKey, 0)
			ws.Cipher(got[i:j], cipherKey, i)
			ws.Cipher(got[j:], cipherKey, j)
			if !bytes.Equal(got, want) {
				t.Fatalf("split at %d and %d differs", i, j)
			}
		}
	}
}

func TestCipherTakesAnyOffset(t *testing.T) {
	for _, offset := range []int{-1, -2, -3, -4, -5, math.MinInt, math.MinInt + 1, math.MaxInt, math.MaxInt - 1} {
		t.Run(fmt.Sprint("W11: ", offset), func(t *testing.T) {
			p := pattern(50)
			ws.Cipher(p, cipherKey, offset)
			if want := naiveCipher(pattern(50), cipherKey, offset); !bytes.Equal(p, want) {
				t.Errorf("got %x, want %x", p, want)
			}
		})
	}
}

// W11: a counter of bytes that wraps, as an int does after 2 GiB on a 32-bit
// machine, keeps its place modulo 4.
func TestCipherSurvivesAWrappedCounter_W11(t *testing.T) {
	offset := math.MaxInt - 3 // a multiple of 4
	p := pattern(12)
	ws.Cipher(p[:6], cipherKey, offset)
	offset += 6 // wraps
	ws.Cipher(p[6:], cipherKey, offset)
	if want := naiveCipher(pattern(12), cipherKey, 0); !bytes.Equal(p, want) {
		t.Errorf("got %x, want %x", p, want)
	}
}

func TestCipherDoesNotAllocate(t *testing.T) {
	p := pattern(4096)
	dst := make([]byte, 0, len(p))
	wantAllocs(t, 0, func() { ws.Cipher(p, cipherKey, 3) })
	wantAllocs(t, 0, func() { dst = ws.AppendCipher(dst[:0], p, cipherKey, 3) })
	wantAllocs(t, 0, func() { ws.NewMask() })
}

// W10: RFC 6455, 10.3: the masking key has to "be derived from a strong source
// of entropy". That keys do not repeat is what a test can see of it; that no
// generator made for other purposes is in reach is the rest.
func TestMaskingKeysAreFresh_W10(t *testing.T) {
	const draws = 4096
	seen := make(map[[4]byte]bool, draws)
	for range draws {
		seen[ws.NewMask()] = true
	}
	// 0.002 repeats are to be expected, and 3 never.
	if len(seen) < draws-3 {
		t.Errorf("%d of %d keys are repeats", draws-len(seen), draws)
	}
	if f := ws.MaskFrame(ws.NewPingFrame(nil)); !f.Header.Masked {
		t.Error("MaskFrame does not mask")
	}
	for _, banned := range []string{"math/rand", "math/rand/v2"} {
		for file, imports := range packageImports(t) {
			if imports[banned] {
				t.Errorf("%s imports %s", file, banned)
			}
		}
	}
}

// #60, #79, #99: what needs unsafe crashes under checkptr and on other architectures.
func TestNoFileImportsUnsafe_60(t *testing.T) {
	for file, imports := range packageImports(t) {
		if imports["unsafe"] || imports["C"] {
			t.Errorf("%s imports unsafe", file)
		}
	}
}

// packageImports returns what each non-test file of the package imports.
func packageImports(t *testing.T) map[string]map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]map[string]bool)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		imports := make(map[string]bool)
		for _, spec := range parsed.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			imports[path] = true
		}
		files[e.Name()] = imports
	}
	if len(files) == 0 {
		t.Fatal("no source files: run the test in the folder of the package")
	}
	return files
}

func BenchmarkCipher(b *testing.B) {
	for _, n := range []int{16, 125, 1 << 10, 16 << 10, 1 << 20} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := pattern(n)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				ws.Cipher(p, cipherKey, 0)
			}
		})
	}
}

func BenchmarkNewMask(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ws.NewMask()
	}
}
