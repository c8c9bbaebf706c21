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
	"net/url"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/websocket"
)

// Options are what the command's flags set.
type Options struct {
	Text         bool          // a line of a stream is a text message, and a message a line
	OneWay       bool          // nothing is carried back
	Wait         time.Duration // to leave a WebSocket open once there is no more for it
	Subprotocols []string      // to ask for, or to accept
	MaxMessage   int64         // bytes; 0: no limit
	Client       Client
	Server       Server

	Stdin  io.Reader
	Stdout io.Writer
	Log    *slog.Logger

	stdio *stdio // made of the two by Run
}

// Client is how WebSocket servers are reached.
type Client struct {
	Header  http.Header                      // of requests
	TLS     *tls.Config                      // nil: the system's certificate authorities
	Proxy   func(*url.URL) (*url.URL, error) // finds it for a URL of http or https; nil: none
	Timeout time.Duration                    // for a connection to open, of any kind; 0: no limit

	subprotocols []string // of the Options
}

// Server is how WebSocket clients are accepted.
type Server struct {
	Origins []string    // of web pages that may connect, as AcceptOptions.OriginPatterns
	TLS     *tls.Config // for wss-listen
}

// Run carries what comes at one address to the other, and back. If from listens,
// each connection gets one of its own to the other address, until ctx ends;
// otherwise Run returns when a side has ended.
func Run(ctx context.Context, from, to Address, o Options) error {
	if err := check(from, to, o); err != nil {
		return err
	}
	o.stdio, o.Client.subprotocols = newStdio(o.Stdin, o.Stdout, o.Text), o.Subprotocols
	if !from.Listens {
		a, err := from.open(ctx, o)
		if err != nil {
			return interrupted(ctx, err)
		}
		return interrupted(ctx, join(ctx, a, to, o))
	}
	l, err := net.Listen(from.network(), from.Name)
	if err != nil {
		return err
	}
	defer l.Close()
	o.Log.Info("listening", "addr", l.Addr().String())
	one := func(ctx context.Context, a end) {
		if err := join(ctx, a, to, o); err != nil && ctx.Err() == nil {
			o.Log.Warn("failed", "err", err)
		}
	}
	if from.Kind == WebSocket || from.Kind == Secure {
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

func check(from, to Address, o Options) error {
	switch {
	case to.Listens:
		return errors.New("put the address that listens first, as in ws-listen:localhost:8081 tcp:localhost:6379")
	case from.Kind == Secure && o.Server.TLS == nil:
		return errors.New("give --tls-cert and --tls-key: wss-listen needs a certificate")
	}
	return nil
}

// interrupted returns err, or why nothing more was to be done.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return exit.ErrInterrupted
	}
	return err
}

func serveWebSocket(ctx context.Context, l net.Listener, o Options, one func(context.Context, end)) error {
	s := websocket.Server{Handler: func(ctx context.Context, c *websocket.Conn) { one(ctx, newSocket(c, o)) }}
	s.Options.Subprotocols, s.Options.OriginPatterns = o.Subprotocols, o.Server.Origins
	s.OnError = func(remote string, err error) { o.Log.Warn("refused", "remote", remote, "err", err) }
	h := http.Server{Handler: &s, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn)}
	context.AfterFunc(ctx, func() {
		h.Close()
		s.Close()
	})
	if o.Server.TLS != nil {
		l = tls.NewListener(l, o.Server.TLS)
	}
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// join opens the other side of a, and carries.
func join(ctx context.Context, a end, to Address, o Options) error {
	if to.Kind == Stdio {
		if !o.stdio.take() {
			a.close(websocket.StatusTryAgainLater)
			return errors.New("turned away: stdin and stdout have one connection at a time")
		}
		defer o.stdio.release()
	}
	b, err := to.open(ctx, o)
	if err != nil {
		a.close(websocket.StatusTryAgainLater)
		return err
	}
	if to.Kind == Stdio && o.OneWay {
		b = &sink{end: b, finished: make(chan struct{})}
	}
	return carry(ctx, a, b, o.OneWay)
}

// carry carries both ways until both have ended. The end of one way is passed on,
// so that the other side can still answer.
func carry(ctx context.Context, a, b end, single bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		a.close(websocket.StatusGoingAway)
		b.close(websocket.StatusGoingAway)
	})()
	back := make(chan error, 1)
	go func() {
		if single {
			back <- drain(ctx, b)
		} else {
			back <- oneWay(ctx, b, a)
		}
	}()
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
			return first
		case err := <-there:
			first = errors.Join(first, err)
			if deaf(a) && endless(b) {
				return first
			}
		}
	}
	return first
}

// deaf reports whether what has ended takes nothing any more: a WebSocket has no half
// of a connection to close.
func deaf(a end) bool {
	_, ok := a.(*socket)
	return ok
}

// endless reports whether something does not end because nothing more is written.
func endless(b end) bool {
	_, ok := b.(*stdio)
	return ok
}

// drain reads until a has ended, and hands on nothing.
func drain(ctx context.Context, a end) error {
	for {
		if _, _, err := a.read(ctx); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// oneWay carries from a to b until a has ended.
func oneWay(ctx context.Context, a, b end) error {
	for {
		typ, p, err := a.read(ctx)
		if err == io.EOF {
			return b.finish(ctx)
		}
		if err != nil {
			return errors.Join(err, b.finish(ctx))
		}
		if err := b.write(ctx, typ, p); err != nil {
			return err
		}
	}
}
