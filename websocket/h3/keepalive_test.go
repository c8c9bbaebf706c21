package h3_test

import (
	"errors"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h3"
)

// keptAlive serves one connection and opens it. One end, that of role, has a KeepAlive,
// and reads; the other one reads only if answers says so. What the first one reads
// ends with is sent on ended.
func keptAlive(t *testing.T, role string, answers bool) (ended chan error) {
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
			ended <- endOf(c)
		case answers:
			endOf(c)
		default:
			<-over
		}
	}
	s := serveInMemory(t, h3.QUICConfig(10, 0), h3.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, accept)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		use(c, "server")
	})))
	t.Cleanup(func() { close(over) }) // before the server ends, which waits for its handler
	c := s.dial(t, dial)
	go use(c, "client")
	return ended
}

// The connection is there, as QUIC says, and the program at the other end hangs.
func TestKeepAliveEndsAWebSocketWhoseProgramDoesNotAnswer(t *testing.T) {
	for _, role := range []string{"server", "client"} {
		t.Run(role, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				err := <-keptAlive(t, role, false)
				if !errors.Is(err, websocket.EndedByTimeout) || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Error(err)
				}
				if took := time.Since(begun).Round(time.Second); took != 70*time.Second {
					t.Errorf("after %v, want 70 s", took)
				}
			})
		})
	}
}

func TestKeepAliveKeepsAWebSocketWhoseProgramAnswers(t *testing.T) {
	for _, role := range []string{"server", "client"} {
		t.Run(role, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := keptAlive(t, role, true)
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
