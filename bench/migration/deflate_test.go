package migration_test

import (
	"bytes"
	"compress/flate"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
)

// compareExample builds a program of examples/gobwas as it is, and with the
// import paths of github.com/gobwas/ws, and runs both.
func compareExample(t *testing.T, name string, talk func(t *testing.T, addr string) []string) {
	t.Parallel()
	b, err := os.ReadFile("../../examples/gobwas/" + name + "/main.go")
	if err != nil {
		t.Fatal(err)
	}
	theirs := strings.ReplaceAll(string(b), `"github.com/wirews/wirews/`, `"github.com/gobwas/ws/`)
	theirs = strings.ReplaceAll(theirs, `"github.com/gobwas/ws/ws"`, `"github.com/gobwas/ws"`)
	var heard [2][]string
	for i, version := range []struct{ name, text string }{{"gobwas", theirs}, {"wirews", string(b)}} {
		program := build(t, name, version.text)
		if !t.Run(version.name, func(t *testing.T) {
			heard[i] = talk(t, start(t, program, "-addr", "127.0.0.1:0").line())
		}) {
			return
		}
	}
	for i := range heard[0] {
		if heard[0][i] != heard[1][i] {
			t.Errorf("record %d\ngobwas/ws: %.300q\nwirews:    %.300q", i, heard[0][i], heard[1][i])
		}
	}
}

// deflated is p compressed as a message, by the standard library.
func deflated(p string) string {
	var b strings.Builder
	w, _ := flate.NewWriter(&b, flate.DefaultCompression)
	io.WriteString(w, p)
	w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

// inflated is the reverse.
func inflated(t *testing.T, p []byte) string {
	t.Helper()
	tailed := io.MultiReader(bytes.NewReader(p), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff"))
	b, err := io.ReadAll(flate.NewReader(tailed))
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// compressed is a client's frame with the compression bit.
func compressed(op ws.OpCode, fin bool, payload string) string {
	f := ws.NewFrame(op, fin, []byte(payload))
	f.Header.Rsv = ws.Rsv(true, false, false)
	return string(ws.AppendFrame(nil, ws.MaskFrame(f)))
}

// offer is what the parameters of both programs allow; only wirews takes up
// every offer.
const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover\r\n"

// agree does the handshake and returns the response in a form that can be
// compared: whitespace between parameters is free.
func (p *peer) agree(lines string) string {
	p.Helper()
	p.say(request(lines))
	p.head()
	return strings.ReplaceAll(p.record.String(), "; ", ";")
}

// TestDeflateFrames: compressors differ, so that what is compressed is
// compared inflated.
func TestDeflateFrames(t *testing.T) {
	compareExample(t, "deflateframes", func(t *testing.T, addr string) (heard []string) {
		p := connect(t, addr)
		heard = append(heard, p.agree(offer))
		for _, text := range []string{"", "Hello", strings.Repeat("Hello, ", 30_000)} {
			for _, op := range []ws.OpCode{ws.OpText, ws.OpBinary} {
				p.say(compressed(op, true, deflated(text)) + masked(op, true, text))
				for range 2 {
					f := p.frame()
					if f.Header.Rsv != 0 {
						f.Payload = []byte(inflated(t, f.Payload))
						f.Header.Length = int64(len(f.Payload))
					}
					heard = append(heard, string(ws.AppendFrame(nil, f)))
				}
			}
		}
		p.say(masked(ws.OpPing, true, "?") + masked(ws.OpClose, true, "\x03\xe8bye"))
		p.record.Reset()
		p.rest()
		heard = append(heard, p.record.String())

		for _, refused := range []string{
			compressed(ws.OpText, false, deflated("Hello")),
			compressed(ws.OpContinuation, true, deflated("Hello")),
			compressed(ws.OpText, true, "\xff\xff"),
		} {
			p := connect(t, addr)
			p.agree(offer)
			p.say(refused)
			p.record.Reset()
			p.rest()
			heard = append(heard, p.record.String())
		}
		return heard
	})
}

// TestDeflateStreams: compress/flate does the work in both, so that all bytes
// are the same.
func TestDeflateStreams(t *testing.T) {
	compareExample(t, "deflatestreams", func(t *testing.T, addr string) (heard []string) {
		p := connect(t, addr)
		heard = append(heard, p.agree(offer))
		p.record.Reset()
		long := strings.Repeat("all work and no play, ", 20_000)
		for _, text := range []string{"Hello", long, ""} {
			p.say(compressed(ws.OpText, true, deflated(text)) + masked(ws.OpBinary, true, text))
			for range 2 {
				for !p.frame().Header.Fin {
				}
			}
		}
		hello := deflated("Hello")
		p.say(compressed(ws.OpText, false, hello[:2]) + masked(ws.OpPing, true, "between") + masked(ws.OpContinuation, false, "") +
			masked(ws.OpContinuation, true, hello[2:]))
		for range 2 {
			p.frame()
		}
		p.say(masked(ws.OpPing, true, "?") + masked(ws.OpClose, true, "\x03\xe8bye"))
		p.rest()
		heard = append(heard, p.record.String())

		p = connect(t, addr)
		p.agree("")
		p.rest()
		return append(heard, p.record.String())
	})
}
