package bench

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
)

// third is the number of the message that a liar treats in another way.
const third = 2

// lying answers every message except the third.
func lying(answer func(conn net.Conn, f ws.Frame) bool) func(net.Conn) {
	return liar{answer: func(conn net.Conn, i int, f ws.Frame) bool {
		if i == third {
			return answer(conn, f)
		}
		return write(conn, f)
	}}.serve
}

func TestAServerThatDoesWrongIsFound(t *testing.T) {
	t.Parallel()
	refusing := func(conn net.Conn) {
		ws.Upgrader{OnHost: func([]byte) error { return ws.RejectConnectionError(ws.RejectionStatus(503)) }}.Upgrade(conn)
	}
	for name, c := range map[string]struct {
		serve  func(net.Conn)
		change func(*Options)
		want   Failures // of Lost at most: up to four are under way when it is found
		words  string
	}{
		"refusal":        {refusing, nil, Failures{Refused: 2}, "503"},
		"no compression": {liar{}.serve, func(o *Options) { o.Compress = true }, Failures{Refused: 2}, "declined"},
		"wrong byte": {lying(func(conn net.Conn, f ws.Frame) bool {
			f.Payload = bytes.Clone(f.Payload)
			f.Payload[77] ^= 0x20
			return write(conn, f)
		}), nil, Failures{Wrong: 2, Lost: 8}, "byte 77 came back as"},
		"lost message": {lying(func(net.Conn, ws.Frame) bool { return true }), nil, Failures{Wrong: 2, Lost: 8}, "came back as"},
		"close": {lying(func(conn net.Conn, f ws.Frame) bool {
			write(conn, ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusGoingAway, "bye")))
			io.Copy(io.Discard, conn)
			return false
		}), nil, Failures{Ended: 2, Lost: 8}, `1001 "bye"`},
		"early end": {lying(func(conn net.Conn, f ws.Frame) bool {
			conn.(*net.TCPConn).CloseWrite()
			io.Copy(io.Discard, conn)
			return false
		}), nil, Failures{Ended: 2, Lost: 8}, "ended the connection after 2 answers, with "},
		"doubled answer": {lying(func(conn net.Conn, f ws.Frame) bool {
			write(conn, f)
			return write(conn, f)
		}), nil, Failures{Wrong: 2, Lost: 8}, ""},
	} {
		u := listen(t, nil, c.serve)
		for _, threads := range []bool{false, true} {
			r := runAgainst(t, u, func(o *Options) {
				// Every connection fails, which ends the run, however long that takes.
				o.Connections, o.InFlight, o.Duration, o.threads = 2, 4, time.Hour, threads
				if c.change != nil {
					c.change(o)
				}
			})
			f := r.Failures
			examples := strings.Join(f.Examples, "\n")
			if f.Refused != c.want.Refused || f.Wrong != c.want.Wrong || f.Ended != c.want.Ended || f.Lost == 0 && c.want.Lost > 0 || f.Lost > c.want.Lost {
				t.Errorf("%s, threads %v: %+v, want %+v", name, threads, f, c.want)
			}
			if !strings.Contains(examples, c.words) || r.Err() == nil {
				t.Errorf("%s, threads %v: %q, want %q in it", name, threads, examples, c.words)
			}
		}
	}
}

// What is missing when the time is over is lost. How many messages that are
// depends on how far each connection has come: one at least, and no more than the
// four that it may have under way.
func TestAnswersThatDoNotComeAreLost(t *testing.T) {
	for _, threads := range []bool{false, true} {
		t.Run(fmt.Sprintf("threads %v", threads), func(t *testing.T) {
			t.Parallel() // each waits for seconds
			longer(t, func(d time.Duration) bool { return lost(t, threads, d) })
		})
	}
}

// lost measures a server that answers twice on each of two connections, and reports
// whether d was long enough for that.
func lost(t *testing.T, threads bool, d time.Duration) bool {
	var silent atomic.Int64
	u := listen(t, nil, lying(func(conn net.Conn, f ws.Frame) bool {
		silent.Add(1)
		io.Copy(io.Discard, conn)
		return false
	}))
	r := runAgainst(t, u, func(o *Options) {
		o.Connections, o.InFlight, o.Duration, o.Timeout, o.threads = 2, 4, d, 3*time.Second, threads
	})
	if silent.Load() < 2 {
		return false // a connection has not come to its third message
	}
	f := r.Failures
	if f.Refused+f.Wrong+f.Ended > 0 || f.Lost < 2 || f.Lost > 8 || r.Err() == nil {
		t.Errorf("%+v, want 2 to 8 lost", f)
	}
	if len(f.Examples) != 2 || !strings.Contains(f.Examples[0], " without an answer") {
		t.Errorf("%q", f.Examples)
	}
	return true
}
