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
	d := c.dialer()
	view, err := d.show(resp, resp.StatusCode == http.StatusSwitchingProtocols)
	if err != nil {
		return Handshake{}, err
	}
	x := exchanges.Get().(*exchange)
	defer x.release()
	return d.check(x, c.key[:], &view)
}

// CheckStream is CheckHTTP for the answer to an extended CONNECT, over HTTP/2 (RFC
// 8441) or HTTP/3 (RFC 9220): any status of 200 to 299 opens the stream, and there is
// no key to be answered. What sends such requests makes them of those of
// AppendRequest.
func (c *ClientHandshake) CheckStream(resp *http.Response) (Handshake, error) {
	d := c.dialer()
	view, err := d.show(resp, resp.StatusCode/100 == 2)
	if err != nil {
		return Handshake{}, err
	}
	x := exchanges.Get().(*exchange)
	defer x.release()
	return d.agree(x, view.Fields)
}

// show shows the rules what they look at in resp, within the limits. The error is a
// *ResponseError if the server has not agreed.
func (d *Dialer) show(resp *http.Response, agreed bool) (httpx.Response, error) {
	view := responseOf(resp)
	if err := d.Limits.Check(view.Fields); err != nil {
		return view, malformed(err)
	}
	if !agreed {
		return view, newResponseError(&view)
	}
	for _, f := range view.Fields {
		// net/http lets controls pass that RFC 9110, 5.5, does not.
		if !httpx.IsToken(f.Name) || !httpx.IsFieldValue(f.Value) {
			return view, malformed(&httpx.SyntaxError{Part: "field", Value: string(cut(f.Name)) + ": " + string(cut(f.Value))})
		}
	}
	return view, nil
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
