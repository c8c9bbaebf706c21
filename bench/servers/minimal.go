package main

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"

	"github.com/wirews/wirews/ws"
)

// headRoom is how many bytes a buffer has before what is read into it: what is
// left of an incomplete header goes there.
const headRoom = 16

// minimal turns what a client sends into its echo, in place: the least that a
// server must do, and no check at all.
type minimal struct {
	open bool
	body int // payload of a frame that is still to come
	key  [4]byte
	pos  int // in the payload, modulo four
	head []byte
}

// receive answers b, which lies in buffer after headRoom. The answer is in the
// buffer too.
func (m *minimal) receive(buffer, b []byte) (out []byte, ok bool) {
	if !m.open {
		return m.upgrade(b)
	}
	in := b
	if k := len(m.head); k > 0 {
		in = buffer[headRoom-k : headRoom+len(b)]
		copy(in, m.head)
		m.head = m.head[:0]
	}
	to := 0
	for at := 0; at < len(in); {
		if m.body == 0 {
			n := m.header(in[at:])
			if n == 0 {
				m.head = append(m.head, in[at:]...)
				break
			}
			copy(in[to:], in[at:at+n-4])
			in[to+1] &= 0x7f
			to, at = to+n-4, at+n
		}
		n := min(m.body, len(in)-at)
		ws.Cipher(in[at:at+n], m.key, m.pos)
		copy(in[to:], in[at:at+n])
		to, at, m.body, m.pos = to+n, at+n, m.body-n, m.pos+n
	}
	return in[:to], true
}

// header reads one, and returns its size; 0 if it is not complete.
func (m *minimal) header(b []byte) (n int) {
	if len(b) < 2 {
		return 0
	}
	n, m.body = 6, int(b[1]&0x7f)
	switch {
	case m.body == 126 && len(b) >= 8:
		n, m.body = 8, int(binary.BigEndian.Uint16(b[2:]))
	case m.body == 127 && len(b) >= 14:
		n, m.body = 14, int(binary.BigEndian.Uint64(b[2:]))
	}
	if len(b) < n || n == 6 && m.body > 125 {
		m.body = 0
		return 0
	}
	m.key, m.pos = [4]byte(b[n-4:n]), 0
	return n
}

// upgrade answers a request as "wirews bench" sends it.
func (m *minimal) upgrade(b []byte) (out []byte, ok bool) {
	m.head = append(m.head, b...)
	if !bytes.HasSuffix(m.head, []byte("\r\n\r\n")) {
		return nil, true
	}
	_, key, found := bytes.Cut(m.head, []byte("Sec-WebSocket-Key: "))
	if !found || len(key) < 24 {
		return nil, false
	}
	sum := sha1.Sum([]byte(string(key[:24]) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	out = append(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "...)
	out = base64.StdEncoding.AppendEncode(out, sum[:])
	m.open, m.head = true, nil
	return append(out, "\r\n\r\n"...), true
}
