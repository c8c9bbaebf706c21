package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

func context20(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// start serves until the test ends, and returns the URL. What the server has to
// complain of, such as a response that somebody writes behind the handshake, is
// an error.
func start(t *testing.T, h http.Handler) string {
	t.Helper()
	var complaints bytes.Buffer
	var handlers sync.WaitGroup
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handlers.Add(1)
		defer handlers.Done()
		h.ServeHTTP(w, r)
	}))
	s.Config.ErrorLog = log.New(&complaints, "", 0)
	s.Start()
	t.Cleanup(func() {
		s.Close() // which does not wait for connections that were taken over
		handlers.Wait()
		if complaints.Len() > 0 {
			t.Errorf("the server says:\n%s", &complaints)
		}
	})
	return s.URL
}

func want(ctx context.Context, t *testing.T, c *websocket.Conn, text string) {
	t.Helper()
	if _, p, err := c.Read(ctx); err != nil || string(p) != text {
		t.Fatalf("%d bytes %.40q, %v; want %.40q", len(p), p, err, text)
	}
}

// wantEcho talks with the echo at url.
func wantEcho(t *testing.T, url string) {
	t.Helper()
	ctx := context20(t)
	c, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	want(ctx, t, c, "welcome to den")
	for _, text := range []string{"Hello", "", strings.Repeat("x", 20_000)} {
		if err := c.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
		want(ctx, t, c, text)
	}
	c.CloseRead(ctx)
	if err := c.Ping(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

// wantRefusal wants the handshake to be refused with that status, by the rule
// that the body names.
func wantRefusal(t *testing.T, url string, header http.Header, status int, rule string) {
	t.Helper()
	c, resp, err := websocket.Dial(context20(t), url, &websocket.DialOptions{HTTPHeader: header})
	if err == nil {
		c.CloseNow()
		t.Fatalf("accepted, want %d", status)
	}
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	if !ok || resp.StatusCode != status || !strings.Contains(string(refusal.Body), rule) {
		t.Errorf("%v, want status %d and %q", err, status, rule)
	}
}

func TestAnEchoBehindEachRouter(t *testing.T) {
	for name, router := range Routers {
		t.Run(name, func(t *testing.T) {
			url := start(t, router(io.Discard))
			wantEcho(t, url+"/rooms/den")
			wantRefusal(t, url+"/rooms/den", http.Header{"Origin": {"http://evil.test"}}, http.StatusForbidden, "OriginPatterns")
			wantRefusal(t, url+"/nowhere", nil, http.StatusNotFound, "")

			resp, err := http.Get(url + "/rooms/den")
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "Upgrade") {
				t.Errorf("plain GET: %d %q, %v; want 400 and what is missing", resp.StatusCode, body, err)
			}
		})
	}
}
