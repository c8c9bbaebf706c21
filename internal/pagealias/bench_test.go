package pagealias

import (
	"fmt"
	"io"
	"net"
	"testing"
	"unsafe"
)

// What it costs to receive into memory that begins so many bytes into a page.
// The writing, which is measured too, is the same for all.
func BenchmarkRead(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	for _, size := range []int{4 << 10, 16 << 10, 64 << 10} {
		sent, memory := make([]byte, size), make([]byte, size+2*PageSize)
		begin := int(-uintptr(unsafe.Pointer(&memory[0])) % PageSize)
		for _, offset := range []int{0, 4, 15, 16, HalfPage} {
			b.Run(fmt.Sprintf("%d bytes/%d into a page", size, offset), func(b *testing.B) {
				into := memory[begin+offset:][:size]
				b.SetBytes(int64(size))
				for b.Loop() {
					if _, err := client.Write(sent); err != nil {
						b.Fatal(err)
					}
					if _, err := io.ReadFull(server, into); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
