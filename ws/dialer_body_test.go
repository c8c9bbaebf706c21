package ws_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
)

// endless is a server that begins to say why it refuses, and does not end. It
// keeps sending if it has something to say.
func endless(conn net.Conn, head, more string) {
	br := bufio.NewReader(conn)
	if _, err := http.ReadRequest(br); err != nil {
		return
	}
	io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\n"+head+"\r\nwait")
	for more != "" {
		time.Sleep(150 * time.Millisecond)
		if _, err := io.WriteString(conn, more); err != nil {
			return
		}
	}
}

// withoutDeadlines is a connection that knows none.
type withoutDeadlines struct{ net.Conn }

func (withoutDeadlines) SetDeadline(time.Time) error     { return os.ErrNoDeadline }
func (withoutDeadlines) SetReadDeadline(time.Time) error { return os.ErrNoDeadline }

// The context does not end: what bounds the body of a refusal is a size and a
// time.
func TestDialDoesNotWaitForTheEndOfARefusal(t *testing.T) {
	for name, c := range map[string]struct {
		head, more, body string
		took             time.Duration
		wrap             func(net.Conn) net.Conn
	}{
		"silence":           {"", "", "wait", time.Second, nil},
		"in a length":       {"Content-Length: 100\r\n", "", "wait", time.Second, nil},
		"byte by byte":      {"", "x", "waitxxxxxx", time.Second, nil},
		"without deadlines": {"", "", "wait", time.Second, func(c net.Conn) net.Conn { return withoutDeadlines{c} }},
		"the end":           {"Content-Length: 4\r\n", "", "wait", 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := ws.Dialer{WrapConn: c.wrap, NetDial: func(context.Context, string, string) (net.Conn, error) {
					client, server := net.Pipe()
					go endless(server, c.head, c.more)
					return client, nil
				}}
				start := time.Now()
				_, _, _, err := d.Dial(context.Background(), "ws://h/")
				refusal, ok := errors.AsType[*ws.ResponseError](err)
				if !ok || refusal.Status != 403 || string(refusal.Body) != c.body {
					t.Errorf("got %#v", err)
				}
				if took := time.Since(start); took != c.took {
					t.Errorf("took %v, want %v", took, c.took)
				}
				time.Sleep(time.Second) // for the server to notice the end
			})
		})
	}
}

func TestOnStatusErrorsReaderEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []byte
		d := ws.Dialer{
			NetDial: func(context.Context, string, string) (net.Conn, error) {
				client, server := net.Pipe()
				go endless(server, "", "")
				return client, nil
			},
			OnStatusError: func(_ int, _ []byte, resp io.Reader) { got, _ = io.ReadAll(resp) },
		}
		start := time.Now()
		_, _, _, err := d.Dial(context.Background(), "ws://h/")
		if !errors.Is(err, ws.StatusError(403)) || string(got) != "HTTP/1.1 403 Forbidden\r\n\r\nwait" {
			t.Errorf("got %q, %v", got, err)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestUpgradeDoesNotWaitForTheEndOfARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer client.Close()
		go endless(server, "", "")
		start := time.Now()
		_, _, err := ws.Dialer{}.Upgrade(client, mustURL("ws://h/"))
		if !errors.Is(err, ws.StatusError(403)) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}
