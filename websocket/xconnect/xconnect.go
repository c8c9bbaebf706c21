// Package xconnect has servers of net/http offer WebSocket over HTTP/2 (RFC 8441):
//
//	import _ "github.com/wirews/wirews/websocket/xconnect"
//
// net/http offers extended CONNECT only if the environment variable GODEBUG has
// http2xconnect=1 when the program starts. This package adds that to the variable
// before package net/http looks at it, and does nothing else; setting it outside of
// the program does the same.
//
// It is for all HTTP/2 servers of the program, and browsers do not go back to
// HTTP/1.1 once it has been offered to them: every route that serves WebSockets has
// to cope with it. websocket.Accept and websocket.Server do. Routes that serve none
// see requests with the method CONNECT only if somebody sends them such requests,
// and answer them as any other method that they do not know.
package xconnect

import "os"

func init() {
	const setting = "http2xconnect=1"
	if old := os.Getenv("GODEBUG"); old == "" {
		os.Setenv("GODEBUG", setting)
	} else {
		os.Setenv("GODEBUG", old+","+setting)
	}
}
