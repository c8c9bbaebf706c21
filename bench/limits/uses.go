package main

import (
	"bytes"
	"compress/flate"
	"math/rand/v2"
	"strings"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// use is a limit that a peer uses up: bytes are what it sends after the handshake,
// or instead of it. They end where the next byte would be over the limit, or complete
// what the limit is on.
type use struct {
	name     string
	deflated bool
	bytes    func(shell) []byte
}

var uses = []use{
	{"nothing: it waits", false, func(shell) []byte { return request() }},
	{"head, but for its last byte", false, func(shell) []byte {
		head := longHead()
		return head[:len(head)-1]
	}},
	{"message, but for its last byte", false, func(s shell) []byte {
		b := after(ws.AppendHeader(nil, masked(ws.OpBinary, true, s.message)))
		return append(b, make([]byte, s.message-1)...)
	}},
	{"message after decompression, but for its last byte", true, func(s shell) []byte {
		z := deflate(s.message - 1)
		return append(after(ws.AppendHeader(nil, compressed(len(z)+1))), z...)
	}},
	{"frames of a message, all empty", false, func(s shell) []byte {
		b := after(ws.AppendHeader(nil, masked(ws.OpText, false, 0)))
		return append(b, bytes.Repeat(ws.AppendHeader(nil, masked(ws.OpContinuation, false, 0)), wsproto.DefaultMaxFragments-1)...)
	}},
	{"control frames inside a message, pings of 125 bytes", false, func(s shell) []byte {
		b := after(ws.AppendHeader(nil, masked(ws.OpText, false, 0)))
		ping := append(ws.AppendHeader(nil, masked(ws.OpPing, true, 125)), make([]byte, 125)...)
		return append(b, bytes.Repeat(ping, wsproto.DefaultMaxControls)...)
	}},
	{"1 MiB of empty pings between messages, which have no limit", false, func(shell) []byte {
		ping := ws.AppendHeader(nil, masked(ws.OpPing, true, 0))
		return after(bytes.Repeat(ping, 1<<20/len(ping)))
	}},
	{"1 MiB of empty messages, which have no limit", false, func(shell) []byte {
		message := ws.AppendHeader(nil, masked(ws.OpText, true, 0))
		return after(bytes.Repeat(message, 1<<20/len(message)))
	}},
}

func masked(op ws.OpCode, fin bool, n int) ws.Header {
	return ws.Header{Fin: fin, OpCode: op, Masked: true, Length: int64(n)}
}

func compressed(n int) ws.Header {
	h := masked(ws.OpBinary, true, n)
	h.Rsv = ws.Rsv(true, false, false)
	return h
}

// deflate returns so many bytes, compressed about a hundred times: as much as is let
// through at any length.
func deflate(n int) []byte {
	plain := make([]byte, n)
	r := rand.NewChaCha8([32]byte{})
	for i := 0; i < n; i += 8 << 10 {
		r.Read(plain[i:min(n, i+40)])
	}
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	w.Write(plain)
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})
}

const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"

func request() []byte {
	return []byte(upgrade + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
}

// longHead is as long as a head may be, with as many fields as it may have.
func longHead() []byte {
	var b strings.Builder
	b.WriteString(upgrade)
	left := httpx.DefaultMaxFields - 5
	for i := range left {
		n := (httpx.DefaultMaxHead-2-b.Len())/(left-i) - len("X: \r\n")
		b.WriteString("X: " + strings.Repeat("a", n) + "\r\n")
	}
	return []byte(b.String() + "\r\n")
}

// after returns a handshake and what follows it.
func after(b []byte) []byte { return append(request(), b...) }
