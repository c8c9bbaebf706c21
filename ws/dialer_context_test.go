package ws_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
)

// recorder is a connection that knows its deadlines.
type recorder struct {
	net.Conn
	deadlines *[]time.Time
}

func (r recorder) SetDeadline(t time.Time) error {
	*r.deadlines = append(*r.deadlines, t)
	return r.Conn.SetDeadline(t)
}

func TestDialLeavesNoDeadline(t *testing.T) {
	addr := listen(t, func(conn net.Conn) {
		answerWith(good101())(conn)
	})
	ctx, cancel := context.WithCancel(context.Background())
	var deadlines []time.Time
	d := ws.Dialer{Timeout: time.Hour, WrapConn: func(conn net.Conn) net.Conn { return recorder{conn, &deadlines} }}
	conn, br, _, err := d.Dial(ctx, "ws://"+addr)
	dialed(t, conn, br, err)
	// The end of the context is no concern of the connection any more.
	cancel()
	if _, err := conn.Write(frame); err != nil {
		t.Error(err)
	}
	if n := len(deadlines); n > 0 && !deadlines[n-1].IsZero() {
		t.Errorf("got deadlines %v", deadlines)
	}
}

// W23: one limit over everything, whatever the context.
func TestDialW23EndsAtEachStage(t *testing.T) {
	half := func(reached chan<- bool) func(net.Conn) {
		return func(conn net.Conn) {
			answerWith(good101()[:40])(signalFirstWrite{conn, reached})
		}
	}
	mute := func(reached chan<- bool) func(net.Conn) {
		return func(conn net.Conn) {
			conn.Read(make([]byte, 1)) // of the client's hello
			signal(reached)
			silent(conn)
		}
	}
	blocked := func(ctx context.Context) error { <-ctx.Done(); return errors.New("no route") }
	for stage, c := range map[string]struct {
		scheme string
		serve  func(chan<- bool) func(net.Conn)
		dial   func(context.Context) error
	}{
		"connect":   {"ws", mute, blocked},
		"TLS":       {"wss", mute, nil},
		"silence":   {"ws", mute, nil},
		"handshake": {"ws", half, nil},
	} {
		reached := make(chan bool, 1)
		addr := listen(t, c.serve(reached))
		d := ws.Dialer{}
		if c.dial != nil {
			d.NetDial = func(ctx context.Context, _, _ string) (net.Conn, error) {
				signal(reached)
				return nil, c.dial(ctx)
			}
		}
		t.Run("W23: cancelled in "+stage, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.TODO())
			go func() { <-reached; cancel() }()
			wantDialError(t, d, ctx, c.scheme+"://"+addr, context.Canceled)
		})
		d.Timeout = 20 * time.Millisecond
		for name, ctx := range map[string]context.Context{
			"Background":          context.Background(),
			"TODO":                context.TODO(),
			"TODO and WithCancel": func() context.Context { c, cancel := context.WithCancel(context.TODO()); t.Cleanup(cancel); return c }(),
		} {
			t.Run("W23: Timeout in "+stage+" with "+name, func(t *testing.T) {
				wantDialError(t, d, ctx, c.scheme+"://"+addr, context.DeadlineExceeded)
			})
		}
		d.Timeout = time.Hour
		t.Run("W23: deadline of the context in "+stage, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			defer cancel()
			wantDialError(t, d, ctx, c.scheme+"://"+addr, context.DeadlineExceeded)
		})
	}
}

func TestDialWithAContextThatHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	addr := listen(t, answerWith(good101()))
	wantDialError(t, ws.Dialer{}, ctx, "ws://"+addr, context.Canceled)
	// Even if NetDial does not look at it.
	d := ws.Dialer{NetDial: func(_ context.Context, network, a string) (net.Conn, error) { return net.Dial(network, a) }}
	wantDialError(t, d, ctx, "ws://"+addr, context.Canceled)
}

// A connection without deadlines is closed instead.
func TestDialEndsOnAConnectionWithoutDeadlines(t *testing.T) {
	addr := listen(t, silent)
	d := ws.Dialer{Timeout: 20 * time.Millisecond, WrapConn: func(conn net.Conn) net.Conn { return noDeadlines{conn} }}
	wantDialError(t, d, context.Background(), "ws://"+addr, context.DeadlineExceeded)
}

type noDeadlines struct{ net.Conn }

func (noDeadlines) SetDeadline(time.Time) error { return os.ErrNoDeadline }

func TestDialerUpgradeLeavesDeadlinesToTheCaller(t *testing.T) {
	client, server := tcpPair(t)
	go func() {
		br := bufio.NewReader(server)
		br.ReadByte()
	}()
	client.SetDeadline(time.Now().Add(time.Millisecond))
	if _, _, err := (ws.Dialer{Timeout: time.Hour}).Upgrade(client, &url.URL{Scheme: "ws", Host: "h", Path: "/"}); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
