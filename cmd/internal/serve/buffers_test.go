package serve

import (
	"net"
	"testing"

	"github.com/wirews/wirews/ws"
)

func TestAConnectionBorrowsMemoryOnlyWhileItsPeerSendsMuch(t *testing.T) {
	var i inbox
	for _, c := range []struct{ last, room int }{
		{0, waitSize},
		{waitSize - 1, waitSize},
		{waitSize, bufferSize},
		{bufferSize, bufferSize},
		{waitSize, bufferSize},
		{waitSize - 1, waitSize},
	} {
		if got := len(i.room(c.last)); got != c.room {
			t.Errorf("room behind a read of %d bytes is %d, want %d", c.last, got, c.room)
		}
		if lent := i.lent != nil; lent != (c.room == bufferSize) {
			t.Errorf("behind a read of %d bytes: memory is lent: %t", c.last, lent)
		}
	}
}

// A wire never gathers more than it was lent, whatever the sizes are, and owns
// nothing once it is flushed.
func TestAWireGathersNoMoreThanItWasLent(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	read := make(chan int)
	go func() {
		n := 0
		for b := make([]byte, bufferSize); ; {
			k, err := theirs.Read(b)
			if n += k; err != nil {
				read <- n
				return
			}
		}
	}()
	w := wire{conn: ours, vars: new(vars)}
	sent := 0
	for _, n := range []int{0, 1, bufferSize - 20, 1, bufferSize - ws.MaxHeaderSize, bufferSize, 30, bufferSize + 1, 3 * bufferSize} {
		f := ws.NewBinaryFrame(make([]byte, n))
		sent += len(ws.AppendFrame(nil, f))
		if err := w.send(ws.OpBinary, f.Payload); err != nil {
			t.Fatal(err)
		}
		if w.out != nil && cap(w.out) != bufferSize {
			t.Errorf("behind %d bytes: capacity is %d, want the %d that were lent", n, cap(w.out), bufferSize)
		}
	}
	if err := w.flush(); err != nil || w.out != nil {
		t.Errorf("flush: %v; holds %d bytes", err, cap(w.out))
	}
	ours.Close()
	if got := <-read; got != sent {
		t.Errorf("%d bytes were written, want %d", got, sent)
	}
}

// A write that has failed may have cut a frame: what came behind it would be
// taken for its payload.
func TestNothingIsWrittenBehindAWriteThatFailed(t *testing.T) {
	ours, theirs := net.Pipe()
	w := wire{conn: &failing{Conn: ours}, vars: new(vars)}
	defer theirs.Close()
	if err := w.send(ws.OpBinary, make([]byte, bufferSize)); err == nil {
		t.Fatal("the write has not failed")
	}
	w.close(ws.StatusGoingAway, "")
	if err := w.send(ws.OpPing, nil); err != nil {
		t.Error(err)
	}
	if err := w.flush(); err != nil {
		t.Error(err)
	}
	if n := w.conn.(*failing).writes; n != 1 {
		t.Errorf("%d writes, want the one that failed", n)
	}
}

type failing struct {
	net.Conn
	writes int
}

func (c *failing) Write([]byte) (int, error) {
	c.writes++
	return 0, net.ErrClosed
}
