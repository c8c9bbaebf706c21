package ws_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

func TestResponseErrorSaysWhatTheServerAnswered(t *testing.T) {
	long := strings.Repeat("0123456789", 200)
	chunk := func(s string) string { return fmt.Sprintf("%x;ext=1\r\n%s\r\n", len(s), s) }
	cases := []struct {
		name, in, body string
		status         int
	}{
		{"Content-Length", "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nno\n!more", "no\n!", 403},
		{"until close", "HTTP/1.1 500 Oops\r\n\r\nbroken", "broken", 500},
		{"chunked", "HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("ab") + chunk("cd") + "0\r\n\r\nmore", "abcd", 400},
		{"no reason", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", "", 404},
		{"empty until close", "HTTP/1.1 404 x\r\n\r\n", "", 404},
		{"HTTP/1.0", "HTTP/1.0 407 Proxy\r\n\r\nwho?", "who?", 407},
		{"204", "HTTP/1.1 204 No Content\r\n\r\nnot its body", "", 204},
		{"304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "", 304},
		{"200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", 200},
		{"redirect", "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "", 302},
		{"behind interim responses", "HTTP/1.1 100 \r\n\r\nHTTP/1.1 503 x\r\nContent-Length: 2\r\n\r\nhi", "hi", 503},
		{"1,024 bytes", "HTTP/1.1 400 x\r\nContent-Length: 1024\r\n\r\n" + long[:1024], long[:1024], 400},
		{"more than 1,024 bytes", "HTTP/1.1 400 x\r\nContent-Length: 2000\r\n\r\n" + long, long[:1024], 400},
		{"more than 1,024 bytes until close", "HTTP/1.1 400 x\r\n\r\n" + long, long[:1024], 400},
		{"more than 1,024 bytes in a chunk", "HTTP/1.1 400 x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(long), long[:1024], 400},
		{"more than 1,024 bytes in chunks", "HTTP/1.1 400 x\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat(chunk(long[:100]), 20), strings.Repeat(long[:100], 11)[:1024], 400},
		{"content cut", "HTTP/1.1 400 x\r\nContent-Length: 9\r\n\r\nabc", "abc", 400},
		{"chunk cut", "HTTP/1.1 400 x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc", "abc", 400},
		{"chunk without a size", "HTTP/1.1 400 x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc", "", 400},
		{"chunk with an endless size", "HTTP/1.1 400 x\r\nTransfer-Encoding: chunked\r\n\r\n" + long, "", 400},
		{"chunk with a huge size", "HTTP/1.1 400 x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc", "", 400},
		{"length that is none", "HTTP/1.1 400 x\r\nContent-Length: 1?\r\n\r\nabc", "abc", 400},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for name, pieces := range wstest.Splits([]byte(c.in)) {
				if len(c.in) > 512 && name != "whole" && name != "byte by byte" {
					continue
				}
				_, _, err := ws.Dialer{}.Upgrade(wstest.NewConn(pieces...), mustURL("ws://h/"))
				r, ok := errors.AsType[*ws.ResponseError](err)
				if !ok {
					t.Fatalf("%s: got %v", name, err)
				}
				if r.Status != c.status || string(r.Body) != c.body {
					t.Fatalf("%s: got %d %q, want %d %q", name, r.Status, r.Body, c.status, c.body)
				}
			}
		})
	}
}

// A server that keeps the connection open is not waited for beyond its content.
func TestResponseErrorReadsNoFurtherThanTheContent(t *testing.T) {
	for name, in := range map[string]string{
		"Content-Length": "HTTP/1.1 403 x\r\nContent-Length: 2\r\n\r\nno",
		"chunked":        "HTTP/1.1 403 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
		"empty":          "HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n",
		"204":            "HTTP/1.1 204 x\r\n\r\n",
	} {
		addr := listen(t, answerWith(in))
		d := ws.Dialer{Timeout: patience}
		if err := wantDialError(t, d, context.Background(), "ws://"+addr, ws.ErrHandshakeBadStatus); errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// The refusal is worth more than the end of the context that cut its content
// short.
func TestResponseErrorSurvivesTheEndOfTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	conn := &stalling{
		Conn:    wstest.NewConn([]byte("HTTP/1.1 403 x\r\n\r\nwait for it")),
		stalled: cancel, ended: make(chan bool),
	}
	d := ws.Dialer{NetDial: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}
	err := wantDialError(t, d, ctx, "ws://h/", ws.StatusError(403))
	if r, ok := errors.AsType[*ws.ResponseError](err); !ok || string(r.Body) != "wait for it" {
		t.Errorf("got %v", err)
	}
}

// stalling says when its script is at the end, and waits for a deadline then.
type stalling struct {
	*wstest.Conn
	stalled func()
	ended   chan bool
}

func (s *stalling) Read(p []byte) (int, error) {
	if len(s.Pieces) > 0 {
		return s.Conn.Read(p)
	}
	s.stalled()
	<-s.ended
	return 0, os.ErrDeadlineExceeded
}

func (s *stalling) SetDeadline(time.Time) error {
	close(s.ended)
	return nil
}

func TestResponseErrorIsFoundByEachOfItsNames(t *testing.T) {
	_, _, err := ws.Dialer{}.Upgrade(wstest.NewConn([]byte("HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic\r\n\r\nwho?\r\nyou")), mustURL("ws://h/"))
	var status ws.StatusError
	if !errors.As(err, &status) || status != 401 || !errors.Is(err, ws.StatusError(401)) || !errors.Is(err, ws.ErrHandshakeBadStatus) {
		t.Errorf("got %v", err)
	}
	var r *ws.ResponseError
	if !errors.As(fmt.Errorf("dial: %w", err), &r) {
		t.Fatalf("got %v", err)
	}
	if v, _ := r.Header.First("www-authenticate"); string(v) != "Basic" || r.Reason != "Who" {
		t.Errorf("got %+v", r)
	}
	if got, want := err.Error(), `ws: server answered the handshake with HTTP status 401 "Who": "who?"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestResponseErrorTextIsShort(t *testing.T) {
	long := strings.Repeat("x", 1000)
	e := &ws.ResponseError{Status: 400, Reason: long, Body: []byte(long)}
	if n := len(e.Error()); n > 300 {
		t.Errorf("%d bytes", n)
	}
	if got, want := (&ws.ResponseError{Status: 400}).Error(), "ws: server answered the handshake with HTTP status 400"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestClientHandshakeSaysWhereTheContentBegins(t *testing.T) {
	h, in := started(t, nil, "HTTP/1.1 100 \r\n\r\nHTTP/1.1 403 x\r\nContent-Length: 2\r\n\r\nno")
	_, n, err := h.Next(in)
	if r, ok := errors.AsType[*ws.ResponseError](err); !ok || string(in[n:]) != "no" || r.Body != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

// W26: the reason is a copy, and the reader has the whole response.
func TestDialW26OnStatusErrorGetsTheWholeResponse(t *testing.T) {
	body := strings.Repeat("Z", 10_000)
	text := "HTTP/1.1 403 Forbidden\r\nX: y\r\nContent-Length: 10000\r\n\r\n" + body
	for name, first := range map[string]string{"W26: alone": "", "W26: behind an interim response": "HTTP/1.1 103 x\r\n\r\n"} {
		t.Run(name, func(t *testing.T) {
			addr := listen(t, answerWith(first+text))
			calls := 0
			d := ws.Dialer{Timeout: patience, OnStatusError: func(status int, reason []byte, resp io.Reader) {
				calls++
				var seen bytes.Buffer
				r, err := http.ReadResponse(bufio.NewReader(io.TeeReader(resp, &seen)), nil)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(r.Body)
				if err != nil || string(got) != body || seen.String() != text {
					t.Errorf("got %d bytes, %v, beginning with %.40q", len(got), err, seen.String())
				}
				if status != 403 || string(reason) != "Forbidden" || r.StatusCode != 403 || r.Header.Get("X") != "y" {
					t.Errorf("got %d %q, %+v", status, reason, r)
				}
			}}
			err := wantDialError(t, d, context.Background(), "ws://"+addr, ws.StatusError(403))
			if r, _ := errors.AsType[*ws.ResponseError](err); r == nil || r.Body != nil || calls != 1 {
				t.Errorf("got %v after %d calls", err, calls)
			}
		})
	}
	d := ws.Dialer{OnStatusError: func(int, []byte, io.Reader) { t.Error("called for a broken 101") }}
	conn := wstest.NewConn([]byte(response101(upgradeLine, connectionLine)))
	d.NetDial = func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	wantDialError(t, d, context.Background(), "ws://h/", ws.ErrHandshakeBadSecAccept)
}
