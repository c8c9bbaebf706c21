package messageconn_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/messageconn"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// overSocket calls f in a bubble with a connection of package websocket, as it is in a
// web page.
func overSocket(t *testing.T, f func(t *testing.T, s *socket, page *messageconn.Conn, c *websocket.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, page := newConn()
		c, err := websocket.New(page, websocket.Params{State: ws.StateClientSide})
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseNow()
		f(t, s, page, c)
	})
}

func TestAConnectionSendsAndReceivesMessages(t *testing.T) {
	overSocket(t, func(t *testing.T, s *socket, page *messageconn.Conn, c *websocket.Conn) {
		ctx := t.Context()
		long := strings.Repeat("long ", 20_000)
		if err := c.Write(ctx, websocket.MessageText, []byte("short")); err != nil {
			t.Error(err)
		}
		w, _ := c.Writer(ctx, websocket.MessageBinary)
		w.Write([]byte(long))
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if got, want := s.heard(), []string{`1 "short"`, `2 "` + long + `"`}; !slices.Equal(got, want) {
			t.Errorf("%.100q", got)
		}
		page.Received(ws.OpText, payload("in"))
		page.Received(ws.OpBinary, payload(long))
		if typ, p, err := c.Read(ctx); typ != websocket.MessageText || string(p) != "in" || err != nil {
			t.Errorf("%v %q, %v", typ, p, err)
		}
		c.SetReadLimit(-1)
		if typ, p, err := c.Read(ctx); typ != websocket.MessageBinary || string(p) != long || err != nil {
			t.Errorf("%v, %d bytes, %v", typ, len(p), err)
		}
	})
}

func TestAConnectionIsClosedByThePage(t *testing.T) {
	overSocket(t, func(t *testing.T, s *socket, page *messageconn.Conn, c *websocket.Conn) {
		time.AfterFunc(time.Second, func() { page.Ended(4000, "bye") })
		if err := c.Close(4000, "bye"); err != nil {
			t.Error(err)
		}
		if got := s.heard(); !slices.Equal(got, []string{`close 4000 "bye"`, "abandon"}) {
			t.Error(got)
		}
	})
	overSocket(t, func(t *testing.T, s *socket, page *messageconn.Conn, c *websocket.Conn) {
		time.AfterFunc(time.Second, func() { page.Ended(1005, "") })
		if err := c.Close(websocket.StatusGoingAway, ""); !errors.Is(err, errors.ErrUnsupported) {
			t.Error(err)
		}
		if _, _, err := c.Read(t.Context()); !errors.Is(err, websocket.EndedByUs) {
			t.Error(err)
		}
		if got := s.heard(); !slices.Equal(got, []string{`close 1005 ""`, "abandon"}) {
			t.Error(got)
		}
	})
}

func TestAConnectionIsClosedByThePeer(t *testing.T) {
	overSocket(t, func(t *testing.T, s *socket, page *messageconn.Conn, c *websocket.Conn) {
		page.Received(ws.OpText, payload("last"))
		page.Ended(1012, "restart")
		if _, p, err := c.Read(t.Context()); string(p) != "last" || err != nil {
			t.Errorf("%q, %v", p, err)
		}
		begun := time.Now()
		_, _, err := c.Read(t.Context())
		if end, ok := errors.AsType[*websocket.ConnError](err); !ok || end.By != websocket.EndedByPeer || websocket.CloseStatus(err) != 1012 {
			t.Error(err)
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("it waited %v for nothing", took)
		}
	})
}

func TestAMessageOverTheLimitEndsTheConnection(t *testing.T) {
	overSocket(t, func(t *testing.T, s *socket, page *messageconn.Conn, c *websocket.Conn) {
		page.Received(ws.OpBinary, unseen(1<<30))
		time.AfterFunc(time.Second, func() { page.Ended(1005, "") })
		_, _, err := c.Read(t.Context())
		if end, ok := errors.AsType[*websocket.ConnError](err); !ok || end.Code != 1009 || !errors.Is(err, websocket.ErrMessageTooBig) {
			t.Error(err)
		}
		if got := s.heard(); !slices.Equal(got, []string{`close 1005 ""`, "abandon"}) {
			t.Error(got)
		}
	})
}

func TestAWriteThatIsCutShortSendsNothing(t *testing.T) {
	overSocket(t, func(t *testing.T, s *socket, page *messageconn.Conn, c *websocket.Conn) {
		s.buffers(messageconn.MaxBuffered + 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, size := range []int{3, 100_000} {
			if err := c.Write(ctx, websocket.MessageText, make([]byte, size)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%d bytes: %v", size, err)
			}
		}
		s.buffers(0)
		if err := c.Write(t.Context(), websocket.MessageText, []byte("next")); err != nil {
			t.Error(err)
		}
		if got := s.heard(); !slices.Equal(got, []string{`1 "next"`}) {
			t.Errorf("%.100q", got)
		}
	})
}

func TestAConnectionOfAPageHasNoPings(t *testing.T) {
	overSocket(t, func(t *testing.T, s *socket, page *messageconn.Conn, c *websocket.Conn) {
		if err := c.Ping(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
			t.Error(err)
		}
		if err := c.SendPing(t.Context(), nil); !errors.Is(err, errors.ErrUnsupported) {
			t.Error(err)
		}
		if err := c.Write(t.Context(), websocket.MessageText, []byte("and goes on")); err != nil {
			t.Error(err)
		}
	})
}
