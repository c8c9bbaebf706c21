package websocket

import (
	"fmt"
	"sync"
	"syscall/js"

	"github.com/wirews/wirews/internal/messageconn"
	"github.com/wirews/wirews/ws"
)

// pageSocket is the WebSocket of a web page, as messageconn.Conn wants it. All that the
// page calls, it calls while no other Go code runs, and so must not wait.
type pageSocket struct {
	object   js.Value
	handlers []js.Func
	words    string // of an error, before the connection was there
}

// page is what is used of the page besides its WebSocket.
var page = sync.OnceValue(func() (p struct{ bytes, decoder, encoder js.Value }) {
	p.bytes = js.Global().Get("Uint8Array")
	p.encoder = js.Global().Get("TextEncoder").New()
	// Without the option it takes a byte order mark away.
	p.decoder = js.Global().Get("TextDecoder").New("utf-8", map[string]any{"ignoreBOM": true})
	return p
})

// newPageSocket begins to connect. The error is what the page says of the URL and the
// subprotocols.
func newPageSocket(url string, subprotocols []string) (*pageSocket, error) {
	list := make([]any, len(subprotocols))
	for i, name := range subprotocols {
		list[i] = name
	}
	s := &pageSocket{}
	err := try(func() { s.object = js.Global().Get("WebSocket").New(url, list) })
	if err != nil {
		return nil, err
	}
	s.object.Set("binaryType", "arraybuffer")
	return s, nil
}

// listen hands what happens to conn, and tells on opened whether the connection was
// made.
func (s *pageSocket) listen(conn *messageconn.Conn, opened chan<- bool) {
	var once sync.Once
	tell := func(ok bool) { once.Do(func() { opened <- ok }) }
	s.on("open", func(js.Value) { tell(true) })
	s.on("message", func(event js.Value) {
		if data := event.Get("data"); data.Type() == js.TypeString {
			conn.Received(ws.OpText, newPagePayload(page().encoder.Call("encode", data)))
		} else {
			conn.Received(ws.OpBinary, newPagePayload(page().bytes.New(data)))
		}
	})
	s.on("error", func(event js.Value) {
		if words := event.Get("message"); words.Type() == js.TypeString { // in Node, and not in a page
			s.words = words.String()
		}
		tell(false) // no "close" may come after it, in Node
	})
	s.on("close", func(event js.Value) {
		conn.Ended(ws.StatusCode(event.Get("code").Int()), event.Get("reason").String())
		tell(false)
	})
}

func (s *pageSocket) on(event string, handle func(event js.Value)) {
	f := js.FuncOf(func(_ js.Value, args []js.Value) any {
		handle(args[0])
		return nil
	})
	s.handlers = append(s.handlers, f)
	s.object.Set("on"+event, f)
}

// Send hands over a message.
func (s *pageSocket) Send(op ws.OpCode, p []byte) error {
	return try(func() {
		data := page().bytes.New(len(p))
		js.CopyBytesToJS(data, p)
		if op == ws.OpText {
			data = page().decoder.Call("decode", data)
		}
		s.object.Call("send", data)
	})
}

// Buffered returns how much has not left yet.
func (s *pageSocket) Buffered() int { return s.object.Get("bufferedAmount").Int() }

// Close begins the closing handshake.
func (s *pageSocket) Close(code ws.StatusCode, reason string) {
	if code == ws.StatusNoStatusRcvd {
		s.object.Call("close")
		return
	}
	s.object.Call("close", int(code), reason)
}

// Abandon closes it and listens no more.
func (s *pageSocket) Abandon() {
	for _, event := range []string{"open", "message", "error", "close"} {
		s.object.Set("on"+event, js.Null())
	}
	for _, f := range s.handlers {
		f.Release()
	}
	s.handlers = nil
	s.object.Call("close")
}

// pagePayload is the bytes of a message, in memory of the page.
type pagePayload struct {
	bytes js.Value
	size  int
}

func newPagePayload(bytes js.Value) pagePayload {
	return pagePayload{bytes, bytes.Get("length").Int()}
}

// Len returns the size.
func (p pagePayload) Len() int { return p.size }

// CopyAt copies from an offset on.
func (p pagePayload) CopyAt(dst []byte, offset int) int {
	if offset == p.size {
		return 0
	}
	bytes := p.bytes
	if offset > 0 {
		bytes = bytes.Call("subarray", offset)
	}
	return js.CopyBytesToGo(dst, bytes)
}

// try returns what f throws, which package js makes a panic of.
func try(f func()) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case js.Error:
			err = fmt.Errorf("the page's WebSocket: %w", v)
		default:
			panic(v)
		}
	}()
	f()
	return nil
}
