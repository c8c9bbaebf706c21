package differential

import (
	"io"
	"runtime"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// unfinished is a connection whose peer has sent all but the end of a message, and
// then waits. What the connection holds is measured then.
type unfinished struct {
	*wstest.Conn
	header  []byte
	zeros   int // of the payload, which come after it
	waiting chan struct{}
	over    chan struct{}
}

func newUnfinished(size int) *unfinished {
	h := ws.Header{Fin: true, OpCode: ws.OpBinary, Masked: true, Length: int64(size)}
	return &unfinished{wstest.NewConn(), ws.AppendHeader(nil, h), size - 1, make(chan struct{}), make(chan struct{})}
}

func (u *unfinished) Read(p []byte) (int, error) {
	if n := copy(p, u.header); n > 0 {
		u.header = u.header[n:]
		return n, nil
	}
	if n := min(len(p), u.zeros); n > 0 {
		clear(p[:n])
		u.zeros -= n
		return n, nil
	}
	close(u.waiting)
	<-u.over
	return 0, io.EOF
}

// What a connection holds of a message that does not end is at most four times its
// limit, as docs/limits.md says, and not less than it, or this would not measure it.
func TestAnUnfinishedMessageHoldsAtMostFourTimesItsLimit(t *testing.T) {
	const size = 1200 << 10 // a little more than a size of buffers: the worst case
	wsutil.SetMaxMessageSize(size)
	defer wsutil.SetMaxMessageSize(limit)
	server := &wspoll.Server{Loops: 1, Limits: wsproto.Limits{Message: size}}
	defer server.Close()
	for name, begin := range map[string]func(u *unfinished){
		"wsutil.Stream": func(u *unfinished) { wsutil.NewStream(u, ws.StateServerSide, 0).ReadMessage() },
		"websocket": func(u *unfinished) {
			c, err := websocket.New(u, websocket.Params{})
			if err != nil {
				panic(err)
			}
			defer c.CloseNow()
			c.SetReadLimit(size)
			readBy(c, false)
		},
		"wspoll": func(u *unfinished) {
			if _, err := server.Take(u, wspoll.Upgraded{}); err != nil {
				panic(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := heap()
			u := newUnfinished(size)
			done := make(chan struct{})
			go func() { begin(u); close(done) }()
			<-u.waiting
			held := heap() - before
			close(u.over)
			<-done
			// A server goes on when Take has returned; what it lets go of later would be
			// missing in the next measurement.
			wstest.Until(t, "the server has let go", func() bool { return server.Conns() == 0 })
			if held > 4*size+128<<10 || held < size {
				t.Errorf("%d bytes are held of a message of %d", held, size)
			}
			t.Logf("%.2f times the message", float64(held)/size)
		})
	}
}

func heap() int64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC() // a pool outlives one
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
