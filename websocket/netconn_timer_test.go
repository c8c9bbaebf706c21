package websocket

import (
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// A net.Conn that was closed holds nothing until a deadline of it would have come.
func TestAClosedNetConnHasNoTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, nil)
		go io.Copy(io.Discard, far)
		conn := NetConn(t.Context(), c, MessageBinary).(*netConn)
		conn.SetDeadline(time.Now().Add(time.Hour))
		conn.Close()
		if conn.readDeadline.timer != nil || conn.sendDeadline.timer != nil {
			t.Error("a deadline is waited for after Close")
		}
		conn.SetDeadline(time.Now().Add(time.Hour))
		if conn.readDeadline.timer != nil || conn.sendDeadline.timer != nil {
			t.Error("a deadline is waited for that was set after Close")
		}
		if _, err := conn.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Error("Write after Close:", err)
		}
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Error("Read after Close:", err)
		}
	})
}
