// Command behaviour does what programs do with github.com/gorilla/websocket, and
// prints what comes of it. The tests run it as it is and with the import path of
// ours, and compare.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// say prints a result under a name. The texts of errors are not compared.
func say(name string, results ...any) {
	var b strings.Builder
	for _, r := range results {
		if err, ok := r.(error); ok {
			r = kind(err)
		}
		fmt.Fprintf(&b, " %v", r)
	}
	fmt.Printf("%s:%s\n", name, strings.TrimRight(b.String(), " "))
}

// kind says what programs look at in an error.
func kind(err error) string {
	closed, isClosed := err.(*websocket.CloseError)
	timeout, isNet := err.(net.Error)
	_, refused := err.(websocket.HandshakeError)
	switch {
	case err == websocket.ErrCloseSent, err == websocket.ErrReadLimit, err == websocket.ErrBadHandshake, err == io.EOF, err == io.ErrUnexpectedEOF:
		return err.Error()
	case isClosed:
		return fmt.Sprintf("close %d %q", closed.Code, closed.Text)
	case isNet:
		return fmt.Sprintf("net.Error timeout=%v", timeout.Timeout())
	case refused:
		return "HandshakeError"
	}
	return "another error"
}

// peer is the other end of a connection, which speaks in bytes.
type peer struct{ net.Conn }

// hear reads n bytes, or less at the end.
func (p peer) hear(n int) string {
	b := make([]byte, n)
	p.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, _ = io.ReadFull(p, b)
	return fmt.Sprintf("%x", b[:n])
}

// server returns a server's connection and its peer, who has done the handshake by
// hand. fields are added to the request.
func server(u websocket.Upgrader, fields string) (*websocket.Conn, peer) {
	conns := make(chan *websocket.Conn, 1)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := u.Upgrade(w, r, nil)
		if err != nil {
			fmt.Println("upgrade:", err)
		}
		conns <- c
	}))
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n%s\r\n", fields)
	for seen := ""; !strings.HasSuffix(seen, "\r\n\r\n"); {
		b := make([]byte, 1)
		if _, err := conn.Read(b); err != nil {
			panic(err)
		}
		seen += string(b)
	}
	return <-conns, peer{conn}
}

// frame is one of a client, with a key of zeros.
func frame(first byte, payload string) string {
	return string([]byte{first, 0x80 | byte(len(payload))}) + "\x00\x00\x00\x00" + payload
}

func main() {
	for _, program := range []struct {
		name string
		run  func(name string)
	}{
		{"messages", messages},
		{"an old reader", oldReader},
		{"control", control},
		{"a handler's error", handlerError},
		{"close", closing},
		{"end without close", cut},
		{"protocol errors", protocolErrors},
		{"read limit", readLimit},
		{"read deadline", readDeadline},
		{"writes after close", afterClose},
		{"writers", writers},
		{"json", jsons},
		{"joined", joined},
		{"prepared", prepared},
		{"repeated read", repeatedRead},
		{"compression", compression},
		{"upgrader", upgrader},
		{"dialer", dialer},
		{"differences", differences},
	} {
		program.run(program.name)
	}
	os.Exit(0)
}

func messages(name string) {
	c, p := server(websocket.Upgrader{}, "")
	io.WriteString(p, frame(0x01, "ab")+frame(0x00, "c")+frame(0x80, "")+frame(0x82, "")+frame(0x81, "last"))
	for range 3 {
		typ, b, err := c.ReadMessage()
		say(name, typ, string(b), b != nil, err)
	}
	say(name, c.WriteMessage(websocket.TextMessage, []byte("hello")), p.hear(7))
	say(name, c.WriteMessage(websocket.BinaryMessage, nil), p.hear(2))
	say(name, c.WriteMessage(3, nil), c.WriteMessage(0, nil))
}

func oldReader(name string) {
	c, p := server(websocket.Upgrader{}, "")
	io.WriteString(p, frame(0x01, "one")+frame(0x80, "more")+frame(0x82, "two"))
	_, old, err := c.NextReader()
	b := make([]byte, 2)
	n, _ := old.Read(b)
	say(name, string(b[:n]), err)
	typ, r, err := c.NextReader()
	n, oldErr := old.Read(b)
	rest, restErr := io.ReadAll(r)
	say(name, typ, err, n, oldErr, string(rest), restErr)
	n, err = r.Read(b)
	say(name, n, err)
}

func control(name string) {
	c, p := server(websocket.Upgrader{}, "")
	var heard []string
	c.SetPongHandler(func(s string) error { heard = append(heard, "pong "+s); return nil })
	io.WriteString(p, frame(0x89, "x")+frame(0x01, "a")+frame(0x8a, "y")+frame(0x89, "z")+frame(0x80, "b"))
	_, b, err := c.ReadMessage()
	say(name, string(b), err, heard, p.hear(6))
	c.SetPingHandler(func(s string) error { heard = append(heard, "ping "+s); return nil })
	io.WriteString(p, frame(0x89, "own")+frame(0x82, ""))
	_, _, err = c.ReadMessage()
	say(name, err, heard)
	say(name, c.WriteControl(websocket.PingMessage, []byte("p"), time.Time{}), p.hear(3))
	say(name, c.WriteControl(websocket.PingMessage, make([]byte, 126), time.Time{}))
	say(name, c.WriteControl(websocket.TextMessage, nil, time.Time{}))
	say(name, c.WriteControl(websocket.PongMessage, nil, time.Now().Add(-time.Second)))
	w, err := c.NextWriter(websocket.PingMessage)
	io.WriteString(w, "qq")
	say(name, err, w.Close(), p.hear(4))
}

func handlerError(name string) {
	c, p := server(websocket.Upgrader{}, "")
	c.SetPingHandler(func(string) error { return io.ErrUnexpectedEOF })
	io.WriteString(p, frame(0x89, "")+frame(0x81, "a"))
	_, _, err := c.ReadMessage()
	_, _, again := c.ReadMessage()
	say(name, err, again)
}

func closing(name string) {
	for _, payload := range []string{"", "\x03\xe8", "\x03\xe9bye", "\x0f\xa0own"} {
		c, p := server(websocket.Upgrader{}, "")
		io.WriteString(p, frame(0x88, payload))
		_, _, err := c.ReadMessage()
		_, _, again := c.ReadMessage()
		answer := 2
		if len(payload) > 0 {
			answer = 4
		}
		say(name, err, again, p.hear(answer), c.WriteMessage(websocket.TextMessage, nil))
		say(name, websocket.IsCloseError(err, 1000, 1005), websocket.IsUnexpectedCloseError(err, 1001))
	}
	c, p := server(websocket.Upgrader{}, "")
	c.SetCloseHandler(func(code int, text string) error { fmt.Println("handler", code, text); return nil })
	io.WriteString(p, frame(0x88, "\x03\xe8so"))
	_, _, err := c.ReadMessage()
	say(name, err, c.WriteMessage(websocket.TextMessage, []byte("still")), p.hear(7))
	say(name, fmt.Sprintf("%x", websocket.FormatCloseMessage(1000, "a")), len(websocket.FormatCloseMessage(1005, "a")))
}

func cut(name string) {
	whole := frame(0x01, "abc") + frame(0x80, "d")
	for n := range len(whole) {
		c, p := server(websocket.Upgrader{}, "")
		io.WriteString(p, whole[:n])
		p.Close()
		_, _, err := c.ReadMessage()
		_, _, again := c.ReadMessage()
		say(name, n, err, again)
	}
}

func protocolErrors(name string) {
	for _, bad := range []string{
		frame(0x83, ""), frame(0x80, ""), frame(0x01, "a") + frame(0x81, "b"), frame(0x09, ""), frame(0xc1, ""),
		frame(0xa1, ""), "\x81\x00", "\x89\xfe\x00\x7e\x00\x00\x00\x00", frame(0x88, "\x03\xed"), frame(0x88, "\x03\xe7"),
	} {
		c, p := server(websocket.Upgrader{}, "")
		io.WriteString(p, bad)
		_, _, err := c.ReadMessage()
		heard := p.hear(4)
		say(name, err, heard[:2], heard[4:])
	}
}

func readLimit(name string) {
	for _, test := range []string{frame(0x81, "12345"), frame(0x81, "123456"), frame(0x01, "123") + frame(0x80, "456")} {
		c, p := server(websocket.Upgrader{}, "")
		c.SetReadLimit(5)
		io.WriteString(p, test)
		_, b, err := c.ReadMessage()
		say(name, string(b), err)
		if err != nil {
			say(name, p.hear(4)[4:])
		}
	}
}

func readDeadline(name string) {
	c, p := server(websocket.Upgrader{}, "")
	c.SetReadDeadline(time.Now().Add(-time.Second))
	io.WriteString(p, frame(0x81, "late"))
	_, _, err := c.ReadMessage()
	c.SetReadDeadline(time.Time{})
	_, _, again := c.ReadMessage()
	say(name, err, again)
	if e, ok := err.(interface{ Temporary() bool }); ok {
		say(name, "temporary", e.Temporary())
	}
	c.SetWriteDeadline(time.Now().Add(-time.Second))
	err = c.WriteMessage(websocket.TextMessage, []byte("late"))
	c.SetWriteDeadline(time.Time{})
	say(name, err, c.WriteMessage(websocket.TextMessage, []byte("later")))
}

func afterClose(name string) {
	c, p := server(websocket.Upgrader{}, "")
	w, _ := c.NextWriter(websocket.TextMessage)
	io.WriteString(w, "unfinished")
	say(name, c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1001, "x"), time.Time{}), p.hear(5))
	say(name, w.Close(), c.WriteMessage(websocket.TextMessage, nil), c.WriteControl(websocket.PingMessage, nil, time.Time{}))
	_, err := c.NextWriter(websocket.TextMessage)
	say(name, err)
	io.WriteString(p, frame(0x81, "heard"))
	_, b, err := c.ReadMessage()
	say(name, string(b), err)
}

func writers(name string) {
	c, p := server(websocket.Upgrader{WriteBufferSize: 16}, "")
	w, err := c.NextWriter(websocket.BinaryMessage)
	n, err2 := w.Write([]byte("0123456789"))
	m, err3 := io.WriteString(w, "0123456789")
	say(name, err, n, err2, m, err3, w.Close(), p.hear(18), p.hear(6))
	_, err = w.Write([]byte("x"))
	say(name, err, w.Close())
	first, _ := c.NextWriter(websocket.TextMessage)
	io.WriteString(first, "forgotten")
	second, err := c.NextWriter(websocket.TextMessage)
	_, err2 = io.WriteString(first, "x")
	say(name, err, err2, second.Close(), p.hear(11), p.hear(2))
	first, _ = c.NextWriter(websocket.TextMessage)
	say(name, c.WriteMessage(websocket.TextMessage, []byte("a")), first.Close(), p.hear(5))
}

func jsons(name string) {
	c, p := server(websocket.Upgrader{}, "")
	say(name, c.WriteJSON(map[string]int{"a": 1}), p.hear(10))
	io.WriteString(p, frame(0x81, `{"b":2} and more`)+frame(0x81, "")+frame(0x81, "{"))
	var v map[string]int
	say(name, c.ReadJSON(&v), v)
	say(name, c.ReadJSON(&v))
	say(name, c.ReadJSON(&v))
}

func joined(name string) {
	c, p := server(websocket.Upgrader{}, "")
	io.WriteString(p, frame(0x81, "a")+frame(0x82, "")+frame(0x81, "b")+frame(0x88, ""))
	b, err := io.ReadAll(websocket.JoinMessages(c, ","))
	say(name, string(b), err)
}

func prepared(name string) {
	data := []byte("prepared")
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, data)
	copy(data, "changed!")
	c, p := server(websocket.Upgrader{}, "")
	say(name, err, c.WritePreparedMessage(m), p.hear(10), c.WritePreparedMessage(m), p.hear(10))
	ping, err := websocket.NewPreparedMessage(websocket.PingMessage, nil)
	say(name, err, c.WritePreparedMessage(ping), p.hear(2))
	_, err = websocket.NewPreparedMessage(7, nil)
	say(name, err)
}

func repeatedRead(name string) {
	c, p := server(websocket.Upgrader{}, "")
	p.Close()
	n := 0
	defer func() { say(name, n, recover() != nil) }()
	for range 2000 {
		c.ReadMessage()
		n++
	}
}

func compression(name string) {
	u := websocket.Upgrader{EnableCompression: true}
	text := strings.Repeat("wirews ", 20)
	c, p := server(u, "Sec-WebSocket-Extensions: permessage-deflate\r\n")
	// "Hello", compressed: RFC 7692, section 7.2.3.1.
	io.WriteString(p, frame(0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00")+frame(0x81, "plain"))
	for range 2 {
		_, b, err := c.ReadMessage()
		say(name, string(b), err)
	}
	say(name, c.WriteMessage(websocket.TextMessage, []byte(text)), p.hear(1))
	c, p = server(u, "Sec-WebSocket-Extensions: permessage-deflate\r\n")
	c.EnableWriteCompression(false)
	say(name, c.WriteMessage(websocket.TextMessage, []byte("a")), p.hear(3))
	say(name, c.SetCompressionLevel(-2), c.SetCompressionLevel(9), c.SetCompressionLevel(-1), c.SetCompressionLevel(10), c.SetCompressionLevel(-3))
	c.EnableWriteCompression(true)
	say(name, c.WriteMessage(websocket.TextMessage, []byte(text)), p.hear(1))
	c, _ = server(u, "")
	say(name, c.SetCompressionLevel(10), c.SetCompressionLevel(1))
}
