package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
)

func start(t *testing.T) (room *Room, url string) {
	t.Helper()
	room = NewRoom()
	s := httptest.NewServer(Handler(room))
	t.Cleanup(s.Close)
	return room, s.URL
}

func (r *Room) size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.members)
}

// await waits until n members are there.
func (r *Room) await(ctx context.Context, t *testing.T, n int) {
	t.Helper()
	for r.size() != n {
		if ctx.Err() != nil {
			t.Fatalf("%d are there, want %d", r.size(), n)
		}
		time.Sleep(time.Millisecond)
	}
}

func context20(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func dial(ctx context.Context, t *testing.T, url string) *websocket.Conn {
	t.Helper()
	c, _, err := websocket.Dial(ctx, url+"/chat", &websocket.DialOptions{CompressionMode: websocket.CompressionNoContextTakeover})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return c
}

// terminal is somebody who has joined from one.
type terminal struct {
	say   *io.PipeWriter
	heard *bufio.Reader
	err   chan error
}

func join(ctx context.Context, url string) terminal {
	in, say := io.Pipe()
	heard, out := io.Pipe()
	term := terminal{say, bufio.NewReader(heard), make(chan error, 1)}
	go func() { term.err <- Join(ctx, url+"/chat", in, out) }()
	return term
}

func TestEverybodyGetsWhatOneSays(t *testing.T) {
	room, url := start(t)
	ctx := context20(t)
	all := []terminal{join(ctx, url), join(ctx, url), join(ctx, url)}
	room.await(ctx, t, len(all))
	for said, want := range map[string]string{
		"Hello":                      "Hello",
		"世界 👋":                       "世界 👋",
		"\x1b[2Jis only text":        "[2Jis only text",
		strings.Repeat("long ", 5e3): strings.Repeat("long ", 5e3),
	} {
		go io.WriteString(all[0].say, said+"\n")
		for i, term := range all {
			if got, err := term.heard.ReadString('\n'); err != nil || got != want+"\n" {
				t.Errorf("%d: %.80q, %v", i, got, err)
			}
		}
	}
	for _, term := range all {
		term.say.Close()
		if err := <-term.err; err != nil {
			t.Error(err)
		}
	}
	room.await(ctx, t, 0)
}

func TestATerminalLearnsThatTheChatHasEnded(t *testing.T) {
	room, url := start(t)
	ctx := context20(t)
	term := join(ctx, url)
	room.await(ctx, t, 1)
	room.mu.Lock()
	for m := range room.members {
		go m.conn.Close(websocket.StatusGoingAway, "")
	}
	room.mu.Unlock()
	if err := <-term.err; websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("%v, want the close frame with 1001", err)
	}
}

func TestWhoIsTooSlowHasToGoAndNobodyElse(t *testing.T) {
	room, url := start(t)
	ctx := context20(t)
	slow, quick := dial(ctx, t, url), dial(ctx, t, url)
	room.await(ctx, t, 2)
	// It hardly gets shorter, so the kernel does not take much of it for
	// somebody who does not read.
	noise := make([]byte, 20_000)
	rand.Read(noise)
	text := base64.StdEncoding.AppendEncode(nil, noise)
	for room.size() == 2 {
		if err := room.Say(text); err != nil {
			t.Fatal(err)
		}
		if _, p, err := quick.Read(ctx); err != nil || string(p) != string(text) {
			t.Fatalf("%d bytes, %v", len(p), err)
		}
	}
	for {
		if _, _, err := slow.Read(ctx); err != nil {
			if websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
				t.Errorf("%v, want a close frame with 1013", err)
			}
			break
		}
	}
	quick.CloseRead(ctx)
	if err := quick.Ping(ctx); err != nil {
		t.Errorf("who was quick enough is gone: %v", err)
	}
}

func TestABinaryMessageIsRefused(t *testing.T) {
	_, url := start(t)
	ctx := context20(t)
	c := dial(ctx, t, url)
	if err := c.Write(ctx, websocket.MessageBinary, []byte{0}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Read(ctx); websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
		t.Errorf("%v, want a close frame with 1003", err)
	}
}

func TestThePage(t *testing.T) {
	_, url := start(t)
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	if !strings.Contains(string(b), "new WebSocket(") || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%s\n%s", resp.Header, b)
	}
}
