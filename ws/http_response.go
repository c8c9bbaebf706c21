package ws

import (
	"net/http"
	"strings"

	"github.com/wirews/wirews/httpx"
)

// CheckHTTP is Next for a response that net/http has read, or that somebody has
// made for it: what its fields say counts, and Dialer.Limits bounds them. A
// response that does not say which version of HTTP it is of stands for one of
// HTTP/1.1. The error is a [*ResponseError] if the status is another than 101.
func (c *ClientHandshake) CheckHTTP(resp *http.Response) (Handshake, error) {
	view := responseOf(resp)
	d := c.dialer()
	if err := d.Limits.Check(view.Fields); err != nil {
		return Handshake{}, malformed(err)
	}
	if view.Status != http.StatusSwitchingProtocols {
		return Handshake{}, newResponseError(&view)
	}
	for _, f := range view.Fields {
		// net/http lets controls pass that RFC 9110, 5.5, does not.
		if !httpx.IsToken(f.Name) || !httpx.IsFieldValue(f.Value) {
			return Handshake{}, malformed(&httpx.SyntaxError{Part: "field", Value: string(cut(f.Name)) + ": " + string(cut(f.Value))})
		}
	}
	x := exchanges.Get().(*exchange)
	defer x.release()
	return d.check(x, c.key[:], &view)
}

// responseOf shows the rules what they look at in resp. net/http has taken
// Transfer-Encoding out of the header.
func responseOf(resp *http.Response) httpx.Response {
	view := httpx.Response{
		Version: httpx.Version{Major: byte(resp.ProtoMajor), Minor: byte(resp.ProtoMinor)},
		Status:  resp.StatusCode,
	}
	if resp.ProtoMajor == 0 {
		view.Version = httpx.Version{Major: 1, Minor: 1}
	}
	// Status is "403 Forbidden".
	if _, reason, ok := strings.Cut(resp.Status, " "); ok {
		view.Reason = []byte(reason)
	}
	for name, values := range resp.Header {
		for _, v := range values {
			view.Fields = append(view.Fields, httpx.Field{Name: []byte(name), Value: []byte(v)})
		}
	}
	for _, v := range resp.TransferEncoding {
		view.Fields = append(view.Fields, httpx.Field{Name: []byte("Transfer-Encoding"), Value: []byte(v)})
	}
	return view
}
