package serve

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// polled serves the WebSocket connections by package wspoll: one that waits has neither
// a goroutine nor a buffer. What a client asks for that is not a WebSocket is passed on
// to the HTTP server, which has the page, and so is a WebSocket for a service that
// waits. What becomes a WebSocket there is served by package websocket.
type polled struct {
	wspoll.Server
	of        *Server
	endpoints map[string]endpoint // by path
}

func newPolled(s *Server) *polled {
	o := s.options
	p := &polled{of: s, endpoints: make(map[string]endpoint)}
	for _, e := range s.endpoints() {
		p.endpoints[e.path] = e
	}
	p.OnRequest, p.OnOpen, p.OnMessage, p.OnClose = p.decide, p.opened, p.message, p.closed
	p.OnRefused = func(remote net.Addr, err error) { s.refused(addrText(remote), err) }
	p.OnError = func(err error) { o.Log.Error("serving", "err", err) }
	p.CloseReason = s.sockets.CloseReason
	p.TLSConfig = o.TLS
	p.OriginPatterns = o.Origins
	p.MaxConns = o.MaxConns
	p.HeadLimits.Head = o.MaxHead
	if o.MaxHead <= 0 {
		p.HeadLimits = httpx.Limits{Head: http.DefaultMaxHeaderBytes, Line: http.DefaultMaxHeaderBytes}
	}
	p.HandshakeTimeout, p.StallTimeout = orNone(o.Handshake), orNone(o.WriteTimeout)
	p.Limits.Message = o.limit()
	p.MessageBudget = s.messages
	p.KeepAlive = wspoll.KeepAlive{Interval: o.Keepalive}
	// Only chats have messages wait: an echo is not read while its last one does.
	p.Queue = wspoll.Queue{Messages: s.rooms.queue, Bytes: s.rooms.queue * mostSaid, WhenFull: wspoll.QueueClose}
	if !o.Uncompressed {
		p.Compression = &wspoll.Compression{Options: wsflate.Options{Budget: websocket.NewBudget(o.DeflateSpace)}}
	}
	return p
}

// mostSaid is how many bytes a message of a chat may have: JSON may need six for one of
// what is said.
const mostSaid = 8 * maxSaid

// orNone returns d, or that there is no limit.
func orNone(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// serve serves the connections of l. Those that are not for WebSocket are web's.
func (p *polled) serve(l net.Listener, web *http.Server) error {
	others := p.Others()
	go web.Serve(others) // until p ends
	err := p.Serve(l)
	if errors.Is(err, wspoll.ErrServerClosed) {
		return http.ErrServerClosed
	}
	return err
}

// decide decides about a handshake.
func (p *polled) decide(r *wspoll.Request) wspoll.Decision {
	to, err := p.find(r, addrText(r.RemoteAddr))
	switch {
	case err != nil:
		return wspoll.Refuse(err)
	case to.waits:
		return wspoll.Other()
	}
	r.Value = to
	return wspoll.Accept()
}

// addrText returns an address as text. One that is gone is not known any more.
func addrText(a net.Addr) string {
	if a == nil {
		return "unknown"
	}
	return a.String()
}

// find returns what a request is for, or why it is refused.
func (p *polled) find(r *wspoll.Request, remote string) (*call, error) {
	target, err := url.ParseRequestURI(string(r.Target))
	if err != nil {
		return nil, reject(http.StatusBadRequest, err.Error())
	}
	e, ok := p.endpoints[target.Path]
	if !ok {
		return nil, reject(http.StatusNotFound, "serve: there is no WebSocket at this path")
	}
	to, err := p.of.call(e, target.Query(), remote)
	if err != nil {
		return nil, reject(http.StatusBadRequest, err.Error())
	}
	return to, nil
}

func reject(status int, reason string) error {
	return ws.RejectConnectionError(ws.RejectionStatus(status), ws.RejectionReason(reason))
}

func (p *polled) opened(c *wspoll.Conn) {
	c.SetValue(p.of.open(c.Value().(*call), ready{c}, c.Compressed()))
}

func (p *polled) message(c *wspoll.Conn, op ws.OpCode, payload []byte) {
	s := c.Value().(*session)
	err := error(wsproto.ErrMessageTooLarge)
	if most := s.call.limit; most < 0 || int64(len(payload)) <= most {
		err = s.receive(websocket.MessageType(op), payload)
	}
	if err != nil {
		c.Close(wsproto.CloseCode(err), wsproto.CloseReason(err))
	}
}

func (p *polled) closed(c *wspoll.Conn, err *wspoll.ConnError) {
	if s, ok := c.Value().(*session); ok { // otherwise OnOpen has panicked
		s.closed(err)
	}
}

// ready is a connection of package wspoll, which is never waited for on its loop.
type ready struct{ *wspoll.Conn }

func (r ready) write(typ websocket.MessageType, p []byte) error {
	return r.Write(ws.OpCode(typ), p)
}

func (r ready) push(typ websocket.MessageType, p []byte) error {
	var sent wspoll.Receipt
	if err := r.Enqueue(wspoll.Outgoing{Op: ws.OpCode(typ), Payload: p, Receipt: &sent}); err != nil {
		return err
	}
	return sent.Wait(context.Background())
}

// pace has nothing to do: a member whose queue is not empty is not read.
func (r ready) pace(int) error { return nil }

func (r ready) halfFull(most int) bool { return 2*r.QueueState().Messages >= most }
