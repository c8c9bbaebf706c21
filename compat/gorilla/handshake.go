package websocket

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// handshake is one opening handshake of a client. The rules are those of
// ws.ClientHandshake; net/http writes the request and reads the response, so that
// programs get an http.Response and their httptrace.ClientTrace is told.
type handshake struct {
	*Dialer
	rules  ws.ClientHandshake
	offers wsflate.Offers
	req    *http.Request
}

var errURL = errors.New("malformed ws or wss URL")

// prepare makes the request.
func (h *handshake) prepare(ctx context.Context, urlStr string, extra http.Header) error {
	u, err := parseURL(urlStr)
	if err != nil {
		return err
	}
	req := &http.Request{
		Method: http.MethodGet, URL: u, Host: u.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header),
	}
	if h.Jar != nil {
		for _, cookie := range h.Jar.Cookies(u) {
			req.AddCookie(cookie)
		}
	}
	var protocols []string // lines of the field
	if len(h.Subprotocols) > 0 {
		protocols = []string{strings.Join(h.Subprotocols, ", ")}
	}
	for name, values := range extra {
		switch name {
		case "Upgrade", "Connection", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Extensions":
			return fmt.Errorf("websocket: duplicate header not allowed: %s", name)
		case "Sec-Websocket-Protocol":
			if len(h.Subprotocols) > 0 {
				return fmt.Errorf("websocket: duplicate header not allowed: %s", name)
			}
			protocols = values
		case "Host":
			if len(values) > 0 {
				req.Host = values[0]
			}
		default:
			// A map literal may spell a name in another way than net/http. What the
			// handshake says by itself is not said twice.
			switch http.CanonicalHeaderKey(name) {
			case "Sec-Websocket-Protocol":
				protocols = values
			case "Upgrade", "Connection", "Sec-Websocket-Key", "Sec-Websocket-Version", "Sec-Websocket-Extensions":
			default:
				req.Header[name] = values
			}
		}
	}
	h.req = req.WithContext(ctx)
	return h.ask(protocols)
}

// parseURL parses the URL. Those of net/http, which writes the request, have
// other schemes.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, err
	case u.User != nil:
		return nil, errURL
	case u.Scheme == "ws":
		u.Scheme = "http"
	case u.Scheme == "wss":
		u.Scheme = "https"
	default:
		return nil, errURL
	}
	return u, nil
}

func splitProtocols(values []string) (protocols []string) {
	for _, v := range values {
		for p := range strings.SplitSeq(v, ",") {
			protocols = append(protocols, strings.TrimSpace(p))
		}
	}
	return protocols
}

// ask adds the fields of the handshake to the request, spelt as in the RFC. What the
// URL and the program's fields become is net/http's affair. Subprotocols go as the program
// has them, tokens or not: some are credentials.
func (h *handshake) ask(protocols []string) error {
	d := new(ws.Dialer)
	if h.EnableCompression {
		// The second offer is for servers that do not compress otherwise. The
		// promise of the first holds in either case.
		h.offers = wsflate.Offers{noTakeover, {}}
		d.Extensions = h.offers.Options()
	}
	h.rules.Dialer = d
	head, err := h.rules.AppendRequest(nil, &url.URL{Scheme: "ws", Host: "host.invalid"})
	if err != nil {
		return err
	}
	parsed, err := httpx.ParseRequest(head, nil)
	if err != nil {
		return err
	}
	for _, f := range parsed.Fields {
		if name := string(f.Name); name != "Host" {
			h.req.Header[name] = append(h.req.Header[name], string(f.Value))
		}
	}
	if len(protocols) > 0 {
		h.req.Header["Sec-WebSocket-Protocol"] = protocols
		d.Protocols = splitProtocols(protocols) // what the response may name
	}
	return nil
}
