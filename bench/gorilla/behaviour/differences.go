package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// differences does what docs/migrating-from-gorilla.md lists, each under a name of
// its own.
func differences(string) {
	c, p := server(websocket.Upgrader{}, "")
	io.WriteString(p, frame(0x81, "\xff"))
	_, _, err := c.ReadMessage()
	say("text that is not UTF-8", err)

	c, p = server(websocket.Upgrader{}, "")
	say("close code 1006", c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(1006, "")))
	p.Close()

	c, p = server(websocket.Upgrader{}, "")
	io.WriteString(p, "\x88\x81\x00\x00\x00\x00\x03")
	_, _, err = c.ReadMessage()
	say("close message of one byte", err)

	c, p = server(websocket.Upgrader{}, "")
	io.WriteString(p, frame(0x88, "\x03\xe8\xff"))
	_, _, err = c.ReadMessage()
	say("reason that is not UTF-8", err, p.hear(4)[4:])

	c, p = server(websocket.Upgrader{}, "")
	io.WriteString(p, "\x81\xfe\x00\x01\x00\x00\x00\x00a")
	_, _, err = c.ReadMessage()
	say("length that is not minimal", err)

	c, p = server(websocket.Upgrader{EnableCompression: true}, "Sec-WebSocket-Extensions: permessage-deflate\r\n")
	c.SetReadLimit(20)
	// "a", 1,000 times.
	io.WriteString(p, frame(0xc1, "\x4a\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00"))
	_, b, err := c.ReadMessage()
	say("read limit and compression", len(b), err)

	c, p = server(websocket.Upgrader{EnableCompression: true}, "Sec-WebSocket-Extensions: permessage-deflate\r\n")
	io.WriteString(p, frame(0x41, "")+frame(0xc0, ""))
	_, _, err = c.ReadMessage()
	say("RSV1 inside of a message", err)

	c, p = server(websocket.Upgrader{}, "")
	say("JSON that cannot be encoded", c.WriteJSON(make(chan int)) != nil)
	c.WriteMessage(websocket.BinaryMessage, []byte("x"))
	say("JSON that cannot be encoded, on the wire", p.hear(1))

	say("concurrent writers", concurrent())
	accept("server that accepts with context takeover", "permessage-deflate")
	accept("server that lists more in Upgrade", "")

	request("version 12", websocket.Upgrader{}, nil, "GET", strings.Replace(good, "13", "12", 1))
	request("request with a body", websocket.Upgrader{}, nil, "GET", good+"Content-Length: 1\r\n\r\nx")
	request("subprotocol that nobody has asked for", websocket.Upgrader{}, http.Header{"Sec-Websocket-Protocol": {"own"}}, "GET", good)
	request("plain POST", websocket.Upgrader{}, nil, "POST", "Content-Length: 0\r\n")
	request("offer that is malformed", websocket.Upgrader{}, nil, "GET", good+"Sec-WebSocket-Extensions: permessage-deflate;\r\n")
	request("server_max_window_bits=9", websocket.Upgrader{EnableCompression: true}, nil, "GET", good+"Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n")
	request("offer that is not valid", websocket.Upgrader{EnableCompression: true}, nil, "GET", good+"Sec-WebSocket-Extensions: permessage-deflate; own\r\n")

	d := websocket.Dialer{Proxy: func(*http.Request) (*url.URL, error) { return url.Parse("https://127.0.0.1:1") }}
	_, _, err = d.Dial("ws://example.com", nil)
	_, isNet := err.(net.Error)
	say("proxy over TLS", isNet || strings.Contains(err.Error(), "refused"))
}

// concurrent writes a message while another goroutine is in the middle of one: its peer
// does not read.
func concurrent() string {
	c, p := server(websocket.Upgrader{}, "")
	defer p.Close()
	write := func() (result string) {
		result = "panic"
		defer func() { recover() }()
		c.WriteMessage(websocket.BinaryMessage, make([]byte, 64<<20))
		return "no panic"
	}
	go write()
	p.hear(10)
	second := make(chan string, 1)
	go func() { second <- write() }()
	select {
	case result := <-second:
		return result
	case <-time.After(3 * time.Second): // it waits for the first
	}
	go io.Copy(io.Discard, p)
	p.SetReadDeadline(time.Time{})
	return <-second
}

// accept dials a server that answers in a way of its own.
func accept(name, extension string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		upgrade := "foo, websocket"
		if extension != "" {
			upgrade = "websocket\r\nSec-WebSocket-Extensions: " + extension
		}
		fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: %s\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", upgrade, acceptKey(r.Header.Get("Sec-Websocket-Key")))
	}()
	d := websocket.Dialer{EnableCompression: extension != ""}
	_, _, err = d.Dial("ws://"+l.Addr().String(), nil)
	say(name, err)
}

func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
