package main

import "time"

// secureServers are those that serve what tls.Listen returns, one of ours for each way
// to write a server.
var secureServers = []string{
	"wsutil-helpers", "wsutil-stream", "websocket-serve", "websocket-pull", "gobwas-helpers", "coder", "gorilla", "gws", "fasthttp",
}

// secureCells are loads over TLS.
var secureCells = []cell{
	echo(100, 1, "128").with("tls-c100-k1-128", "100 connections over TLS, 1 in flight, 128 bytes", overTLS),
	echo(100, 16, "128").with("tls-c100-k16-128", "100 connections over TLS, 16 in flight, 128 bytes", overTLS),
	handshakeCell.with("tls-handshake", "connect, TLS, upgrade, reset; 64 at once", overTLS),
	idle("tls-idle", 2000, 128, "").with("tls-idle", "2,000 connections over TLS, idle after one message of 128 bytes each", overTLS),
}

func overTLS(c *cell) {
	c.secure = true
	if c.mode == shaking {
		c.warmup = time.Second
	}
}

// appendSecure appends that part of the page.
func appendSecure(b []byte, r *results) []byte {
	b = append(b, "## Over TLS\n"...)
	b = appendText(b, "%s", `The same echo over TLS 1.3. Every server here serves what `+"`tls.Listen`"+` returns: the same crypto/tls, the same `+
		`key on the curve P-256, the same defaults, so what differs is the WebSocket alone. Servers on event loops of their own are not here, `+
		`because they would need another TLS. The load generator has a goroutine for each connection here, and takes more than the servers do: `+
		`rates and latencies are its own as much as theirs; CPU time and memory are the servers'.`)
	b = append(b, '\n')
	b = appendMachine(b, r)
	for _, c := range secureCells {
		b = appendCell(b, r, c, "###")
	}
	return appendVersions(b, r)
}
