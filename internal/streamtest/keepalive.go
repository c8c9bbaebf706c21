package streamtest

import (
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
)

// KeepAlives tests a KeepAlive: the connection is there, as HTTP knows, and the program at
// the other end answers or hangs.
func (w Way) KeepAlives(t *testing.T) {
	t.Run("hangs", w.hangs)
	t.Run("answers", w.answers)
}

// keptAlive serves one connection and opens it. One end, that of role, has a KeepAlive,
// and reads; the other one reads only if answers says so. What the first one reads
// ends with is sent on ended.
func (w Way) keptAlive(t *testing.T, role string, answers bool) (ended chan error) {
	t.Helper()
	ended = make(chan error, 1)
	keep := websocket.KeepAlive{Interval: time.Minute, Timeout: 10 * time.Second}
	accept, dial := &websocket.AcceptOptions{}, &websocket.DialOptions{}
	if role == "server" {
		accept.KeepAlive = keep
	} else {
		dial.KeepAlive = keep
	}
	over := make(chan struct{})
	use := func(c *websocket.Conn, end string) {
		switch {
		case end == role:
			_, _, err := c.Read(bg)
			ended <- err
		case answers:
			c.Read(bg)
		default:
			<-over
		}
	}
	c := w.Open(t, accept, func(c *websocket.Conn) { use(c, "server") }, dial)
	t.Cleanup(func() { close(over) }) // before the server ends, which may wait for its handler
	go use(c, "client")
	return ended
}

func (w Way) hangs(t *testing.T) {
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				err := <-w.keptAlive(t, role, false)
				if !errors.Is(err, websocket.EndedByTimeout) || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Error(err)
				}
				if late := time.Since(begun) - 70*time.Second; late < 0 || late > w.Late {
					t.Errorf("it has ended %v after what is due after 70 s", late)
				}
			})
		})
	}
}

func (w Way) answers(t *testing.T) {
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := w.keptAlive(t, role, true)
				time.Sleep(time.Hour)
				synctest.Wait()
				select {
				case err := <-ended:
					t.Error(err)
				default:
				}
			})
		})
	}
}
