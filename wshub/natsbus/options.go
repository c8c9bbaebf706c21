package natsbus

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
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
	if end, limited := ctx.Deadline(); limited {
		opts = append(opts, nats.Timeout(max(time.Until(end), time.Millisecond)))
	}
	nc, err := nats.Connect(url, append(opts, o.Connect...)...)
	if err != nil {
		return nil, fmt.Errorf("natsbus: connect to %q: %w", withoutUser(url), err)
	}
	return nc, nil
}

// withoutUser returns the servers of a URL without names and passwords, which are not for
// a log.
func withoutUser(urls string) string {
	servers := strings.Split(urls, ",")
	for i, s := range servers {
		scheme, host, ok := strings.Cut(s, "://")
		if !ok {
			scheme, host = "", s
		} else {
			scheme += "://"
		}
		servers[i] = scheme + host[strings.LastIndexByte(host, '@')+1:]
	}
	return strings.Join(servers, ",")
}

// shard returns the number of the one that a topic belongs to.
func (o Options) shard(topic string) int {
	h := fnv.New32a()
	h.Write([]byte(topic))
	return int(h.Sum32() % uint32(o.Shards))
}
