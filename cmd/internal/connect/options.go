// Package connect is the client of the command "wirews connect": a
// conversation with a WebSocket server, by hand or by a script.
package connect

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/wsproto"
)

// Options are what the command's flags set.
type Options struct {
	Request
	Route
	Times
	MaxMessage int64 // bytes; 0: no limit
	Verbose    bool  // show the handshake and every frame

	Record  io.Writer // what frames are recorded to; nil: nothing
	View    View
	Pipe    PipeOptions
	History string // file to keep the lines in that were typed; empty: none
}

// Request is what the server is asked for, and who asks.
type Request struct {
	Header       http.Header
	Subprotocols []string
	UserInfo     *url.Userinfo // for basic authentication; nil: what the URL has
	Compress     bool          // offer permessage-deflate
}

// Route is how the server is reached.
type Route struct {
	TLS       *tls.Config                      // nil: the system's certificate authorities
	Proxy     func(*url.URL) (*url.URL, error) // finds it, as ws.Dialer.Proxy; nil: none
	Redirects int                              // to follow; 0: none
	HTTP2     bool                             // over HTTP/2, which the server has to offer
	HTTP3     bool                             // over HTTP/3, likewise; not with Proxy and Unix
	Unix      string                           // path of a socket to connect to instead of the URL's host
}

// Times are how long things may take; 0 is no limit.
type Times struct {
	ConnectTimeout time.Duration // for TCP, TLS and the handshake together
	CloseTimeout   time.Duration // for the server to answer a close frame
	Timeout        time.Duration // for everything
	PingInterval   time.Duration // at which the server is pinged; 0: never
	Reconnect      time.Duration // the longest wait before a lost connection is opened again; 0: it is not
}

// PipeOptions say what a script sends, and what it waits for.
type PipeOptions struct {
	Replay    *Replay       // to send instead of what stdin has
	Messages  []string      // to send instead of what stdin has
	Separator byte          // between messages, on stdin and stdout
	Whole     bool          // all of stdin is one message, and on stdout no Separator
	Binary    bool          // send binary messages, and print received ones as they are
	Count     int           // messages to wait for, and to end after; 0: any number
	Wait      time.Duration // to stay connected after the end of stdin
	Terminal  bool          // stdout is a terminal, which is to obey nothing in a message
}

// Wanted reports whether anything was asked for that a script needs and a
// person on a terminal does not.
func (o PipeOptions) Wanted() bool {
	return o.Messages != nil || o.Replay != nil || o.Separator != '\n' || o.Whole || o.Binary || o.Count > 0 || o.Wait > 0
}

// Default returns the options that the command starts from.
func Default() Options {
	return Options{
		Request:    Request{Header: make(http.Header)},
		Times:      Times{ConnectTimeout: 10 * time.Second, CloseTimeout: 5 * time.Second},
		MaxMessage: wsproto.DefaultMaxMessage,
		Pipe:       PipeOptions{Separator: '\n'},
	}
}

// ParseURL returns the URL of a server. Without a scheme it is ws, and http and
// https stand for ws and wss.
func ParseURL(s string) (*url.URL, error) {
	full := s
	// One in a path or a query is not that of the URL.
	if before, _, ok := strings.Cut(s, "://"); !ok || strings.ContainsAny(before, "/?#") {
		full = "ws://" + s
	}
	u, err := url.Parse(full)
	if err != nil {
		if bad, ok := errors.AsType[*url.Error](err); ok {
			err = bad.Err
		}
		return nil, fmt.Errorf("what is given is no URL: %w", err) // it may have a secret
	}
	switch u.Scheme {
	case "ws", "wss":
	case "http", "https":
		u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	default:
		return nil, fmt.Errorf("%q has the scheme %q: a WebSocket URL begins with ws:// or wss://", plain.URL(u), u.Scheme)
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("%q names no host", plain.URL(u))
	}
	if u.Fragment != "" {
		return nil, fmt.Errorf("%q has a fragment after it: RFC 6455 knows none; write %%23 for # in a path", plain.URL(u))
	}
	return u, nil
}
