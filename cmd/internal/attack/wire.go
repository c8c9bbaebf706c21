package attack

import (
	"encoding/binary"
	"strings"
)

// The first bytes of frames (RFC 6455, section 5.2).
const (
	final        = 0x80
	compressed   = 0x40 // RSV1, as permessage-deflate uses it
	continuation = 0
	text         = 1
	binaryFrame  = 2
	closing      = 8
	ping         = 9
	pong         = 10
)

// key masks what is sent. One key for all is against RFC 6455, section 5.3, and
// no server can tell.
var key = [4]byte{0x5a, 0xa5, 0x3c, 0xc3}

// appendLength appends the header of a masked frame that says it has so many
// bytes, in the shortest form or, with form 2 or 8, in that many bytes.
func appendLength(dst []byte, first byte, length uint64, form int) []byte {
	switch {
	case form == 8 || form == 0 && length > 0xffff:
		dst = binary.BigEndian.AppendUint64(append(dst, first, 0x80|127), length)
	case form == 2 || form == 0 && length > 125:
		dst = binary.BigEndian.AppendUint16(append(dst, first, 0x80|126), uint16(length))
	default:
		dst = append(dst, first, 0x80|byte(length))
	}
	return append(dst, key[:]...)
}

// appendFrame appends a masked frame.
func appendFrame(dst []byte, first byte, payload []byte) []byte {
	dst = appendLength(dst, first, uint64(len(payload)), 0)
	start := len(dst)
	dst = append(dst, payload...)
	for i := range dst[start:] {
		dst[start+i] ^= key[i&3]
	}
	return dst
}

// repeat returns as many copies of b as fit into so many bytes, one at least.
func repeat(b []byte, size int) (all []byte, copies int) {
	copies = max(1, size/len(b))
	all = make([]byte, 0, copies*len(b))
	for range copies {
		all = append(all, b...)
	}
	return all, copies
}

// frame is one that was received, which a server does not mask.
type frame struct {
	first   byte
	payload []byte
}

// parseFrame parses the frame that b begins with, which has n bytes; n is 0 if it
// is not complete.
func parseFrame(b []byte) (f frame, n int) {
	if len(b) < 2 {
		return f, 0
	}
	length, n := uint64(b[1]&0x7f), 2
	switch length {
	case 126:
		if n = 4; len(b) >= n {
			length = uint64(binary.BigEndian.Uint16(b[2:]))
		}
	case 127:
		if n = 10; len(b) >= n {
			length = binary.BigEndian.Uint64(b[2:])
		}
	}
	if len(b) < n || length > uint64(len(b)-n) {
		return f, 0
	}
	return frame{b[0], b[n : n+int(length)]}, n + int(length)
}

// request is an opening handshake, as it is or broken.
type request struct {
	start string
	lines []string
	end   string // of each line
	body  string
}

// good is a request that every server has to accept (RFC 6455, section 4.1).
func (t *trial) good() request {
	r := request{start: "GET " + t.o.URL.RequestURI() + " HTTP/1.1", end: "\r\n", lines: []string{
		"Host: " + t.o.URL.Host, "Upgrade: websocket", "Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
	}}
	r.lines = append(r.lines, t.o.Fields...)
	return r
}

// with returns a copy with further lines.
func (r request) with(lines ...string) request {
	r.lines = append(append([]string(nil), r.lines...), lines...)
	return r
}

// without returns a copy that lacks the lines with these names.
func (r request) without(names ...string) request {
	var lines []string
	for _, line := range r.lines {
		name, _, _ := strings.Cut(line, ":")
		keep := true
		for _, n := range names {
			keep = keep && !strings.EqualFold(n, name)
		}
		if keep {
			lines = append(lines, line)
		}
	}
	r.lines = lines
	return r
}

func (r request) bytes() []byte {
	var b strings.Builder
	b.WriteString(r.start + r.end)
	for _, line := range r.lines {
		b.WriteString(line + r.end)
	}
	b.WriteString(r.end + r.body)
	return []byte(b.String())
}
