package websocket_test

import (
	"io"
	"net"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// peer is a client made of package wsproto: it answers as the protocol wants.
type peer struct {
	conn  net.Conn
	proto wsproto.Conn
	in    []byte
}

func peerOf(t testing.TB, conn net.Conn) *peer {
	t.Helper()
	return &peer{conn: conn, proto: wsproto.NewConn(&wsproto.Config{State: ws.StateClientSide, Mask: ws.NewMask}, nil)}
}

// next returns the next event, and answers it.
func (p *peer) next() (wsproto.Event, error) {
	for {
		ev, n, err := p.proto.Next(p.in, nil)
		p.in = p.in[n:]
		if err == ws.ErrShort {
			b := make([]byte, 4096)
			n, err := p.conn.Read(b)
			if n == 0 && err != nil {
				return ev, err
			}
			p.in = b[:n]
			continue
		}
		if out := p.proto.AppendAnswer(nil, ev, err, 0); len(out) > 0 {
			p.conn.Write(out)
		}
		return ev, err
	}
}

// untilClose returns the code of the close frame that comes, or that of a
// transport that ends without one. It reads to the end.
func (p *peer) untilClose() websocket.StatusCode {
	for {
		ev, err := p.next()
		if err != nil {
			return websocket.StatusAbnormalClosure
		}
		if ev.Op == ws.OpClose {
			code := ev.Code()
			if c, ok := p.conn.(interface{ CloseWrite() error }); ok {
				c.CloseWrite()
			}
			go io.Copy(io.Discard, p.conn)
			return websocket.StatusCode(code)
		}
	}
}
