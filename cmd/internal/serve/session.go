package serve

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wsproto"
)

// service is what an endpoint does with a connection. Its methods are called
// for one event after the other, and message does not wait for the peer any longer
// than a write to it may take.
type service interface {
	// begin is called before the first message.
	begin()
	// message takes a message, which is valid until it returns.
	message(typ websocket.MessageType, p []byte) error
	// stop is called once no message comes any more. What runs on goroutines
	// of its own (session.pushing) ends then.
	stop()
}

// session is one WebSocket connection.
type session struct {
	link
	call    *call
	vars    *vars
	service service
	loss    float64        // share of messages that are not sent
	pushing sync.WaitGroup // goroutines that send on their own account

	messages, bytes int64 // received
}

// open begins with a connection whose handshake is over.
func (s *Server) open(e *call, l link, compressed bool) *session {
	if compressed {
		s.vars.compressed.Add(1)
	}
	c := &session{link: l, call: e, vars: &s.vars, loss: s.options.Loss}
	c.service = e.start(c)
	e.log.Info("open")
	c.vars.enter(e.path)
	c.service.begin()
	return c
}

func (c *session) receive(typ websocket.MessageType, p []byte) error {
	c.messages++
	c.bytes += int64(len(p))
	return c.service.message(typ, p)
}

func (c *session) send(typ websocket.MessageType, p []byte) error {
	if c.loses() {
		return nil
	}
	return c.write(typ, p)
}

// loses reports whether the next message is one that is not sent, on purpose.
func (c *session) loses() bool { return c.loss > 0 && rand.Float64() < c.loss }

// closed is called when nothing comes any more.
func (c *session) closed(err error) {
	c.service.stop()
	code, well := ended(err)
	c.vars.leave(c.call.path, code)
	if errors.Is(err, wsproto.ErrQueueFull) {
		c.vars.dropped.Add(1)
	}
	attrs := []any{"messages", c.messages, "bytes", c.bytes, "code", int(code)}
	if well {
		c.call.log.Info("closed", attrs...)
		return
	}
	c.call.log.Warn("failed", append(attrs, "err", err)...)
}

// ended returns the close code that a connection has ended with, and whether all
// was well: a side has closed it, and the other has agreed.
func ended(err error) (code websocket.StatusCode, well bool) {
	end, ok := errors.AsType[*wsproto.ConnError](err)
	if !ok {
		return websocket.StatusInternalError, false
	}
	return websocket.StatusCode(end.Code), end.Clean() && end.Err == nil
}

// call is what is known of a connection from its request.
type call struct {
	endpoint
	start start
	log   *slog.Logger
	tap   *tap // nil unless endpoint.taps
}
