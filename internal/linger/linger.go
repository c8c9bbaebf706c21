// Package linger closes connections whose peer still has to receive what was
// sent last.
package linger

import (
	"net"
	"time"
)

// How long, and for how many bytes, the peer is listened to.
const (
	wait = time.Second
	size = 256 << 10
)

// Close closes conn after its peer has had the chance to receive everything. A
// kernel that still has unread bytes, or gets some later, answers them by RST,
// and a peer that sees that may never see what was sent before (RFC 9112, section
// 9.6). So the sending direction is closed first, and what comes is read and
// dropped until the peer ends, for at most a second and 256 KiB.
func Close(conn net.Conn) {
	interrupt := func() {
		if conn.SetDeadline(time.Unix(1, 0)) != nil {
			conn.Close() // it knows no deadlines
		}
	}
	late := time.AfterFunc(wait, interrupt)
	halfClosed := make(chan struct{})
	go func() {
		defer close(halfClosed)
		// TLS has something to send for that, which a peer that does not read
		// can hold up.
		if half, ok := conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() != nil {
			interrupt()
		}
	}()
	b := make([]byte, 4<<10)
	for left, empty := size, 0; left > 0 && empty < 100; {
		n, err := conn.Read(b)
		if err != nil || n < 0 {
			break
		}
		if left -= n; n == 0 {
			empty++
		}
	}
	<-halfClosed
	late.Stop()
	conn.Close()
}
