// Package http2 tests WebSocket over HTTP/2 (RFC 8441) with the framer of
// golang.org/x/net, which the core does not depend on.
package http2
