package websocket

import (
	"errors"
	"fmt"
	"time"

	"github.com/wirews/wirews/ws"
)

// ErrCloseData says that the payload of a close message must not be sent: the code
// is one that only stands for an end without a close message, such as
// CloseAbnormalClosure, or is not registered; or the reason is not UTF-8. Errors
// wrap it together with the rule of package ws.
var ErrCloseData = errors.New("websocket: close message that must not be sent")

// WriteControl sends a close, ping or pong message, between the frames of a message
// that somebody else is writing if need be. deadline bounds waiting for those and
// the write itself; zero stands for none. Nothing else has happened if the error is
// a timeout whose method Temporary returns true; after one of the net.Conn nothing
// can be written any more.
//
// Only ErrCloseSent is returned after a close message, for what follows it.
func (c *Conn) WriteControl(messageType int, data []byte, deadline time.Time) error {
	if !isControl(messageType) {
		return errMessageType
	}
	if err := checkControl(messageType, data); err != nil {
		return err
	}
	if !c.lockWireUntil(deadline) {
		return timeoutError{}
	}
	defer c.unlockWire()
	return c.sendControl(messageType, data, deadline)
}

// writeControl sends a control message whose deadline is that of messages.
func (c *Conn) writeControl(messageType int, data []byte) error {
	if err := checkControl(messageType, data); err != nil {
		return err
	}
	how := c.lockWire()
	defer c.unlockWire()
	return c.sendControl(messageType, data, how.deadline)
}

// checkControl checks what a control message holds.
func checkControl(messageType int, data []byte) error {
	if len(data) > ws.MaxControlFramePayloadSize {
		return errLongControl
	}
	if messageType == CloseMessage {
		if _, _, err := ws.ParseClose(data); err != nil {
			return fmt.Errorf("%w: %w", ErrCloseData, err)
		}
	}
	return nil
}

// lockWireUntil is lockWire with a deadline. It reports whether wire is held.
func (c *Conn) lockWireUntil(deadline time.Time) bool {
	if deadline.IsZero() {
		c.out.wire <- struct{}{}
		return true
	}
	wait := time.Until(deadline)
	if wait < 0 {
		return false
	}
	select {
	case c.out.wire <- struct{}{}:
		return true
	default:
	}
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case c.out.wire <- struct{}{}:
		return true
	case <-late.C:
		return false
	}
}

// sendControl sends a control message that has been checked. The caller holds wire.
func (c *Conn) sendControl(messageType int, data []byte, deadline time.Time) error {
	if err := c.out.failed(); err != nil {
		return err
	}
	s := &c.out.sender
	frame := make([]byte, 0, ws.MaxHeaderSize+ws.MaxControlFramePayloadSize)
	var err error
	switch messageType {
	case PingMessage:
		frame, err = s.AppendPing(frame, data)
	case PongMessage:
		frame, err = s.AppendPong(frame, data)
	default:
		code, reason, _ := ws.ParseClose(data)
		frame, err = s.AppendClose(frame, code, string(reason), 0)
	}
	if err == nil {
		err = c.write(deadline, frame)
	}
	if err == nil && messageType == CloseMessage {
		c.out.fail(ErrCloseSent)
	}
	return err
}
