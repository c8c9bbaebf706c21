package main

import (
	"context"
	"io"
	"net"
	"time"
	"unicode/utf8"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

func upgrader() ws.Upgrader { return ws.Upgrader{Timeout: handshakeTime} }

// wsutilServer is what the package's page shows.
func wsutilServer(conn net.Conn) {
	if _, err := upgrader().Upgrade(conn); err != nil {
		return
	}
	defer wsutil.End(conn, ws.StateServerSide)
	for {
		p, op, err := wsutil.ReadClientData(conn)
		if err != nil || wsutil.WriteServerMessage(conn, op, p) != nil {
			return
		}
	}
}

func wsutilClient(ctx context.Context, url string) {
	conn, _, _, err := ws.Dial(ctx, url)
	if err != nil {
		return
	}
	defer wsutil.End(conn, ws.StateClientSide)
	for {
		p, op, err := wsutil.ReadServerData(conn)
		if err != nil || wsutil.WriteClientMessage(conn, op, p) != nil {
			return
		}
	}
}

// Streams with permessage-deflate. Whatever is the share of a message that may
// come back, every case asks for one that compresses well.

func deflateServer(conn net.Conn) {
	var ext wsflate.Extension
	u := upgrader()
	u.Negotiate = ext.Negotiate
	if _, err := u.Upgrade(conn); err != nil {
		return
	}
	var d *wsflate.Deflate
	if params, ok := ext.Accepted(); ok {
		d = wsflate.New(ws.StateServerSide, params, nil)
	}
	echoStream(conn, ws.StateServerSide, d)
}

func deflateClient(ctx context.Context, url string) {
	offers := wsflate.DefaultOffers()
	d := ws.Dialer{Extensions: offers.Options()}
	conn, _, hs, err := d.Dial(ctx, url)
	if err != nil {
		return
	}
	defer wsutil.End(conn, ws.StateClientSide)
	params, ok, err := offers.Accepted(hs.Extensions)
	if err != nil {
		return
	}
	var deflate *wsflate.Deflate
	if ok {
		deflate = wsflate.New(ws.StateClientSide, params, nil)
	}
	echoStream(conn, ws.StateClientSide, deflate)
}

func echoStream(conn net.Conn, state ws.State, d *wsflate.Deflate) {
	defer wsutil.End(conn, state)
	s := wsutil.NewStream(conn, state, 0)
	if d != nil {
		s.SetExtension(d)
	}
	for {
		p, op, err := s.ReadMessage()
		if err != nil || s.WriteMessage(op, p) != nil {
			return
		}
	}
}

// Frames by hand, with nothing but the package ws.

func framesServer(conn net.Conn) {
	if _, err := upgrader().Upgrade(conn); err == nil {
		(&byHand{conn: conn, state: ws.StateServerSide}).echo()
	}
}

func framesClient(ctx context.Context, url string) {
	conn, _, _, err := ws.Dial(ctx, url)
	if err != nil {
		return
	}
	defer conn.Close()
	(&byHand{conn: conn, state: ws.StateClientSide}).echo()
}

// byHand is an echo out of the functions over bytes of package ws.
type byHand struct {
	conn  net.Conn
	state ws.State
	in    []byte // received, and not yet used

	op      ws.OpCode
	message []byte
	valid   int // how much of a text is known to be UTF-8
}

// echo ends the connection with the code that the error asks for.
func (c *byHand) echo() {
	err := c.frames()
	if code := wsproto.CloseCode(err); err != nil && code != ws.StatusAbnormalClosure {
		c.send(ws.OpClose, ws.AppendClose(nil, code, ""))
	}
	// The peer ends first, so that it gets the close frame. One that goes on sending
	// does not keep the connection.
	c.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		io.Copy(io.Discard, c.conn)
	}
}

func (c *byHand) frames() error {
	for {
		h, n, err := ws.ParseHeader(c.in)
		if err == ws.ErrShort {
			if err := c.more(); err != nil {
				return err
			}
			continue
		}
		if err == nil {
			err = ws.CheckHeader(h, c.state)
		}
		if err == nil && h.Length > int64(limit-len(c.message)) {
			err = ws.ErrFrameTooLarge
		}
		if err != nil {
			return err
		}
		c.in = c.in[n:]
		if done, err := c.frame(h); done || err != nil {
			return err
		}
	}
}

// more reads once.
func (c *byHand) more() error {
	var b [32 << 10]byte
	n, err := c.conn.Read(b[:])
	c.in = append(c.in, b[:n]...)
	return err
}

// frame handles a frame's payload.
func (c *byHand) frame(h ws.Header) (done bool, err error) {
	var control []byte
	if !h.OpCode.IsControl() && h.OpCode != ws.OpContinuation {
		c.op, c.message, c.valid = h.OpCode, nil, 0
	}
	for offset := 0; int64(offset) < h.Length; {
		if len(c.in) == 0 {
			if err := c.more(); err != nil {
				return true, err
			}
		}
		n := min(int64(len(c.in)), h.Length-int64(offset))
		p := c.in[:n]
		c.in = c.in[n:]
		if h.Masked {
			ws.Cipher(p, h.Mask, offset)
		}
		offset += len(p)
		if h.OpCode.IsControl() {
			control = append(control, p...)
			continue
		}
		c.message = append(c.message, p...)
		if c.op == ws.OpText && !c.check() {
			return true, ws.ErrProtocolInvalidUTF8
		}
	}
	switch h.OpCode {
	case ws.OpPing:
		return false, c.send(ws.OpPong, control)
	case ws.OpPong:
		return false, nil
	case ws.OpClose:
		return true, c.answer(control)
	}
	if !h.Fin {
		c.state = c.state.Set(ws.StateFragmented)
		return false, nil
	}
	c.state = c.state.Clear(ws.StateFragmented)
	if c.op == ws.OpText && c.valid != len(c.message) {
		return true, ws.ErrProtocolInvalidUTF8
	}
	err = c.send(c.op, c.message)
	c.message = nil
	return false, err
}

// check looks at the text as far as it has come.
func (c *byHand) check() bool {
	for c.valid < len(c.message) {
		rest := c.message[c.valid:]
		if !utf8.FullRune(rest) {
			return true
		}
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			return false
		}
		c.valid += n
	}
	return true
}

func (c *byHand) answer(p []byte) error {
	code, reason, err := ws.ParseClose(p)
	if err == nil && len(p) > 0 {
		err = ws.CheckCloseFrameData(code, string(reason))
	}
	if err != nil {
		return err
	}
	return c.send(ws.OpClose, ws.AppendClose(nil, code, ""))
}

func (c *byHand) send(op ws.OpCode, p []byte) error {
	f := ws.NewFrame(op, true, p)
	if c.state.ClientSide() {
		f = ws.MaskFrame(f)
	}
	return ws.WriteFrame(c.conn, f)
}
