package main

import (
	"bufio"
	"context"
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

func context20(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestEverybodyGetsWhatOneSays(t *testing.T) {
	room, url := start(t)
	ctx := context20(t)
	type terminal struct {
		say  *io.PipeWriter
		read *bufio.Reader
		err  chan error
	}
	var all []terminal
	for range 3 {
		in, say := io.Pipe()
		read, out := io.Pipe()
		term := terminal{say, bufio.NewReader(read), make(chan error, 1)}
		go func() { term.err <- Join(ctx, url+"/chat", in, out) }()
		all = append(all, term)
	}
	for people := 0; people < len(all); time.Sleep(time.Millisecond) {
		room.mu.Lock()
		people = len(room.members)
		room.mu.Unlock()
	}
	for _, line := range []string{"Hello", "Anybody there?"} {
		go io.WriteString(all[0].say, line+"\n")
		for i, term := range all {
			if got, err := term.read.ReadString('\n'); err != nil || got != line+"\n" {
				t.Errorf("%d: %q, %v", i, got, err)
			}
		}
	}
	for _, term := range all {
		term.say.Close()
		if err := <-term.err; err != nil {
			t.Error(err)
		}
	}
}

func TestWhoIsTooSlowHasToGo(t *testing.T) {
	room, url := start(t)
	slow, _, err := websocket.Dial(context20(t), url+"/chat", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.CloseNow()
	here := func() int {
		room.mu.Lock()
		defer room.mu.Unlock()
		return len(room.members)
	}
	for here() == 0 {
		time.Sleep(time.Millisecond)
	}
	long := []byte(strings.Repeat("x", 30_000))
	for i := 0; here() > 0; i++ {
		if i > 100_000 {
			t.Fatal("it stays")
		}
		if err := room.Say(websocket.MessageText, long); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Microsecond)
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
