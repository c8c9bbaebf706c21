package ws_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// frontsDiffer are what a server of net/http does otherwise than package ws by itself.
var frontsDiffer = []struct {
	why   string
	takes bool // it takes what package ws refuses, or refuses what that takes
	is    func(in []byte, err error) bool
}{
	{
		"takes a bare LF for the end of a line, which RFC 9112, 2.2, allows, and proxies disagree about",
		true, func(in []byte, _ error) bool { return bytes.Count(in, []byte("\n")) > bytes.Count(in, []byte("\r\n")) },
	},
	{
		"joins folded lines, which RFC 9112, 5.2, lets a server refuse",
		true, func(in []byte, _ error) bool {
			return bytes.Contains(in, []byte("\n ")) || bytes.Contains(in, []byte("\n\t"))
		},
	},
	{
		"takes bytes from 0x80 up in a target, which RFC 3986 has no room for",
		true, func(in []byte, _ error) bool {
			target, _, _ := bytes.Cut(in, []byte("\r\n"))
			return bytes.ContainsFunc(target, func(r rune) bool { return r >= 0x80 })
		},
	},
	{
		"looks at the bytes of Host and not at its form, that of a name or an address and a port (RFC 9110, 7.2)",
		true, func(_ []byte, err error) bool { return errors.Is(err, ws.ErrHandshakeBadHost) },
	},
	{
		"parses what the parts of a target mean",
		false, func(in []byte, _ error) bool {
			_, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(in)))
			_, ok := errors.AsType[*url.Error](err)
			return ok
		},
	},
	{
		"has a limit on the bytes of a head only, MaxHeaderBytes",
		true, func(_ []byte, err error) bool { return errors.Is(err, ws.ErrHandshakeHeadTooLarge) },
	},
}

// FuzzFrontsAgree gives the same bytes to ServerHandshake and to an HTTPUpgrader in a
// server of net/http: both accept the client, with the same words, or neither does.
func FuzzFrontsAgree(f *testing.F) {
	for _, v := range wstest.Requests() {
		f.Add(v.Raw)
	}
	for _, c := range append(append([]serverCase{}, goodRequests...), badRequests...) {
		if len(c.in) < 2048 {
			f.Add(c.in)
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		response, hs, n, err := (&ws.ServerHandshake{Upgrader: &ws.Upgrader{Origin: ws.SameOrigin, Protocol: func([]byte) bool { return true }}}).Next(nil, in)
		if err == nil {
			in = in[:n] // more would be early to the one and received to the other
		}
		got, gotHS := byNetHTTP(in)
		accepted := bytes.HasPrefix(got, []byte("HTTP/1.1 101 "))
		if accepted != (err == nil) {
			for _, d := range frontsDiffer {
				if d.takes == accepted && d.is(in, err) {
					return
				}
			}
			t.Fatalf("%q: %v; net/http and HTTPUpgrader answer %q", in, err, got)
		}
		if accepted && (string(got) != string(response) || gotHS.Protocol != hs.Protocol) {
			t.Fatalf("%q: answered with %q, by net/http and HTTPUpgrader %q", in, response, got)
		}
	})
}

// byNetHTTP returns what a server of net/http with an HTTPUpgrader answers.
func byNetHTTP(in []byte) (answer []byte, hs ws.Handshake) {
	u := ws.HTTPUpgrader{Origin: ws.SameOrigin, Protocol: func(string) bool { return true }}
	conn := &scripted{Conn: wstest.NewConn(in), ended: make(chan struct{})}
	server := http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c, _, h, err := u.Upgrade(r, w); err == nil {
				hs = h
				c.Close()
			}
		}),
		ErrorLog: log.New(io.Discard, "", 0),
	}
	server.Serve(&oneConn{conn: conn})
	<-conn.ended
	return conn.Written, hs
}

// scripted is a connection that says when it has been closed.
type scripted struct {
	*wstest.Conn
	ended chan struct{}
}

func (c *scripted) Close() error {
	if c.Conn.Close(); c.Closed == 1 {
		close(c.ended)
	}
	return nil
}

// oneConn is a listener with one connection.
type oneConn struct{ conn net.Conn }

func (l *oneConn) Accept() (net.Conn, error) {
	c := l.conn
	if l.conn = nil; c == nil {
		return nil, io.EOF
	}
	return c, nil
}

func (*oneConn) Close() error   { return nil }
func (*oneConn) Addr() net.Addr { return &net.TCPAddr{} }
