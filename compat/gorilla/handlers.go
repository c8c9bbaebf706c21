package websocket

import (
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// control calls the handler of a control message. Its error is the end of reading,
// as is a close message.
func (c *Conn) control(ev wsproto.Event) error {
	switch ev.Op {
	case ws.OpPing:
		return c.in.onPing(string(ev.Payload))
	case ws.OpPong:
		return c.in.onPong(string(ev.Payload))
	}
	e := &CloseError{Code: int(ev.Code()), Text: string(ev.Reason())}
	if err := c.in.onClose(e.Code, e.Text); err != nil {
		return err
	}
	return e
}

// PingHandler returns the handler of pings.
func (c *Conn) PingHandler() func(appData string) error { return c.in.onPing }

// SetPingHandler sets what is called for each ping, with what is in it. It is
// called inside of NextReader, ReadMessage or the Read of a message, which return
// its error, as all reads do from then on. Nil stands for one that sends a pong;
// if that cannot be done within a second because others write, it is left out.
func (c *Conn) SetPingHandler(h func(appData string) error) {
	if h == nil {
		h = c.pong
	}
	c.in.onPing = h
}

func (c *Conn) pong(appData string) error {
	err := c.WriteControl(PongMessage, []byte(appData), time.Now().Add(writeWait))
	if err == ErrCloseSent || err != nil && isTemporary(err) {
		return nil
	}
	return err
}

// PongHandler returns the handler of pongs.
func (c *Conn) PongHandler() func(appData string) error { return c.in.onPong }

// SetPongHandler sets what is called for each pong, as SetPingHandler does for
// pings. Nil stands for one that does nothing.
func (c *Conn) SetPongHandler(h func(appData string) error) {
	if h == nil {
		h = func(string) error { return nil }
	}
	c.in.onPong = h
}

// CloseHandler returns the handler of close messages.
func (c *Conn) CloseHandler() func(code int, text string) error { return c.in.onClose }

// SetCloseHandler sets what is called for a close message, with its code, or
// CloseNoStatusReceived if it has none, and its reason. It is called inside of a
// read, which returns its error, or a *CloseError if that is nil. Nil stands for one
// that answers with the same code.
func (c *Conn) SetCloseHandler(h func(code int, text string) error) {
	if h == nil {
		h = func(code int, text string) error {
			c.WriteControl(CloseMessage, FormatCloseMessage(code, ""), time.Now().Add(writeWait))
			return nil
		}
	}
	c.in.onClose = h
}
