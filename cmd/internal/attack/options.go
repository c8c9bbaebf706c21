package attack

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/wirews/wirews/cmd/internal/plain"
)

// Options are what the command's flags set.
type Options struct {
	URL         *url.URL // ws or wss
	Only        []string // patterns of attacks; empty: all
	Duration    time.Duration
	Connections int           // that an attack has at once
	Handshake   time.Duration // by when a server should have ended a handshake that is not finished
	Patience    int           // what the times are multiplied with that a server has to answer in
	Fields      []string      // lines to add to each request
	TLS         *tls.Config
	PID         int  // process of the server; 0: unknown
	Own         bool // the server is the user's own, though it is not on this machine

	Each func(*Result) // called with each result as it is made; may be nil

	answerTime, canaryTime time.Duration // in which a server answers and closes, and in which others have their echo
	settle                 time.Duration // see settleTime; zero: twice the time for an answer
}

// Default returns the options that the command starts from.
func Default() Options {
	return Options{
		Duration: 2 * time.Second, Connections: 20, Handshake: 15 * time.Second, Patience: 1,
		// RFC 6455 has no numbers. This is what a user bears.
		answerTime: 5 * time.Second, canaryTime: 2 * time.Second,
	}
}

// maxPatience has a server answer within hours.
const maxPatience = 1000

func (o *Options) answer() time.Duration { return o.answerTime * time.Duration(o.Patience) }

// quiet is after what silence a server counts as one that takes no more.
func (o *Options) quiet() time.Duration { return max(time.Second, o.answer()/10) }

func (o *Options) canary() time.Duration { return o.canaryTime * time.Duration(o.Patience) }

// ErrNotYours refuses to attack a machine that is not this one.
var ErrNotYours = errors.New("only servers on this machine are attacked, unless --i-own-this-server says that you may")

// check reports what makes no sense, or must not be.
func (o *Options) check() error {
	switch {
	case o.Duration <= 0 || o.Handshake <= 0 || o.Connections < 1 || o.Patience < 1:
		return errors.New("attack: times, connections and patience have to be above 0")
	case o.Patience > maxPatience:
		return fmt.Errorf("attack: a patience of %d is more than %d", o.Patience, maxPatience)
	case o.PID < 0:
		return fmt.Errorf("attack: there is no process %d", o.PID)
	case o.URL.Scheme != "ws" && o.URL.Scheme != "wss":
		return fmt.Errorf("attack: %s: want a URL that begins with ws:// or wss://", plain.URL(o.URL))
	}
	if o.Own || isLoopback(o.URL.Hostname()) {
		return nil
	}
	return fmt.Errorf("attack: %s: %w", o.URL.Hostname(), ErrNotYours)
}

// isLoopback reports whether every address of host is one of this machine.
func isLoopback(host string) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap().IsLoopback()
	}
	all, err := net.LookupIP(host)
	for _, ip := range all {
		if !ip.IsLoopback() {
			return false
		}
	}
	return err == nil && len(all) > 0
}

// List writes the attacks that the patterns select.
func List(w io.Writer, only []string) error {
	chosen, err := Select(only)
	if err != nil {
		return err
	}
	about := make(map[string]string)
	for _, f := range families {
		about[f.name] = f.about
	}
	family := ""
	var all strings.Builder
	for _, a := range chosen {
		if a.Family() != family {
			family = a.Family()
			fmt.Fprintf(&all, "%s: %s\n", family, about[family])
		}
		fmt.Fprintf(&all, "  %-32s %s\n  %-32s wanted: %s (%s)\n", a.Name, a.Does, "", a.Wants, a.RFC)
	}
	_, err = io.WriteString(w, all.String())
	return err
}
