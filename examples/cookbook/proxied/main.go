// Command proxied is a server that stands behind a reverse proxy and knows who its
// clients are, by a field of the request or by the PROXY protocol. It is what
// docs/cookbook/proxies.md shows.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/pires/go-proxyproto"
	"github.com/wirews/wirews/websocket"
)

// clientAddr is the address that the proxy has seen. Whoever reaches this server
// without the proxy can say anything.
func clientAddr(r *http.Request) string {
	return r.Header.Get("X-Forwarded-For")
}

// remoteAddr is the address that the connection is from.
func remoteAddr(r *http.Request) string {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

// talk is the application: it tells a client where its connection is from.
func talk(ctx context.Context, c *websocket.Conn) {
	c.Write(ctx, websocket.MessageText, []byte(c.RemoteAddr().String()))
	for _, err := range c.Messages(ctx) {
		if err != nil {
			return
		}
	}
}

// NewServer lets each client have 20 connections.
func NewServer(addr func(*http.Request) string) *websocket.Server {
	return &websocket.Server{Handler: talk, Key: addr, MaxPerKey: 20}
}

// listen has the proxy on this machine say first who the client is, by the PROXY
// protocol. Nobody else may connect.
func listen(l net.Listener) net.Listener {
	return &proxyproto.Listener{
		Listener:          l,
		ReadHeaderTimeout: 5 * time.Second,
		ConnPolicy:        proxyproto.TrustProxyHeaderFrom(net.IPv4(127, 0, 0, 1)),
	}
}

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	proxy := flag.Bool("proxy-protocol", false, "expect the PROXY protocol")
	flag.Parse()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	s := NewServer(clientAddr)
	if *proxy {
		l, s = listen(l), NewServer(remoteAddr)
	}
	log.Fatal(s.Serve(l))
}
