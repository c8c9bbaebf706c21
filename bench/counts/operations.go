package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// operation is something to count. do does it n times, and returns how many
// reads and writes that took, if it has a connection.
type operation struct {
	name  string
	times int // for some 20 million instructions: what comes between is half a million
	do    func(n int) (reads, writes int)
	tcp   bool // it is about calls of the system, and not about instructions
}

var operations = []operation{
	{name: "ws.ParseHeader", times: 220_000, do: repeat(parseHeader)},
	{name: "ws.AppendHeader", times: 260_000, do: repeat(appendHeader)},
	{name: "ws.Cipher-128", times: 200_000, do: repeat(cipher(128))},
	{name: "ws.Cipher-16k", times: 13_000, do: repeat(cipher(16 << 10))},
	{name: "httpx.ParseRequest", times: 4_000, do: repeat(parseRequest)},
	{name: "ws.Upgrader", times: 1_000, do: upgrade},
	{name: "wsproto.binary-128", times: 40_000, do: repeat(receive(ws.OpBinary, bytes.Repeat([]byte{1}, 128)))},
	{name: "wsproto.text-1k", times: 12_000, do: repeat(receive(ws.OpText, text(1<<10)))},
	{name: "wsproto.text-16k", times: 1_200, do: repeat(receive(ws.OpText, text(16<<10)))},
	{name: "wsproto.fragments-4-of-128", times: 8_000, do: repeat(receiveFragments(4, make([]byte, 128)))},
	{name: "wsutil.helpers-128", times: 8_000, do: served(1, 128, helpers)},
	{name: "wsutil.append-128", times: 10_000, do: served(1, 128, readAppend)},
	{name: "wsutil.reader-128", times: 10_000, do: served(1, 128, reader)},
	{name: "wsutil.stream-128", times: 16_000, do: served(1, 128, stream)},
	{name: "wsutil.stream-16-of-128", times: 2_200, do: served(16, 128, stream)},
	{name: "wsutil.messages-16-of-128", times: 1_700, do: served(16, 128, messages)},
	{name: "wsutil.stream-16k", times: 3_500, do: served(1, 16<<10, stream)},
	{name: "websocket.pull-128", times: 8_000, do: connected(1, 128, pull)},
	{name: "websocket.serve-128", times: 8_000, do: connected(1, 128, push)},
	{name: "websocket.serve-16-of-128", times: 1_500, do: connected(16, 128, push)},
	{name: "wsflate.deflate-1k", times: 600, do: repeat(deflate())},
	{name: "wsflate.inflate-1k", times: 1_300, do: repeat(inflate(document))},
	{name: "wsflate.inflate-repeats-16k", times: 2_500, do: repeat(inflate(bytes.Repeat([]byte("ab"), 8<<10)))},
	{name: "tcp.wsutil.helpers", times: 400, tcp: true, do: overTCP(1, 128, upgraded(helpers))},
	{name: "tcp.wsutil.stream-16", times: 400, tcp: true, do: overTCP(16, 128, upgraded(stream))},
	{name: "tcp.websocket.pull", times: 400, tcp: true, do: overTCP(1, 128, accepted(pull))},
	{name: "tcp.websocket.pull-16", times: 400, tcp: true, do: overTCP(16, 128, accepted(pull))},
	{name: "tcp.websocket.serve", times: 400, tcp: true, do: overTCP(1, 128, accepted(push))},
	{name: "tcp.websocket.serve-16", times: 400, tcp: true, do: overTCP(16, 128, accepted(push))},
}

// repeat is an operation without a connection.
func repeat(once func()) func(int) (int, int) {
	return func(n int) (int, int) {
		for range n {
			once()
		}
		return 0, 0
	}
}

// bytesSink is memory to append to.
var bytesSink = make([]byte, 0, 64<<10)

var key = [4]byte{1, 2, 3, 4}

func parseHeader() {
	if h, _, err := ws.ParseHeader([]byte{0x82, 0xfe, 0x01, 0x00, 1, 2, 3, 4}); err != nil || h.Length != 256 {
		panic(err)
	}
}

func appendHeader() {
	bytesSink = ws.AppendHeader(bytesSink[:0], ws.Header{Fin: true, OpCode: ws.OpBinary, Length: 256})
}

func cipher(size int) func() {
	p := make([]byte, size+6)[6:]
	return func() { ws.Cipher(p, key, 1) }
}

// text is CJK, ASCII and emoji.
func text(size int) []byte {
	p := bytes.Repeat([]byte("速い WebSocket です 🚀 "), size/16)
	return bytes.ToValidUTF8(p[:size], nil)
}

func receive(op ws.OpCode, p []byte) func() {
	frame := ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewFrame(op, true, p), key))
	b := make([]byte, len(frame))
	var conn wsproto.Conn
	return func() {
		copy(b, frame)
		ev, _, err := conn.Next(b, nil)
		if err != nil || !ev.Last {
			panic(err)
		}
		bytesSink, _ = conn.AppendMessage(bytesSink[:0], ev.Op, ev.Payload)
	}
}

// receiveFragments is receive for a message in n frames with p in each of them,
// which is not sent back.
func receiveFragments(n int, p []byte) func() {
	var frames []byte
	for i := range n {
		f := ws.NewFrame(ws.OpContinuation, i == n-1, p)
		if i == 0 {
			f.Header.OpCode = ws.OpBinary
		}
		frames = ws.AppendFrame(frames, ws.MaskFrameWith(f, key))
	}
	b := make([]byte, len(frames))
	var conn wsproto.Conn
	return func() {
		copy(b, frames)
		for rest := b; len(rest) > 0; {
			_, n, err := conn.Next(rest, nil)
			if err != nil {
				panic(err)
			}
			rest = rest[n:]
		}
	}
}

// browser is a request as a browser sends it.
var browser = []byte("GET /chat HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\nUpgrade: websocket\r\n" +
	"Origin: https://example.com\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n")

var requestSink httpx.Request

func parseRequest() {
	var err error
	if requestSink, err = httpx.ParseRequest(browser, requestSink.Fields[:0]); err != nil {
		panic(err)
	}
}

func upgrade(n int) (reads, writes int) {
	s := newScript(nil, browser, n)
	for range n {
		if _, err := ws.Upgrade(s); err != nil {
			panic(err)
		}
	}
	return s.reads, s.writes
}

// served is an echo server that gets so many frames with each read: one time is
// all of them.
func served(frames, size int, serve func(net.Conn)) func(int) (int, int) {
	batch := bytes.Repeat(frame(size), frames)
	return func(n int) (int, int) {
		s := newScript(nil, batch, n)
		serve(s)
		return s.reads, s.writes
	}
}

// connected is served for package websocket, which begins with a handshake.
func connected(frames, size int, serve func(*websocket.Conn)) func(int) (int, int) {
	batch := bytes.Repeat(frame(size), frames)
	return func(n int) (int, int) {
		s := newScript(browser, batch, n)
		accepted(serve)(s)
		return s.reads, s.writes
	}
}

func frame(size int) []byte {
	return ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewBinaryFrame(make([]byte, size)), key))
}

func helpers(conn net.Conn) {
	for {
		p, op, err := wsutil.ReadClientData(conn)
		if err != nil || wsutil.WriteServerMessage(conn, op, p) != nil {
			return
		}
	}
}

func readAppend(conn net.Conn) {
	var p []byte
	for {
		var op ws.OpCode
		var err error
		p, op, err = wsutil.ReadAppend(p[:0], conn, ws.StateServerSide)
		if err != nil || wsutil.WriteServerMessage(conn, op, p) != nil {
			return
		}
	}
}

// reader reads from the connection itself: nothing lies ready in a buffer.
func reader(conn net.Conn) {
	r := wsutil.DefaultReader(conn, ws.StateServerSide)
	p := make([]byte, 1024)
	for {
		h, err := r.NextFrame()
		if err != nil {
			return
		}
		n, err := r.Read(p)
		if err != io.EOF || wsutil.WriteServerMessage(conn, h.OpCode, p[:n]) != nil {
			return
		}
	}
}

func stream(conn net.Conn) {
	s := wsutil.NewStream(conn, ws.StateServerSide, 32<<10)
	for {
		p, op, err := s.ReadMessage()
		if err != nil || s.WriteMessage(op, p) != nil {
			return
		}
	}
}

func messages(conn net.Conn) {
	in, out := bufio.NewReaderSize(conn, 32<<10), bufio.NewWriterSize(conn, 32<<10)
	r := wsutil.DefaultReader(in, ws.StateServerSide)
	r.OnIntermediate = wsutil.ControlFrameHandler(out, ws.StateServerSide)
	var p []byte
	for {
		var op ws.OpCode
		var err error
		if p, op, err = r.ReadAppend(p[:0]); err == nil {
			err = wsutil.WriteServerMessage(out, op, p)
		}
		if (err != nil || in.Buffered() == 0) && (out.Flush() != nil || err != nil) {
			return
		}
	}
}

// accepted is a server of package websocket.
func accepted(serve func(*websocket.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		c, err := websocket.AcceptConn(conn, nil)
		if err != nil {
			panic(err)
		}
		defer c.CloseNow()
		serve(c)
	}
}

func pull(c *websocket.Conn) {
	ctx := context.Background()
	for p := []byte(nil); ; {
		typ, q, err := c.ReadAppend(ctx, p[:0])
		if err != nil || c.Write(ctx, typ, q) != nil {
			return
		}
		p = q
	}
}

func push(c *websocket.Conn) {
	c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
		return c.Write(ctx, typ, p)
	})
}

// document is JSON as messages have it.
var document = bytes.Repeat([]byte(`{"id":12345,"user":"alice","price":42.17,"tags":["new","sale"],"ok":true},`), 14)[:1024]

func newDeflate(s ws.State) *wsflate.Deflate {
	p := wsflate.Parameters{ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}
	return wsflate.New(s, p, &wsflate.Options{Threshold: -1})
}

func deflate() func() {
	e := newDeflate(ws.StateServerSide).Encoder()
	return func() { bytesSink = e.AppendMessage(bytesSink[:0], document) }
}

func inflate(message []byte) func() {
	p := newDeflate(ws.StateServerSide).Encoder().AppendMessage(nil, message)
	d := newDeflate(ws.StateClientSide).Decoder()
	return func() {
		var err error
		if bytesSink, err = d.DecodeAppend(bytesSink[:0], p); err != nil {
			panic(err)
		}
	}
}
