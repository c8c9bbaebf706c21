package main

import (
	"bytes"
	"testing"

	"github.com/wirews/wirews/ws"
)

// However the bytes of two clients' frames are cut, the limits and the server on
// wsproto answer the same.
func TestHandlersAnswerTheSameHoweverBytesAreCut(t *testing.T) {
	upgrade := []byte("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
	var frames, want []byte
	for i, size := range []int{0, 5, 125, 126, 300, 65536, 1} {
		m := newMessage(i, size)
		frames = ws.AppendFrame(frames, ws.MaskFrame(ws.NewFrame(m.op, true, m.p)))
		want = ws.AppendFrame(want, ws.NewFrame(m.op, true, m.p))
	}
	buffer := make([]byte, headRoom+len(frames))
	for name, newHandler := range map[string]func() handler{
		"minimal": func() handler { return new(minimal) },
		"wsproto": func() handler { return &onLoop{loop: new(loop), request: new(request)} },
	} {
		for cut := range len(frames) {
			if cut > 1000 && cut%997 != 0 && len(frames)-cut > 20 {
				continue
			}
			h := newHandler()
			if head, ok := h.receive(buffer, buffer[headRoom:headRoom+copy(buffer[headRoom:], upgrade)]); !ok || !bytes.Contains(head, []byte("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")) {
				t.Fatalf("%s: the handshake was answered by %q", name, head)
			}
			var got []byte
			for _, part := range [][]byte{frames[:cut], frames[cut:]} {
				out, ok := h.receive(buffer, buffer[headRoom:headRoom+copy(buffer[headRoom:], part)])
				if !ok {
					t.Fatalf("%s, cut at %d: it did not go on", name, cut)
				}
				got = append(got, out...)
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("%s, cut at %d: %d bytes, want %d, or they differ", name, cut, len(got), len(want))
			}
		}
	}
}
