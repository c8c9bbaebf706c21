package wspoll

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/wirews/wirews/internal/bufpool"
)

// maxTLSHandshakes is how many handshakes of TLS may be under way. Each has a
// goroutine.
const maxTLSHandshakes = 1024

// cipherRoom is how many bytes of ciphertext may wait for the socket when more
// plaintext is encrypted.
const cipherRoom = 64 << 10

// tlsLayer is TLS between a connection and its socket. crypto/tls reads from what has
// been received and writes to what waits to be sent; it never waits for either. When
// what has been received is used up, it is told so by a temporary error, after which
// it goes on where it was.
type tlsLayer struct {
	conn *tls.Conn
	wire *wire
	got  int // bytes that the socket has given since taken was asked
}

// taken returns how many bytes the socket has given since it was asked last: a record may
// have much more of them than of plaintext.
func (t *tlsLayer) taken() (n int) {
	n, t.got = t.got, 0
	return n
}

// wire is the net.Conn below a tls.Conn: as it is during the handshake, and without
// waiting after that.
type wire struct {
	net.Conn
	onLoop bool // the handshake is over

	mem *bufpool.Buffer // of in; nil: nothing is in it
	in  []byte          // received, and not decrypted
	err error           // what comes after in

	mu  sync.Mutex // of out: reading may write, an answer to a KeyUpdate or an alert
	out []byte     // encrypted, and not sent
}

// dry is what reading from a wire returns with nothing on it.
type dry struct{}

func (dry) Error() string   { return "wspoll: nothing more has been received yet" }
func (dry) Timeout() bool   { return false }
func (dry) Temporary() bool { return true } // crypto/tls takes other errors for the end

var _ net.Error = dry{}

func (w *wire) Read(p []byte) (int, error) {
	if !w.onLoop {
		return w.Conn.Read(p)
	}
	n := copy(p, w.in)
	if w.in = w.in[n:]; len(w.in) == 0 && w.mem != nil {
		w.mem.GiveBack()
		w.mem, w.in = nil, nil
	}
	switch {
	case n > 0:
		return n, nil
	case w.err != nil:
		return 0, w.err
	}
	return 0, dry{}
}

func (w *wire) Write(p []byte) (int, error) {
	if !w.onLoop {
		return w.Conn.Write(p)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out = append(w.out, p...)
	return len(p), nil
}

// SetWriteDeadline does nothing on a loop: crypto/tls sets one for its alerts.
func (w *wire) SetWriteDeadline(t time.Time) error {
	if !w.onLoop {
		return w.Conn.SetWriteDeadline(t)
	}
	return nil
}

func (w *wire) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.out)
}

// read is poller.read for plaintext.
func (t *tlsLayer) read(p poller, h handle, b []byte) (n int, isDry bool, err error) {
	for {
		n, err := t.conn.Read(b)
		if n > 0 {
			return n, false, nil
		}
		if !errors.Is(err, dry{}) {
			return 0, true, err
		}
		if got, err := t.receive(p, h); got == 0 && err == nil {
			return 0, true, nil
		}
	}
}

// receive puts on the wire what the socket has. It is empty.
func (t *tlsLayer) receive(p poller, h handle) (n int, err error) {
	mem := bufpool.Borrow(bufpool.Smallest)
	b := mem.B[:cap(mem.B)]
	n, _, err = p.read(h, b)
	if t.got += n; n == 0 {
		mem.GiveBack()
	} else {
		t.wire.mem, t.wire.in = mem, b[:n]
	}
	t.wire.err = err
	return n, err
}

// write is poller.write for plaintext. full says that the socket takes no more, even
// if all of b was taken. It encrypts only as much as there is room for.
func (t *tlsLayer) write(p poller, h handle, b []byte) (n int, full bool, err error) {
	for {
		if full, err = t.send(p, h); full || err != nil || n == len(b) {
			return n, full, err
		}
		k, err := t.conn.Write(b[n:min(len(b), n+cipherRoom)])
		if n += k; err != nil {
			return n, false, err
		}
	}
}

// send sends the ciphertext that waits.
func (t *tlsLayer) send(p poller, h handle) (full bool, err error) {
	w := t.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := p.write(h, w.out)
	if w.out = w.out[n:]; len(w.out) == 0 {
		w.out = nil
	}
	return len(w.out) > 0, err
}

// encrypt does the handshake of TLS on a connection that has been accepted, on a
// goroutine of its own, and gives it to a loop.
func (s *Server) encrypt(conn net.Conn) {
	s.encrypted.Add(1)
	s.shaking.submit(&tlsShaking{s, conn, time.Now()})
}

type tlsShaking struct {
	server   *Server
	conn     net.Conn
	accepted time.Time // when HandshakeTimeout has begun
}

func (h *tlsShaking) run() {
	s := h.server
	defer s.encrypted.Add(-1)
	ctx, cancel := s.acceptors.ctx, context.CancelFunc(func() {})
	if t := s.set.handshakeTimeout; t > 0 {
		ctx, cancel = context.WithDeadline(ctx, h.accepted.Add(t))
	}
	defer cancel()
	w := &wire{Conn: h.conn}
	t := tls.Server(w, s.set.tls)
	if err := t.HandshakeContext(ctx); err != nil {
		h.conn.Close()
		h.failed(ctx)
		return
	}
	err := s.welcomeAs(h.conn, func(c *Conn) {
		w.onLoop, w.Conn = true, noConn{h.conn.LocalAddr(), h.conn.RemoteAddr()}
		state := t.ConnectionState()
		c.extras().tls, c.extra.tlsState = &tlsLayer{conn: t, wire: w}, &state
		c.extra.opening = newOpening(s, c.loop.clock()-time.Since(h.accepted))
	})
	if err != nil && err != ErrServerClosed {
		go s.report(err) // which may shut the server down, and that waits for this
	}
}

// failed counts a handshake that has failed, and tells of it if its time was over.
func (h *tlsShaking) failed(ctx context.Context) {
	s, err := h.server, errTransport
	switch {
	case s.acceptors.ctx.Err() != nil:
		err = ErrServerClosed
	case ctx.Err() != nil:
		err = errHandshakeTimeout
	}
	s.fewest().countRefused(err)
	if err == errHandshakeTimeout {
		go s.tellRefused(h.conn.RemoteAddr(), err)
	}
}

// noConn is what is left of a net.Conn whose descriptor a loop has.
type noConn struct{ local, remote net.Addr }

func (noConn) Read([]byte) (int, error)         { return 0, net.ErrClosed }
func (noConn) Write([]byte) (int, error)        { return 0, net.ErrClosed }
func (noConn) Close() error                     { return nil }
func (c noConn) LocalAddr() net.Addr            { return c.local }
func (c noConn) RemoteAddr() net.Addr           { return c.remote }
func (noConn) SetDeadline(time.Time) error      { return nil }
func (noConn) SetReadDeadline(time.Time) error  { return nil }
func (noConn) SetWriteDeadline(time.Time) error { return nil }

// tlsConfig is Server.TLSConfig for HTTP/1.1, which is all that is spoken here.
func (s *Server) tlsConfig() (*tls.Config, error) {
	if s.TLSConfig == nil {
		return nil, nil
	}
	config := s.TLSConfig.Clone()
	if len(config.NextProtos) > 0 && !slices.Contains(config.NextProtos, "http/1.1") {
		return nil, fmt.Errorf("wspoll: NextProtos of TLSConfig are %q, and have to name http/1.1, or nothing", config.NextProtos)
	}
	config.NextProtos = []string{"http/1.1"}
	return config, nil
}
