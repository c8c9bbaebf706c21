package h2_test

import (
	"errors"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
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
	t.Cleanup(func() { close(over) })
	use := func(c *websocket.Conn, end string) {
		switch {
		case end == role:
			ended <- endOf(t, c)
		case answers:
			endOf(t, c)
		default:
			<-over
		}
	}
	s := serve(t, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, accept)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		use(c, "server")
	}))
	c := s.dial(t, dial)
	go use(c, "client")
	return ended
}

// The connection is there, as its PINGs say, and the program at the other end hangs.
func TestKeepAliveEndsAWebSocketWhoseProgramDoesNotAnswer(t *testing.T) {
	for _, role := range []string{"server", "client"} {
		t.Run(role, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				err := <-keptAlive(t, role, false)
				if !errors.Is(err, websocket.EndedByTimeout) || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Error(err)
				}
				if took := time.Since(begun); took != 70*time.Second {
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

// The deadlines of the HTTP server were for the request.
func TestAWebSocketOutlivesTheTimeoutsOfItsServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serveAs(t, &http.Server{Handler: accept(t, echo), ReadTimeout: time.Second, ReadHeaderTimeout: time.Second, WriteTimeout: time.Second, IdleTimeout: time.Second})
		c := s.dial(t, nil)
		for range 3 {
			time.Sleep(2 * time.Second)
			exchange(t, c, "still there")
		}
	})
}
