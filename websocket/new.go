package websocket

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/wirews/wirews/internal/earlyconn"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// Params are what [New] has to know about a connection whose opening handshake somebody
// else has done. The zero value is a server's end on which nothing else was agreed.
type Params struct {
	// State is which end this is: ws.StateServerSide, for which 0 stands too, or
	// ws.StateClientSide.
	State ws.State

	// Subprotocol is the one that was agreed on, as in ws.Handshake.Protocol.
	Subprotocol string

	// Compression is permessage-deflate as it was agreed on: what Accepted of
	// wsflate.Extension or of wsflate.Offers has returned. nil: messages are not
	// compressed.
	Compression *wsflate.Parameters

	// Buffered are frames that have been read too early, such as what was left in
	// a buffer after the head of the handshake. They are received before anything
	// that conn yields. New makes a copy.
	Buffered []byte

	// Options are those of the connection, for either end. What is about the
	// handshake is not looked at: Subprotocols, the origin, CompressionMode. nil: the defaults.
	Options *AcceptOptions
}

// New returns a connection over conn, on which somebody else has done the opening
// handshake: ws.Upgrader, ws.Dialer, or a server that gives its connections away, such
// as fasthttp and Hertz, whose requests [ws.Upgrader.AppendResponse] answers. From then
// on conn is the connection's, which closes it. Deadlines that it has
// are to be cleared before. If there is an error, nothing has happened to conn.
//
// conn can be of any kind. One that is a *net.TCPConn or *net.UnixConn itself, and
// not wrapped, is read without a buffer while it waits; what ws.Dialer has read too early is no
// reason to wrap it.
func New(conn net.Conn, p Params) (*Conn, error) {
	if err := p.check(conn); err != nil {
		return nil, errorf("new", err)
	}
	opts := p.Options
	if opts == nil {
		opts = &zeroAcceptConnOptions.AcceptOptions
	}
	side := ws.StateServerSide
	if p.State.ClientSide() {
		side = ws.StateClientSide
	}
	var ext wsproto.Extension
	if p.Compression != nil {
		ext = newDeflate(side, *p.Compression, opts.CompressionThreshold, opts.Compression)
	}
	if len(p.Buffered) > 0 {
		conn = earlyconn.Wrap(conn, p.Buffered)
	}
	c := overEarly(conn, side, p.Subprotocol, ext, opts.settings())
	c.opened(context.Background(), opts.OnOpen)
	return c, nil
}

// overEarly is newConn over what may yield something that has been read too early.
// That has been received then, and the connection is over what is below.
func overEarly(conn net.Conn, side ws.State, subprotocol string, ext wsproto.Extension, s *settings) *Conn {
	conn, early := earlyconn.Take(conn)
	c := newConn(conn, side, subprotocol, ext, s)
	if len(early) > 0 {
		c.wake().Take(early)
	}
	return c
}

// check says what is wrong with the arguments of New.
func (p *Params) check(conn net.Conn) error {
	switch {
	case conn == nil:
		return errors.New("the net.Conn is nil")
	case p.State.ServerSide() && p.State.ClientSide():
		return fmt.Errorf("Params.State is %d, want one of ws.StateServerSide and ws.StateClientSide", p.State)
	}
	if a := p.Compression; a != nil {
		if err := checkWindows("Params.Compression", a.ServerMaxWindowBits, a.ClientMaxWindowBits); err != nil {
			return err
		}
	}
	if p.Options != nil {
		return p.Options.Compression.check()
	}
	return nil
}
