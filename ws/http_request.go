package ws

import (
	"net/http"
	"strconv"

	"github.com/wirews/wirews/httpx"
)

// handshakeFields are the fields of a header of net/http that the rules of a
// server are about.
var handshakeFields = [...]string{
	"Upgrade", "Connection", "Sec-Websocket-Key", "Sec-Websocket-Version",
	"Sec-Websocket-Protocol", "Sec-Websocket-Extensions", "Origin",
}

// show makes x.request what the rules look at in r, in the memory of x. net/http
// has taken Host and what announces a body out of the header.
func (x *exchange) show(r *http.Request) {
	x.in.b, x.head.Fields = x.in.b[:0], x.head.Fields[:0]
	x.addField("Host", r.Host)
	for _, name := range handshakeFields {
		for _, v := range r.Header[name] {
			x.addField(name, v)
		}
	}
	for _, v := range r.TransferEncoding {
		x.addField("Transfer-Encoding", v)
	}
	if r.ContentLength != 0 {
		x.addField("Content-Length", strconv.FormatInt(r.ContentLength, 10))
	}
	x.request = httpx.Request{
		Method:  x.copyOf(r.Method),
		Target:  x.copyOf(r.RequestURI),
		Version: httpx.Version{Major: byte(r.ProtoMajor), Minor: byte(r.ProtoMinor)},
		Fields:  x.head.Fields,
	}
}

// NOTE: inlined, it would make the frame of show twice as large.
//
//go:noinline
func (x *exchange) addField(name, value string) {
	x.head.Fields = append(x.head.Fields, httpx.Field{Name: x.copyOf(name), Value: x.copyOf(value)})
}

// copyOf returns the bytes of s. Copies before it stay valid when the buffer has
// to grow: they keep the old one.
func (x *exchange) copyOf(s string) []byte {
	start := len(x.in.b)
	x.in.b = append(x.in.b, s...)
	return x.in.b[start:len(x.in.b):len(x.in.b)]
}
