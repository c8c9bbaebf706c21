package websocket

import (
	"maps"
	"net/http"
	"strings"

	"github.com/wirews/wirews/httpx"
)

// withTokens returns r without the subprotocols that are no tokens, as RFC 6455 has it:
// nobody can agree on them, but clients put credentials there.
func withTokens(r *http.Request) *http.Request {
	asked := splitProtocols(r.Header["Sec-Websocket-Protocol"])
	var tokens []string
	for _, p := range asked {
		if httpx.IsToken(p) {
			tokens = append(tokens, p)
		}
	}
	if len(tokens) == len(asked) {
		return r
	}
	clean := *r
	clean.Header = maps.Clone(r.Header)
	delete(clean.Header, "Sec-Websocket-Protocol")
	if len(tokens) > 0 {
		clean.Header.Set("Sec-Websocket-Protocol", strings.Join(tokens, ", "))
	}
	return &clean
}

// subprotocolIn returns the subprotocol that a program has put into a header. A map
// literal may spell its name as the RFC does, and not as net/http.
func subprotocolIn(h http.Header) string {
	for name, values := range h {
		if len(values) > 0 && httpx.EqualFold(name, "Sec-WebSocket-Protocol") {
			return values[0]
		}
	}
	return ""
}

// withoutControls returns h with spaces in the place of control characters in values.
func withoutControls(h http.Header) http.Header {
	clean := make(http.Header, len(h))
	for name, values := range h {
		for _, v := range values {
			clean[name] = append(clean[name], controls.Replace(v))
		}
	}
	return clean
}

var controls = func() *strings.Replacer {
	pairs := []string{"\x7f", " "}
	for c := range byte(' ') {
		pairs = append(pairs, string([]byte{c}), " ")
	}
	return strings.NewReplacer(pairs...)
}()
