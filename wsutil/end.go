package wsutil

import (
	"net"
	"slices"
	"time"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// What End waits for, and drops, at most.
const (
	endTime  = wsproto.DefaultCloseTimeout
	endBytes = 2 * wsproto.DefaultMaxMessage
	// endQuiet is how long a peer has to be silent that we cannot tell that
	// nothing more comes.
	endQuiet = 100 * time.Millisecond

	endBuffer = 16 << 10
)

// End ends the connection so that what was written on it arrives. Call it in
// place of conn.Close, when the close frames have gone both ways or when an
// error has ended the connection:
//
//	defer wsutil.End(conn, ws.StateServerSide)
//
// A Close alone may destroy what is still on its way to the peer: if anything
// that the peer has sent is unread then, even a ping after its close frame,
// TCP answers with a reset, and the peer loses the last messages and the close
// frame (RFC 6455, section 7.1.1).
//
// A server closes the sending direction first, and then reads and drops what
// comes until the peer has ended the connection. A client waits for the server
// to do so. The peer has five seconds and 64 MiB for that; then, and when an
// error of conn ends it earlier, End closes conn and returns what Close does.
// If conn has no method CloseWrite, as a *net.TCPConn and a *tls.Conn have, a
// server waits until nothing has come for a tenth of a second.
//
// Nothing else must use conn any more. Its read deadline is replaced.
func End(conn net.Conn, s ws.State) error {
	quiet := endTime
	if !s.ClientSide() && !closeWrite(conn) {
		quiet = endQuiet
	}
	b := borrow()
	b.p = slices.Grow(b.p, endBuffer)
	drop(conn, b.p[:endBuffer], quiet)
	b.giveBack()
	return conn.Close()
}

// closeWrite closes the sending direction, if conn can do that.
func closeWrite(conn net.Conn) bool {
	half, ok := conn.(interface{ CloseWrite() error })
	return ok && half.CloseWrite() == nil
}

// drop reads into p until the end, an error, or one of the bounds.
func drop(conn net.Conn, p []byte, quiet time.Duration) {
	last := time.Now().Add(endTime)
	if conn.SetReadDeadline(last) != nil {
		// It knows no deadlines.
		defer time.AfterFunc(quiet, func() { conn.Close() }).Stop()
		quiet = endTime
	}
	for left := endBytes; left > 0; {
		if until := time.Now().Add(quiet); until.Before(last) {
			conn.SetReadDeadline(until)
		}
		n, err := checkedio.ReadSome(conn, p)
		if err != nil {
			return
		}
		left -= n
	}
}
