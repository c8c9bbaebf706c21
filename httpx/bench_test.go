package httpx_test

import (
	"testing"

	"github.com/wirews/wirews/httpx"
)

// chromeRequest is what Chrome 120 sends to open a WebSocket.
const chromeRequest = "GET /chat?room=42 HTTP/1.1\r\n" +
	"Host: server.example.com:8080\r\n" +
	"Connection: Upgrade\r\n" +
	"Pragma: no-cache\r\n" +
	"Cache-Control: no-cache\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\r\n" +
	"Upgrade: websocket\r\n" +
	"Origin: http://example.com\r\n" +
	"Sec-WebSocket-Version: 13\r\n" +
	"Accept-Encoding: gzip, deflate, br\r\n" +
	"Accept-Language: en-US,en;q=0.9,de;q=0.8\r\n" +
	"Cookie: session=0123456789abcdef; theme=dark\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
	"Sec-WebSocket-Protocol: chat, superchat\r\n" +
	"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" +
	"\r\n"

const upgradeResponse = "HTTP/1.1 101 Switching Protocols\r\n" +
	"Upgrade: websocket\r\n" +
	"Connection: Upgrade\r\n" +
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
	"Sec-WebSocket-Protocol: chat\r\n" +
	"\r\n"

func BenchmarkScan(b *testing.B) {
	head := []byte(chromeRequest)
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		var s httpx.Scanner
		if _, err := s.Scan(head, httpx.Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScanByteByByte(b *testing.B) {
	head := []byte(chromeRequest)
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		var s httpx.Scanner
		for n := range len(head) {
			if _, err := s.Scan(head[:n], httpx.Limits{}); err != httpx.ErrShort {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkParseRequest(b *testing.B) {
	head := []byte(chromeRequest)
	fields := make(httpx.Fields, 0, 32)
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := httpx.ParseRequest(head, fields); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseResponse(b *testing.B) {
	head := []byte(upgradeResponse)
	fields := make(httpx.Fields, 0, 32)
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := httpx.ParseResponse(head, fields); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHasToken(b *testing.B) {
	fields := parseFields(b, "Host: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n")
	b.ReportAllocs()
	for b.Loop() {
		if !fields.HasToken("Connection", "upgrade") {
			b.Fatal("no token")
		}
	}
}

func BenchmarkParseItem(b *testing.B) {
	elem := []byte("permessage-deflate; client_max_window_bits=15; server_no_context_takeover")
	b.SetBytes(int64(len(elem)))
	b.ReportAllocs()
	for b.Loop() {
		item, err := httpx.ParseItem(elem)
		if err != nil {
			b.Fatal(err)
		}
		for _, rest, ok := httpx.NextParam(item.Params); ok; _, rest, ok = httpx.NextParam(rest) {
		}
	}
}

func BenchmarkAppendField(b *testing.B) {
	dst := make([]byte, 0, 128)
	value := []byte("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := httpx.AppendField(dst, "Sec-WebSocket-Accept", value); err != nil {
			b.Fatal(err)
		}
	}
}
