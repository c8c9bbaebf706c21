//go:build !nobus

// Package bus opens what the flag --bus of "wirews serve" names.
package bus

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wshub/natsbus"
	"github.com/wirews/wirews/wshub/redisbus"
)

// URL is a URL that has been understood.
type URL struct {
	scheme   string
	servers  string // as the broker's package takes them
	shown    string // without a password
	prefix   string
	replicas int
}

// String returns the URL without the name and the password in it.
func (u URL) String() string { return u.shown }

// Error is what is wrong with a URL.
type Error struct {
	Shown  string // the URL, without name and password
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("%q: %s", e.Shown, e.Reason) }

// Parse understands a URL, which for NATS may have several hosts with commas between
// them. The error is an *Error.
func Parse(text string) (URL, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	u := URL{scheme: scheme, shown: text}
	bad := func(reason string) (URL, error) { return URL{}, &Error{u.shown, reason} }
	if !ok || !slices.Contains([]string{"nats", "jetstream", "redis", "rediss"}, scheme) {
		u.shown = redacted(text)
		return bad("want nats://HOST:PORT, jetstream://HOST:PORT or redis://HOST:PORT")
	}
	hosts, query, _ := strings.Cut(rest, "?")
	var servers, shown []string
	for host := range strings.SplitSeq(hosts, ",") {
		server := scheme + "://" + host
		parsed, err := url.Parse(server)
		if err != nil || parsed.Hostname() == "" {
			u.shown = redacted(text)
			return bad("want a host after " + scheme + "://")
		}
		if scheme == "jetstream" {
			server = "nats://" + host
		}
		servers = append(servers, server)
		shown = append(shown, redacted(host))
	}
	u.servers, u.shown = strings.Join(servers, ","), scheme+"://"+strings.Join(shown, ",")
	values, err := url.ParseQuery(query)
	if err != nil {
		return bad("the part after ? is no query")
	}
	for name := range values {
		switch value := values.Get(name); {
		case name == "prefix":
			u.prefix = value
		case name == "replicas" && scheme == "jetstream":
			if _, err := fmt.Sscan(value, &u.replicas); err != nil || !slices.Contains([]int{1, 3, 5}, u.replicas) {
				return bad("replicas are 1, 3 or 5")
			}
		default:
			return bad(fmt.Sprintf("%q is not known after ?", name))
		}
	}
	if strings.HasPrefix(scheme, "redis") && len(servers) > 1 {
		return bad("want one server: Redis in several is not supported")
	}
	return u, nil
}

// redacted returns a text without what is before an @, which is where passwords are.
func redacted(text string) string {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		scheme, rest = "", text
	} else {
		scheme += "://"
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	return scheme + rest
}

// Open connects to the broker.
func (u URL) Open(ctx context.Context) (wshub.Bus, error) {
	switch u.scheme {
	case "nats":
		return natsbus.OpenCore(ctx, u.servers, natsbus.Options{Prefix: u.prefix})
	case "jetstream":
		return natsbus.OpenJetStream(ctx, u.servers, natsbus.Options{Prefix: u.prefix}, Keep(u.replicas))
	}
	redis.SetLogger(quiet{})
	return redisbus.Open(ctx, u.servers, redisbus.Options{Prefix: u.prefix, Messages: keep, Age: keepAge})
}

// What brokers keep is bounded: rooms have the names that clients give them.
const (
	keep      = 100 // messages of a room
	keepAge   = 10 * time.Minute
	keepBytes = 64 << 20 // of a shard; Redis has a limit of its own
)

// Keep is what JetStream keeps, of --bus and of --cluster.
func Keep(replicas int) natsbus.Keep {
	return natsbus.Keep{Replicas: replicas, Messages: keep, Age: keepAge, Bytes: keepBytes}
}

// quiet takes what go-redis logs of connections that fail, in a form and at a place of its
// own: errors say the same.
type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}
