package natsbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	neturl "net/url"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Options are those of both buses. All nodes must have the same Prefix and Shards.
type Options struct {
	// Prefix is what the names of subjects and streams begin with: letters, digits, - and
	// _. Buses with different ones do not see each other. Empty: wshub.
	Prefix string

	// Shards is how many consumers share the topics. More than one help a node that has
	// more processors than one, and JetStream, where each is a stream with a leader of its
	// own. Zero: 4.
	Shards int

	// Connect are options for the connection, such as credentials. The bus has options of
	// its own, which come first: it connects again for ever, and notices within about six
	// seconds that nothing comes any more.
	Connect []nats.Option
}

// The defaults of Options.
const (
	DefaultPrefix = "wshub"
	DefaultShards = 4
)

// reconnectWait is how long to wait before a server is tried again, and pingInterval
// how often the connection is tried.
const (
	reconnectWait = 100 * time.Millisecond
	pingInterval  = 2 * time.Second
	timeout       = 5 * time.Second // of what a caller has given no other limit
)

func (o Options) withDefaults() (Options, error) {
	o.Prefix = cmp.Or(o.Prefix, DefaultPrefix)
	o.Shards = cmp.Or(o.Shards, DefaultShards)
	for _, c := range []byte(o.Prefix) {
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return o, fmt.Errorf("natsbus: the prefix %q has %q; letters, digits, - and _ are allowed", o.Prefix, c)
		}
	}
	if o.Shards < 1 {
		return o, fmt.Errorf("natsbus: %d shards; at least one is needed", o.Shards)
	}
	return o, nil
}

// connect connects to the servers of a URL, or of several with commas between them.
// connected is called each time that the connection has come back.
func (o Options) connect(ctx context.Context, url string, connected func()) (*nats.Conn, error) {
	opts := []nats.Option{
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.PingInterval(pingInterval),
		nats.MaxPingsOutstanding(2),
		nats.ReconnectHandler(func(*nats.Conn) { connected() }),
	}
	nc, err := within(ctx, func() (*nats.Conn, error) { return nats.Connect(url, append(opts, o.Connect...)...) })
	if wrong, ok := errors.AsType[*neturl.Error](err); ok && wrong.Op == "parse" {
		err = errNoURL // that has all of it, the password too
	}
	shown := withoutUser(url)
	if err != nil && strings.Contains(shown, hiddenHost) {
		err = errComma // it may tell the same part as a host
	}
	if err != nil {
		return nil, fmt.Errorf("natsbus: connect to %q: %w", shown, err)
	}
	return nc, nil
}

// hiddenHost stands for what may be part of a password.
const hiddenHost = "..."

var errComma = errors.New("each server but the first needs a scheme, and a comma in a password has to be %2C; more is not told here, for it may be the password")

var errNoURL = errors.New("this is not a URL of a server")

// within returns what connect does, or the error of ctx if that ends before. A timeout
// among the options would also be that of each later attempt to connect again.
func within(ctx context.Context, connect func() (*nats.Conn, error)) (*nats.Conn, error) {
	type result struct {
		nc  *nats.Conn
		err error
	}
	done := make(chan result, 1)
	go func() {
		nc, err := connect()
		done <- result{nc, err}
	}()
	select {
	case r := <-done:
		return r.nc, r.err
	case <-ctx.Done():
		go func() {
			if r := <-done; r.err == nil {
				r.nc.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// withoutUser returns the servers of a URL without names and passwords, which are not for
// a log. What is before a comma and an @ may be the beginning of a password that has a
// comma, unless a scheme is between them.
func withoutUser(urls string) string {
	servers := strings.Split(urls, ",")
	hidden := false // the end of what is before may be that of a user
	for i, s := range slices.Backward(servers) {
		scheme, host, ok := strings.Cut(s, "://")
		if !ok {
			scheme, host = "", s
		} else {
			scheme += "://"
		}
		at := strings.LastIndexByte(host, '@')
		if host = host[at+1:]; hidden && at < 0 {
			host = hiddenHost
		}
		servers[i] = scheme + host
		hidden = !ok && (hidden || at >= 0)
	}
	return strings.Join(servers, ",")
}

// shard returns the number of the one that a topic belongs to.
func (o Options) shard(topic string) int {
	h := fnv.New32a()
	h.Write([]byte(topic))
	return int(h.Sum32() % uint32(o.Shards))
}
