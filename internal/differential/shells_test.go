package differential

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// limit is how long messages may be, in bytes: short, so that short inputs pass it.
const limit = 300

// setting is what a connection is.
type setting struct {
	side       ws.State
	compressed bool // permessage-deflate with takeover of contexts
}

// extension returns that of one connection, or nil.
func (s setting) extension() *wsflate.Deflate {
	if !s.compressed {
		return nil
	}
	return wsflate.New(s.side, wsflate.Parameters{}, nil)
}

// shell is something that makes messages of bytes.
type shell struct {
	name string
	run  func(t *testing.T, s setting, pieces [][]byte) outcome
	does func(s setting) bool
}

// shells are those that are compared, but for package wsproto, which says what the
// others have to make of the bytes.
var shells = []shell{
	{"wsutil.Stream", byStream, func(setting) bool { return true }},
	{"wsutil.ReadAppend", byReadAppend, func(s setting) bool { return !s.compressed }},
	{"websocket.Read", byWebsocket(false), func(setting) bool { return true }},
	{"websocket.Reader", byWebsocket(true), func(setting) bool { return true }},
	{"wspoll", byWspoll, isServer},
}

func isServer(s setting) bool { return s.side == ws.StateServerSide }

// byWsproto is the reference: a loop on wsproto.Conn.
func byWsproto(t *testing.T, s setting, pieces [][]byte) (o outcome) {
	config := &wsproto.Config{State: s.side, Limits: wsproto.Limits{Message: limit}}
	c := wsproto.NewConn(config, s.extension())
	w := newWire(pieces)
	var (
		whole wsproto.Assembler
		room  [256]byte
		sent  []byte
		end   error
	)
	for end == nil {
		n, err := w.Read(room[:])
		if err != nil {
			end = c.EOF()
			sent = c.AppendAnswer(sent, wsproto.Event{}, end, 0)
			break
		}
		decoded := make([]byte, 64)
		for b := room[:n]; ; {
			ev, n, err := c.Next(b, decoded)
			if b = b[n:]; err == ws.ErrShort {
				break
			}
			sent = c.AppendAnswer(sent, ev, err, 0)
			if end = err; end == nil && ev.Op == ws.OpClose {
				end = wsutil.ClosedError{Code: ev.Code(), Reason: string(ev.Reason())}
			}
			if end != nil {
				break
			}
			if ev.Op.IsControl() {
				continue
			}
			if m, done := whole.Add(ev); done {
				o.messages = append(o.messages, message(ev.Op, m))
			}
		}
	}
	w.Write(sent)
	o.answers, o.end = w.answers(t, s.side), ending(end)
	return o
}

func byStream(t *testing.T, s setting, pieces [][]byte) (o outcome) {
	w := newWire(pieces)
	c := wsutil.NewStream(w, s.side, 0)
	c.SetExtension(s.extension())
	for {
		p, op, err := c.ReadMessage()
		if err != nil {
			o.answers, o.end = w.answers(t, s.side), ending(err)
			return o
		}
		o.messages = append(o.messages, message(op, p))
	}
}

func byReadAppend(t *testing.T, s setting, pieces [][]byte) (o outcome) {
	w := newWire(pieces)
	for {
		p, op, err := wsutil.ReadAppend(nil, w, s.side)
		if err != nil {
			o.answers, o.end = w.answers(t, s.side), ending(err)
			return o
		}
		o.messages = append(o.messages, message(op, p))
	}
}

// byWebsocket reads whole messages, or each by a Reader.
func byWebsocket(stream bool) func(t *testing.T, s setting, pieces [][]byte) outcome {
	return func(t *testing.T, s setting, pieces [][]byte) (o outcome) {
		w := newWire(pieces)
		p := websocket.Params{State: s.side}
		if s.compressed {
			p.Compression = new(wsflate.Parameters)
		}
		c, err := websocket.New(w, p)
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseNow()
		c.SetReadLimit(limit)
		for {
			typ, b, err := readBy(c, stream)
			if err != nil {
				o.answers, o.end = w.answers(t, s.side), ending(err)
				return o
			}
			o.messages = append(o.messages, message(ws.OpCode(typ), b))
		}
	}
}

func readBy(c *websocket.Conn, stream bool) (websocket.MessageType, []byte, error) {
	if !stream {
		return c.Read(context.Background())
	}
	typ, r, err := c.Reader(context.Background())
	if err != nil {
		return 0, nil, err
	}
	b, err := io.ReadAll(r)
	return typ, b, err
}

// polled is the server of byWspoll. It lives as long as the process.
var polled = sync.OnceValue(func() *wspoll.Server {
	return &wspoll.Server{
		Loops:       1,
		Limits:      wsproto.Limits{Message: limit},
		Compression: new(wspoll.Compression),
		OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) {
			o := c.Value().(*served)
			o.messages = append(o.messages, message(op, p))
		},
		OnClose: func(c *wspoll.Conn, err *wsproto.ConnError) {
			o := c.Value().(*served)
			o.end = ending(err)
			close(o.closed)
		},
	}
})

// served is what comes of a connection of polled.
type served struct {
	outcome
	closed chan struct{}
}

// take has polled serve conn.
func take(t *testing.T, s setting, conn net.Conn) *served {
	t.Helper()
	o := &served{closed: make(chan struct{})}
	u := wspoll.Upgraded{Value: o}
	if s.compressed {
		u.Handshake.Extensions = []httphead.Option{{Name: []byte(wsflate.ExtensionName)}}
	}
	if _, err := polled().Take(conn, u); err != nil {
		t.Fatal(err)
	}
	return o
}

func byWspoll(t *testing.T, s setting, pieces [][]byte) outcome {
	w := newWire(pieces)
	o := take(t, s, w)
	<-w.closed // after OnClose
	o.answers = w.answers(t, s.side)
	return o.outcome
}
