// Package serve is the server of the command "wirews serve": a web page
// and the WebSocket endpoints that it talks to, which are an echo, the time,
// and a chat.
package serve

import (
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wsproto"
)

// Options are what the command's flags set.
type Options struct {
	Trial
	Limits
	Chat

	Origins      []string     // of web pages that may connect besides the server's own, as ws.AllowOrigins takes them
	Uncompressed bool         // whether permessage-deflate is declined
	HideVars     bool         // whether there is no /debug/vars, and no /metrics
	TLS          *tls.Config  // with a certificate; nil: no TLS
	HTTP2        bool         // whether HTTP/2 is spoken without TLS too, with clients that know it; not with Poll
	Log          *slog.Logger // nil: none
	Poll         bool         // whether package wspoll serves the WebSocket connections, instead of package websocket
}

// Limits are what clients may send, and how long they may take. Zero stands for no limit, and in
// DeflateSpace for no context takeover.
type Limits struct {
	MaxMessage    int64         // bytes
	MessageMemory int64         // bytes of unfinished messages that all connections may hold together
	MaxHead       int           // bytes of a request's head; net/http grants 4,096 more, and 1 MiB for zero
	MaxConns      int           // WebSocket connections at a time
	DeflateSpace  int64         // bytes that connections may hold together for context takeover
	Handshake     time.Duration // for a request to arrive, and for its answer to leave
	Keepalive     time.Duration // silence after which a peer is pinged
	WriteTimeout  time.Duration // for a peer to take the next 64 KiB of what is sent to it
}

// Chat is about the chat.
type Chat struct {
	ChatQueue int       // messages that may wait for a member before it is dropped; at least 1
	Bus       wshub.Bus // connects the chat to those of other servers; nil: there are none. Not with Poll
	Node      string    // the name of this server among them
}

// Trial is what tests of clients need.
type Trial struct {
	Command string // path of this command, which the page may run against the server; empty: it may not

	Script *Script // what /script says; nil: there is no such endpoint
	Loss   float64 // share of the messages of /echo, /time and /script that are not sent, from 0 to 1
}

// Default returns the options that the command starts from.
func Default() Options {
	return Options{
		Limits: Limits{
			MaxMessage:    wsproto.DefaultMaxMessage,
			MessageMemory: 4 * wsproto.DefaultMaxMessage,
			MaxHead:       httpx.DefaultMaxHead,
			DeflateSpace:  64 << 20,
			Handshake:     10 * time.Second,
			Keepalive:     30 * time.Second,
			WriteTimeout:  30 * time.Second,
		},
		Chat: Chat{ChatQueue: 256},
	}
}

// limit is that of messages, in bytes; -1: none.
func (l Limits) limit() int64 {
	if l.MaxMessage <= 0 {
		return -1
	}
	return l.MaxMessage
}

// small is the limit of the endpoints that have no use for long messages.
func (l Limits) small() int64 {
	if l.MaxMessage <= 0 {
		return maxSaid
	}
	return min(maxSaid, l.MaxMessage)
}

// accept are the options of all connections. messages bounds what they hold of
// messages that have not come as a whole.
func (o Options) accept(messages *websocket.Budget) *websocket.AcceptOptions {
	a := &websocket.AcceptOptions{
		OriginPatterns: o.Origins,
		KeepAlive:      websocket.KeepAlive{Interval: o.Keepalive},
		StallTimeout:   o.WriteTimeout,
		MessageBudget:  messages,
	}
	if !o.Uncompressed {
		a.CompressionMode = websocket.CompressionContextTakeover
		a.Compression = &websocket.CompressionOptions{Budget: websocket.NewBudget(o.DeflateSpace)}
	}
	return a
}
