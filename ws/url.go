package ws

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// ParseURL parses the URL of a WebSocket server as [Dialer.Dial] does: the scheme
// is ws, wss, http or https, and there is a host (RFC 6455, section 3). The error
// is a [*RequestError] that says which of them is wrong, or one of package url. It
// does not hold a password.
func ParseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		// What url.Error repeats of the URL may hold a password.
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return nil, fmt.Errorf("ws: cannot parse the URL: %w", err)
	}
	switch u.Scheme {
	case "ws", "wss", "http", "https":
	default:
		return nil, requestError("URL scheme", u.Scheme)
	}
	if u.Hostname() == "" || u.Opaque != "" {
		return nil, requestError("URL without a host", u.Scheme+"://"+u.EscapedPath()) // the rest may be secret
	}
	return u, nil
}

func hostOf(u *url.URL) string {
	name := u.Hostname()
	if strings.Contains(name, ":") {
		// RFC 6874, 4: a zone identifier is of no meaning to the server.
		name, _, _ = strings.Cut(name, "%")
	}
	port := u.Port()
	if port == defaultPort(u.Scheme) {
		port = ""
	}
	switch {
	case port != "":
		return net.JoinHostPort(name, port)
	case strings.Contains(name, ":"):
		return "[" + name + "]"
	}
	return name
}

func defaultPort(scheme string) string {
	if scheme == "wss" || scheme == "https" {
		return "443"
	}
	return "80"
}
