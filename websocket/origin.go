package websocket

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// badOrigin refuses a web page from elsewhere, and says what would let it in.
func (a *acceptor) badOrigin(origin, host []byte) error {
	option := "OriginPatterns can allow it"
	if a.opts.CheckOrigin != nil {
		option = "CheckOrigin does not allow it"
	}
	return &ws.ConnectionRejectedError{
		Status: http.StatusForbidden,
		Reason: fmt.Sprintf("websocket: pages from origin %.100q may not connect to host %.100q; AcceptOptions.%s", origin, host, option),
		Err:    ws.ErrHandshakeBadOrigin,
	}
}

// checkOrigin applies CheckOrigin to a request that no HTTP server has read, and
// calls next after it.
func (a *acceptor) checkOrigin(next func(httpx.Request) error) func(httpx.Request) error {
	return func(req httpx.Request) error {
		origins := slices.Collect(req.Fields.Values("Origin"))
		// A page has one origin.
		if len(origins) > 1 || len(origins) == 1 && !a.opts.CheckOrigin(httpRequest(&req), string(origins[0])) {
			return a.badOrigin(bytes.Join(origins, []byte(", ")), req.Host())
		}
		if next == nil {
			return nil
		}
		return next(req)
	}
}

// httpRequest returns a head as net/http has it.
func httpRequest(req *httpx.Request) *http.Request {
	r := &http.Request{
		Method:     string(req.Method),
		RequestURI: string(req.Target),
		Host:       string(req.Host()),
		Proto:      fmt.Sprintf("HTTP/%d.%d", req.Version.Major, req.Version.Minor),
		ProtoMajor: int(req.Version.Major),
		ProtoMinor: int(req.Version.Minor),
		Header:     make(http.Header, len(req.Fields)),
		Body:       http.NoBody,
	}
	if r.URL, _ = url.ParseRequestURI(r.RequestURI); r.URL == nil {
		r.URL = &url.URL{Opaque: r.RequestURI}
	}
	for _, f := range req.Fields {
		r.Header.Add(string(f.Name), string(f.Value))
	}
	r.Header.Del("Host") // net/http has it in r.Host alone
	return r
}
