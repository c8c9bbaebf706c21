package websocket

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/wirews/wirews/internal/endpoint"
)

// Server accepts connections, knows those that are open, bounds them, and shuts
// them down. It is an http.Handler; Serve and ServeConn do without an HTTP server.
// One Server may be used in all three ways at once.
//
// The zero value is ready: it accepts requests of the same origin, and reads and
// drops what its connections send. Its fields must not be changed, and it must not
// be copied, once it is in use. All methods may be called concurrently.
type Server struct {
	// Handler is called for each connection, in the goroutine that has accepted it.
	// When it returns, the connection is closed with 1000 (Normal Closure), or as by
	// Shutdown if that was called, unless it was closed before. A panic closes it by CloseNow and goes on.
	//
	// ctx has the values of the request's context, or of that of ServeConn. It ends
	// with that, and when the connection is cut off by the end of the time for
	// Shutdown, or by Close. It does not end with the connection.
	//
	// nil: what comes is read and dropped, until the connection has ended. That
	// serves for a server that only sends, by All and Find.
	Handler func(ctx context.Context, c *Conn)

	// Options are those of all connections. ServeHTTP uses its AcceptOptions only,
	// since the rest is the HTTP server's.
	Options AcceptConnOptions

	// Detach has ServeHTTP return once the handshake is done; Handler runs in a
	// goroutine of its own then. That frees what the HTTP server holds for a
	// request, about 10 KiB a connection. What wraps the Server sees it return
	// early, ctx does not end with the request, and a panic of Handler ends the
	// program instead of being recovered by net/http. Where a connection ends with its
	// handler, as over HTTP/2, it does nothing.
	Detach bool

	// Key returns what a connection belongs to, such as a user: Find finds it by
	// that, and MaxPerKey bounds how many there are. It is called for each request
	// before it is answered. "" is no key. What comes by Serve and ServeConn is shown
	// as an http.Request, too, without its body. nil: there are no keys.
	Key func(r *http.Request) string

	// Context returns the context that Handler's is derived from: ctx, which is the
	// request's or that of ServeConn, with what Handler is to know of r. It is called
	// for each request that is let in, which is shown as to Key. nil: it is ctx.
	Context func(ctx context.Context, r *http.Request) context.Context

	// MaxConns is how many connections there may be; a handshake over that is
	// answered 503 (Service Unavailable). A connection counts until its Handler has
	// returned. As many handshakes may be under way in Serve, or 1,000 if that is
	// more; what comes over that is closed without an answer. Zero: no limit.
	MaxConns int

	// MaxPerKey is how many connections of the same key there may be; a handshake
	// over that is answered 429 (Too Many Requests). Zero: no limit.
	MaxPerKey int

	// HandshakeRate is how many handshakes a second are let in; one over that is
	// answered 503. Zero: no limit.
	HandshakeRate float64

	// HandshakeBurst is how many handshakes HandshakeRate lets in at once. Zero: as
	// many as in a second, at least one.
	HandshakeBurst int

	// RetryAfter is what refused clients are told to wait, in whole seconds: the
	// Retry-After field of the answer. Over HandshakeRate it is at least as long as
	// it takes for the next one to be let in. Zero: 5 seconds.
	RetryAfter time.Duration

	// MaxAge is how old a connection may get before it is closed as by Shutdown,
	// with five seconds for the peer to answer. Each has up to a tenth less, at
	// random: those that came together do not end together. Zero: no limit.
	MaxAge time.Duration

	// CloseCode is the close code of Shutdown and MaxAge. Zero: StatusGoingAway,
	// 1001. Another one to think of is StatusServiceRestart, 1012.
	CloseCode StatusCode

	// CloseReason is the reason that goes with it.
	CloseReason string

	// CloseSpread is how long Shutdown takes to send its close frames, each at a
	// random time: clients that connect again at once do not do so all together. It
	// is at most half of what Shutdown has. Zero: they are sent at once.
	CloseSpread time.Duration

	// OnError is told what Serve gets over, such as a lack of descriptors, with the
	// address of the listener; and why a handshake has failed or was refused, with
	// that of the peer. It may be called concurrently.
	OnError func(addr string, err error)

	mu         sync.Mutex
	members    map[*member]struct{}            // everything that Shutdown ends
	keys       map[string]map[*member]struct{} // the admitted ones that have a key
	admitted   int                             // members that MaxConns counts
	opened     int                             // those whose handshake is done
	listeners  map[*listening]struct{}         // of calls of Serve
	handshakes endpoint.Bucket                 // of HandshakeRate
	ending     *shutdown                       // nil until Shutdown or Close
}

// ServeHTTP accepts the connection that r asks for by Accept, and calls Handler. It
// returns when that has returned and the connection has been closed, unless Detach
// is set. Refusals of the Server's own are answered as its fields say.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.serveHTTP(w, r, &s.Options.AcceptOptions)
}

// With returns a handler that does as ServeHTTP, with opts for its connections. So
// endpoints that differ in their options, such as a chat with a Queue and an echo
// without one, share the limits and the Shutdown of one Server. opts must not be
// changed any more; nil stands for the defaults of Accept. What is counted goes to
// opts.Counters, which may be those of Options.
func (s *Server) With(opts *AcceptOptions) http.Handler {
	if opts == nil {
		opts = &AcceptOptions{}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serveHTTP(w, r, opts) })
}

func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request, opts *AcceptOptions) {
	m := new(member)
	detached := false
	defer func() {
		if !detached {
			s.leave(m)
		}
	}()
	if no := s.admit(m, s.keyOf(r)); no != nil {
		no.answer(w)
		s.failed(r.RemoteAddr, opts.Counters.refused(no.rejection()))
		return
	}
	c, err := Accept(w, r, opts)
	if err != nil {
		s.leave(m) // before OnError, which may call Shutdown
		s.failed(r.RemoteAddr, err)
		return
	}
	ctx := r.Context()
	if s.Context != nil {
		c.callHook(func() { ctx = s.Context(ctx, r) })
	}
	if !s.Detach || c.endsWithHandler() {
		s.handle(ctx, m, c)
		return
	}
	detached = true
	go func() {
		defer s.leave(m)
		s.handle(context.WithoutCancel(ctx), m, c)
	}()
}

// ServeConn accepts a connection by AcceptConn and calls Handler, whose context is
// derived from ctx. It returns when that has returned and the connection has been
// closed. The error is that of the handshake.
func (s *Server) ServeConn(ctx context.Context, conn net.Conn) error {
	if ctx == nil {
		conn.Close()
		return errorf("serve", errNilContext)
	}
	m := s.enter(conn)
	if m == nil {
		conn.Close()
		return ErrServerClosed
	}
	defer s.leave(m)
	return s.serveMember(ctx, m)
}

// serveMember is ServeConn for a connection that has been entered.
func (s *Server) serveMember(ctx context.Context, m *member) error {
	opts := s.Options
	opts.OnHandshake = s.admitting(m, &ctx)
	c, err := AcceptConn(m.transport, &opts)
	if err != nil {
		s.leave(m) // as in serveHTTP
		s.failed(addrText(m.transport.RemoteAddr()), err)
		return err
	}
	s.handle(ctx, m, c)
	return nil
}

// Adopt takes in a connection whose handshake somebody else has done, as one that New
// returns, and calls Handler, whose context is derived from ctx. key is what Key would
// return. Adopt returns when Handler has returned and the connection has been closed.
// A connection that the Server's limits do not allow is closed with 1013 (Try Again
// Later), by CloseLater; the error says why.
func (s *Server) Adopt(ctx context.Context, c *Conn, key string) error {
	if ctx == nil {
		c.CloseNow()
		return errorf("adopt", errNilContext)
	}
	m := new(member)
	if no := s.admit(m, key); no != nil {
		c.CloseLater(StatusTryAgainLater, no.reason)
		s.failed(addrText(c.RemoteAddr()), s.Options.Counters.refused(no.err))
		return no.err
	}
	defer s.leave(m)
	s.handle(ctx, m, c)
	return nil
}

// handle is the life of a connection after its handshake.
func (s *Server) handle(ctx context.Context, m *member, c *Conn) {
	returned := false
	defer func() {
		if !returned {
			c.CloseNow()
		}
	}()
	ctx, cancel := context.WithCancel(context.WithValue(ctx, memberKey{}, m)) // it panics if Context has returned nil
	defer cancel()
	switch open := s.open(m, c, cancel); {
	case !open: // it is told to go away
	case s.Handler != nil:
		s.Handler(ctx, c)
	default:
		c.Serve(ctx, func(context.Context, MessageType, []byte) error { return nil })
	}
	returned = true
	if s.closed() {
		s.retire(m)
		return
	}
	m.close(closeTimeout, StatusNormalClosure, "")
}

// Stats returns what Options.Counters have counted: of this Server, if it is the only
// one that uses them. Stats.Open is what Len returns. Without Counters, that is all.
func (s *Server) Stats() (all Stats) {
	if n := s.Options.Counters; n != nil {
		all = n.Stats()
	}
	all.Open = int64(s.Len())
	return all
}

// failed tells OnError.
func (s *Server) failed(addr string, err error) {
	if s.OnError != nil {
		s.OnError(addr, err)
	}
}

func (s *Server) keyOf(r *http.Request) string {
	if s.Key == nil {
		return ""
	}
	return s.Key(r)
}

// HandleMessages returns a Handler for a Server that calls handler for each message,
// as Conn.Serve does.
func HandleMessages(handler func(ctx context.Context, c *Conn, typ MessageType, p []byte) error) func(context.Context, *Conn) {
	return func(ctx context.Context, c *Conn) {
		c.Serve(ctx, func(ctx context.Context, typ MessageType, p []byte) error { return handler(ctx, c, typ, p) })
	}
}
