package main

import (
	"bufio"
	"bytes"
	"net"

	"github.com/wirews/wirews/httpx"
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
}

var operations = []operation{
	{"ws.ParseHeader", 220_000, repeat(parseHeader)},
	{"ws.AppendHeader", 260_000, repeat(appendHeader)},
	{"ws.Cipher-128", 200_000, repeat(cipher(128))},
	{"ws.Cipher-16k", 13_000, repeat(cipher(16 << 10))},
	{"httpx.ParseRequest", 4_000, repeat(parseRequest)},
	{"ws.Upgrader", 1_000, upgrade},
	{"wsproto.binary-128", 40_000, repeat(receive(ws.OpBinary, bytes.Repeat([]byte{1}, 128)))},
	{"wsproto.text-1k", 12_000, repeat(receive(ws.OpText, text(1<<10)))},
	{"wsproto.text-16k", 1_200, repeat(receive(ws.OpText, text(16<<10)))},
	{"wsutil.helpers-128", 8_000, served(1, 128, helpers)},
	{"wsutil.append-128", 10_000, served(1, 128, appendData)},
	{"wsutil.stream-128", 16_000, served(1, 128, stream)},
	{"wsutil.stream-16-of-128", 2_200, served(16, 128, stream)},
	{"wsutil.messages-16-of-128", 1_700, served(16, 128, messages)},
	{"wsutil.stream-16k", 3_500, served(1, 16<<10, stream)},
	{"wsflate.deflate-1k", 600, repeat(deflate())},
	{"wsflate.inflate-1k", 1_300, repeat(inflate())},
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
	frame := ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewBinaryFrame(make([]byte, size)), key))
	batch := bytes.Repeat(frame, frames)
	return func(n int) (int, int) {
		s := newScript(nil, batch, n)
		serve(s)
		return s.reads, s.writes
	}
}

func helpers(conn net.Conn) {
	for {
		p, op, err := wsutil.ReadClientData(conn)
		if err != nil || wsutil.WriteServerMessage(conn, op, p) != nil {
			return
		}
	}
}

func appendData(conn net.Conn) {
	var p []byte
	for {
		var op ws.OpCode
		var err error
		p, op, err = wsutil.AppendData(p[:0], conn, ws.StateServerSide)
		if err != nil || wsutil.WriteServerMessage(conn, op, p) != nil {
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
		if p, op, err = r.AppendMessage(p[:0]); err == nil {
			err = wsutil.WriteServerMessage(out, op, p)
		}
		if (err != nil || in.Buffered() == 0) && (out.Flush() != nil || err != nil) {
			return
		}
	}
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

func inflate() func() {
	p := newDeflate(ws.StateServerSide).Encoder().AppendMessage(nil, document)
	d := newDeflate(ws.StateClientSide).Decoder()
	return func() {
		var err error
		if bytesSink, err = d.AppendMessage(bytesSink[:0], p); err != nil {
			panic(err)
		}
	}
}
