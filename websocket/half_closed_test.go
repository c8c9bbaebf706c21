package websocket_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// onlyConn hides everything of a net.Conn but its methods, its descriptor above all.
type onlyConn struct{ net.Conn }

// A peer that ends its direction together with the last it sends is still sent what
// was held back for the next wait: pongs, and replies with HoldReplies.
func TestAPeerThatHasEndedItsDirectionIsAnswered(t *testing.T) {
	in := ws.AppendFrame(nil, ws.MaskFrame(ws.NewTextFrame([]byte("hello"))))
	in = ws.AppendFrame(in, ws.MaskFrame(ws.NewPingFrame([]byte("?"))))
	want := ws.AppendFrame(nil, ws.NewTextFrame([]byte("hello")))
	want = ws.AppendFrame(want, ws.NewPongFrame([]byte("?")))
	for name, wrap := range map[string]func(net.Conn) net.Conn{
		"with a descriptor": func(c net.Conn) net.Conn { return c },
		"without":           func(c net.Conn) net.Conn { return onlyConn{c} },
	} {
		t.Run(name, func(t *testing.T) {
			peer, conn := tcpPair(t)
			if _, err := peer.Write(in); err != nil {
				t.Fatal(err)
			}
			peer.(interface{ CloseWrite() error }).CloseWrite()
			c, err := websocket.New(wrap(conn), websocket.Params{Options: &websocket.AcceptOptions{HoldReplies: true}})
			if err != nil {
				t.Fatal(err)
			}
			ctx := context.Background()
			for {
				typ, p, err := c.Read(ctx)
				if err != nil {
					if !errors.Is(err, io.EOF) {
						t.Errorf("the end: %v", err)
					}
					break
				}
				if err := c.Write(ctx, typ, p); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := io.ReadAll(peer); err != nil || !bytes.Equal(got, want) {
				t.Errorf("the peer has received %x, %v, want %x", got, err, want)
			}
		})
	}
}
