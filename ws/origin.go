package ws

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/wirews/wirews/httpx"
)

// OriginPolicy says whether a page from origin, the value of the request's
// Origin field, may open a WebSocket to host, the one that the request is for:
// the value of its Host field, or the host of its target if that is a whole URI.
// Browsers let any page on the web try, and send the user's cookies along
// (RFC 6455, section 10.2), so a server that trusts cookies needs a policy.
// Programs other than browsers send no Origin; they are not asked about.
// The arguments are valid until the function returns.
type OriginPolicy func(origin, host []byte) bool

// SameOrigin is the [OriginPolicy] that allows the pages that this host itself
// has served over http or https: host and port are the same, where http stands
// for port 80 and https for 443 if none is given. Which of the two schemes it
// is does not count, because a server behind a proxy that ends TLS does not
// know its own. ws is taken for http and wss for https: some clients that are no
// browsers make an Origin of the URL that they dial.
func SameOrigin(origin, host []byte) bool {
	scheme, authority, ok := cutOrigin(origin)
	// Two valid hosts are ASCII: bytes.EqualFold folds nothing else then.
	if !ok || !httpx.IsHost(host) {
		return false
	}
	var port string
	switch {
	case isHTTP(scheme):
		port = ":80"
	case isHTTPS(scheme):
		port = ":443"
	default:
		return false
	}
	return bytes.EqualFold(bytes.TrimSuffix(authority, []byte(port)), bytes.TrimSuffix(host, []byte(port)))
}

// cutOrigin splits a serialised origin (RFC 6454, section 6.2). The origin
// "null" is none.
func cutOrigin(origin []byte) (scheme, authority []byte, ok bool) {
	scheme, authority, ok = bytes.Cut(origin, []byte("://"))
	return scheme, authority, ok && len(scheme) > 0 && httpx.IsHost(authority)
}

// AllowOrigins returns an [OriginPolicy] that allows what [SameOrigin] does, and
// every origin that matches one of the patterns, regardless of case. A
// pattern is one of path.Match without its classes in brackets, which stand
// for those of an IPv6 address here: * is any run of characters other than a
// slash. With "://" in it, it is matched against the whole origin
// ("https://*.example.com"), otherwise against its host and port
// ("*.example.com", "localhost:*", "[::1]:8080"). The pattern "*" allows every
// origin. An origin without a host, such as "null" of a sandboxed frame or
// "file://" of a web view, is matched by the pattern that spells it out and by no
// wildcard but "*". The error tells which pattern is malformed.
func AllowOrigins(patterns ...string) (OriginPolicy, error) {
	lower := make([]string, len(patterns))
	for i, p := range patterns {
		lower[i] = strings.ReplaceAll(strings.ToLower(p), "[", `\[`)
		_, err := path.Match(lower[i], "")
		if err != nil || p == "" || strings.Count(p, "[") != strings.Count(p, "]") {
			return nil, fmt.Errorf("ws: origin pattern %q: %w", p, path.ErrBadPattern)
		}
	}
	return func(origin, host []byte) bool {
		if SameOrigin(origin, host) {
			return true
		}
		_, authority, valid := cutOrigin(origin)
		for _, p := range lower {
			against := authority
			if strings.Contains(p, "://") {
				against = origin
			}
			matched, _ := path.Match(p, strings.ToLower(string(against)))
			if !valid {
				matched = hostless(origin) && p == strings.ToLower(string(origin))
			}
			if matched || p == "*" {
				return true
			}
		}
		return false
	}, nil
}

// hostless reports whether origin is one that has no host by its nature: "null"
// (RFC 6454, section 6.1), or a scheme alone.
func hostless(origin []byte) bool {
	scheme, ok := bytes.CutSuffix(origin, []byte("://"))
	return ok && httpx.IsToken(scheme) || string(origin) == "null"
}

// checkOrigin applies the policy, if there is one, to what the request says. A
// page has one origin.
func (u *Upgrader) checkOrigin(fields httpx.Fields, o *offer) error {
	if u.Origin == nil || o.origins == 0 || o.origins == 1 && u.Origin(o.origin, o.host) {
		return nil
	}
	return u.refuseOrigin(fields, o)
}

func (u *Upgrader) refuseOrigin(fields httpx.Fields, o *offer) error {
	origin := bytes.Join(slices.Collect(fields.Values("Origin")), []byte(", "))
	if u.OnBadOrigin != nil {
		if err := u.OnBadOrigin(origin, o.host); err != nil {
			return err
		}
	}
	return reject(ErrHandshakeBadOrigin, origin)
}
