package websocket_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	websocket "github.com/wirews/wirews/compat/gorilla"
)

func TestWriterSendsAFrameForEachBuffer(t *testing.T) {
	c, peer := raw(t, &websocket.Upgrader{WriteBufferSize: 4})
	w, err := c.NextWriter(websocket.BinaryMessage)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"", "abc", "defg", "h"} {
		if n, err := io.WriteString(w, s); n != len(s) || err != nil {
			t.Error(n, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if got := hear(t, peer, 12); got != "\x02\x04abcd\x80\x04efgh" {
		t.Errorf("%q", got)
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("a write after Close")
	}
	if err := w.Close(); err == nil {
		t.Error("a second Close")
	}
}

func TestTheNextMessageEndsTheOneBefore(t *testing.T) {
	for name, next := range map[string]func(c *websocket.Conn) error{
		"NextWriter": func(c *websocket.Conn) error {
			w, err := c.NextWriter(websocket.TextMessage)
			if err != nil {
				return err
			}
			return w.Close()
		},
		"WriteMessage": func(c *websocket.Conn) error { return c.WriteMessage(websocket.TextMessage, nil) },
	} {
		c, peer := raw(t, &websocket.Upgrader{})
		w, _ := c.NextWriter(websocket.TextMessage)
		io.WriteString(w, "a")
		if err := next(c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := hear(t, peer, 5); got != "\x81\x01a\x81\x00" {
			t.Errorf("%s: %q", name, got)
		}
		if _, err := w.Write([]byte("b")); err == nil {
			t.Errorf("%s: the writer before still writes", name)
		}
	}
}

func TestWriterOfControlMessages(t *testing.T) {
	c, peer := raw(t, &websocket.Upgrader{})
	w, err := c.NextWriter(websocket.PingMessage)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "a")
	io.WriteString(w, "b")
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if got := hear(t, peer, 4); got != "\x89\x02ab" {
		t.Errorf("%q", got)
	}
	w, _ = c.NextWriter(websocket.PongMessage)
	if _, err := io.WriteString(w, strings.Repeat("a", 126)); err == nil {
		t.Error("126 bytes")
	}
	for _, typ := range []int{0, 3, 7, 11, -1} {
		if _, err := c.NextWriter(typ); err == nil {
			t.Errorf("message type %d", typ)
		}
		if err := c.WriteMessage(typ, nil); err == nil {
			t.Errorf("message type %d", typ)
		}
		if _, err := websocket.NewPreparedMessage(typ, nil); err == nil {
			t.Errorf("message type %d", typ)
		}
	}
}

// countedPool is a BufferPool that counts.
type countedPool struct {
	mu        sync.Mutex
	free      []any
	got, lent int
}

func (p *countedPool) Get() any {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got++
	p.lent++
	if len(p.free) == 0 {
		return nil
	}
	v := p.free[0]
	p.free = p.free[1:]
	return v
}

func (p *countedPool) Put(v any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lent--
	p.free = append(p.free, v)
}

func TestWritersBorrowFromThePool(t *testing.T) {
	var pool countedPool
	c, peer := raw(t, &websocket.Upgrader{WriteBufferPool: &pool, WriteBufferSize: 10})
	for range 3 {
		w, err := c.NextWriter(websocket.TextMessage)
		if err != nil || pool.lent != 1 {
			t.Fatal(err, pool.lent)
		}
		io.WriteString(w, "abc")
		if err := w.Close(); err != nil || pool.lent != 0 {
			t.Fatal(err, pool.lent)
		}
	}
	if pool.got != 3 || len(pool.free) != 1 {
		t.Errorf("%d times, %d buffers", pool.got, len(pool.free))
	}
	hear(t, peer, 15)
	w, _ := c.NextWriter(websocket.TextMessage)
	c.Close()
	if w.Close() == nil || pool.lent != 0 {
		t.Error("a write that fails gives the buffer back too:", pool.lent)
	}
}

func TestWriteDeadlineIsFinal(t *testing.T) {
	c, _ := raw(t, &websocket.Upgrader{})
	c.SetWriteDeadline(time.Unix(1, 0))
	err := c.WriteMessage(websocket.TextMessage, []byte("late"))
	c.SetWriteDeadline(time.Time{})
	if again := c.WriteMessage(websocket.TextMessage, nil); err == nil || again != err {
		t.Errorf("%v, then %v", err, again)
	}
}

func TestPreparedMessageIsACopyAndHasAnyType(t *testing.T) {
	c, peer := raw(t, &websocket.Upgrader{})
	data := []byte("ab")
	text, err := websocket.NewPreparedMessage(websocket.TextMessage, data)
	if err != nil {
		t.Fatal(err)
	}
	ping, err := websocket.NewPreparedMessage(websocket.PingMessage, data)
	if err != nil {
		t.Fatal(err)
	}
	copy(data, "xy")
	for _, m := range []*websocket.PreparedMessage{text, ping, text} {
		if err := c.WritePreparedMessage(m); err != nil {
			t.Error(err)
		}
	}
	if got := hear(t, peer, 12); got != "\x81\x02ab\x89\x02ab\x81\x02ab" {
		t.Errorf("%q", got)
	}
}

func TestCompressionIsChosenForEachMessage(t *testing.T) {
	u := &websocket.Upgrader{EnableCompression: true}
	server, client := pair(t, u, &websocket.Dialer{EnableCompression: true})
	peer := client.NetConn()
	text := []byte(strings.Repeat("wirews ", 10))
	send := func(want byte) {
		t.Helper()
		if err := server.WriteMessage(websocket.TextMessage, text); err != nil {
			t.Fatal(err)
		}
		head := hear(t, peer, 2)
		if hear(t, peer, int(head[1])); head[0] != want {
			t.Errorf("first byte %#x, want %#x", head[0], want)
		}
	}
	send(0xc1)
	server.EnableWriteCompression(false)
	send(0x81)
	server.EnableWriteCompression(true)
	for level := -2; level <= 9; level++ {
		if err := server.SetCompressionLevel(level); err != nil {
			t.Error(level, err)
		}
		if level == 0 {
			send(0x81)
		} else {
			send(0xc1)
		}
	}
	for _, level := range []int{-3, 10} {
		if server.SetCompressionLevel(level) == nil {
			t.Error(level)
		}
	}
}

func TestCompressionOfAWriterIsThatOfItsBeginning(t *testing.T) {
	test := both["compressed"]
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := test.u.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		c.EnableWriteCompression(false)
		m, _ := c.NextWriter(websocket.TextMessage)
		c.EnableWriteCompression(true)
		io.WriteString(m, strings.Repeat("a", 100))
		m.Close()
		m, _ = c.NextWriter(websocket.TextMessage)
		c.EnableWriteCompression(false)
		io.WriteString(m, strings.Repeat("a", 100))
		m.Close()
	}))
	defer s.Close()
	peer := connect(t, s.Listener.Addr().String())
	request("Sec-WebSocket-Extensions", "permessage-deflate").Write(peer)
	got, _ := io.ReadAll(peer)
	_, frames, _ := strings.Cut(string(got), "\r\n\r\n")
	if !strings.HasPrefix(frames, "\x81\x64aaaa") {
		t.Fatalf("%q", frames)
	}
	if next := frames[102:]; !strings.HasPrefix(next, "\xc1") {
		t.Errorf("%q", next)
	}
}
