package http2

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	_ "github.com/wirews/wirews/websocket/xconnect"
)

// client is the client's end of a connection, frame by frame.
type client struct {
	conn     net.Conn
	framer   *http2.Framer
	mu       sync.Mutex // guards writing, and what follows
	encoder  *hpack.Encoder
	block    bytes.Buffer
	streams  map[uint32]*stream
	last     uint32
	settings chan map[http2.SettingID]uint32
}

// stream is one of its streams. What is received may be taken by Read.
type stream struct {
	c      *client
	id     uint32
	status chan string
	reset  chan http2.ErrCode

	mu   sync.Mutex
	more sync.Cond
	data []byte
	err  error // after that
}

// got takes what has been received, and the end.
func (s *stream) got(p []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = append(s.data, p...)
	if s.err == nil {
		s.err = err
	}
	s.more.Broadcast()
}

// dial connects to a server by TLS.
func dial(t *testing.T, s *httptest.Server) *client {
	t.Helper()
	conn, err := tls.Dial("tcp", s.Listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return begin(t, conn)
}

// begin sends the preface, and reads from then on.
func begin(t *testing.T, conn net.Conn) *client {
	t.Helper()
	c := &client{conn: conn, framer: http2.NewFramer(conn, conn), streams: make(map[uint32]*stream), settings: make(chan map[http2.SettingID]uint32, 10)}
	c.encoder = hpack.NewEncoder(&c.block)
	c.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	c.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
	c.framer.WriteWindowUpdate(0, 1<<28)
	go c.read()
	return c
}

func (c *client) stream(id uint32) *stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.streams[id]
}

func (c *client) read() {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, s := range c.streams {
			s.got(nil, io.ErrUnexpectedEOF)
		}
	}()
	for {
		f, err := c.framer.ReadFrame()
		if err != nil {
			return
		}
		switch f := f.(type) {
		case *http2.SettingsFrame:
			if f.IsAck() {
				continue
			}
			all := make(map[http2.SettingID]uint32)
			f.ForeachSetting(func(s http2.Setting) error { all[s.ID] = s.Val; return nil })
			c.mu.Lock()
			c.framer.WriteSettingsAck()
			c.mu.Unlock()
			c.settings <- all
		case *http2.PingFrame:
			c.mu.Lock()
			c.framer.WritePing(true, f.Data)
			c.mu.Unlock()
		case *http2.MetaHeadersFrame:
			if s := c.stream(f.StreamID); s != nil {
				s.status <- f.PseudoValue("status")
				if f.StreamEnded() {
					s.got(nil, io.EOF)
				}
			}
		case *http2.DataFrame:
			s := c.stream(f.StreamID)
			if s == nil {
				continue
			}
			if n := len(f.Data()); n > 0 {
				s.got(f.Data(), nil)
				c.mu.Lock()
				c.framer.WriteWindowUpdate(f.StreamID, uint32(n))
				c.mu.Unlock()
			}
			if f.StreamEnded() {
				s.got(nil, io.EOF)
			}
		case *http2.RSTStreamFrame:
			if s := c.stream(f.StreamID); s != nil {
				s.got(nil, fmt.Errorf("reset: %v", f.ErrCode))
				s.reset <- f.ErrCode
			}
		}
	}
}

// connect sends an extended CONNECT with the fields that are given besides, or
// instead.
func (c *client) connect(fields ...string) *stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.block.Reset()
	all := []string{":method", "CONNECT", ":protocol", "websocket", ":scheme", "https", ":path", "/", ":authority", "server.example", "sec-websocket-version", "13"}
	for i := 0; i < len(fields); i += 2 {
		found := false
		for k := 0; k < len(all); k += 2 {
			if all[k] == fields[i] {
				all[k+1], found = fields[i+1], true
			}
		}
		if !found {
			all = append(all, fields[i], fields[i+1])
		}
	}
	for i := 0; i < len(all); i += 2 {
		if all[i+1] != "-" {
			c.encoder.WriteField(hpack.HeaderField{Name: all[i], Value: all[i+1]})
		}
	}
	if c.last == 0 {
		c.last = 1
	} else {
		c.last += 2
	}
	s := &stream{c: c, id: c.last, status: make(chan string, 4), reset: make(chan http2.ErrCode, 4)}
	s.more.L = &s.mu
	c.streams[s.id] = s
	c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: s.id, BlockFragment: bytes.Clone(c.block.Bytes()), EndHeaders: true})
	return s
}

func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.data) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		s.more.Wait()
	}
	n := copy(p, s.data)
	s.data = s.data[n:]
	return n, nil
}

// Write writes frames of 16 KiB. It does not heed the server's window, of 1 MiB.
func (s *stream) Write(p []byte) (n int, err error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	for n < len(p) && err == nil {
		k := min(len(p)-n, 16<<10)
		err = s.c.framer.WriteData(s.id, false, p[n:n+k])
		n += k
	}
	return n, err
}

// end ends the client's direction.
func (s *stream) end() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.framer.WriteData(s.id, true, nil)
}

func (s *stream) cancel() {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.framer.WriteRSTStream(s.id, http2.ErrCodeCancel)
}

// reset opens a stream and resets it.
func (c *client) reset() error {
	s := c.connect()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.streams, s.id)
	return c.framer.WriteRSTStream(s.id, http2.ErrCodeCancel)
}

// answer returns the status of the response.
func (s *stream) answer(t *testing.T) string {
	t.Helper()
	select {
	case status := <-s.status:
		return status
	case code := <-s.reset:
		return code.String()
	case <-time.After(patience):
		t.Fatalf("no answer on stream %d", s.id)
		return ""
	}
}

// patience bounds every wait; no verdict depends on it.
const patience = time.Minute

func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = true
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}
