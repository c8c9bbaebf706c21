package attack

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// h2link is a connection of HTTP/2.
type h2link struct {
	*link
	framer *http2.Framer // of what is received
	out    bytes.Buffer  // what is to be sent
	writer *http2.Framer // into out
	fields bytes.Buffer
	hpack  *hpack.Encoder
	stream uint32 // the next one

	mu       sync.Mutex
	settings map[http2.SettingID]uint32
	goAway   *http2.GoAwayFrame
	why      http2.ErrCode // of goAway
	refused  int           // streams that the server has reset
	statuses int           // answers
	status   string        // of the last one
	data     int64
	err      error
	done     chan struct{}
}

var errNoHTTP2 = errors.New("the server speaks no HTTP/2")

// http2 connects to a server that speaks HTTP/2: over TLS by ALPN, and else
// because it is known beforehand (RFC 9113, 3.3).
func (t *trial) http2(settings ...http2.Setting) (*h2link, error) {
	l, err := t.dialFor("h2")
	if err != nil {
		return nil, err
	}
	if over, ok := l.Conn.(*tls.Conn); ok && over.ConnectionState().NegotiatedProtocol != "h2" {
		return nil, errNoHTTP2
	}
	h := &h2link{link: l, stream: 1, settings: make(map[http2.SettingID]uint32), done: make(chan struct{})}
	h.framer = http2.NewFramer(nil, l.Conn)
	h.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	h.writer = http2.NewFramer(&h.out, nil)
	h.writer.AllowIllegalWrites = true
	h.hpack = hpack.NewEncoder(&h.fields)
	h.out.WriteString(http2.ClientPreface)
	h.writer.WriteSettings(settings...)
	if err := h.flush(); err != nil {
		return nil, errNoHTTP2
	}
	l.SetReadDeadline(t.soon())
	f, err := h.framer.ReadFrame()
	if stuck(err) {
		return nil, err
	}
	if s, ok := f.(*http2.SettingsFrame); err != nil || !ok || s.IsAck() {
		return nil, errNoHTTP2
	}
	h.note(f)
	l.SetReadDeadline(time.Time{})
	h.writer.WriteSettingsAck()
	return h, h.flush()
}

// flush sends what was written.
func (h *h2link) flush() error {
	defer h.out.Reset()
	return h.send(h.out.Bytes())
}

// receive notes what comes, in a goroutine of its own.
func (h *h2link) receive() {
	go func() {
		defer close(h.done)
		for {
			f, err := h.framer.ReadFrame()
			if err != nil {
				h.mu.Lock()
				h.err = err
				h.mu.Unlock()
				return
			}
			h.note(f)
		}
	}()
}

func (h *h2link) note(f http2.Frame) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch f := f.(type) {
	case *http2.SettingsFrame:
		f.ForeachSetting(func(s http2.Setting) error { h.settings[s.ID] = s.Val; return nil })
	case *http2.GoAwayFrame:
		if h.goAway == nil {
			h.goAway, h.why = f, f.ErrCode
		}
	case *http2.RSTStreamFrame:
		h.refused++
	case *http2.MetaHeadersFrame:
		h.statuses++
		h.status = f.PseudoValue("status")
	case *http2.DataFrame:
		h.data += int64(f.Length)
	}
}

// ended says how the server has ended the connection, if it has.
func (h *h2link) ended() (string, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.goAway != nil:
		return fmt.Sprintf("GOAWAY with %v", h.why), true
	case h.err != nil:
		return "it ended the connection", true
	}
	return fmt.Sprintf("%s answers, %s streams reset", short(float64(h.statuses)), short(float64(h.refused))), false
}

// await waits until the server has ended the connection.
func (h *h2link) await(d time.Duration) (string, bool) {
	for over := time.Now().Add(d); time.Now().Before(over); h.t.wait(10 * time.Millisecond) {
		if how, ok := h.ended(); ok {
			return how, true
		}
	}
	return h.ended()
}

// block encodes the fields of a request.
func (h *h2link) block(fields ...hpack.HeaderField) []byte { return h.blockOf("GET", fields...) }

func (h *h2link) blockOf(method string, fields ...hpack.HeaderField) []byte {
	h.fields.Reset()
	scheme := map[string]string{"ws": "http", "wss": "https"}[h.t.o.URL.Scheme]
	for _, f := range append([]hpack.HeaderField{
		{Name: ":method", Value: method}, {Name: ":scheme", Value: scheme}, {Name: ":authority", Value: h.t.o.URL.Host}, {Name: ":path", Value: h.t.o.URL.RequestURI()},
	}, fields...) {
		h.hpack.WriteField(f)
	}
	return bytes.Clone(h.fields.Bytes())
}

// request begins a request; its stream is returned.
func (h *h2link) request(more bool, block []byte) uint32 {
	id := h.stream
	h.stream += 2
	h.writer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndHeaders: true, EndStream: !more})
	return id
}
