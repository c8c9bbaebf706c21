package mask

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/wirews/wirews/internal/guardpage"
)

// kernel is one implementation, called by its name and never through XOR.
type kernel struct {
	name     string
	min, max int  // sizes it takes; max < 0 is no bound
	missing  bool // in this machine
	xor      func(dst, src []byte, key uint32)
}

func (k *kernel) takes(n int) bool { return n >= k.min && (k.max < 0 || n <= k.max) }

func kernels() []kernel {
	return append([]kernel{
		{name: "short", max: maxShort, xor: xorShort},
		{name: "words", max: -1, xor: xorWords},
		{name: "XOR", max: -1, xor: XOR},
	}, vectorKernels()...)
}

// eachKernel runs a test by the kernel's name.
func eachKernel(t *testing.T, f func(t *testing.T, k kernel)) {
	for _, k := range kernels() {
		t.Run(k.name, func(t *testing.T) {
			if k.missing {
				t.Skip("this processor does not have it")
			}
			f(t, k)
		})
	}
}

// byteByByte is section 5.3 of RFC 6455 as it is written.
func byteByByte(dst, src []byte, key uint32) {
	for i := range src {
		dst[i] = src[i] ^ byte(key>>(8*(i%4)))
	}
}

func fill(p []byte, seed int) {
	for i := range p {
		p[i] = byte(i*7 + i>>8 + seed)
	}
}

const testKey = 0x3d21fa37

// TestKernelsEveryLengthAndAlignment has guard bytes around the target.
func TestKernelsEveryLengthAndAlignment(t *testing.T) {
	step := 1
	if testing.Short() {
		step = 5
	}
	eachKernel(t, func(t *testing.T, k kernel) {
		for n := 0; n <= 800; n++ {
			for align := 0; k.takes(n) && align < 32; align += step {
				checkKernel(t, k, n, align, align)
				checkKernel(t, k, n, align, (align*5+3)%32)
			}
		}
		for _, n := range []int{1 << 10, 4095, 4096, 16<<10 + 1, 64<<10 - 1} {
			for align := 0; k.takes(n) && align < 64; align += 7 {
				checkKernel(t, k, n, align, 0)
			}
		}
	})
}

func checkKernel(t *testing.T, k kernel, n, dstAlign, srcAlign int) {
	t.Helper()
	const guard = 64
	buf := make([]byte, dstAlign+n+guard)
	src := make([]byte, srcAlign+n)[srcAlign:]
	fill(buf, 1)
	fill(src, 2)
	before, source, want := bytes.Clone(buf), bytes.Clone(src), make([]byte, n)
	byteByByte(want, src, testKey)

	dst := buf[dstAlign : dstAlign+n]
	k.xor(dst, src, testKey)
	if !bytes.Equal(dst, want) {
		t.Fatalf("n=%d align=%d from %d: copying is wrong", n, dstAlign, srcAlign)
	}
	if !bytes.Equal(buf[:dstAlign], before[:dstAlign]) || !bytes.Equal(buf[dstAlign+n:], before[dstAlign+n:]) {
		t.Fatalf("n=%d align=%d from %d: wrote outside the slice", n, dstAlign, srcAlign)
	}
	if !bytes.Equal(src, source) {
		t.Fatalf("n=%d align=%d from %d: source changed", n, dstAlign, srcAlign)
	}
	// Again, in place, it is what it was.
	k.xor(dst, dst, testKey)
	if !bytes.Equal(dst, source) {
		t.Fatalf("n=%d align=%d: in place is wrong", n, dstAlign)
	}
}

// TestKernelsStayInside puts the bytes at both ends of guarded memory.
func TestKernelsStayInside(t *testing.T) {
	a, b := guardpage.Memory(t, 4096), guardpage.Memory(t, 4096)
	eachKernel(t, func(t *testing.T, k kernel) {
		for n := 0; n <= 1100; n++ {
			if !k.takes(n) {
				continue
			}
			k.xor(a[:n], a[:n], testKey)
			k.xor(a[len(a)-n:], b[:n], testKey)
			k.xor(a[:n], b[len(b)-n:], testKey)
		}
	})
}

func FuzzKernels(f *testing.F) {
	p := make([]byte, 1000)
	fill(p, 1)
	f.Add([]byte("Hello"), uint32(testKey), byte(0))
	f.Add(p[:33], uint32(1), byte(6))
	f.Add(p, uint32(0xff00ff00), byte(31))
	f.Fuzz(func(t *testing.T, p []byte, key uint32, align byte) {
		want := make([]byte, len(p))
		byteByByte(want, p, key)
		dst := make([]byte, int(align)+len(p))[align:]
		for _, k := range kernels() {
			if k.missing || !k.takes(len(p)) {
				continue
			}
			if k.xor(dst, p, key); !bytes.Equal(dst, want) {
				t.Fatalf("%s(%x, %#x) at %d = %x", k.name, p, key, align, dst)
			}
			copy(dst, p)
			if k.xor(dst, dst, key); !bytes.Equal(dst, want) {
				t.Fatalf("%s(%x, %#x) at %d in place = %x", k.name, p, key, align, dst)
			}
		}
	})
}

func BenchmarkKernels(b *testing.B) {
	for _, n := range []int{8, 16, 32, 64, 128, 256, 512, 1 << 10, 16 << 10} {
		p := make([]byte, n+6)[6:]
		for _, k := range kernels() {
			if k.missing || !k.takes(n) {
				continue
			}
			b.Run(fmt.Sprintf("%d/%s", n, k.name), func(b *testing.B) {
				b.SetBytes(int64(n))
				for b.Loop() {
					k.xor(p, p, testKey)
				}
			})
		}
	}
}
