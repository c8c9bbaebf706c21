package bench

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/websocket/h2"
	"github.com/wirews/wirews/websocket/h3"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// A driver moves bytes between links and their sockets.
type driver interface {
	// run opens the connections, calls opened once all are open or have
	// failed, follows the plan as soon as there is one, and closes them.
	run(opened func())
}

// leaveTime is how long servers have to answer a close frame.
const leaveTime = int64(2 * time.Second)

var errTimeout = errors.New("it took longer than the timeout allows")

// plan is the course of a run; times are nanoseconds of the run's clock.
type plan struct {
	start, from, to int64 // sending, measuring, the end of both
	giveUp          int64 // on answers that have not come
	pace            *pace // nil: closed loop
}

// shared is what all drivers of a run have in common.
type shared struct {
	asked    context.Context // ends when nobody wants the run any more
	o        Options
	script   *script
	address  string // host and port to connect to
	epoch    time.Time
	plan     atomic.Pointer[plan]
	stop     atomic.Bool // end now
	open     atomic.Int64
	failures failures
	streams  transport // nil: HTTP/1.1
}

// transport opens streams of HTTP/2 or HTTP/3.
type transport interface {
	http.RoundTripper
	CloseIdleConnections()
}

// streamWindow is how many bytes of a stream come ahead of whoever reads them.
const streamWindow = 1 << 20

// newTransport returns what opens streams, on as few connections as the server lets it.
func newTransport(o Options) transport {
	switch {
	case o.HTTP2:
		return &h2.Transport{Only: true, UnencryptedHTTP2: true, TLSClientConfig: o.TLS, StreamWindow: streamWindow}
	case o.HTTP3:
		const streams = 100 // on a connection, which servers should allow (RFC 9114, section 6.1)
		return &h3.Transport{TLSClientConfig: o.TLS, QUICConfig: h3.QUICConfig(streams, streamWindow), MaxStreams: streams}
	}
	return nil
}

// now reads the run's clock.
func (s *shared) now() int64 { return int64(time.Since(s.epoch)) }

// dialer returns what a request asks for.
func (s *shared) dialer() *ws.Dialer {
	d := &ws.Dialer{TLSConfig: s.o.TLS, Extensions: s.offer()}
	if len(s.o.Header) > 0 {
		h := s.o.Header.Clone()
		d.Host = h.Get("Host")
		h.Del("Host")
		d.Header = ws.HandshakeHeaderHTTP(http.Header(h))
	}
	return d
}

func (s *shared) offers() wsflate.Offers {
	return wsflate.Offers{{ServerNoContextTakeover: s.o.NoTakeover, ClientNoContextTakeover: true}}
}

func (s *shared) offer() []httphead.Option {
	if !s.o.Compress {
		return nil
	}
	return s.offers().Options()
}

// decoder returns what messages have to be decoded with after the handshake hs.
// A server that declines the compression that was asked for has refused.
func (s *shared) decoder(hs ws.Handshake) (wsproto.Decoder, error) {
	if !s.o.Compress {
		return nil, nil
	}
	p, accepted, err := s.offers().Accepted(hs.Extensions)
	if err != nil {
		return nil, err
	}
	if !accepted {
		return nil, errNoCompression
	}
	return wsflate.New(ws.StateClientSide, p, &wsflate.Options{MaxSize: -1, MaxRatio: -1}).Decoder(), nil
}
