package streamtest

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// queued returns a connection with a queue, in one role or the other, and its peer, which
// has a connection that it does not read.
func (w Way) queued(t *testing.T, role string, q websocket.Queue) (c, peer *websocket.Conn) {
	t.Helper()
	accept, dial := &websocket.AcceptOptions{}, &websocket.DialOptions{}
	if role == "server" {
		accept.Queue = &q
	} else {
		dial.Queue = &q
	}
	conns, over := make(chan *websocket.Conn, 1), make(chan struct{})
	client := w.Open(t, accept, func(c *websocket.Conn) {
		conns <- c
		<-over
	}, dial)
	t.Cleanup(func() { close(over) }) // before the server ends, which may wait for its handler
	server := <-conns
	server.SetReadLimit(-1)
	if role == "server" {
		return server, client
	}
	return client, server
}

// clog writes a message that is longer than all windows, so that what comes next waits.
func clog(t *testing.T, c *websocket.Conn) {
	t.Helper()
	if err := c.Write(bg, websocket.MessageText, []byte(strings.Repeat("-", 1<<20))); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	if n := c.QueueState().Messages; n > 0 {
		t.Fatalf("%d messages wait, and are to be on their way", n)
	}
}

// readAll reads to the end, and returns all messages but those of clog.
func readAll(c *websocket.Conn) (got []string, end error) {
	for {
		_, p, err := c.Read(bg)
		if err != nil {
			return got, err
		}
		if !strings.HasPrefix(string(p), "-") {
			got = append(got, string(p))
		}
	}
}

// Queues tests that a queue keeps to its policy while the windows are full: that is what a
// full socket is over HTTP/1.1.
func (w Way) Queues(t *testing.T) {
	w.policies(t)
	t.Run("close", w.closes)
}

func (w Way) policies(t *testing.T) {
	full := websocket.ErrQueueFull
	for _, tc := range []struct {
		policy websocket.QueuePolicy
		want   []string
		errs   []error
	}{
		{websocket.QueueDropOldest, []string{"c3", "a4"}, []error{nil, nil, nil, nil, nil}},
		{websocket.QueueDropNewest, []string{"a0", "b1"}, []error{nil, nil, full, full, full}},
		{websocket.QueueKeepLatest, []string{"c3", "a4"}, []error{nil, nil, nil, nil, nil}},
	} {
		for _, role := range roles {
			t.Run(tc.policy.String()+" "+role, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, peer := w.queued(t, role, websocket.Queue{Messages: 2, WhenFull: tc.policy})
					clog(t, c)
					for i, text := range []string{"a0", "b1", "a2", "c3", "a4"} {
						err := c.Enqueue(bg, websocket.Outgoing{Type: websocket.MessageText, Data: []byte(text), Key: text[:1]})
						if !errors.Is(err, tc.errs[i]) {
							t.Errorf("%s: %v, want %v", text, err, tc.errs[i])
						}
					}
					go c.Close(websocket.StatusNormalClosure, "")
					got, end := readAll(peer)
					if !slices.Equal(got, tc.want) || websocket.CloseStatus(end) != websocket.StatusNormalClosure {
						t.Errorf("received %q, want %q; %v", got, tc.want, end)
					}
				})
			})
		}
	}
}

func (w Way) closes(t *testing.T) {
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := w.queued(t, role, websocket.Queue{Messages: 1, WhenFull: websocket.QueueClose})
				clog(t, c)
				for range 2 {
					c.Write(bg, websocket.MessageText, []byte("waits"))
				}
				err := c.Write(bg, websocket.MessageText, []byte("later"))
				if end, ok := errors.AsType[*websocket.ConnError](err); !ok || end.Code != ws.StatusTryAgainLater || end.By != websocket.EndedByUs || !errors.Is(err, websocket.ErrQueueFull) {
					t.Errorf("the connection has ended for %v", err)
				}
			})
		})
	}
}
