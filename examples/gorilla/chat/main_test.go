package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/websocket"
)

// start serves a chat until the test ends.
func start(t *testing.T, router string) (url string, chat *websocket.Server) {
	chat = NewChat()
	s := httptest.NewServer(routers[router](chat))
	t.Cleanup(s.Close)
	t.Cleanup(func() { chat.Close() })
	return s.URL, chat
}

func TestChat(t *testing.T) {
	for router := range routers {
		t.Run(router, func(t *testing.T) {
			url, _ := start(t, router)
			ctx, ann := peer.Dial(t, url+"/ws")
			peer.Say(ctx, t, ann, "is anybody here?", "is anybody here?")
			_, bob := peer.Dial(t, url+"/ws")
			peer.Say(ctx, t, bob, "hello", "hello")
			peer.Hear(ctx, t, ann, "hello")

			resp, err := http.Get(url + "/")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "new WebSocket") {
				t.Errorf("the page: %d %.40q, %v", resp.StatusCode, body, err)
			}

			if err := ann.Write(ctx, websocket.MessageText, make([]byte, 513)); err != nil {
				t.Fatal(err)
			}
			if _, _, err := ann.Read(ctx); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
				t.Errorf("a message that is too long: %v, want 1009", err)
			}
			peer.Say(ctx, t, bob, "she is gone", "she is gone")
		})
	}
}

func TestClient(t *testing.T) {
	for router := range routers {
		t.Run(router, func(t *testing.T) {
			url, chat := start(t, router)
			in, say := io.Pipe()
			heard, out := io.Pipe()
			lines := bufio.NewScanner(heard)
			joined := make(chan error, 1)
			go func() {
				joined <- Join(t.Context(), url+"/ws", in, out)
				out.Close()
			}()
			for _, line := range []struct{ said, heard string }{{"hello", "hello"}, {"b\x1b[2Jell", "b[2Jell"}} {
				if _, err := io.WriteString(say, line.said+"\n"); err != nil {
					t.Fatal(err)
				}
				if !lines.Scan() || lines.Text() != line.heard {
					t.Fatalf("heard %q, want %q", lines.Text(), line.heard)
				}
			}
			say.Close()
			if err := <-joined; err != nil {
				t.Error(err)
			}

			in, say = io.Pipe()
			go func() { joined <- Join(t.Context(), url+"/ws", in, io.Discard) }()
			io.WriteString(say, "I am in\n")
			chat.Shutdown(context.Background())
			go io.WriteString(say, "still?\nand now?\n")
			if err := <-joined; err == nil {
				t.Error("the client has not noticed that the server is gone")
			}
			in.Close()
		})
	}
}
