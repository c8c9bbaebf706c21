package attack

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"strings"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2 is a server of HTTP/2 that takes everything.
func (s *weakServer) http2(conn net.Conn, in *bufio.Reader) {
	in.Discard(len(http2.ClientPreface))
	out := newQueue(conn)
	write := func(f func(fr *http2.Framer)) {
		var b bytes.Buffer
		f(http2.NewFramer(&b, nil))
		out.put(b.Bytes())
	}
	write(func(fr *http2.Framer) { fr.WriteSettings() })
	reader := http2.NewFramer(nil, in)
	reader.AllowIllegalReads = true
	reader.SetMaxReadFrameSize(1<<24 - 1)
	var kept strings.Builder
	decoder := hpack.NewDecoder(4096, func(f hpack.HeaderField) {
		if kept.Len() < 400<<20 {
			kept.WriteString(f.Name + f.Value)
		}
	})
	for {
		in.Peek(1)
		if s.turns {
			s.mu.Lock()
		}
		f, err := reader.ReadFrame()
		for s.turns && err == nil && in.Buffered() > 0 {
			labour()
			f, err = reader.ReadFrame()
		}
		if s.turns {
			s.mu.Unlock()
		}
		if err != nil {
			if _, ok := err.(http2.StreamError); ok {
				continue
			}
			if err == io.EOF {
				return
			}
			continue
		}
		switch f := f.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				write(func(fr *http2.Framer) { fr.WriteSettingsAck() })
			}
		case *http2.PingFrame:
			write(func(fr *http2.Framer) { fr.WritePing(true, f.Data) })
		case *http2.HeadersFrame:
			decoder.Write(f.HeaderBlockFragment())
			s.keep(16 << 10)
			id := f.StreamID
			write(func(fr *http2.Framer) {
				fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: []byte{0x88}, EndHeaders: true}) // 200
			})
		}
	}
}

// keep keeps so much memory for ever.
func (s *weakServer) keep(n int) {
	b := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	s.mu.Lock()
	s.kept = append(s.kept, b)
	s.mu.Unlock()
}
