package wspoll

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// Server serves WebSocket connections on a few loops. Set its fields, and call
// ListenAndServe or Serve. The zero value accepts connections and drops what it
// receives. The fields must not be changed, and the Server not be copied, once one
// of its methods has been called.
//
// The handlers are called on the loop of the connection, and hold up its other
// connections while they run; see Workers for OnMessage, and Later for OnRequest. A
// handler that panics ends its connection with 1011, and nothing else. None may end
// the goroutine it is called on, which is not its own: by runtime.Goexit, or by
// testing.T's FailNow and Fatal, for which testing has the same rule.
type Server struct {
	// OnRequest decides about an opening handshake that is correct and whose origin
	// is allowed. nil: all are accepted.
	OnRequest func(r *Request) Decision

	// OnOpen is called when the handshake has been answered. No other handler is
	// called for the connection before it has returned.
	OnOpen func(c *Conn)

	// OnMessage is called for each message, in the order in which they were sent. op
	// is ws.OpText or ws.OpBinary. payload is valid, and may be changed, until it
	// returns.
	OnMessage func(c *Conn, op ws.OpCode, payload []byte)

	// OnPing is called for each ping, which has been answered. payload is valid until
	// it returns.
	OnPing func(c *Conn, payload []byte)

	// OnPong is called for each pong. payload is valid until it returns.
	OnPong func(c *Conn, payload []byte)

	// OnClose is called once for each connection that OnOpen was called for, when
	// nothing is received any more: after all other handlers, and while the rest of
	// the closing handshake may still be under way. Nothing can be sent by then.
	OnClose func(c *Conn, err *ConnError)

	// OnRefused is called for each handshake that is refused, with what the client is
	// told as an error, or that has not come within HandshakeTimeout. A connection that
	// is lost before is not told of: Stats counts it. remote is nil if the system does
	// not know the address any more.
	OnRefused func(remote net.Addr, err error)

	// OnError is told what nobody else is: that accepting fails, with a net.Error
	// of the listener, and that a handler has panicked, with a *PanicError. It may
	// be called by several goroutines at once.
	OnError func(err error)

	// Loops is the number of loops. Zero: as many as Go uses processors.
	Loops int

	// Workers is the number of goroutines that handle messages, so that OnMessage,
	// OnPing and OnPong may take their time. There is one at most for each
	// connection, so its messages stay in order. While all of them are busy, the
	// other connections are not read. Zero: the loops handle messages.
	Workers int

	// Deciders is how many decisions of Later may be under way. Zero: 64.
	Deciders int

	// ReusePort has ListenAndServe open a listener for each loop, among which the
	// system distributes new connections (SO_REUSEPORT), where it can. Otherwise the
	// loop with the fewest connections gets the next one.
	ReusePort bool

	// TLSConfig has Serve and ListenAndServe speak TLS, with HTTP/1.1 as the only
	// protocol of ALPN. Its handshake runs on a goroutine of its own, within
	// HandshakeTimeout; after that, TLS runs on the loops too. nil: no TLS.
	TLSConfig *tls.Config

	// Subprotocols are those that the server speaks, by preference: the first one
	// that the client has offered is selected, if there is one.
	Subprotocols []string

	// InsecureSkipVerify accepts requests from web pages of any origin. See
	// OriginPatterns.
	InsecureSkipVerify bool

	// OriginPatterns are the origins of web pages that may connect besides those of
	// the same host, as ws.AllowOrigins takes them. Requests without an Origin, from
	// programs other than browsers, are accepted.
	OriginPatterns []string

	// Compression accepts permessage-deflate. nil: it is declined.
	Compression *Compression

	// KeepRequest keeps a copy of the request for Conn.Request.
	KeepRequest bool

	// MaxConns is how many WebSocket connections there may be; a handshake over that is
	// answered 503 (Service Unavailable), and OnRequest is not asked. As many handshakes
	// may be under way, or 1,000 if that is more; what comes over that is closed without
	// an answer. Zero: no limit.
	MaxConns int

	// HeadLimits bounds the request; over it the answer is 431. Zero fields stand for
	// the defaults of package httpx.
	HeadLimits httpx.Limits

	// HandshakeTimeout is how long a client may take from being accepted to having
	// its answer, a decision of Later included. Zero: 10 seconds. Negative: no
	// limit.
	HandshakeTimeout time.Duration

	// Limits bounds what a peer may send. Zero: messages of 1 MiB, and otherwise as
	// wsproto.Limits says.
	Limits Limits

	// Rate bounds what a peer may send over time. Zero: nothing does.
	Rate Rate

	// MessageBudget bounds what connections hold together of messages that have not come
	// as a whole, or are being handled: Limits of each alone say nothing about a thousand
	// of them. The first 64 KiB of a message are free. A connection that needs more than
	// there is is closed with 1013 (Try Again Later). nil: no limit.
	MessageBudget *Budget

	// Queue bounds what waits on a connection because its peer takes it too slowly, and
	// says what happens to what does not fit. Nobody waits for room: with QueueBlock,
	// as with QueueDropNewest, a message that has none is refused. Zero: 1 MiB, and
	// refused.
	Queue Queue

	// StallTimeout is how long a peer may take nothing of what waits for it; then
	// its connection ends. Zero: 30 seconds. Negative: no limit.
	StallTimeout time.Duration

	// KeepAlive finds out whether a silent peer is still there. Zero: it does not,
	// and the connection of one that has vanished stays.
	KeepAlive KeepAlive

	// CloseCode is the close code of Shutdown. Zero: 1001 (Going Away). Another one to
	// think of is ws.StatusServiceRestart, 1012.
	CloseCode ws.StatusCode

	// CloseReason is the reason that goes with it, at most 123 bytes.
	CloseReason string

	once    sync.Once
	initErr error
	set     settings
	loops   []*loop
	guest   guestLoop
	others  others
	workers pool
	decide  pool
	shaking pool // handshakes of TLS

	running   sync.WaitGroup // loops
	acceptors acceptors
	admitted  atomic.Int64 // connections that MaxConns counts
	encrypted atomic.Int64 // handshakes of TLS that are under way
	stopping  atomic.Bool
	cut       sync.Once // all is ended at once
	longTurns atomic.Int64
}

// Compression says how messages are compressed by permessage-deflate (RFC 7692).
type Compression struct {
	// Parameters are what the server wishes for. wsflate.DefaultParameters has each
	// message compressed for itself, so that an idle connection holds nothing for it.
	Parameters wsflate.Parameters
	// Options is how messages are compressed, and what that may cost. Its MaxSize is
	// not used: Server.Limits is.
	Options wsflate.Options
}

// ErrServerClosed is what Serve and ListenAndServe return after Shutdown or Close.
var ErrServerClosed = errors.New("wspoll: the server has been shut down")

// What a zero field of a Server stands for.
const (
	defaultMaxMessage       = 1 << 20 // bytes
	defaultHandshakeTimeout = 10 * time.Second
	defaultStallTimeout     = 30 * time.Second
	defaultDeciders         = 64
)

// settings are what the fields of a Server amount to.
type settings struct {
	config           wsproto.Config
	tls              *tls.Config    // nil: none
	drop             wsproto.Config // for what nobody wants any more
	origin           ws.OriginPolicy
	handshakeTimeout time.Duration // 0: none
	stallTimeout     time.Duration // 0: none
}

func (s *Server) settle() (set settings, err error) {
	switch {
	case s.InsecureSkipVerify:
	case len(s.OriginPatterns) == 0:
		set.origin = ws.SameOrigin
	default:
		if set.origin, err = ws.AllowOrigins(s.OriginPatterns...); err != nil {
			return set, err
		}
	}
	if set.tls, err = s.tlsConfig(); err != nil {
		return set, err
	}
	set.config.Limits = s.Limits
	if s.Limits.Message == 0 {
		set.config.Limits.Message = defaultMaxMessage
	}
	set.drop = endpoint.DiscardConfig(ws.StateServerSide)
	set.handshakeTimeout = orDefault(s.HandshakeTimeout, defaultHandshakeTimeout)
	set.stallTimeout = orDefault(s.StallTimeout, defaultStallTimeout)
	return set, nil
}

// orDefault returns d, or zero if d is negative.
func orDefault(d, zero time.Duration) time.Duration {
	if d == 0 {
		return zero
	}
	return max(d, 0)
}

// start starts the loops, once.
func (s *Server) start() error { return s.startWith(newPoller) }

func (s *Server) startWith(newPoller func() (poller, error)) error {
	s.once.Do(func() { s.initErr = s.init(newPoller) })
	if s.initErr == nil && s.stopping.Load() {
		return ErrServerClosed
	}
	return s.initErr
}

func (s *Server) init(newPoller func() (poller, error)) (err error) {
	if s.set, err = s.settle(); err != nil {
		return err
	}
	n := s.Loops
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	s.acceptors.init()
	s.workers.most, s.decide.most, s.shaking.most = s.Workers, s.Deciders, maxTLSHandshakes
	if s.Deciders <= 0 {
		s.decide.most = defaultDeciders
	}
	var loops []*loop
	for range n {
		p, err := newPoller()
		if err != nil {
			for _, l := range loops {
				l.poll.close()
			}
			return err
		}
		loops = append(loops, newLoop(s, p))
	}
	s.guest.mu.Lock() // Stats may be asked already
	s.loops = loops
	s.guest.mu.Unlock()
	for _, l := range loops {
		s.running.Go(l.run)
	}
	return nil
}

// ListenAndServe listens on an address, as net.Listen does, and serves the
// connections until ctx is done; then it is Shutdown for as long as a closing
// handshake takes, and returns nil.
func (s *Server) ListenAndServe(ctx context.Context, network, addr string) error {
	if err := s.start(); err != nil {
		return err
	}
	listeners, err := s.listen(ctx, network, addr)
	if err != nil {
		return err
	}
	served := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { served <- s.Serve(l) }()
	}
	defer func() {
		for _, l := range listeners {
			l.Close()
		}
	}()
	select {
	case err = <-served:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), wsproto.DefaultCloseTimeout)
	defer cancel()
	s.Shutdown(end)
	return nil
}

// Serve accepts the connections of l and serves them. It returns ErrServerClosed
// after Shutdown or Close, which close l, and the error of l otherwise. It may be
// called for several listeners.
func (s *Server) Serve(l net.Listener) error {
	if err := s.start(); err != nil {
		l.Close()
		return err
	}
	return s.accept(l)
}

// fewest returns the loop with the fewest connections.
func (s *Server) fewest() *loop {
	best := s.loops[0]
	for _, l := range s.loops[1:] {
		if l.count.Load() < best.count.Load() {
			best = l
		}
	}
	return best
}

// Conns returns the number of connections, handshakes and closing handshakes
// included.
func (s *Server) Conns() int {
	n := 0
	for _, l := range s.allLoops() {
		n += int(l.count.Load())
	}
	return n
}

func (s *Server) report(err error) {
	if s.OnError != nil {
		s.OnError(err)
	}
}
