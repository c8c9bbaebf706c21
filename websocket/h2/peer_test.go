package h2_test

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h2"
	"github.com/wirews/wirews/websocket/wstest"
)

// peer is a server whose frames are written by the test. Those that it is sent come
// one by one.
type peer struct {
	*http2.Framer
	conn    net.Conn
	frames  chan any // closed when the client has ended the connection
	block   bytes.Buffer
	encoder *hpack.Encoder
}

// hostile returns a transport whose connections are given to serve, each with its
// preface read.
func hostile(t testing.TB, serve func(p *peer)) *server {
	t.Helper()
	l := wstest.NewListener(1 << 20)
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer conn.Close()
				preface := make([]byte, len(http2.ClientPreface))
				if _, err := io.ReadFull(conn, preface); err != nil || string(preface) != http2.ClientPreface {
					t.Errorf("preface %q, %v", preface, err)
					return
				}
				p := &peer{Framer: http2.NewFramer(conn, conn), conn: conn, frames: make(chan any)}
				p.AllowIllegalWrites = true
				p.encoder = hpack.NewEncoder(&p.block)
				p.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
				done := make(chan struct{})
				defer close(done)
				serving.Go(func() { p.read(done) })
				serve(p)
			})
		}
	})
	transport := &h2.Transport{DialContext: l.DialContext, UnencryptedHTTP2: true, Only: true}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		l.Close()
		serving.Wait()
	})
	return &server{&wstest.Server{URL: "ws://server.example", Listener: l}, transport}
}

func (p *peer) read(done <-chan struct{}) {
	defer close(p.frames)
	for {
		f, err := p.ReadFrame()
		if err != nil {
			return
		}
		var kept any = f
		if d, ok := f.(*http2.DataFrame); ok { // of memory that the next one uses
			kept = &data{d.StreamID, bytes.Clone(d.Data()), d.StreamEnded()}
		}
		select {
		case p.frames <- kept:
		case <-done:
			return
		}
	}
}

// data is a frame of DATA that was received.
type data struct {
	id   uint32
	p    []byte
	last bool
}

// next returns the next frame of a type, and nil at the end of the connection.
func next[F any](p *peer) (found F) {
	for f := range p.frames {
		if f, ok := f.(F); ok {
			return f
		}
	}
	return found
}

// greet sends SETTINGS that offer WebSocket.
func (p *peer) greet(more ...http2.Setting) {
	p.WriteSettings(append(more, http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 1})...)
}

// answer sends the head of a response.
func (p *peer) answer(id uint32, end bool, fields ...string) {
	p.block.Reset()
	for i := 0; i < len(fields); i += 2 {
		p.encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	block := p.block.Bytes()
	first := block[:min(len(block), 16<<10)]
	p.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: first, EndHeaders: len(block) == len(first), EndStream: end})
	for block = block[len(first):]; len(block) > 0; block = block[min(len(block), 16<<10):] {
		p.WriteContinuation(id, len(block) <= 16<<10, block[:min(len(block), 16<<10)])
	}
}

// open takes the next request, and opens its stream.
func (p *peer) open() (id uint32) {
	f := next[*http2.MetaHeadersFrame](p)
	if f == nil {
		return 0
	}
	p.answer(f.StreamID, false, ":status", "200")
	return f.StreamID
}

// endOf returns why a connection has ended.
func endOf(t testing.TB, c *websocket.Conn) error {
	t.Helper()
	_, _, err := c.Read(bg)
	return err
}
