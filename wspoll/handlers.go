package wspoll

import (
	"fmt"
	"net"
	"runtime/debug"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// PanicError is a panic of a handler. It is passed to Server.OnError, and is what
// has ended the connection: the peer is sent 1011, and nothing of it.
type PanicError struct {
	Value any    // what the handler has panicked with
	Stack []byte // as debug.Stack returns it
}

// Error returns a text with the value.
func (e *PanicError) Error() string {
	return fmt.Sprintf("wspoll: a handler has panicked: %v", e.Value)
}

// Unwrap returns the value, if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// StatusCode returns 1011, whatever the value is.
func (e *PanicError) StatusCode() ws.StatusCode { return ws.StatusInternalServerError }

// CloseReason returns nothing: what has happened is not the peer's business.
func (e *PanicError) CloseReason() string { return "" }

// panicked reports a panic, and returns it as an error.
func (s *Server) panicked(value any) *PanicError {
	err := &PanicError{Value: value, Stack: debug.Stack()}
	s.report(err)
	return err
}

// rescue ends the connection whose handler has panicked. It is to be deferred.
func (c *Conn) rescue() {
	if v := recover(); v != nil {
		err := c.loop.server.panicked(v)
		if c.stage == stageOpen && c.open { // not of OnClose: the end is known
			c.conclude(found{err: err})
		}
	}
}

// handleRefused counts a handshake that has failed for err, and tells of it.
func (c *Conn) handleRefused(err error) {
	c.loop.countRefused(err)
	if err != errTransport {
		c.loop.server.tellRefused(c.RemoteAddr(), err)
	}
}

// tellRefused tells of a handshake that has failed for err.
func (s *Server) tellRefused(remote net.Addr, err error) {
	if s.OnRefused == nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			s.panicked(v)
		}
	}()
	s.OnRefused(remote, err)
}

func (c *Conn) handleOpen() {
	defer c.rescue()
	if f := c.loop.server.OnOpen; f != nil {
		f(c)
	}
}

func (c *Conn) handleMessage(ev wsproto.Event) {
	defer c.rescue()
	if f := c.loop.server.OnMessage; f != nil {
		f(c, ev.Op, ev.Payload)
	}
}

func (c *Conn) handlePing(p []byte) {
	defer c.rescue()
	if f := c.loop.server.OnPing; f != nil {
		f(c, p)
	}
}

func (c *Conn) handlePong(p []byte) {
	defer c.rescue()
	if f := c.loop.server.OnPong; f != nil {
		f(c, p)
	}
}

// handleClose tells the application that the connection has ended, once.
func (c *Conn) handleClose() {
	if !c.open {
		return
	}
	c.open = false
	defer c.rescue()
	if f := c.loop.server.OnClose; f != nil {
		c.mu.Lock()
		cause := c.end.Cause()
		c.mu.Unlock()
		f(c, cause)
	}
}
