package migration_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	gobwas "github.com/gobwas/ws"
	gobwasflate "github.com/gobwas/ws/wsflate"
	gobwasutil "github.com/gobwas/ws/wsutil"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsutil"
)

// More of what differs and is no defect: what programs may have come to rely on.

func TestD13APayloadMayHaveMoreCapacityThanLength(t *testing.T) {
	wire := ws.MustCompileFrame(ws.NewBinaryFrame(bytes.Repeat([]byte("x"), 32<<10+1)))

	//lint:ignore SA1019 what it does is what is tried here
	theirs, err := gobwas.ReadFrame(bytes.NewReader(wire))
	if err != nil || cap(theirs.Payload) != len(theirs.Payload) {
		t.Errorf("gobwas/ws: %v, %d of %d", err, len(theirs.Payload), cap(theirs.Payload))
	}
	ours, err := ws.ReadFrame(bytes.NewReader(wire))
	if n := len(ours.Payload); err != nil || n != 32<<10+1 || cap(ours.Payload) > 2*n {
		t.Errorf("wirews: %v, %d of %d", err, n, cap(ours.Payload))
	}
	// Up to 32 KiB there is nothing to grow.
	wire = ws.MustCompileFrame(ws.NewBinaryFrame(bytes.Repeat([]byte("x"), 32<<10)))
	if ours, err = ws.ReadFrame(bytes.NewReader(wire)); err != nil || cap(ours.Payload) != 32<<10 {
		t.Errorf("wirews: %v, %d of %d", err, len(ours.Payload), cap(ours.Payload))
	}
}

func TestD14ADebugDialerShowsWhatWasReadOfARefusal(t *testing.T) {
	refusal := "HTTP/1.1 403 Forbidden\r\nContent-Length: 10000\r\n\r\n" + strings.Repeat("n", 10000)
	dialed := func(context.Context, string, string) (net.Conn, error) {
		conn, far := net.Pipe()
		go func() {
			defer far.Close()
			far.Read(make([]byte, 4096))
			io.WriteString(far, refusal)
		}()
		return conn, nil
	}
	var shown []byte
	show := func(p []byte) { shown = p }

	theirs := gobwasutil.DebugDialer{Dialer: gobwas.Dialer{NetDial: dialed}, OnResponse: show}
	if _, _, _, err := theirs.Dial(t.Context(), "ws://h/"); err == nil || string(shown) != refusal {
		t.Errorf("gobwas/ws: %v, shown %d bytes", err, len(shown))
	}
	ours := wsutil.DebugDialer{Dialer: ws.Dialer{NetDial: dialed}, OnResponse: show}
	if _, _, _, err := ours.Dial(t.Context(), "ws://h/"); err == nil || !strings.HasPrefix(refusal, string(shown)) || len(shown) < 1000 || len(shown) == len(refusal) {
		t.Errorf("wirews: %v, shown %d bytes", err, len(shown))
	}
}

func TestD15ACloseReasonIsUTF8(t *testing.T) {
	if got := gobwas.NewCloseFrameBody(1000, "a\xffb"); string(got) != "\x03\xe8a\xffb" {
		t.Errorf("gobwas/ws: %q", got)
	}
	if got := ws.NewCloseFrameBody(1000, "a\xffb"); string(got) != "\x03\xe8a" {
		t.Errorf("wirews: %q", got)
	}
}

func TestD16ParametersOfAnExtensionHaveASpaceBefore(t *testing.T) {
	asks := request("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n")

	m := arrived(asks)
	theirs := gobwasflate.Extension{Parameters: gobwasflate.Parameters{ServerNoContextTakeover: true}}
	if _, err := (gobwas.Upgrader{Negotiate: theirs.Negotiate}).Upgrade(m); err != nil || !strings.Contains(m.wrote.String(), "deflate;server") {
		t.Errorf("gobwas/ws: %v, %q", err, m.wrote.String())
	}
	m = arrived(asks)
	ours := wsflate.Extension{Parameters: wsflate.Parameters{ServerNoContextTakeover: true}}
	if _, err := (ws.Upgrader{Negotiate: ours.Negotiate}).Upgrade(m); err != nil || !strings.Contains(m.wrote.String(), "deflate; server") {
		t.Errorf("wirews: %v, %q", err, m.wrote.String())
	}
}

func TestD17AnErrorOfAReaderIsRepeated(t *testing.T) {
	const wire = "\x82\x05Hello"

	theirs := gobwasutil.Reader{Source: arrived(wire), State: gobwas.StateClientSide, MaxFrameSize: 4}
	if _, err := theirs.NextFrame(); err != gobwasutil.ErrFrameTooLarge {
		t.Errorf("gobwas/ws: NextFrame: %v", err)
	}
	if _, err := theirs.Read(make([]byte, 1)); err != gobwasutil.ErrNoFrameAdvance {
		t.Errorf("gobwas/ws: Read: %v", err)
	}
	ours := wsutil.Reader{Source: arrived(wire), State: ws.StateClientSide, MaxFrameSize: 4}
	for _, call := range []func() error{
		func() error { _, err := ours.NextFrame(); return err },
		func() error { _, err := ours.Read(make([]byte, 1)); return err },
	} {
		if err := call(); !errors.Is(err, wsutil.ErrFrameTooLarge) {
			t.Errorf("wirews: %v", err)
		}
	}
}
