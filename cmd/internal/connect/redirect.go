package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/ws"
)

// dialFollowing dials, and goes where the server sends it, o.Redirects times at
// most. Credentials go to no other server: what has another scheme, host or port.
func dialFollowing(ctx context.Context, u *url.URL, o Options, trace io.Writer) (*conn, error) {
	for n := 0; ; n++ {
		c, err := dial(ctx, u, o, trace)
		next := redirection(err, u)
		if next == nil {
			return c, err
		}
		if o.Redirects == 0 {
			return nil, exit.With(exit.Refused, fmt.Errorf("follow it by -L to %s: %w", plain.Line(plain.URL(next)), err))
		}
		if n == o.Redirects {
			return nil, exit.With(exit.Refused, fmt.Errorf("allow more by --max-redirects, because %d were followed: %w", n, err))
		}
		if trace != nil {
			fmt.Fprintf(trace, "* redirected to %s\n", plain.Line(plain.URL(next)))
		}
		if next.Scheme != u.Scheme || next.Host != u.Host {
			o = o.withoutCredentials()
		}
		u = next
	}
}

// redirection returns where a refusal sends the client; nil: nowhere.
func redirection(err error, from *url.URL) *url.URL {
	refusal, ok := errors.AsType[*ws.ResponseError](err)
	if !ok {
		return nil
	}
	switch refusal.Status {
	case 301, 302, 303, 307, 308:
	default:
		return nil
	}
	location, _ := refusal.Header.First("Location")
	there, err := from.Parse(string(location))
	if err != nil || len(location) == 0 {
		return nil
	}
	there.Fragment = "" // of no use to a server
	next, err := ParseURL(there.String())
	if err != nil {
		return nil
	}
	return next
}

// withoutCredentials returns o without what tells a server who its user is.
func (o Options) withoutCredentials() Options {
	o.UserInfo = nil
	o.Header = o.Header.Clone()
	for _, name := range []string{"Authorization", "Cookie"} {
		o.Header.Del(name)
	}
	return o
}
