package wstest_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

// What docs/testing.md shows.

func TestGuideShowsWhatRuns(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "testing.md"))
	if err != nil {
		t.Fatal(err)
	}
	this, err := os.ReadFile("guide_test.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(guide), "\n```go\n")[1:]
	for _, block := range blocks {
		block, _, closed := strings.Cut(block, "\n```")
		if !closed || !strings.Contains(string(this), "\n"+block+"\n") {
			t.Errorf("it is not in guide_test.go:\n%s", block)
		}
	}
	if tests := strings.Count(string(this), "\nfunc Test") - 1; len(blocks) != tests+1 { // and the client
		t.Errorf("%d blocks, and %d tests", len(blocks), tests)
	}
}

func TestShout(t *testing.T) {
	s := wstest.Serve(t, http.HandlerFunc(shout))
	c := s.Dial("/", nil)
	if err := c.Write(t.Context(), websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, p, err := c.Read(t.Context()); string(p) != "HELLO" || err != nil {
		t.Errorf("got %q, %v", p, err)
	}
}

func TestShoutRefusesOtherOrigins(t *testing.T) {
	s := wstest.Serve(t, http.HandlerFunc(shout))
	from := &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://evil.example"}}}
	_, resp, err := websocket.Dial(t.Context(), s.URL, s.Options(from))
	if err == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("got %v, %v", resp, err)
	}
}

// greet is a client to test: it asks for a greeting, and gives up after a minute.
func greet(ctx context.Context, url string, opts *websocket.DialOptions) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c, _, err := websocket.Dial(ctx, url, opts)
	if err != nil {
		return "", err
	}
	defer c.CloseNow()
	if err := c.Write(ctx, websocket.MessageText, []byte("greet me")); err != nil {
		return "", err
	}
	_, p, err := c.Read(ctx)
	return string(p), err
}

func TestGreet(t *testing.T) {
	s := wstest.ServeScript(t, func(server *wstest.Script) {
		server.AcceptUpgrade()
		server.Expect(wstest.TextFrame("greet me"))
		server.Send(wstest.TextFrame("hello"))
		server.ExpectEnd()
	})
	if got, err := greet(t.Context(), s.URL, s.Options(nil)); got != "hello" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestGreetGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := wstest.ServeScript(t, func(server *wstest.Script) {
			server.AcceptUpgrade()
			server.Expect(wstest.TextFrame("greet me"))
			server.Patience = time.Hour // more than the client's: it is to give up first
			server.ExpectEnd()
		})
		start := time.Now()
		_, err := greet(t.Context(), s.URL, s.Options(nil))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestGreetByBadServers(t *testing.T) {
	tests := []struct {
		name   string
		answer wstest.Piece
		code   websocket.StatusCode
	}{
		{"a masked frame", wstest.Frame{OpCode: ws.OpText, Payload: []byte("hello"), Masking: wstest.Masked}, 1002},
		{"RSV bits", wstest.Frame{OpCode: ws.OpText, Payload: []byte("hello"), RSV: 2}, 1002},
		{"a length in excess", wstest.Frame{OpCode: ws.OpText, Payload: []byte("hello"), LengthBytes: 8}, 1002},
		{"text that is not UTF-8", wstest.TextFrame("hell\xf6"), 1007},
		{"a code that nobody may send", wstest.CloseFrame(1005), 1002},
		{"an opcode of nothing", wstest.Hex("83 05 68 65 6c 6c 6f"), 1002},
	}
	for _, test := range tests {
		s := wstest.ServeScript(t, func(server *wstest.Script) {
			server.AcceptUpgrade()
			server.Expect(wstest.TextFrame("greet me"))
			server.Send(test.answer)
			server.Expect(wstest.CloseFrame(test.code))
		})
		if got, err := greet(t.Context(), s.URL, s.Options(nil)); err == nil {
			t.Errorf("%s: got %q", test.name, got)
		}
	}
}

func TestShoutClosesBadClients(t *testing.T) {
	s := wstest.Serve(t, http.HandlerFunc(shout))
	client := s.Script("/") // has done the handshake
	client.Send(wstest.TextFrame("one"), wstest.Hex("83 80 00000000"))
	client.Expect(wstest.TextFrame("ONE"), wstest.CloseFrame(websocket.StatusProtocolError))
	client.CloseWrite()
	client.ExpectEOF()
}

func TestShoutRefusesBadHandshakes(t *testing.T) {
	s := wstest.Serve(t, http.HandlerFunc(shout))
	client := s.Connect() // has done nothing yet
	client.Send(wstest.Request("/").Without("Sec-WebSocket-Key"))
	client.ExpectResponse(http.StatusBadRequest)
}

func TestSilentPeersArePinged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := wstest.Pipe(t, &websocket.AcceptOptions{
			KeepAlive: websocket.KeepAlive{Interval: time.Minute, Timeout: 10 * time.Second},
		}, nil)
		client.CloseRead(t.Context()) // answers pings
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		if _, _, err := server.Read(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it was not kept for a day: %v", err)
		}
	})
}

func TestConnectionLostInAMessage(t *testing.T) {
	near, far := wstest.NetPipe(0)
	lossy := wstest.WithFaults(near, wstest.ReadAtMost(1), wstest.ResetAfterRead(1000))
	server, client := wstest.PipeOver(t, far, lossy, nil, nil)
	if err := server.Write(t.Context(), websocket.MessageBinary, make([]byte, 2000)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := client.Read(t.Context()); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v", err)
	}
}

func TestGreetLeavesNothing(t *testing.T) {
	wstest.NoLeaks(t)
	s := wstest.Serve(t, http.HandlerFunc(shout))
	if _, err := greet(t.Context(), s.URL, s.Options(nil)); err != nil {
		t.Error(err)
	}
}
