package differential

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	coder "github.com/coder/websocket"
	"github.com/gobwas/ws/wsutil"
	gorilla "github.com/gorilla/websocket"
	"github.com/lxzan/gws"

	compat "github.com/wirews/wirews/compat/gorilla"
	"github.com/wirews/wirews/websocket"
)

// limit is how long messages may be, in bytes: short, so that short inputs pass it.
const limit = 300

// libraries read everything from w, as a server, and add the messages to o.
var libraries = []struct {
	name string
	run  func(t *testing.T, w *wire, o *outcome)
}{
	{"gorilla", byGorilla},
	{"coder", byCoder},
	{"gobwas", byGobwas},
	{"gws", byGws},
	{"compat/gorilla", byCompat},
}

// byOurs is what the others are compared with.
func byOurs(t *testing.T, w *wire, o *outcome) {
	c, err := websocket.Accept(hijacked(w), request(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	c.SetReadLimit(limit)
	for {
		typ, p, err := c.Read(context.Background())
		if err != nil {
			o.end = err
			return
		}
		o.add(int(typ), p)
	}
}

func byGorilla(t *testing.T, w *wire, o *outcome) {
	c, err := (&gorilla.Upgrader{}).Upgrade(hijacked(w), request(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetReadLimit(limit)
	for {
		typ, p, err := c.ReadMessage()
		if err != nil {
			o.end = err
			return
		}
		o.add(typ, p)
	}
}

// byCompat is ours with the API of gorilla.
func byCompat(t *testing.T, w *wire, o *outcome) {
	c, err := (&compat.Upgrader{}).Upgrade(hijacked(w), request(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetReadLimit(limit)
	for {
		typ, p, err := c.ReadMessage()
		if err != nil {
			o.end = err
			return
		}
		o.add(typ, p)
	}
}

func byCoder(t *testing.T, w *wire, o *outcome) {
	c, err := coder.Accept(hijacked(w), request(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	c.SetReadLimit(limit)
	for {
		typ, p, err := c.Read(context.Background())
		if err != nil {
			o.end = err
			return
		}
		o.add(int(typ), p)
	}
}

// byGobwas reads by the helper of its README, which has no limit.
func byGobwas(t *testing.T, w *wire, o *outcome) {
	w.written = []byte("\r\n\r\n") // where a handshake would end
	for {
		p, op, err := wsutil.ReadClientData(w)
		if err != nil {
			o.end = err
			return
		}
		o.add(int(op), p)
	}
}

// events are those of gws, for one connection.
type events struct {
	gws.BuiltinEventHandler
	o *outcome
}

func (e *events) OnPing(c *gws.Conn, p []byte)   { c.WritePong(p) }
func (e *events) OnClose(_ *gws.Conn, err error) { e.o.end = err }
func (e *events) OnMessage(_ *gws.Conn, m *gws.Message) {
	defer m.Close()
	e.o.add(int(m.Opcode), m.Bytes())
}

// errPanic is the end of a library that panics.
var errPanic = errors.New("panic")

func byGws(t *testing.T, w *wire, o *outcome) {
	up := gws.NewUpgrader(&events{o: o}, &gws.ServerOption{ReadMaxPayloadSize: limit, CheckUtf8Enabled: true})
	c, err := up.UpgradeFromConn(w, bufio.NewReader(w), request())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p := recover(); p != nil {
			o.end = fmt.Errorf("%w: %v", errPanic, p)
		}
	}()
	c.ReadLoop()
}

// hijack is an http.ResponseWriter that gives w away.
type hijack struct {
	http.ResponseWriter
	w *wire
}

func hijacked(w *wire) http.ResponseWriter { return hijack{httptest.NewRecorder(), w} }

func (h hijack) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return h.w, bufio.NewReadWriter(bufio.NewReader(h.w), bufio.NewWriter(h.w)), nil
}

// WriteHeader and Write are for those that answer before they take the connection.
func (h hijack) WriteHeader(status int) {
	h.w.Write([]byte("HTTP/1.1 101 Switching Protocols\r\n\r\n"))
}

func (h hijack) Write(p []byte) (int, error) { return h.w.Write(p) }

func request() *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader([]byte("GET / HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\n" +
		"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"))))
	if err != nil {
		panic(err)
	}
	return r
}
