package earlyconn

import (
	"io"
	"net"
	"testing"
)

func TestTakeReturnsWhatIsLeft(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	defer near.Close()
	for read := range 6 {
		conn := Wrap(near, []byte("Hello"))
		io.ReadFull(conn, make([]byte, read))
		below, left := Take(conn)
		if below != near || string(left) != "Hello"[read:] {
			t.Errorf("after %d bytes: %v, %q", read, below == near, left)
		}
	}
}

func TestTakeUndoesAllWraps(t *testing.T) {
	tcp, pipe := new(net.TCPConn), struct{ net.Conn }{}
	for _, conn := range []net.Conn{tcp, new(net.UnixConn), pipe} {
		if below, left := Take(conn); below != conn || len(left) > 0 {
			t.Errorf("%T is not wrapped: %T, %q", conn, below, left)
		}
		below, left := Take(Wrap(Wrap(conn, []byte("second")), []byte("first, ")))
		if below != conn || string(left) != "first, second" {
			t.Errorf("%T: %T, %q", conn, below, left)
		}
	}
}
