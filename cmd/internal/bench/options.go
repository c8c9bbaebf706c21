// Package bench is the load generator behind the command "wirews bench": it
// opens connections to a WebSocket server, sends messages that the server has
// to echo, compares every byte that comes back, and measures.
package bench

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Mode is what the connections are opened for.
type Mode string

// The modes.
const (
	Echo      Mode = "echo"      // send messages and wait for their echoes
	Idle      Mode = "idle"      // one message each, and then hold them
	Handshake Mode = "handshake" // open, upgrade, reset, and again
)

// Options are what the command's flags set.
type Options struct {
	Target
	Load
	Payload
	Mode  Mode
	Label string // name of the run in reports

	threads bool // use no epoll even where there is one
}

// Target is the server, and how it is reached.
type Target struct {
	URL     *url.URL
	Raw     bool         // no WebSocket: the server echoes bytes
	HTTP2   bool         // connections are streams of HTTP/2, many to one connection of TCP
	HTTP3   bool         // they are streams of HTTP/3, many to one connection of QUIC
	TLS     *tls.Config  // for wss
	Header  http.Header  // to add to each request
	Sources []netip.Addr // local addresses to connect from, in turn
	PID     int          // its process, on this machine; 0: unknown
}

// Load is how much there is to do, and for how long.
type Load struct {
	Connections int           // at once
	RoomSize    int           // connections in a room, in the modes of rooms; 0: all in one
	InFlight    int           // messages without an answer on each connection; 0: 1, or with a Rate no bound
	Rate        float64       // messages a second on all connections together; 0: as fast as answers come
	Stages      []Stage       // through which the rate goes from Rate on, instead of Warmup and Duration; nil: it stays
	Warmup      time.Duration // before measuring
	Duration    time.Duration // of measuring
	Timeout     time.Duration // for a connection to open, and for the last answers
	Loops       int           // event loops, each of one thread; 0: one for two processors
}

// Payload is what messages are made of.
type Payload struct {
	Size       int    // in bytes
	Kind       string // one of Kinds
	Fragment   int    // payload of a frame in bytes; 0: a message is one frame
	FreshMasks bool   // a new masking key for each frame, instead of reusing prepared frames
	Compress   bool   // offer permessage-deflate
	NoTakeover bool   // ask the server to compress each message separately
}

// Default returns the options that the command starts from.
func Default() Options {
	return Options{
		Mode:    Echo,
		Target:  Target{Header: make(http.Header)},
		Load:    Load{Connections: 1, Warmup: 500 * time.Millisecond, Duration: 10 * time.Second, Timeout: 10 * time.Second},
		Payload: Payload{Size: 128, Kind: "binary"},
	}
}

// Check reports what makes no sense.
func (o Options) Check() error {
	switch {
	case !slices.Contains(Modes(), string(o.Mode)):
		return fmt.Errorf("mode %q is none of %s", o.Mode, strings.Join(Modes(), ", "))
	case !slices.Contains(Kinds(), o.Kind):
		return fmt.Errorf("kind %q is none of %s", o.Kind, strings.Join(Kinds(), ", "))
	case o.Connections < 1:
		return fmt.Errorf("%d connections: at least one is needed", o.Connections)
	case o.InFlight < 0 || o.Size < 0 || o.Fragment < 0 || !(o.Rate >= 0) || o.Loops < 0 || o.PID < 0:
		return errors.New("numbers cannot be negative")
	case o.Size > 1<<30:
		return fmt.Errorf("payload of %d bytes: 1 GiB is the most", o.Size)
	case o.Size == 0 && o.Kind == "json":
		return errors.New("JSON has at least one byte: give another size or kind")
	case o.Duration <= 0 || o.Warmup < 0 || o.Timeout <= 0:
		return errors.New("duration and timeout have to be above 0, and the warm-up not below")
	case o.Rate > maxRate:
		return fmt.Errorf("%g messages a second: one a nanosecond is the most", o.Rate)
	case o.openLoop() && o.Mode != Echo && !o.Mode.inRooms():
		return fmt.Errorf("a rate is for the modes echo, fanout and chat, not for %s", o.Mode)
	case o.Raw && (o.Compress || o.Mode != Echo || o.URL.Scheme == "wss"):
		return errors.New("a raw server is for the mode echo, without compression and TLS")
	case o.overStreams() && (o.Raw || len(o.Sources) > 0):
		return errors.New("over HTTP/2 and HTTP/3 there is no raw server, and no choice of local addresses")
	case o.HTTP2 && o.HTTP3:
		return errors.New("a connection is a stream of HTTP/2 or of HTTP/3, not of both")
	case o.HTTP3 && o.URL.Scheme != "wss":
		return errors.New("HTTP/3 is always encrypted: give a URL with wss")
	case o.FreshMasks && (o.Compress || o.Raw):
		return errors.New("fresh masks are for messages that are not compressed, of a WebSocket server")
	case o.NoTakeover && !o.Compress:
		return errors.New("context takeover is a matter of compression")
	}
	return o.checkRooms()
}

// Modes returns the names of the modes.
func Modes() []string {
	return []string{string(Echo), string(Idle), string(Handshake), string(FanOut), string(Chat)}
}

// maxRate is a message a nanosecond.
const maxRate = 1e9

// openLoop reports whether messages are sent at their times, whatever the server does.
func (o Options) openLoop() bool { return o.Rate > 0 || o.Stages != nil }

// overStreams reports whether connections are streams.
func (o Options) overStreams() bool { return o.HTTP2 || o.HTTP3 }

// inFlight is the bound for one connection; 0: none.
func (o Options) inFlight() int {
	if o.InFlight == 0 && !o.openLoop() {
		return 1
	}
	return o.InFlight
}

// overEpoll reports whether the loops can drive the sockets themselves.
func (o Options) overEpoll() bool {
	return haveEpoll && !o.threads && !o.overStreams() && o.URL.Scheme != "wss"
}
