package bench_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"

	gobwas "github.com/gobwas/ws"

	"github.com/wirews/wirews/ws"
)

// chrome is the opening handshake as a current Chrome sends it.
const chrome = "GET /chat HTTP/1.1\r\n" +
	"Host: server.example.com\r\n" +
	"Connection: Upgrade\r\n" +
	"Pragma: no-cache\r\n" +
	"Cache-Control: no-cache\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\r\n" +
	"Upgrade: websocket\r\n" +
	"Origin: https://server.example.com\r\n" +
	"Sec-WebSocket-Version: 13\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Accept-Language: en-US,en;q=0.9\r\n" +
	"Cookie: session=0123456789abcdef0123456789abcdef\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
	"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"

// memory is a connection on which the request has arrived.
type memory struct {
	bytes.Reader
	out []byte
}

func (m *memory) Write(p []byte) (int, error) {
	m.out = append(m.out[:0], p...)
	return len(p), nil
}

// BenchmarkUpgrade is a server's handshake without callbacks, and beside it
// what net/http takes to read the request alone.
func BenchmarkUpgrade(b *testing.B) {
	request := []byte(chrome)
	for _, lib := range []struct {
		name    string
		upgrade func(io.ReadWriter) error
	}{
		{"wirews", func(rw io.ReadWriter) error { _, err := ws.Upgrade(rw); return err }},
		{"gobwas", func(rw io.ReadWriter) error { _, err := gobwas.Upgrade(rw); return err }},
		{"net-http-ReadRequest", func(rw io.ReadWriter) error { _, err := http.ReadRequest(bufio.NewReader(rw)); return err }},
	} {
		b.Run(lib.name, func(b *testing.B) {
			b.ReportAllocs()
			m := &memory{}
			for b.Loop() {
				m.Reset(request)
				if err := lib.upgrade(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkServerHandshake is the same without I/O.
func BenchmarkServerHandshake(b *testing.B) {
	request := []byte(chrome)
	out := make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		var s ws.ServerHandshake
		if _, _, _, err := s.Next(out, request); err != nil {
			b.Fatal(err)
		}
	}
}
