package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
	"github.com/wirews/wirews/websocket/wstest"
)

// enter joins a room by hand, and waits until everybody there knows.
func enter(t *testing.T, s *wstest.Server, room, name string) *websocket.Conn {
	t.Helper()
	c := s.Dial("/chat", nil)
	if err := wsjson.Write(context.Background(), c, Hello{room, name}); err != nil {
		t.Fatal(err)
	}
	expect(t, c, Line{"", name + " is here"})
	return c
}

func expect(t *testing.T, c *websocket.Conn, want Line) {
	t.Helper()
	var got Line
	if err := wsjson.Read(context.Background(), c, &got); err != nil || got != want {
		t.Fatalf("%.80q, %v, want %.80q", got, err, want)
	}
}

func say(t *testing.T, c *websocket.Conn, text string) {
	t.Helper()
	if err := c.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func TestEverybodyInARoomGetsWhatOneSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := wstest.Serve(t, Handler(NewServer()))
		anna := enter(t, s, "cats", "anna")
		bert := enter(t, s, "cats", "bert")
		expect(t, anna, Line{"", "bert is here"})
		carl := enter(t, s, "dogs", "carl")
		for _, text := range []string{"Hello", "世界 👋", strings.Repeat("long ", 5e3)} {
			say(t, bert, text)
			expect(t, anna, Line{"bert", text})
			expect(t, bert, Line{"bert", text})
		}
		bert.Close(websocket.StatusNormalClosure, "")
		expect(t, anna, Line{"", "bert has left"})
		say(t, carl, "I hear nothing of that")
		expect(t, carl, Line{"carl", "I hear nothing of that"})
	})
}

func TestWhoDoesNotSayWhoItIsHasToGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := wstest.Serve(t, Handler(NewServer()))
		for _, hello := range []string{`{"Room":"cats"}`, "hello"} {
			c := s.Dial("/chat", nil)
			say(t, c, hello)
			if _, _, err := c.Read(context.Background()); websocket.CloseStatus(err) == -1 {
				t.Errorf("%s: %v, want a close frame", hello, err)
			}
		}
	})
}

func TestWhoIsTooSlowHasToGoAndNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := wstest.Serve(t, Handler(NewServer()))
		slow := enter(t, s, "", "slow")
		quick := enter(t, s, "", "quick")
		noise := make([]byte, 20_000) // it hardly gets shorter
		rand.Read(noise)
		text := base64.StdEncoding.EncodeToString(noise)
		for range 100 {
			say(t, quick, text)
			var got Line
			if err := wsjson.Read(context.Background(), quick, &got); err != nil {
				t.Fatal(err)
			}
			if got.Text == "slow has left" {
				break
			}
		}
		for {
			if _, _, err := slow.Read(context.Background()); err != nil {
				if websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
					t.Errorf("%v, want a close frame with 1013", err)
				}
				break
			}
		}
	})
}

// terminal is somebody who has joined from one.
type terminal struct {
	say   *io.PipeWriter
	heard *bufio.Reader
	err   chan error
}

func TestATerminalComesBackAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var handler atomic.Pointer[http.Handler]
		start := func() *websocket.Server {
			chat := NewServer()
			h := Handler(chat)
			handler.Store(&h)
			return chat
		}
		first := start()
		s := wstest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*handler.Load()).ServeHTTP(w, r) }))
		in, said := io.Pipe()
		heard, out := io.Pipe()
		term := terminal{said, bufio.NewReader(heard), make(chan error, 1)}
		opts := &websocket.RedialOptions{Dial: s.Options(nil)}
		go func() { term.err <- Join(context.Background(), s.URL+"/chat", opts, Hello{"", "anna"}, in, out) }()
		term.await(t, "anna is here")
		go io.WriteString(term.say, "\x1b[2Jis only text\n")
		term.await(t, "anna: [2Jis only text")

		go start() // before the first one lets anybody go
		ended := make(chan error)
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			_, err := first.Shutdown(ctx)
			ended <- err
		}()
		term.await(t, "anna is here")
		if err := <-ended; err != nil {
			t.Error(err)
		}
		term.say.Close()
		go io.Copy(io.Discard, heard)
		if err := <-term.err; err != nil {
			t.Error(err)
		}
		out.Close()
	})
}

// await reads up to a line.
func (term *terminal) await(t *testing.T, want string) {
	t.Helper()
	for {
		line, err := term.heard.ReadString('\n')
		if err != nil {
			t.Fatalf("%q did not come: %v", want, err)
		}
		if line == want+"\n" {
			return
		}
	}
}

func TestThePage(t *testing.T) {
	s := wstest.Serve(t, Handler(NewServer()))
	resp, err := s.Client().Get("http://chat/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	if !strings.Contains(string(b), "new WebSocket(") || resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%s\n%s", resp.Header, b)
	}
}
