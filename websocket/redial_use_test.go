package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
)

// goodbyes accepts connections and tells how each one has ended.
func goodbyes(ended chan<- error) *websocket.DialOptions {
	return answeredBy(func(conn net.Conn) {
		c, err := websocket.AcceptConn(conn, nil)
		if err == nil {
			_, _, err = c.Read(context.Background())
		}
		ended <- err
	})
}

// What the function returns decides how Redial goes on, and what the server is told.
func TestHowTheFunctionOfRedialEnds(t *testing.T) {
	for _, tc := range []struct {
		name string
		use  func(ctx context.Context, c *websocket.Conn) error
		code websocket.StatusCode // that the server gets; -1: none
		want error                // of Redial
	}{
		{"nil", func(ctx context.Context, c *websocket.Conn) error { return nil }, websocket.StatusNormalClosure, nil},
		{"nil after Close", func(ctx context.Context, c *websocket.Conn) error {
			c.Close(4000, "done")
			return nil
		}, 4000, nil},
		{"Permanent", func(ctx context.Context, c *websocket.Conn) error { return websocket.Permanent(io.ErrNoProgress) }, websocket.StatusGoingAway, io.ErrNoProgress},
		{"Permanent after CloseNow", func(ctx context.Context, c *websocket.Conn) error {
			c.CloseNow()
			return websocket.Permanent(io.ErrNoProgress)
		}, -1, io.ErrNoProgress},
		{"the end of ctx", func(ctx context.Context, c *websocket.Conn) error {
			<-ctx.Done()
			return context.Cause(ctx)
		}, websocket.StatusGoingAway, context.DeadlineExceeded},
	} {
		bubble(t, func(t *testing.T) {
			ended := make(chan error, 1)
			states, _, err := redials(t, time.Minute, websocket.RedialOptions{Dial: goodbyes(ended)}, tc.use)
			if !errors.Is(err, tc.want) || tc.want == nil && err != nil {
				t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
			}
			if last := states[len(states)-1]; len(states) != 3 || last.Phase != websocket.RedialEnded || last.Err != err {
				t.Errorf("%s: %v", tc.name, states)
			}
			if got := <-ended; websocket.CloseStatus(got) != tc.code {
				t.Errorf("%s: the server got %v, want %v", tc.name, got, tc.code)
			}
		})
	}
}

// Another error of the function means another connection.
func TestAnErrorOfTheFunctionMeansAnotherConnection(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ended := make(chan error, 3)
		calls := 0
		states, _, err := redials(t, time.Hour, websocket.RedialOptions{Dial: goodbyes(ended)}, func(ctx context.Context, c *websocket.Conn) error {
			if calls++; calls < 3 {
				return io.ErrNoProgress
			}
			return nil
		})
		if err != nil || calls != 3 || !errors.Is(states[2].Err, io.ErrNoProgress) {
			t.Errorf("%d calls, %v, %v", calls, err, states)
		}
		for i, want := range []websocket.StatusCode{websocket.StatusGoingAway, websocket.StatusGoingAway, websocket.StatusNormalClosure} {
			if got := <-ended; websocket.CloseStatus(got) != want {
				t.Errorf("connection %d: %v, want %v", i+1, got, want)
			}
		}
	})
}

// The context of the function ends with the connection, which is its cause; what
// Redial shows tells more than what the function makes of that.
func TestTheContextOfTheFunctionEndsWithTheConnection(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var cause error
		opts := websocket.RedialOptions{Dial: answeredBy(lasts(time.Second, websocket.StatusServiceRestart))}
		states, at, _ := redials(t, 4*time.Second, opts, func(ctx context.Context, c *websocket.Conn) error {
			go read(context.Background(), c)
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		})
		if _, ended := errors.AsType[*websocket.ConnError](cause); !ended || websocket.CloseStatus(cause) != websocket.StatusServiceRestart {
			t.Errorf("the cause is %v", cause)
		}
		s := states[2]
		if websocket.CloseStatus(s.Err) != websocket.StatusServiceRestart || s.Wait < 5*time.Second || at[2] != time.Second {
			t.Errorf("after %v: %v", at[2], s)
		}
	})
}

// When ctx ends, so does Redial, whatever it is doing.
func TestRedialEndsWithItsContext(t *testing.T) {
	for name, dial := range map[string]*websocket.DialOptions{
		"dialing":   answeredBy(func(conn net.Conn) { io.Copy(io.Discard, conn) }),
		"connected": answeredBy(lasts(time.Hour, websocket.StatusGoingAway)),
		"waiting":   answeredBy(refuses("503 Service Unavailable\r\nRetry-After: 3000")),
	} {
		bubble(t, func(t *testing.T) {
			states, at, err := redials(t, 10*time.Second, websocket.RedialOptions{Dial: dial}, read)
			last := len(states) - 1
			if states[last-1].Phase.String() != name || !errors.Is(err, context.DeadlineExceeded) || at[last] != 10*time.Second {
				t.Errorf("%s: %v after %v: %v", name, err, at[last], states)
			}
		})
	}
}

// A server that does not answer the goodbye costs a second.
func TestTheGoodbyeOfRedialIsBounded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		accepted := make(chan *websocket.Conn, 1)
		deaf := answeredBy(func(conn net.Conn) {
			c, _ := websocket.AcceptConn(conn, nil)
			accepted <- c
		})
		_, at, err := redials(t, time.Minute, websocket.RedialOptions{Dial: deaf}, func(context.Context, *websocket.Conn) error { return nil })
		if err != nil || at[2] != time.Second {
			t.Errorf("%v after %v", err, at)
		}
		(<-accepted).CloseNow()
	})
}

func TestAPanicInTheFunctionOfRedial(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ended := make(chan error, 1)
		func() {
			defer func() {
				if recover() != "of the function" {
					t.Error("the panic did not go on")
				}
			}()
			redials(t, time.Minute, websocket.RedialOptions{Dial: goodbyes(ended)}, func(context.Context, *websocket.Conn) error { panic("of the function") })
		}()
		if err := <-ended; !errors.Is(err, websocket.EndedByTransport) {
			t.Errorf("the connection has ended so: %v", err)
		}
	})
}

func TestStatesOfRedialAreReadable(t *testing.T) {
	for _, tc := range []struct {
		state websocket.RedialState
		want  string
	}{
		{websocket.RedialState{Phase: websocket.RedialDialing, Attempt: 1}, "dialing, attempt 1"},
		{websocket.RedialState{Phase: websocket.RedialDialing, Attempt: 2, Err: io.EOF}, "dialing, attempt 2 (last error: EOF)"},
		{websocket.RedialState{Phase: websocket.RedialConnected, Attempt: 2, Err: io.EOF}, "connected, attempt 2"},
		{websocket.RedialState{Phase: websocket.RedialWaiting, Attempt: 2, Wait: 1234567890, Err: io.EOF}, "waiting 1.235s after attempt 2: EOF"},
		{websocket.RedialState{Phase: websocket.RedialEnded, Attempt: 2}, "ended"},
		{websocket.RedialState{Phase: websocket.RedialEnded, Attempt: 2, Err: io.EOF}, "ended: EOF"},
		{websocket.RedialState{Phase: 9}, "RedialPhase(9)"},
	} {
		if got := tc.state.String(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

// OnState may panic, as the function may: nobody else could close the connection.
func TestAPanicOfOnStateClosesTheConnection(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ended := make(chan error, 1)
		opts := &websocket.RedialOptions{Dial: goodbyes(ended), OnState: func(s websocket.RedialState) {
			if s.Phase == websocket.RedialConnected {
				panic("boom")
			}
		}}
		func() {
			defer func() {
				if v := recover(); v != "boom" {
					t.Errorf("recovered %v", v)
				}
			}()
			websocket.Redial(t.Context(), "ws://example.com/", opts, read)
		}()
		select {
		case err := <-ended:
			if !errors.Is(err, websocket.EndedByTransport) {
				t.Error(err)
			}
		case <-time.After(time.Hour):
			t.Fatal("the connection is open still")
		}
	})
}
