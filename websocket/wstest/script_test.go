package wstest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

// recorder is a testing.TB that keeps what failed.
type recorder struct {
	testing.TB // what it lacks: nothing is skipped, logged or set

	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (r *recorder) Helper() {}
func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// failures runs what is to fail, as a test with a goroutine and an end, and returns
// how it did.
func failures(test func(t testing.TB)) string {
	var r recorder
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for i := len(r.cleanups) - 1; i >= 0; i-- {
				r.cleanups[i]()
			}
		}()
		test(&r)
	}()
	<-done
	return strings.Join(r.failures, "\n")
}

// scripts returns both sides of a connection.
func scripts(t testing.TB) (client, server *wstest.Script) {
	a, b := wstest.NetPipe(0)
	return wstest.NewScript(t, a, ws.StateClientSide), wstest.NewScript(t, b, ws.StateServerSide)
}

func TestWhatAScriptSendsIsWhatTheOtherExpects(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	tests := []struct {
		name string
		send wstest.Piece
		raw  wstest.Hex // what it is as the server sends it; empty: not looked at
	}{
		{"text", wstest.TextFrame("Hello"), "81 05 48656c6c6f"},
		{"binary", wstest.BinaryFrame([]byte{1, 2}), "82 02 01 02"},
		{"the first of fragments", wstest.Frame{OpCode: ws.OpText, Payload: []byte("H"), More: true}, "01 01 48"},
		{"the last of fragments", wstest.ContinuationFrame("H"), "80 01 48"},
		{"ping", wstest.PingFrame("p"), "89 01 70"},
		{"pong", wstest.PongFrame(""), "8a 00"},
		{"close", wstest.CloseFrame(1000, "bye"), "88 05 03e8 627965"},
		{"close without a code", wstest.EmptyCloseFrame(), "88 00"},
		{"a code that must not be sent", wstest.CloseFrame(1005), "88 02 03ed"},
		{"RSV bits", wstest.Frame{OpCode: ws.OpText, RSV: 5}, "d1 00"},
		{"an opcode of nothing", wstest.Frame{OpCode: 11}, "8b 00"},
		{"masked by whoever must not", wstest.Frame{OpCode: ws.OpText, Payload: []byte("Hello"), Masking: wstest.Masked}, "81 85 37fa213d 7f9f4d5158"},
		{"16 bits of length", wstest.TextFrame(long[:200]), ""},
		{"64 bits of length", wstest.TextFrame(long), ""},
		{"hex", wstest.Hex("81 01\n41"), "81 01 41"},
		{"bytes", wstest.Bytes("\x81\x01A"), "81 01 41"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, server := scripts(t)
			go server.Send(test.send)
			client.Expect(test.send)
			go client.Send(test.send)
			server.Expect(test.send)
			if test.raw != "" {
				server.Send(test.send)
				client.Expect(test.raw)
			}
		})
	}
}

func TestScriptSendsWhatIsNotTrue(t *testing.T) {
	tests := []struct {
		name string
		send wstest.Frame
		want wstest.Hex
	}{
		{"a length that is not there", wstest.Frame{OpCode: ws.OpText, Length: 100}, "81 64"},
		{"a length in too many bytes", wstest.Frame{OpCode: ws.OpText, Payload: []byte("A"), LengthBytes: 8}, "81 7f 0000000000000001 41"},
		{"the top bit of a length", wstest.Frame{OpCode: ws.OpText, Length: 1 << 63, LengthBytes: 8}, "81 7f 8000000000000000"},
		{"a mask that should not be", wstest.Frame{OpCode: ws.OpText, Masking: wstest.Masked}, "81 80 37fa213d"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, server := scripts(t)
			server.Send(test.send)
			client.Expect(test.want)
		})
	}
}

func TestClientThatDoesNotMask(t *testing.T) {
	client, server := scripts(t)
	client.Send(wstest.Frame{OpCode: ws.OpText, Payload: []byte("A"), Masking: wstest.Unmasked})
	server.Expect(wstest.Hex("81 01 41"))
}

func TestScriptSendsAllOfItAtOnce(t *testing.T) {
	a, b := wstest.NetPipe(0)
	wstest.NewScript(t, a, ws.StateServerSide).Send(wstest.TextFrame("a"), wstest.Hex("81"), wstest.Bytes{0})
	got := make([]byte, 10)
	if n, err := b.Read(got); string(got[:n]) != "\x81\x01a\x81\x00" || err != nil {
		t.Errorf("got % x, %v", got[:n], err)
	}
}

// TestScriptSaysWhatCameInstead: and what it was after.
func TestScriptSaysWhatCameInstead(t *testing.T) {
	tests := []struct {
		name         string
		send, expect func(s *wstest.Script)
		want         string
	}{
		{
			"another payload", func(s *wstest.Script) { s.Send(wstest.TextFrame("a")) },
			func(s *wstest.Script) { s.Expect(wstest.TextFrame("b")) },
			`script: want text frame "b": got text frame "a"`,
		},
		{
			"another code", func(s *wstest.Script) { s.Send(wstest.TextFrame("a"), wstest.CloseFrame(1001, "bye")) },
			func(s *wstest.Script) { s.Expect(wstest.TextFrame("a"), wstest.CloseFrame(1000)) },
			`script: want close frame 1000 after text frame "a": got close frame 1001 "bye"`,
		},
		{
			"another reason", func(s *wstest.Script) { s.Send(wstest.CloseFrame(1000, "bye")) },
			func(s *wstest.Script) { s.Expect(wstest.CloseFrame(1000, "hello")) },
			`script: want close frame 1000 "hello": got close frame 1000 "bye"`,
		},
		{
			"a mask", func(s *wstest.Script) {
				s.Send(wstest.Frame{OpCode: ws.OpPing, Masking: wstest.Masked, RSV: 1, More: true})
			},
			func(s *wstest.Script) { s.Expect(wstest.PingFrame("")) },
			`script: want ping without payload: got ping without payload, not final, RSV bits 001, masked`,
		},
		{
			"a long one", func(s *wstest.Script) { s.Send(wstest.Frame{OpCode: 3, Payload: make([]byte, 100)}) },
			func(s *wstest.Script) { s.Expect(wstest.Hex("83 65")) },
			`script: want 83 65: got 83 64`,
		},
		{
			"digits that are none", func(s *wstest.Script) {},
			func(s *wstest.Script) { s.Expect(wstest.Hex("8x")) },
			`script: want 8x: Hex("8x"): encoding/hex: invalid byte: U+0078 'x'`,
		},
		{
			"digits to send that are none", func(s *wstest.Script) {},
			func(s *wstest.Script) { s.Send(wstest.Hex("8")) },
			`script: Hex("8"): encoding/hex: odd length hex string`,
		},
		{
			"the end", func(s *wstest.Script) { s.Send(wstest.Hex("81 05 41")); s.Close() },
			func(s *wstest.Script) { s.Expect(wstest.TextFrame("Hello")) },
			`script: want text frame "Hello": got unexpected EOF after 1 of 5 bytes of payload`,
		},
		{
			"the end of bytes", func(s *wstest.Script) { s.Send(wstest.Hex("81")); s.Close() },
			func(s *wstest.Script) { s.Expect(wstest.Hex("81 00")) },
			`script: want 81 00: got 81 and then unexpected EOF`,
		},
		{
			"no end", func(s *wstest.Script) { s.Send(wstest.TextFrame("more")) },
			func(s *wstest.Script) { s.ExpectEOF() },
			`script: want the end: got text frame "more", unmasked`,
		},
		{
			"no end of any kind", func(s *wstest.Script) { s.Send(wstest.Hex("41")); s.Close() },
			func(s *wstest.Script) { s.ExpectEnd() },
			`script: want the end: got what is no frame, with "" at its end`,
		},
		{
			"a reset", func(s *wstest.Script) { s.Reset() },
			func(s *wstest.Script) { s.ExpectEOF() },
			`script: want the end: got read tcp 192.0.2.1:32769->198.51.100.1:80: ` + syscall.ECONNRESET.Error(),
		},
		{
			"no frame", func(s *wstest.Script) { s.Close() },
			func(s *wstest.Script) { s.Next() },
			`script: want a frame: got EOF`,
		},
		{
			"a refusal", func(s *wstest.Script) {
				s.Send(wstest.Head{Start: "HTTP/1.1 403 Forbidden", Lines: []string{"Content-Length: 2"}}, wstest.Bytes("no"))
			},
			func(s *wstest.Script) { s.Upgrade("/") },
			`script: want status 101: got 403 Forbidden with "no", error <nil>`,
		},
		{
			"another key", func(s *wstest.Script) { s.Send(wstest.Response(new(http.Request))) },
			func(s *wstest.Script) { s.Upgrade("/") },
			`script: got Sec-WebSocket-Accept: "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=", want "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="`,
		},
		{
			"no response", func(s *wstest.Script) { s.Send(wstest.TextFrame("\n")); s.Close() },
			func(s *wstest.Script) { s.ExpectResponse(200) },
			`script: want a response with status 200: got malformed HTTP response "\x81\x01"`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := failures(func(t testing.TB) {
				client, server := scripts(t)
				test.send(server)
				test.expect(client)
			})
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestScriptHasPatienceAndNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		got := failures(func(t testing.TB) {
			_, server := scripts(t)
			server.Patience = time.Hour
			server.ExpectRequest()
		})
		if time.Since(begin) != time.Hour || !strings.Contains(got, "want a request: got read tcp 198.51.100.1:80->192.0.2.1:32769: i/o timeout") {
			t.Errorf("after %v: %s", time.Since(begin), got)
		}
	})
}

func TestExpectSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := scripts(t)
		begin := time.Now()
		client.ExpectSilence(time.Hour)
		if time.Since(begin) != time.Hour {
			t.Errorf("after %v", time.Since(begin))
		}
		server.Send(wstest.PingFrame(""))
		client.Expect(wstest.PingFrame(""))

		got := failures(func(t testing.TB) {
			client, server := scripts(t)
			server.Send(wstest.PingFrame(""))
			client.ExpectSilence(time.Hour)
		})
		if want := "script: want silence for 1h0m0s: got ping without payload, unmasked"; got != want {
			t.Errorf("got %s", got)
		}
	})
}

func TestHandshakesOfScripts(t *testing.T) {
	client, server := scripts(t)
	requests := make(chan *http.Request, 1)
	go func() { requests <- server.AcceptUpgrade("Sec-WebSocket-Protocol: chat") }()
	resp := client.Upgrade("/path", "Origin: https://a.example")
	r := <-requests
	if r.URL.Path != "/path" || r.Header.Get("Origin") != "https://a.example" || resp.Header.Get("Sec-WebSocket-Protocol") != "chat" {
		t.Errorf("%v, %v", r, resp)
	}
	client.Send(wstest.TextFrame("x"))
	if f := server.Next(); f.String() != `text frame "x", masked` {
		t.Errorf("got %v", f)
	}
	client.CloseWrite()
	server.ExpectEOF()
	server.Reset()
	client.ExpectEnd()
}

func TestHeadsAreEdited(t *testing.T) {
	client, server := scripts(t)
	h := wstest.Request("/a").Without("Upgrade").Replace("Host", "b").With("X: y")
	client.Send(h)
	server.Expect(wstest.Bytes("GET /a HTTP/1.1\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
		"Sec-WebSocket-Version: 13\r\nHost: b\r\nX: y\r\n\r\n"))
	client.Send(h)
	server.Expect(h)
}

func TestServeScriptPlaysBeforeTheTestEnds(t *testing.T) {
	var played bool
	got := failures(func(t testing.TB) {
		s := wstest.ServeScript(t, func(server *wstest.Script) {
			server.AcceptUpgrade()
			server.Send(wstest.TextFrame("hello"))
			server.ExpectEnd()
			played = true
		})
		if _, p, err := s.Dial("/", nil).Read(context.Background()); string(p) != "hello" || err != nil {
			t.Errorf("got %q, %v", p, err)
		}
	})
	if got != "" || !played {
		t.Errorf("played: %v; %s", played, got)
	}
}

func TestServeScriptThatFailsEndsTheConnection(t *testing.T) {
	got := failures(func(t testing.TB) {
		s := wstest.ServeScript(t, func(server *wstest.Script) {
			server.AcceptUpgrade()
			server.Expect(wstest.TextFrame("hello"))
			server.Send(wstest.TextFrame("not sent"))
		})
		c := s.Dial("/", nil)
		c.Write(context.Background(), websocket.MessageText, []byte("goodbye"))
		if _, p, err := c.Read(context.Background()); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %q, %v", p, err)
		}
	})
	if want := `script: want text frame "hello": got text frame "goodbye"`; got != want {
		t.Errorf("got %s", got)
	}
}
