package main

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/ws"
)

func start(t *testing.T) (addr string) {
	return peer.Serve(t, func(l net.Listener) error { return serve(l, "example.com") })
}

func TestLetsInWhoHasASession(t *testing.T) {
	var cookie string
	d := ws.Dialer{
		Host:   "example.com",
		Header: ws.HandshakeHeaderHTTP(http.Header{"Cookie": {"theme=dark; session=abc; visits=41"}}),
		OnHeader: func(key, value []byte) error {
			if string(key) == "Set-Cookie" {
				cookie = string(value)
			}
			return nil
		},
	}
	conn := peer.Open(t, start(t), d)
	if want := "visits=42; HttpOnly; SameSite=Strict"; cookie != want {
		t.Errorf("got cookie %q, want %q", cookie, want)
	}
	peer.Want(t, conn, ws.NewTextFrame([]byte("session abc")))
	peer.Want(t, conn, ws.NewCloseFrame(ws.NewCloseFrameBody(1000, "")))
	peer.Send(t, conn, peer.Frame(nil, ws.NewCloseFrame(ws.NewCloseFrameBody(1000, ""))))
	peer.WantEnd(t, conn)
}

func TestAnswersOnTheWire(t *testing.T) {
	const tail = "Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
	addr := start(t)
	for _, tc := range []struct{ name, request, want string }{
		{
			"wrong host",
			strings.Replace(peer.Request, "example.com", "example.org", 1) + "Cookie: session=abc\r\n\r\n",
			"HTTP/1.1 421 Misdirected Request\r\nX-Wanted-Host: example.com\r\n" + tail + "Content-Length: 19\r\n\r\nthis is example.com",
		},
		{
			"no session",
			peer.Request + "Cookie: visits=1\r\n\r\n",
			"HTTP/1.1 401 Unauthorized\r\nWww-Authenticate: Cookie realm=\"cookies\"\r\n" + tail + "Content-Length: 19\r\n\r\na session is needed",
		},
		{
			"no cookie at all",
			peer.Request + "\r\n",
			"HTTP/1.1 401 Unauthorized\r\nWww-Authenticate: Cookie realm=\"cookies\"\r\n" + tail + "Content-Length: 19\r\n\r\na session is needed",
		},
		{
			"bad cookie",
			peer.Request + "Cookie: session=abc; visits=many\r\n\r\n",
			"HTTP/1.1 400 Bad Request\r\n" + tail + "Content-Length: 10\r\n\r\nbad cookie",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := peer.Exchange(t, addr, []byte(tc.request)); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
	t.Run("foreign origin", func(t *testing.T) {
		got := peer.Exchange(t, addr, []byte(peer.Request+"Origin: https://evil.example\r\nCookie: session=abc\r\n\r\n"))
		if !strings.HasPrefix(got, "HTTP/1.1 403 Forbidden\r\n") {
			t.Errorf("got %q", got)
		}
	})
}
