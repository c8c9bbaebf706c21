// Package bridge is the command "wirews pipe": it carries bytes and messages
// between a WebSocket and TCP, a unix socket, stdin and stdout, or another
// WebSocket.
package bridge

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/websocket"
)

// Options are what the command's flags set.
type Options struct {
	Text         bool        // a line of a stream is a text message, and a message a line
	Header       http.Header // of requests
	Subprotocols []string    // to ask for, or to accept
	Origins      []string    // of web pages that may connect, as AcceptOptions.OriginPatterns
	TLS          *tls.Config // for wss
	MaxMessage   int64       // bytes; 0: no limit

	Stdin  io.Reader
	Stdout io.Writer
	Log    *slog.Logger
}

// Run carries what comes at one address to the other, and back. If from listens,
// each connection gets one of its own to the other address, until ctx ends;
// otherwise Run returns when a side has ended.
func Run(ctx context.Context, from, to Address, o Options) error {
	if to.Listens {
		return errors.New("pipe: the address that listens comes first")
	}
	if !from.Listens {
		a, err := from.open(ctx, o)
		if err != nil {
			return exit.With(exit.Unreachable, err)
		}
		return connect(ctx, a, to, o)
	}
	l, err := net.Listen(from.network(), from.Name)
	if err != nil {
		return err
	}
	defer l.Close()
	o.Log.Info("listening", "addr", l.Addr().String())
	one := func(ctx context.Context, a end) {
		if err := connect(ctx, a, to, o); err != nil {
			o.Log.Warn("failed", "err", err)
		}
	}
	if from.Kind == "ws" {
		return serveWebSocket(ctx, l, o, one)
	}
	context.AfterFunc(ctx, func() { l.Close() })
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		go one(ctx, newStream(conn, conn, conn, o.Text))
	}
}

func serveWebSocket(ctx context.Context, l net.Listener, o Options, one func(context.Context, end)) error {
	s := websocket.Server{Handler: func(ctx context.Context, c *websocket.Conn) { one(ctx, newSocket(c, o)) }}
	s.Options.Subprotocols, s.Options.OriginPatterns = o.Subprotocols, o.Origins
	s.OnError = func(remote string, err error) { o.Log.Warn("refused", "remote", remote, "err", err) }
	h := http.Server{Handler: &s}
	context.AfterFunc(ctx, func() {
		h.Close()
		s.Close()
	})
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// connect opens the other side of a, and carries.
func connect(ctx context.Context, a end, to Address, o Options) error {
	b, err := to.open(ctx, o)
	if err != nil {
		a.close(websocket.StatusTryAgainLater)
		return exit.With(exit.Unreachable, err)
	}
	return carry(ctx, a, b)
}

// carry carries both ways until both have ended. The end of one way is passed on,
// so that the other side can still answer.
func carry(ctx context.Context, a, b end) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		a.close(websocket.StatusGoingAway)
		b.close(websocket.StatusGoingAway)
	})()
	back := make(chan error, 1)
	go func() { back <- oneWay(ctx, b, a) }()
	there := make(chan error, 1)
	go func() { there <- oneWay(ctx, a, b) }()
	var first error
	for range 2 {
		select {
		case err := <-back:
			first = errors.Join(first, err)
			// What b has said is all that a will hear: nobody waits for more of a.
			a.close(websocket.StatusNormalClosure)
			b.close(websocket.StatusNormalClosure)
			return outcome(ctx, first)
		case err := <-there:
			first = errors.Join(first, err)
		}
	}
	return outcome(ctx, first)
}

func outcome(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return exit.ErrInterrupted
	}
	return err
}

// oneWay carries from a to b until a has ended.
func oneWay(ctx context.Context, a, b end) error {
	for {
		typ, p, err := a.read(ctx)
		if err == io.EOF {
			return b.finish()
		}
		if err != nil {
			return errors.Join(err, b.finish())
		}
		if err := b.write(ctx, typ, p); err != nil {
			return err
		}
	}
}
