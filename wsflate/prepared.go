package wsflate

import (
	"math"
	"sync"

	"github.com/wirews/wirews/internal/deflate"
	"github.com/wirews/wirews/internal/pagealias"
	"github.com/wirews/wirews/ws"
)

// Prepared is a message from a server to many clients. It is compressed once
// for all connections that agreed on the same window without context takeover
// for the server's messages; with takeover, what a message is compressed to
// depends on what the connection has sent before. It is safe for concurrent
// use.
type Prepared struct {
	op        ws.OpCode
	plain     []byte // its frame
	payload   []byte // the end of plain
	level     int
	threshold int64

	variants [maxBits + 1]struct {
		once  sync.Once
		frame []byte
	}
}

// Prepare returns the message p, or the control frame, which is never
// compressed. p is copied. Of the options, Level and Threshold are used; see
// Options. It panics if the level does not exist.
func Prepare(op ws.OpCode, p []byte, o *Options) *Prepared {
	h := ws.Header{Fin: true, OpCode: op, Length: int64(len(p))}
	m := &Prepared{op: op, level: o.level(), threshold: o.threshold(false)}
	new(deflate.Compressor).Reset(maxBits, m.level, false) // for its panic: Frame must have none
	if op.IsControl() {
		m.threshold = math.MaxInt64
	}
	m.plain = append(ws.AppendHeader(pagealias.Make(ws.HeaderSize(h)+len(p)), h), p...)
	m.payload = m.plain[len(m.plain)-len(p):]
	return m
}

// Frame returns the frame that is to be sent on a connection with the
// extension d, or without any if d is nil: unmasked, header and payload in one
// slice, which others use too and nobody must change. ok is false if the
// connection has context takeover, and compresses by itself; see AppendFrame. It
// looks at d's Encoder.Skip, and uses nothing else that changes.
func (m *Prepared) Frame(d *Deflate) (frame []byte, ok bool) {
	if d == nil || d.enc.Skip || int64(len(m.payload)) < m.threshold {
		return m.plain, true
	}
	dir := d.params.server()
	if dir.takeover {
		return nil, false
	}
	v := &m.variants[dir.bits]
	v.once.Do(func() { v.frame = m.compress(int(dir.bits)) })
	return v.frame, true
}

// AppendFrame appends the frame that is to be sent on a connection with the
// extension d to dst. It may use d's Encoder.
func (m *Prepared) AppendFrame(dst []byte, d *Deflate) []byte {
	if frame, ok := m.Frame(d); ok {
		return append(dst, frame...)
	}
	s := borrowScratch()
	defer s.giveBack()
	s.p = d.enc.AppendMessage(s.p, m.payload)
	h := ws.Header{Fin: true, Rsv: bit, OpCode: m.op, Length: int64(len(s.p))}
	return append(ws.AppendHeader(dst, h), s.p...)
}

// compress returns the frame for a window. What does not become shorter is
// left as it is.
func (m *Prepared) compress(bits int) []byte {
	s := borrowScratch()
	defer s.giveBack()
	var c deflate.Compressor
	c.Reset(bits, m.level, false)
	s.p = c.AppendMessage(s.p, m.payload)
	if len(s.p) >= len(m.payload) {
		return m.plain
	}
	h := ws.Header{Fin: true, Rsv: bit, OpCode: m.op, Length: int64(len(s.p))}
	return append(ws.AppendHeader(pagealias.Make(ws.HeaderSize(h)+len(s.p)), h), s.p...)
}
