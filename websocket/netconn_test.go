package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
)

func TestNetConnIsAStream(t *testing.T) {
	noLeaks(t)
	url := serve(t, nil, func(c *websocket.Conn) {
		conn := websocket.NetConn(context.Background(), c, websocket.MessageBinary)
		io.Copy(conn, conn)
		conn.Close()
	})
	conn := websocket.NetConn(context.Background(), dial(t, url, nil), websocket.MessageBinary)
	want := prose(300_000)
	go conn.Write(want)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != string(want) {
		t.Error(err)
	}
	conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	if _, err := conn.Read(got); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error(err)
	}
	conn.SetReadDeadline(time.Time{})
	conn.Write([]byte("x"))
	if n, err := conn.Read(got); n != 1 || err != nil {
		t.Error("after a deadline:", n, err)
	}
	if conn.LocalAddr().Network() != "tcp" || conn.RemoteAddr().Network() != "tcp" {
		t.Error(conn.LocalAddr(), conn.RemoteAddr())
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if err := conn.Close(); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	if _, err := conn.Write(nil); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

func TestNetConnEndsAsStreamsDo(t *testing.T) {
	for _, tc := range []struct {
		name string
		peer func(c *websocket.Conn)
		want error
	}{
		{"normal closure", func(c *websocket.Conn) { c.Close(websocket.StatusNormalClosure, "") }, io.EOF},
		{"going away", func(c *websocket.Conn) { c.Close(websocket.StatusGoingAway, "") }, io.EOF},
		{"another code", func(c *websocket.Conn) { c.Close(4000, "") }, websocket.EndedByPeer},
		{"no close frame", func(c *websocket.Conn) { c.CloseNow() }, websocket.EndedByTransport},
		{"the other type of message", func(c *websocket.Conn) {
			c.Write(context.Background(), websocket.MessageText, nil)
			_, _, err := c.Read(context.Background())
			if websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
				t.Error(err)
			}
		}, nil},
	} {
		conn := websocket.NetConn(context.Background(), dial(t, serve(t, nil, tc.peer), nil), websocket.MessageBinary)
		for range 2 {
			_, err := conn.Read(make([]byte, 1))
			if err == nil || tc.want != nil && !errors.Is(err, tc.want) || tc.want == nil && err == io.EOF {
				t.Errorf("%s: %v", tc.name, err)
			}
		}
	}
}

func TestNetConnEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	conn := websocket.NetConn(ctx, dial(t, serve(t, nil, echo), nil), websocket.MessageBinary)
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
