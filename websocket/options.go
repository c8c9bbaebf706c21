package websocket

import (
	"context"
	"net/http"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/endpoint"
)

// AcceptOptions are those of [Accept], and of [AcceptConn] with [AcceptConnOptions]
// around them. nil and the zero value stand for the defaults. They are not changed
// and may be shared.
type AcceptOptions struct {
	// Subprotocols are those that the server speaks, by preference: the first
	// one that the client has offered is selected, if there is one.
	Subprotocols []string

	// InsecureSkipVerify accepts requests from web pages of any origin. See
	// OriginPatterns.
	InsecureSkipVerify bool

	// OriginPatterns are the origins of web pages that may connect besides
	// those of the same host, as ws.AllowOrigins takes them:
	// "example.com", "*.example.com", "https://example.com:8443". Requests
	// without an Origin, from programs other than browsers, are accepted.
	OriginPatterns []string

	// CheckOrigin, if set, decides alone about the origin of a web page:
	// OriginPatterns and InsecureSkipVerify are not looked at then, and pages of the
	// same host are asked about too. It is not called for a request without an
	// Origin. For AcceptConn, r is made of the head that was received: it has no
	// other context than context.Background, and no RemoteAddr.
	CheckOrigin func(r *http.Request, origin string) bool

	// CompressionMode is whether messages may be compressed. The default is
	// CompressionDisabled.
	CompressionMode CompressionMode

	// CompressionThreshold is the size in bytes from which on messages are
	// compressed. Zero: 512, or 128 with context takeover.
	CompressionThreshold int

	// Compression is how messages are compressed, and what that may cost. nil: the
	// defaults.
	Compression *CompressionOptions

	// OnPingReceived is called for each ping, by whoever reads. If it returns
	// false, no pong is sent. payload is valid until it returns. It may write,
	// but neither read nor Ping nor Close: those wait for whoever reads.
	OnPingReceived func(ctx context.Context, payload []byte) bool

	// OnPongReceived is called for each pong, by whoever reads. payload is
	// valid until it returns. It may do what OnPingReceived may.
	OnPongReceived func(ctx context.Context, payload []byte)

	// OnOpen is called for each connection before Accept returns it: the place to
	// count connections, to log them, or to begin a span. ctx has the values of the
	// request's context and never ends; for AcceptConn it is context.Background. The
	// function that it returns, if any, is called once, when the connection has ended
	// and all calls return why, before the call that has ended it returns. What has
	// ended the connection waits for it, so it should not take long.
	OnOpen func(ctx context.Context, c *Conn) (onEnd func(end *ConnError))

	// ReadTimeout is how long the connection may be silent while it is read;
	// then it is closed with 1008. Whatever arrives counts. Zero: no limit.
	ReadTimeout time.Duration

	// WriteTimeout is how long one call that writes may take, however long its
	// message is and however steadily the peer takes it; then the connection
	// has ended. Zero: no limit.
	WriteTimeout time.Duration

	// StallTimeout is how long the peer may take to take the next 64 KiB of what is
	// sent to it, or the rest of it; then the connection has ended. So a peer that
	// is slow to take something long is told from one that takes nothing. Zero: no
	// limit.
	StallTimeout time.Duration

	// KeepAlive finds out whether a silent peer is still there. Zero: it does not,
	// and the connection of one that has vanished stays.
	KeepAlive KeepAlive

	// Queue bounds the messages that wait for a slow peer, and says what happens to
	// those that do not fit: writing does not wait for the peer then. nil: there is
	// no queue, and whoever writes waits.
	Queue *Queue

	// OnQueue is called when the queue has become high, or low again, and when
	// messages have been dropped since the last call: in a goroutine of its own, one
	// call at a time.
	OnQueue func(c *Conn, s QueueState)

	// HoldReplies holds back what Write is given, and sends it together: when
	// the next Read has to wait, from 16 KiB on, and within ten milliseconds
	// in any case. Serve does so without being told.
	HoldReplies bool

	// MaxFragments is how many frames a message may consist of. Zero: 131,072.
	// Negative: no limit.
	MaxFragments int

	// MaxControls is how many control frames may come inside of a message.
	// Zero: 4,096. Negative: no limit.
	MaxControls int

	// MessageBudget bounds what connections hold together of messages that have not
	// come as a whole, or are being handled, or wait in a Queue: limits of each alone
	// say nothing about a thousand of them, and 7 KiB may inflate to 8 MiB. The first
	// 64 KiB of a message and of a Queue are free. A connection that needs more than
	// there is is closed with 1013 (Try Again Later). What Reader is used for is not
	// counted. nil: no limit.
	MessageBudget *Budget

	// Rate bounds the messages and the bytes that the peer sends over time. Over it,
	// the connection is read no further until it may be, so that the peer has to wait;
	// pings that it has sent are answered later then, too. Or it is closed with 1008
	// (Policy Violation), if Rate.Close is set. Zero: no limit.
	Rate Rate

	// Counters counts what connections do, and handshakes that fail; the same one may
	// be given to any number of them. nil: nothing is counted.
	Counters *Counters
}

// AcceptConnOptions are those of [AcceptConn]: [AcceptOptions], and what an HTTP server
// has options of its own for. nil and the zero value stand for the defaults. They
// are not changed and may be shared.
type AcceptConnOptions struct {
	AcceptOptions

	// HandshakeTimeout is how long to wait for the request, and for the response
	// to be taken. Zero: 10 seconds. Negative: no limit.
	HandshakeTimeout time.Duration

	// OnHandshake is shown the request once it has been found correct, and its
	// origin allowed. It is valid until OnHandshake returns. An error refuses the
	// request: ws.RejectConnectionError says with which response. That to other errors
	// has status 500, and not their text.
	OnHandshake func(request httpx.Request) error

	// Header is added to the response. Accept takes what is in the header of its
	// http.ResponseWriter.
	Header http.Header

	// HeadLimits bounds the request; over it the answer is 431. Zero fields stand
	// for 64 KiB, lines of 16 KiB and 128 fields, negative ones for no limit. For
	// Accept, http.Server.MaxHeaderBytes is it.
	HeadLimits httpx.Limits
}

var zeroAcceptConnOptions AcceptConnOptions // nil stands for them

// handshakeTimeout is what a zero HandshakeTimeout stands for.
const handshakeTimeout = 10 * time.Second

// handshakeTimeout is the bound in the terms of ws.Upgrader.
func (o *AcceptConnOptions) handshakeTimeout() time.Duration {
	if o.HandshakeTimeout == 0 {
		return handshakeTimeout
	}
	return max(o.HandshakeTimeout, 0)
}

// DialOptions are those of [Dial]. nil and the zero value stand for the defaults.
// They are not changed and may be shared.
type DialOptions struct {
	// HTTPClient makes the request: its transport connects, by way of a proxy
	// or to a unix socket if it says so, its jar knows the cookies, and it
	// follows redirects. nil: http.DefaultClient. Its Timeout bounds the
	// handshake. With the transport of package h2 the connection is a stream of
	// HTTP/2.
	HTTPClient *http.Client

	// HTTPHeader is added to the request. The fields of the handshake itself
	// cannot be set.
	HTTPHeader http.Header

	// Host is the request's Host field. Empty: the URL's.
	Host string

	// Subprotocols are those to ask for, by preference.
	Subprotocols []string

	// CompressionMode is whether compression is offered. The default is
	// CompressionDisabled.
	CompressionMode CompressionMode

	// CompressionThreshold is the size in bytes from which on messages are
	// compressed. Zero: 512, or 128 with context takeover.
	CompressionThreshold int

	// Compression is how messages are compressed, and what that may cost. nil: the
	// defaults.
	Compression *CompressionOptions

	// OnPingReceived is called for each ping, by whoever reads. If it returns
	// false, no pong is sent. payload is valid until it returns. It may write,
	// but neither read nor Ping nor Close: those wait for whoever reads.
	OnPingReceived func(ctx context.Context, payload []byte) bool

	// OnPongReceived is called for each pong, by whoever reads. payload is
	// valid until it returns. It may do what OnPingReceived may.
	OnPongReceived func(ctx context.Context, payload []byte)

	// OnOpen is called for each connection before Dial returns it, as in
	// AcceptOptions. ctx has the values of Dial's.
	OnOpen func(ctx context.Context, c *Conn) (onEnd func(end *ConnError))

	// ReadTimeout is how long the connection may be silent while it is read;
	// then it is closed with 1008. Whatever arrives counts. Zero: no limit.
	ReadTimeout time.Duration

	// WriteTimeout is how long one call that writes may take, however long its
	// message is and however steadily the peer takes it; then the connection
	// has ended. Zero: no limit.
	WriteTimeout time.Duration

	// StallTimeout is how long the peer may take to take the next 64 KiB of what is
	// sent to it, or the rest of it; then the connection has ended. So a peer that
	// is slow to take something long is told from one that takes nothing. Zero: no
	// limit.
	StallTimeout time.Duration

	// KeepAlive finds out whether a silent peer is still there. Zero: it does not,
	// and the connection of one that has vanished stays.
	KeepAlive KeepAlive

	// Queue and OnQueue are for a slow peer, as in AcceptOptions.
	Queue   *Queue
	OnQueue func(c *Conn, s QueueState)

	// HoldReplies holds back what Write is given, as in AcceptOptions.
	HoldReplies bool

	// HeadLimits bounds the fields of the response, as in AcceptConnOptions. The
	// transport of HTTPClient has limits of its own, such as
	// http.Transport.MaxResponseHeaderBytes.
	HeadLimits httpx.Limits

	// MaxFragments and MaxControls bound messages, as in AcceptOptions.
	MaxFragments, MaxControls int

	// MessageBudget bounds what connections hold together of messages, as in
	// AcceptOptions.
	MessageBudget *Budget

	// Rate bounds what the server sends over time, as in AcceptOptions.
	Rate Rate

	// Counters counts what connections do, as in AcceptOptions.
	Counters *Counters
}

func (o *AcceptOptions) settings() *settings {
	s := settings{
		onPing:       o.OnPingReceived,
		onPong:       o.OnPongReceived,
		readTimeout:  o.ReadTimeout,
		writeTimeout: o.WriteTimeout,
		stallTimeout: o.StallTimeout,
		keepAlive:    o.KeepAlive,
		hold:         heldBy(o.HoldReplies),
		threshold:    int64(o.CompressionThreshold),
		level:        o.Compression.level(),
		fragments:    o.MaxFragments,
		controls:     o.MaxControls,
		budget:       o.MessageBudget,
		queue:        o.Queue,
		onQueue:      o.OnQueue,
		counters:     o.Counters,
	}
	return s.limitedTo(&o.Rate).shared()
}

func (o *DialOptions) settings() *settings {
	s := settings{
		onPing:       o.OnPingReceived,
		onPong:       o.OnPongReceived,
		readTimeout:  o.ReadTimeout,
		writeTimeout: o.WriteTimeout,
		stallTimeout: o.StallTimeout,
		keepAlive:    o.KeepAlive,
		hold:         heldBy(o.HoldReplies),
		threshold:    int64(o.CompressionThreshold),
		level:        o.Compression.level(),
		fragments:    o.MaxFragments,
		controls:     o.MaxControls,
		budget:       o.MessageBudget,
		queue:        o.Queue,
		onQueue:      o.OnQueue,
		counters:     o.Counters,
	}
	return s.limitedTo(&o.Rate).shared()
}

// limitedTo sets s.rate, if r limits anything.
func (s *settings) limitedTo(r *Rate) *settings {
	if r.Messages > 0 || r.Bytes > 0 {
		own := *r // r would hold all the options
		s.rate = &own
	}
	return s
}

// shared returns defaultSettings if s is like them, and a copy of s otherwise.
func (s *settings) shared() *settings {
	if s.onPing == nil && s.onPong == nil &&
		s.readTimeout == 0 && s.writeTimeout == 0 && s.stallTimeout == 0 && s.keepAlive == (KeepAlive{}) &&
		s.hold == endpoint.HoldNothing && s.threshold == 0 && s.level == 0 &&
		s.fragments == 0 && s.controls == 0 && s.budget == nil && s.queue == nil && s.onQueue == nil && s.counters == nil && s.rate == nil {
		return &defaultSettings
	}
	own := *s
	return &own
}

// defaultSettings are shared by all connections that have no others.
var defaultSettings settings

// heldBy returns settings.hold for HoldReplies.
func heldBy(hold bool) endpoint.Hold {
	if hold {
		return endpoint.HoldReplies
	}
	return endpoint.HoldNothing
}
