package h3_test

import (
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/quic-go/quicvarint"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h3"
	"github.com/wirews/wirews/ws"
)

// frame is one of HTTP/3 (RFC 9114, section 7.1).
func frame(typ uint64, payload []byte) []byte {
	b := quicvarint.Append(quicvarint.Append(nil, typ), uint64(len(payload)))
	return append(b, payload...)
}

// head is a frame of HEADERS whose fields are written out (RFC 9204, section 4.5.6).
func head(fields ...string) []byte {
	block := []byte{0, 0}
	for i := 0; i < len(fields); i += 2 {
		name, value := fields[i], fields[i+1]
		if block = append(block, 0x20|byte(min(len(name), 7))); len(name) >= 7 {
			block = append(block, byte(len(name)-7))
		}
		block = append(append(block, name...), byte(len(value)))
		block = append(block, value...)
	}
	return frame(1, block)
}

// FuzzRequest has a client send anything on a stream, and end it. Whatever it is, the
// server ends the stream too, or the connection, with Handler or without.
func FuzzRequest(f *testing.F) {
	connect := []string{":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":authority", "server.example", ":path", "/", "sec-websocket-version", "13"}
	open := head(connect...)
	message := frame(0, ws.AppendFrame(nil, ws.MaskFrame(ws.NewTextFrame([]byte("hello")))))
	for _, said := range [][]byte{
		open,
		append(open[:len(open):len(open)], message...),
		append(append(open[:len(open):len(open)], message...), message[:len(message)-2]...),
		append(open[:len(open):len(open)], head("x", "y")...), // trailers
		append(open[:len(open):len(open)], frame(4, nil)...),  // SETTINGS, which do not belong there
		append(head(append(connect, "sec-websocket-extensions", "permessage-deflate")...), frame(0, []byte{0xc1, 0x80, 0, 0, 0, 0})...),
		head(append(connect, "origin", "https://evil.example")...),
		head(":method", "GET", ":scheme", "https", ":authority", "server.example", ":path", "/"),
		open[:len(open)-3],
	} {
		f.Add(said, true)
		f.Add(said, false)
	}
	f.Fuzz(func(t *testing.T, said []byte, hijack bool) {
		synctest.Test(t, func(t *testing.T) {
			var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover}); err == nil {
					use(c)
				}
			})
			if hijack {
				h = h3.Handler(h)
			}
			s := serveInMemory(t, new(network), h3.QUICConfig(10, 0), h)
			config := http3.ConfigureTLSConfig(s.transport.TLSClientConfig)
			config.ServerName = "127.0.0.1"
			conn, err := s.transport.Dial(bg, s.addr, config, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.CloseWithError(0, "")
			p := &peer{conn}
			p.settings()
			stream, err := p.OpenStreamSync(bg)
			if err != nil {
				t.Fatal(err)
			}
			stream.SetDeadline(time.Now().Add(patience))
			stream.Write(said)
			stream.Close()
			if _, err := io.Copy(io.Discard, stream); isTimeout(err) {
				t.Error("the stream goes on")
			}
		})
	})
}

func isTimeout(err error) bool {
	e, ok := err.(interface{ Timeout() bool })
	return ok && e.Timeout()
}

// FuzzResponse has a server say anything instead of a response, and end the stream,
// or reset it. Whatever it is, Dial returns, and nothing is left of it.
func FuzzResponse(f *testing.F) {
	ok := head(":status", "200")
	message := frame(0, ws.AppendFrame(nil, ws.NewTextFrame([]byte("hello"))))
	for _, said := range [][]byte{
		append(ok[:len(ok):len(ok)], message...),
		append(ok[:len(ok):len(ok)], message[:len(message)-2]...),
		append(head(":status", "103"), ok...),
		append(ok[:len(ok):len(ok)], head("x", "y")...),
		append(head(":status", "404"), frame(0, []byte("not found"))...),
		frame(5, []byte{0}), // PUSH_PROMISE
		message,
		ok[:len(ok)-1],
	} {
		f.Add(said, true)
		f.Add(said, false)
	}
	f.Fuzz(func(t *testing.T, said []byte, reset bool) {
		synctest.Test(t, func(t *testing.T) {
			var n network
			var serving sync.WaitGroup
			socket := n.socket()
			t.Cleanup(func() { socket.Close() })
			p := hostileOn(t, socket, http3.NextProtoH3, func(p *peer) {
				serving.Add(1)
				defer serving.Done()
				p.settings(0x8, 1) // SETTINGS_ENABLE_CONNECT_PROTOCOL
				s, err := p.AcceptStream(bg)
				if err != nil {
					return
				}
				s.Write(said)
				if reset {
					select {
					case <-time.After(time.Second): // it has arrived
					case <-p.Context().Done():
					}
					s.CancelWrite(quic.StreamErrorCode(http3.ErrCodeInternalError))
				} else {
					s.Close()
				}
				<-p.Context().Done()
			})
			p.transport.Dial = n.dial
			c, _, err := websocket.Dial(bg, "wss://127.0.0.1/", &websocket.DialOptions{HTTPClient: &http.Client{Transport: p.transport}})
			if err == nil {
				use(c)
			}
			p.transport.CloseIdleConnections()
			serving.Wait()
		})
	})
}

// use uses a connection until it has ended.
func use(c *websocket.Conn) {
	c.Write(bg, websocket.MessageText, []byte("hello"))
	for {
		if _, _, err := c.Read(bg); err != nil {
			break
		}
	}
	c.CloseNow()
}
