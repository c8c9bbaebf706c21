package wsproto_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// keys returns a source of masking keys that are known: 01010101, 02020202...
func keys() func() [4]byte {
	var n byte
	return func() [4]byte { n++; return [4]byte{n, n, n, n} }
}

// end is one end of a connection: a Conn with all that an event loop has
// around it but the transport.
type end struct {
	t    testing.TB
	conn wsproto.Conn
	asm  wsproto.Assembler
	room []byte
	echo bool // whole messages
	now  time.Duration
	sent []byte   // and not delivered
	got  []string // messages and control frames
	err  error    // that receiving has ended with
}

func newEnd(t testing.TB, config *wsproto.Config, x wsproto.Extension) *end {
	return &end{t: t, conn: wsproto.NewConn(config, x), room: make([]byte, 50)}
}

// receive is what an event loop does with received bytes.
func (e *end) receive(b []byte) {
	b = bytes.Clone(b)
	for e.err == nil {
		ev, n, err := e.conn.Next(b, e.room)
		e.sent = e.conn.AppendAnswer(e.sent, ev, err, e.now)
		if err == ws.ErrShort {
			return
		}
		if e.err = err; err != nil {
			return
		}
		b = b[n:]
		if ev.Op.IsControl() {
			e.control(ev)
		} else if m, done := e.asm.Add(ev); done {
			e.message(ev.Op, m)
		}
	}
}

func (e *end) control(ev wsproto.Event) {
	if ev.Op == ws.OpClose {
		e.got = append(e.got, fmt.Sprintf("close:%d:%s", uint16(ev.Code()), ev.Reason()))
		return
	}
	e.got = append(e.got, fmt.Sprintf("%v:%s", ev.Op, ev.Payload))
}

func (e *end) message(op ws.OpCode, m []byte) {
	e.got = append(e.got, fmt.Sprintf("%v:%s", op, m))
	if e.echo {
		if out, err := e.conn.AppendMessage(e.sent, op, m); err == nil {
			e.sent = out
		}
	}
}

// take returns what was sent and forgets it.
func (e *end) take() []byte {
	b := e.sent
	e.sent = nil
	return b
}

// do appends by one of the Conn's methods and holds it to its promise: on an
// error, dst is what it was.
func (e *end) do(out []byte, err error) error {
	e.t.Helper()
	if err != nil && !bytes.Equal(out, e.sent) {
		e.t.Errorf("with the error %v: dst became %x, was %x", err, out, e.sent)
	}
	e.sent = out
	return err
}

func (e *end) events() string { return strings.Join(e.got, " | ") }
