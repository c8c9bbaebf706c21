package wspoll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/internal/refusal"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// opening is an opening handshake that is under way.
type opening struct {
	deadline time.Duration
	parse    ws.ServerHandshake
	head     []byte // what has been received
	answer   []byte // what is to be sent, or the rest of it
	admitted bool   // MaxConns counts the connection
	accepted bool   // that the answer says
	early    int    // of head: what has come after the request

	// Of a decision that is made later.
	request *Request
	decide  func(context.Context, *Request) error
	verdict *Decision
	ctx     context.Context
	cancel  context.CancelFunc
}

var errHandshakeTimeout = errTimeout("the handshake took too long")

// newOpening is that of a connection that was accepted then.
func newOpening(s *Server, accepted time.Duration) *opening {
	o := &opening{deadline: never}
	if t := s.set.handshakeTimeout; t > 0 {
		o.deadline = endpoint.After(accepted, t)
	}
	return o
}

// end ends the decision that nobody waits for any more.
func (o *opening) end() {
	if o.cancel != nil {
		o.cancel()
	}
}

func (c *Conn) opening() *opening {
	if c.extra == nil {
		return nil
	}
	return c.extra.opening
}

// begin begins with the opening handshake, unless the connection has had it.
func (c *Conn) begin() {
	if c.stage == stageOpen {
		c.welcome()
		return
	}
	if c.opening() == nil {
		c.extras().opening = newOpening(c.loop.server, c.loop.now)
	}
	c.extra.opening.parse.Upgrader = &c.loop.shaker.upgrader
	c.schedule()
	if c.tls() != nil { // its handshake may have received more than its own bytes
		c.ready |= readable
		c.loop.enqueue(c)
	}
}

// receiveRequest receives more of the request, and answers it when all of it is
// there. What has come is kept in no more memory than it needs.
func (c *Conn) receiveRequest() {
	o := c.opening()
	for !c.gone && c.stage == stageRequest && c.ready.has(readable) {
		n, dry, err := c.read(c.loop.scratch)
		if err != nil {
			c.remove(wsproto.EndedByTransport, err)
			return
		}
		c.heard(n, dry)
		if n > 0 {
			o.head = append(slices.Grow(o.head, n), c.loop.scratch[:n]...)
			c.loop.shaker.look(c, o)
		}
	}
}

// handshaker answers the handshakes of a loop, one at a time.
type handshaker struct {
	server   *Server
	opening  *opening // that is looked at
	upgrader ws.Upgrader
	deflate  *wsflate.Extension
	request  Request   // that is being answered
	decision Decision  // about it
	verdict  *Decision // that was made before
}

// These stop a handshake that is decided about later, or that somebody else answers.
var (
	errLater = errors.New("later")
	errOther = errors.New("other")
)

func (h *handshaker) init(s *Server) {
	h.server = s
	h.upgrader = ws.Upgrader{
		Limits:          s.HeadLimits,
		Origin:          s.set.origin,
		OnBadOrigin:     badOrigin,
		Protocols:       s.Subprotocols,
		KeepRequest:     s.KeepRequest,
		OnHandshake:     h.ask,
		OnBeforeUpgrade: func() (ws.HandshakeHeader, error) { return h.request.Header, nil },
	}
	if s.Compression != nil {
		h.deflate = &wsflate.Extension{Parameters: s.Compression.Parameters, Budget: s.Compression.Options.Budget}
		h.upgrader.Negotiate = h.deflate.Negotiate
	}
}

// ask asks the application about a request, unless it has been asked before.
func (h *handshaker) ask(req httpx.Request) error {
	if h.opening.admitted = h.opening.admitted || h.server.admit(); !h.opening.admitted {
		return tooManyConns
	}
	h.request.Request = req
	switch {
	case h.verdict != nil:
		h.decision = *h.verdict
	case h.server.OnRequest != nil:
		h.decision = h.decideNow()
	}
	switch {
	case h.decision.later != nil:
		h.request.Request = *req.Clone() // req is valid until this returns
		return errLater
	case h.decision.other:
		return errOther
	}
	return refusal.Told(h.decision.err)
}

// decideNow calls OnRequest. A panic refuses the request.
func (h *handshaker) decideNow() (d Decision) {
	defer func() {
		if v := recover(); v != nil {
			h.server.panicked(v)
			d = Refuse(errPanicked)
		}
	}()
	return h.server.OnRequest(&h.request)
}

var errPanicked = ws.RejectConnectionError(ws.RejectionStatus(500), ws.RejectionReason("internal server error"))

// look looks at what has come of a request.
func (h *handshaker) look(c *Conn, o *opening) {
	h.opening, h.decision, h.verdict = o, Decision{}, o.verdict
	if h.request = (Request{RemoteAddr: nil}); o.request != nil {
		h.request = *o.request
	} else if h.server.OnRequest != nil {
		h.request.RemoteAddr = c.RemoteAddr()
		h.request.TLS = c.TLS()
	}
	if h.deflate != nil {
		h.deflate.Reset()
	}
	answer, hs, n, err := h.next(o)
	switch {
	case err == ws.ErrShort:
		return
	case h.decision.later != nil:
		c.decideLater(&h.request, h.decision.later)
		return
	case err == ws.ErrNotWebSocket, h.decision.other:
		c.dismiss()
		c.otherRequest(o)
		return
	}
	if o.answer = answer; err == nil {
		o.accepted, o.early = true, n
		c.agree(hs, h.request.Value)
	} else {
		c.dismiss()
		c.handleRefused(err)
	}
	h.request = Request{}
	c.stage = stageAnswer
	c.sendAnswer()
}

// next takes the next step of a handshake. A panic of what the application has decided,
// such as of a method of its error or of its header, refuses the request.
func (h *handshaker) next(o *opening) (answer []byte, hs ws.Handshake, n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			h.server.panicked(v)
			h.request.Header, h.verdict = nil, &Decision{err: errPanicked}
			o.parse = ws.ServerHandshake{Upgrader: o.parse.Upgrader}
			answer, hs, n, err = o.parse.Next(nil, o.head)
		}
	}()
	return o.parse.Next(nil, o.head)
}

// agree keeps what was agreed on.
func (c *Conn) agree(hs ws.Handshake, value any) {
	c.value = value
	x := c.extras()
	x.subprotocol, x.request = hs.Protocol, hs.Request
	if h := &c.loop.shaker; h.deflate != nil {
		if p, ok := h.deflate.Accepted(); ok {
			c.compress(p)
		}
	}
}

func (c *Conn) compress(p wsflate.Parameters) {
	var o wsflate.Options
	if s := c.loop.server; s.Compression != nil {
		o = s.Compression.Options
	}
	o.MaxSize = -1 // Limits.Decoded bounds it
	d := wsflate.New(ws.StateServerSide, p, &o)
	c.extras().deflate, c.out.Sender.Encoder = d, d
}

// otherRequest gives away, or answers, a request for something else.
func (c *Conn) otherRequest(o *opening) {
	if c.loop.server.others.wants() {
		c.handOver(o)
		return
	}
	c.handleRefused(ws.ErrNotWebSocket)
	o.answer = append(o.answer, noWebSocket...)
	c.stage = stageAnswer
	c.sendAnswer()
}

// noWebSocket is the answer to a request for something else (RFC 9110, section
// 15.5.22).
const noWebSocket = "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 27\r\n\r\nthis server has a WebSocket"

// sendAnswer sends the answer, or the rest of it.
func (c *Conn) sendAnswer() {
	o := c.opening()
	c.mu.Lock()
	n, full, err := c.write(o.answer)
	c.mu.Unlock()
	if o.answer = o.answer[n:]; err != nil {
		c.remove(wsproto.EndedByTransport, err)
		return
	}
	if full {
		return
	}
	if !o.accepted {
		c.refused(o)
		return
	}
	early := o.head[o.early:]
	if c.extra.opening = nil; *c.extra == (extra{}) {
		c.extra = nil
	}
	c.loop.timers.remove(c)
	if len(early) > 0 {
		c.wake().Take(early)
	}
	c.stage = stageOpen
	c.welcome()
}

// welcome tells the application that the connection is open, and begins to receive.
func (c *Conn) welcome() {
	if c.pace() == nil {
		c.limitPace()
	}
	c.open, c.opened = true, true
	c.loop.countOpened()
	c.more = true // there may be bytes
	c.alive.Wait(c.loop.now)
	c.cork()
	c.handleOpen()
	c.uncork()
	c.schedule()
	if c.over {
		c.afterTurn()
		return
	}
	c.loop.enqueue(c)
}

// refused listens for a while after a refusal, so that the client can receive it.
func (c *Conn) refused(o *opening) {
	o.head, o.deadline = nil, min(o.deadline, c.loop.now+lingerTime)
	c.loop.timers.remove(c)
	c.schedule()
	c.stage = stageDrain
	c.drainInput()
}

// decideLater has a decision made by another goroutine.
func (c *Conn) decideLater(r *Request, decide func(context.Context, *Request) error) {
	o := c.opening()
	own := *r
	o.request, o.decide = &own, decide
	o.ctx, o.cancel = context.WithCancel(context.Background())
	if o.deadline != never {
		o.ctx, o.cancel = context.WithTimeout(context.Background(), o.deadline-c.loop.now)
	}
	c.stage = stageDecide
	if c.ready.has(ended) {
		c.loop.enqueue(c) // which is not reported again
	}
	c.loop.server.decide.submit(&deciding{c, o})
}

// deciding is a decision that is made by another goroutine.
type deciding struct {
	conn *Conn
	o    *opening
}

func (d *deciding) run() {
	defer d.o.cancel()
	if d.o.ctx.Err() != nil {
		return // nobody waits for it any more
	}
	verdict := Decision{err: d.decide()}
	if d.o.ctx.Err() == nil {
		d.o.verdict = &verdict
		d.conn.loop.post(taskDecide, d.conn)
	}
}

// decide makes the decision. A panic refuses the request.
func (d *deciding) decide() (err error) {
	defer func() {
		if v := recover(); v != nil {
			d.conn.loop.server.panicked(v)
			err = errPanicked
		}
	}()
	return d.o.decide(d.o.ctx, d.o.request)
}

// decided goes on with a handshake that has been decided about.
func (c *Conn) decided() {
	if c.gone || c.stage != stageDecide {
		return
	}
	o := c.opening()
	upgrader := o.parse.Upgrader
	o.parse = ws.ServerHandshake{Upgrader: upgrader}
	c.loop.shaker.look(c, o)
}

// badOrigin refuses a web page from elsewhere, and says what would let it in.
func badOrigin(origin, host []byte) error {
	return &ws.ConnectionRejectedError{
		Status: 403,
		Reason: fmt.Sprintf("wspoll: pages from origin %.100q may not connect to host %.100q; Server.OriginPatterns can allow it", origin, host),
		Err:    ws.ErrHandshakeBadOrigin,
	}
}
