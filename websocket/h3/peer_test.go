package h3_test

import (
	"net"
	"testing"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/quicvarint"

	"github.com/wirews/wirews/websocket/h3"
)

// peer is a server whose frames are written by the test.
type peer struct{ *quic.Conn }

// hostileServer is how to reach one.
type hostileServer struct {
	transport *h3.Transport
	url       string
}

// hostile gives each connection to serve.
func hostile(t testing.TB, protocol string, serve func(p *peer)) hostileServer {
	t.Helper()
	return hostileOn(t, listen(t), protocol, serve)
}

// hostileOn is hostile on a socket.
func hostileOn(t testing.TB, socket net.PacketConn, protocol string, serve func(p *peer)) hostileServer {
	t.Helper()
	forServer, forClient := certificates()
	forServer.NextProtos = []string{protocol}
	l, err := quic.Listen(socket, forServer, nil)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept(bg)
			if err != nil {
				return
			}
			go serve(&peer{conn})
		}
	}()
	transport := &h3.Transport{TLSClientConfig: forClient}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		l.Close()
		<-done
	})
	return hostileServer{transport, "wss://" + l.Addr().String() + "/"}
}

// settings opens the control stream (RFC 9114, section 6.2.1), with pairs of settings.
func (p *peer) settings(pairs ...uint64) {
	s, err := p.OpenUniStream()
	if err != nil {
		return
	}
	var frame []byte
	for _, v := range pairs {
		frame = quicvarint.Append(frame, v)
	}
	b := quicvarint.Append([]byte{0x00, 0x04}, uint64(len(frame))) // the control stream; SETTINGS
	s.Write(append(b, frame...))
}

// open takes the next request, and answers it with 200: a frame of HEADERS with the
// line 25 of QPACK's table.
func (p *peer) open() *quic.Stream {
	p.settings(0x8, 1) // SETTINGS_ENABLE_CONNECT_PROTOCOL
	s, err := p.AcceptStream(bg)
	if err != nil {
		return nil
	}
	s.Write([]byte{0x01, 0x03, 0x00, 0x00, 0xc0 | 25})
	return s
}
