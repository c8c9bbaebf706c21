package websocket

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/wirews/wirews/httpx"
)

// IsWebSocketUpgrade reports whether a request asks for an upgrade to WebSocket.
func IsWebSocketUpgrade(r *http.Request) bool {
	return hasToken(r.Header, "Connection", "upgrade") && hasToken(r.Header, "Upgrade", "websocket")
}

// hasToken reports whether the lists in the fields of that name have the token.
func hasToken(h http.Header, name, token string) bool {
	for _, list := range h[name] {
		for element := range strings.SplitSeq(list, ",") {
			if httpx.EqualFold(strings.TrimSpace(element), token) {
				return true
			}
		}
	}
	return false
}

// Subprotocols returns the subprotocols that a request asks for, by preference.
func Subprotocols(r *http.Request) []string {
	list := strings.TrimSpace(r.Header.Get("Sec-Websocket-Protocol"))
	if list == "" {
		return nil
	}
	protocols := strings.Split(list, ",")
	for i, p := range protocols {
		protocols[i] = strings.TrimSpace(p)
	}
	return protocols
}

// isSameOrigin is what stands for Upgrader.CheckOrigin if that is nil.
func isSameOrigin(r *http.Request) bool {
	origin := r.Header["Origin"]
	if len(origin) == 0 {
		return true
	}
	u, err := url.Parse(origin[0])
	return err == nil && httpx.EqualFold(u.Host, r.Host)
}
