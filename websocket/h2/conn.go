package h2

import (
	"bufio"
	"bytes"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	maxFrame    = 16 << 10 // of payload, in either direction: what every peer takes
	connWindow  = 16 << 20 // granted to the server for all streams together
	maxUnsent   = 64 << 10 // of frames that wait for the transport below, before streams have to wait
	maxReplies  = 64 << 10 // of answers to the server above that, before it is given up
	tableSize   = 4 << 10  // of HPACK, in either direction
	farewell    = time.Second
	maxLastSaid = 256 // bytes of what a GOAWAY says
)

// settings are what a conn takes from its Transport, with the defaults filled in.
type settings struct {
	maxStreams   int
	streamWindow int
	maxHeader    int
	pingAfter    time.Duration // of silence. Zero: no PING
	pingTimeout  time.Duration
	idleTimeout  time.Duration // zero: none
}

// conn is a connection of HTTP/2, and all of its streams. One goroutine reads and
// handles frames, one sends what waits in out; those who use a stream wait for them.
type conn struct {
	nc     net.Conn
	s      settings
	framer *http2.Framer // reads in readLoop without the lock, and writes to out with it
	in     *frameReader
	ready  chan struct{} // closed when the first SETTINGS have come, or the connection has ended
	onEnd  func(*conn)   // called once, without the lock

	mu       sync.Mutex
	err      error // why it has ended
	leaving  error // why no stream may be begun any more
	streams  map[uint32]*stream
	next     uint32 // number of the next stream
	reserved int    // streams that are going to be begun

	server serverSettings
	ping   pinger
	idle   *time.Timer // ends a connection without streams
	flow
	sending
}

// flow is what the two ends have granted each other, and what the client puts up with.
// It is guarded by the lock of the connection.
type flow struct {
	flood   allowance // of frames that carry nothing
	credit  credit    // granted to the server
	late    int       // bytes of DATA that may still come for streams that the client has reset
	window  window    // granted by the server
	blocked []*stream // that wait for more of it
}

// sending is what waits to be written by writeLoop. It is guarded by the lock of the
// connection.
type sending struct {
	out     []byte
	replies int       // bytes of out that answer the server
	unsent  sync.Cond // out is not empty, or the connection ends
	encoder *hpack.Encoder
	block   bytes.Buffer // that encoder writes to
}

// serverSettings are the last ones that the server has sent.
type serverSettings struct {
	received      bool
	connect       bool   // SETTINGS_ENABLE_CONNECT_PROTOCOL
	maxStreams    uint32 // SETTINGS_MAX_CONCURRENT_STREAMS
	initialWindow int64
	maxHeader     uint32 // SETTINGS_MAX_HEADER_LIST_SIZE
}

// newConn begins to speak HTTP/2 on nc.
func newConn(nc net.Conn, s settings, onEnd func(*conn)) *conn {
	c := &conn{
		nc: nc, s: s, onEnd: onEnd,
		in:      &frameReader{r: bufio.NewReaderSize(nc, maxFrame+9)},
		ready:   make(chan struct{}),
		streams: make(map[uint32]*stream),
		next:    1,
		server:  serverSettings{maxStreams: maxWindow, initialWindow: initialWindow, maxHeader: maxWindow},
		flow:    flow{credit: credit{size: connWindow, left: connWindow}, window: initialWindow},
	}
	c.unsent.L = &c.mu
	c.framer = http2.NewFramer((*outbox)(c), c.in)
	c.framer.SetReuseFrames()
	c.framer.SetMaxReadFrameSize(maxFrame)
	c.framer.ReadMetaHeaders = hpack.NewDecoder(tableSize, nil)
	c.framer.MaxHeaderListSize = uint32(s.maxHeader)
	c.encoder = hpack.NewEncoder(&c.block)
	c.encoder.SetMaxDynamicTableSizeLimit(tableSize)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = append(c.out, http2.ClientPreface...)
	c.framer.WriteSettings(
		http2.Setting{ID: http2.SettingEnablePush, Val: 0},
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(s.streamWindow)},
		http2.Setting{ID: http2.SettingMaxHeaderListSize, Val: uint32(s.maxHeader)},
	)
	c.framer.WriteWindowUpdate(0, connWindow-initialWindow)
	c.ping.begin(c)
	go c.readLoop()
	go c.writeLoop()
	return c
}

// outbox is where the framer writes to.
type outbox conn

func (o *outbox) Write(p []byte) (int, error) {
	o.out = append(o.out, p...)
	o.unsent.Signal()
	return len(p), nil
}

// maxSpare is how large memory may be that is kept to write to: that of a burst is not.
const maxSpare = 2 * (maxUnsent + maxReplies)

// writeLoop sends what waits in out until the connection has ended, and closes it.
func (c *conn) writeLoop() {
	c.mu.Lock()
	var spare []byte
	for {
		for len(c.out) == 0 && c.err == nil {
			c.unsent.Wait()
		}
		if len(c.out) == 0 {
			break
		}
		p := c.out
		c.out, c.replies = spare[:0], 0
		c.wakeNext()
		c.mu.Unlock()
		_, err := c.nc.Write(p)
		c.mu.Lock()
		if spare = nil; cap(p) <= maxSpare {
			spare = p
		}
		if err != nil {
			c.lose(err)
		}
	}
	c.mu.Unlock()
	c.nc.Close()
}

// readLoop handles frames until the connection ends.
func (c *conn) readLoop() {
	for {
		f, err := c.in.next(c.framer)
		c.mu.Lock()
		c.handle(f, err)
		ended := c.err != nil
		c.mu.Unlock()
		if ended {
			break
		}
	}
	if c.onEnd != nil {
		c.onEnd(c)
	}
}

// frameReader bounds what one frame, with the CONTINUATION frames that are part of
// it, may take.
type frameReader struct {
	r    *bufio.Reader
	left int
}

func (r *frameReader) next(framer *http2.Framer) (http2.Frame, error) {
	r.left = 2*int(framer.MaxHeaderListSize) + 2*maxFrame
	return framer.ReadFrame()
}

func (r *frameReader) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, errFrameTooLong
	}
	n, err := r.r.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}

// lose ends the connection because the transport below has failed: nothing can be
// sent any more.
func (c *conn) lose(err error) {
	c.out = nil
	c.end(&ConnError{Code: http2.ErrCodeNo, Err: err}, 0)
}

// giveUp ends the connection for what the server has done wrong, or because it is
// not needed, and says so.
func (c *conn) giveUp(e *ConnError) {
	if c.err == nil {
		c.framer.WriteGoAway(0, e.Code, nil)
		c.end(e, farewell)
	}
}

// end ends all streams. What waits in out has so long to leave. Only the first call
// does something.
func (c *conn) end(err error, limit time.Duration) {
	if c.err != nil {
		return
	}
	c.err = err
	if c.leaving == nil {
		c.leaving = err
	}
	for _, s := range c.streams {
		s.reset(err)
	}
	if !c.server.received {
		close(c.ready)
	}
	c.ping.stop()
	if c.idle != nil {
		c.idle.Stop()
	}
	time.AfterFunc(limit, func() { c.nc.Close() }) // which may take a while, with TLS
	c.unsent.Signal()
}

// settle waits until the server has sent its SETTINGS.
func (c *conn) settle(done <-chan struct{}) error {
	select {
	case <-c.ready:
	case <-done:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return c.err
	case !c.server.received:
		c.giveUp(&ConnError{Code: http2.ErrCodeSettingsTimeout, Err: errNoSettings})
		return c.err
	case !c.server.connect:
		c.giveUp(&ConnError{Code: http2.ErrCodeNo, Err: ErrNotOffered})
		return ErrNotOffered
	}
	return nil
}

// Reserve makes sure that a stream may be begun. open uses it up, or Release gives it
// back.
func (c *conn) Reserve() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving != nil || len(c.streams)+c.reserved >= min(c.s.maxStreams, int(min(c.server.maxStreams, maxWindow))) {
		return false
	}
	c.reserved++
	if c.idle != nil {
		c.idle.Stop()
		c.idle = nil
	}
	return true
}

// Release gives a reservation back.
func (c *conn) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reserved--
	c.rest()
}

// forget removes a stream that has ended in both directions.
func (c *conn) forget(s *stream) {
	if c.streams[s.id] == s {
		delete(c.streams, s.id)
		c.rest()
	}
}

// rest is called when there may be no streams left: then the connection is kept for
// a while, or ended.
func (c *conn) rest() {
	switch {
	case len(c.streams)+c.reserved > 0 || c.err != nil:
	case c.leaving != nil:
		c.giveUp(&ConnError{Code: http2.ErrCodeNo, Err: c.leaving})
	case c.s.idleTimeout > 0 && c.idle == nil:
		var own *time.Timer
		own = time.AfterFunc(c.s.idleTimeout, func() { c.tire(&own) })
		c.idle = own
	}
}

// tire ends a connection that has had no streams for long.
func (c *conn) tire(timer **time.Timer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.idle == *timer { // and not one that was stopped too late
		c.giveUp(&ConnError{Code: http2.ErrCodeNo, Err: errIdle})
	}
}

// closeIdle ends the connection if it has no streams.
func (c *conn) closeIdle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.streams)+c.reserved == 0 {
		c.giveUp(&ConnError{Code: http2.ErrCodeNo, Err: errIdle})
	}
}
