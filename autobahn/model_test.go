package autobahn

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"
)

// faults are ways in which a model endpoint is wrong. The zero value is correct.
type faults struct {
	silent        bool // takes everything and sends nothing
	drops         bool // ends TCP at the first frame
	closesEarly   bool // closes with 1000 at the first frame
	acceptsAll    bool // checks nothing at all
	otherType     bool // text comes back as binary, and the other way round
	otherContent  bool // the last octet is another one
	otherLength   bool // an octet is missing
	twice         bool // messages come back twice
	losesFragment bool // the first fragment is missing
	latePongs     bool // pongs come behind the messages
	lastPongOnly  bool // pongs are answered at the next message or close
	wrongPongs    bool // pongs are empty, or of one octet if the ping was empty
	unaskedPong   bool // a pong before anything else
	lateUTF8      bool // text is checked when the message is complete
	afterClose    bool // goes on answering behind a close frame
	failCode      int  // the code for every failure
	answerCode    int  // the code of the answer to a close frame
	noAnswer      bool // ends TCP instead of answering a close frame
	keepsTCP      bool // does not end TCP, as a server
	missesEnd     bool // does not notice that the peer has ended its half of TCP
	once          bool // takes one connection only, as a server
	resets        bool // ends TCP by a reset
	badMask       bool // masks as a server, does not as a client
	longForm      bool // writes lengths in a longer form
	rsv           byte // sets these bits
	failsAtMost   int  // messages that come back right, before the content is wrong
	noTakeover    bool // compresses as if no context were kept, and inflates so
	ignoresOffer  bool // answers offers with what nobody has asked for
	farBack       bool // compresses with a window of 32 KiB whatever was agreed
}

// model is an endpoint that echoes. It is written on the judge's own codec, to
// the letter of RFC 6455, so that one fault at a time can be put into it.
type model struct {
	faults
	role     Role // ServerRole: it is a server
	conn     net.Conn
	deflater *deflater
	inflater *inflater

	buf        []byte
	open       bool
	opcode     byte
	compressed bool
	fragments  int
	message    []byte
	text       textCheck
	pongs      [][]byte
	messages   int
	closed     bool // a close frame was sent
}

var errModelDone = errors.New("model: done")

// serveModel serves connections with models until the listener is closed and
// all have ended.
func serveModel(l net.Listener, f faults) {
	var all sync.WaitGroup
	defer all.Wait()
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		if f.once {
			l.Close()
		}
		all.Go(func() {
			defer conn.Close()
			(&model{faults: f, role: ServerRole, conn: conn}).serve()
		})
	}
}

func (m *model) serve() {
	limit := maxHead
	if m.acceptsAll {
		limit = 1 << 30
	}
	request, rest, err := readHeadUpTo(m.conn, limit)
	if err != nil {
		return
	}
	key, _, err := checkRequest(request)
	if err != nil && !m.acceptsAll {
		refuse(m.conn, "400 Bad Request\r\nSec-WebSocket-Version: 13", err)
		return
	}
	extension := ""
	if p := choose([]deflatePolicy{{}}, request); p != nil {
		extension = p.String()
		if m.ignoresOffer {
			extension = "permessage-deflate; client_max_window_bits=15"
		}
		m.compress(p.serverBits, p.clientBits, p.serverNoTakeover, p.clientNoTakeover)
	}
	io.WriteString(m.conn, goodResponse(key, extension).String())
	m.run(rest)
}

// dialModel runs a case of a fuzzing server.
func dialModel(n *memoryNet, target string, f faults) error {
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	conn, err := n.dial(context.Background(), "tcp", u.Host)
	if err != nil {
		return err
	}
	defer conn.Close()
	key := newKey()
	response, rest, err := exchange(conn, goodRequest(u, key, usualOffer, nil).String(), 0)
	if err == nil && !f.acceptsAll {
		err = checkResponse(response, key)
	}
	m := &model{faults: f, role: ClientRole, conn: conn}
	if err == nil || f.acceptsAll {
		var p *deflateParams
		if p, err = agreed([]string{usualOffer}, response, true); p != nil {
			m.compress(p.clientBits, p.serverBits, p.clientNoTakeover, p.serverNoTakeover)
		}
	}
	if err != nil && !f.acceptsAll {
		return err
	}
	m.run(rest)
	return nil
}

func (m *model) compress(send, receive int, sendFresh, receiveFresh bool) {
	if m.farBack {
		send = 0
	}
	m.deflater = newDeflater(bitsOr15(send), sendFresh)
	if m.farBack {
		m.deflater = newDeflater(maxBits, false)
	}
	m.inflater = newInflater(bitsOr15(receive), receiveFresh || m.noTakeover)
}

func (m *model) run(rest []byte) {
	if m.unaskedPong {
		m.write(opPong, []byte("unasked"))
	}
	err := m.take(rest)
	for chunk := make([]byte, 32<<10); err == nil; {
		var n int
		if n, err = m.conn.Read(chunk); err == nil {
			err = m.take(chunk[:n])
		}
	}
	if m.missesEnd && err == io.EOF {
		time.Sleep(10 * time.Second) // the judge waits for a second
	}
	if m.keepsTCP {
		// Nobody waits for this goroutine, and the judge for a second.
		time.Sleep(time.Minute)
		return
	}
	if tcp, ok := m.conn.(*memoryConn); ok && m.resets {
		tcp.SetLinger(0)
		tcp.Close()
		return
	}
	// What was sent gets a chance to arrive.
	if half, ok := m.conn.(*memoryConn); ok {
		half.CloseWrite()
		half.SetReadDeadline(time.Now().Add(time.Second))
		io.Copy(io.Discard, half)
	}
}

// take handles what has arrived.
func (m *model) take(b []byte) error {
	m.buf = append(m.buf, b...)
	for len(m.buf) > 0 {
		switch {
		case m.silent:
			m.buf = nil
			return nil
		case m.drops:
			return errModelDone
		}
		h, n := parseHeader(m.buf)
		if n == 0 {
			return nil
		}
		if code := m.check(h); code != 0 && !m.acceptsAll {
			return m.fail(code)
		}
		have := min(uint64(len(m.buf)-n), h.length)
		if have < h.length {
			return m.early(h, m.buf[n:])
		}
		p := m.buf[n : n+int(have)]
		m.buf = m.buf[n+int(have):]
		if h.masked {
			mask(p, h.key, 0)
		}
		if err := m.frame(h, p); err != nil {
			return err
		}
	}
	return nil
}

// early looks at a frame that is not complete yet. Only in short ones a case
// wants wrong text to be found.
func (m *model) early(h header, p []byte) error {
	if h.length > maxMessage && !m.acceptsAll {
		return m.fail(1009)
	}
	if h.length > 1000 || m.lateUTF8 || m.acceptsAll || h.control() || h.rsv&rsv1 != 0 || m.open && (m.opcode != opText || m.compressed) || !m.open && h.opcode != opText {
		return nil
	}
	text := m.text
	p = bytes.Clone(p)
	if h.masked {
		mask(p, h.key, 0)
	}
	if !text.add(p) {
		return m.fail(1007)
	}
	return nil
}

// check returns the code for what is wrong with a header, 0 if nothing is.
func (m *model) check(h header) int {
	rsv := h.rsv
	if m.deflater != nil && !h.control() && h.opcode != opContinuation {
		rsv &^= rsv1
	}
	data := h.opcode == opText || h.opcode == opBinary
	switch {
	case rsv != 0, h.masked != (m.role == ServerRole), h.form != h.shortestForm(), h.length>>63 != 0,
		h.opcode > opBinary && h.opcode < opClose, h.opcode > opPong,
		h.control() && (!h.fin || h.length > 125),
		data && m.open, h.opcode == opContinuation && !m.open:
		return 1002
	case h.length > maxMessage, !h.control() && uint64(len(m.message))+h.length > maxMessage:
		return 1009
	}
	return 0
}

func (m *model) fail(code int) error {
	if m.failCode != 0 {
		code = m.failCode
	}
	m.close(code)
	return errModelDone
}

func (m *model) close(code int) {
	if !m.closed {
		m.write(opClose, closePayload(code, nil))
	}
	m.closed = true
}

func (m *model) frame(h header, p []byte) error {
	if m.closesEarly {
		return m.fail(1000)
	}
	switch h.opcode {
	case opPing:
		m.ping(p)
		return nil
	case opClose:
		return m.closeFrame(p)
	}
	if h.control() || h.opcode > opBinary && !m.acceptsAll {
		return nil
	}
	if !m.open {
		m.open, m.opcode, m.compressed = true, h.opcode, m.deflater != nil && h.rsv&rsv1 != 0
		m.message, m.text, m.fragments = nil, textCheck{}, 0
	}
	if m.fragments++; !(m.losesFragment && m.fragments == 1 && !h.fin) {
		m.message = append(m.message, p...)
	}
	if m.opcode == opText && !m.compressed && !m.text.add(p) && !m.lateUTF8 && !m.acceptsAll {
		return m.fail(1007)
	}
	if !h.fin {
		return nil
	}
	m.open = false
	return m.complete()
}

func (m *model) complete() error {
	p := m.message
	if m.compressed {
		var err error
		if p, err = m.inflater.decompress(p); errors.Is(err, errInflated) {
			return m.fail(1009)
		} else if err != nil {
			return m.fail(1007)
		}
		m.text.add(p)
	}
	if m.opcode == opText && !m.text.complete() && !m.acceptsAll {
		return m.fail(1007)
	}
	if m.lastPongOnly {
		m.flushPongs()
	}
	m.echo(p)
	if m.latePongs {
		m.flushPongs()
	}
	return nil
}

func (m *model) echo(p []byte) {
	op := m.opcode
	m.messages++
	wrong := m.failsAtMost == 0 || m.messages > m.failsAtMost
	if m.otherType {
		op = opText + opBinary - op
	}
	if m.otherContent && wrong {
		p = bytes.Clone(p)
		if len(p) == 0 {
			p = []byte("x")
		} else if p[len(p)-1] ^= 1; m.deflater == nil && m.opcode == opText {
			p[len(p)-1] = 'x'
		}
	}
	if m.otherLength && wrong {
		p = append(bytes.Clone(p[:max(0, len(p)-1)]), strings.Repeat("x", bit(len(p) == 0))...)
	}
	m.message = nil
	m.write(op, p)
	if m.twice {
		m.write(op, p)
	}
}

func (m *model) ping(p []byte) {
	p = bytes.Clone(p)
	switch {
	case m.wrongPongs:
		p = bytes.Repeat([]byte("x"), bit(len(p) == 0))
	case m.lastPongOnly:
		m.pongs = [][]byte{p}
		return
	case m.latePongs:
		m.pongs = append(m.pongs, p)
		return
	}
	m.write(opPong, p)
}

func (m *model) flushPongs() {
	for _, p := range m.pongs {
		m.write(opPong, p)
	}
	m.pongs = nil
}

func (m *model) closeFrame(p []byte) error {
	code := noCode
	if len(p) > 1 {
		code = int(binary.BigEndian.Uint16(p))
		var reason textCheck
		registered := code >= 1012 && code <= 1014
		known := code >= 1000 && code <= 1011 && (code < 1004 || code > 1006) || code >= 3000 && code <= 4999
		if !registered && !known && !m.acceptsAll {
			return m.fail(1002)
		}
		if reason.add(p[2:]); !reason.complete() && !m.acceptsAll {
			return m.fail(1007)
		}
	}
	if len(p) == 1 && !m.acceptsAll {
		return m.fail(1002)
	}
	switch {
	case m.noAnswer:
		return errModelDone
	case m.answerCode != 0:
		code = m.answerCode
	}
	if m.afterClose {
		// What came behind the close frame is answered first.
		time.Sleep(20 * time.Millisecond)
		m.deafTo(p)
	}
	m.close(code)
	return errModelDone
}

// deafTo reads on as if the close frame had not been there.
func (m *model) deafTo([]byte) {
	chunk := make([]byte, 4096)
	m.conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	n, _ := m.conn.Read(chunk)
	m.conn.SetReadDeadline(time.Time{})
	m.afterClose = false
	m.take(chunk[:n])
}

// write writes a frame, or a message of one frame.
func (m *model) write(op byte, p []byte) {
	h := header{fin: true, opcode: op, rsv: m.rsv, masked: (m.role == ClientRole) != m.badMask}
	if m.deflater != nil && !h.control() {
		h.rsv |= rsv1
		p = m.deflater.compress(p)
	}
	if h.masked {
		h.key = newMask()
	}
	if m.longForm && len(p) < 126 {
		h.form = 2
	}
	m.conn.Write(appendFrame(nil, h, p))
}
