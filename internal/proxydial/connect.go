package proxydial

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/earlyconn"
)

// connect asks the proxy at conn for a tunnel to target. What has come after the
// answer is what the connection yields first.
func (d *Dialer) connect(ctx context.Context, conn net.Conn, target string) (net.Conn, error) {
	request, err := d.request(ctx, target)
	if err != nil {
		return nil, err
	}
	if _, err := checkedio.Write(conn, request); err != nil {
		return nil, err
	}
	resp, left, err := d.answer(conn)
	if err != nil {
		return nil, err
	}
	// RFC 9110, 9.3.6: "Any 2xx (Successful) response indicates that the sender
	// (and all inbound proxies) will switch to tunnel mode".
	if resp.Status < 200 || resp.Status > 299 {
		e := d.fault(target, nil)
		e.Status, e.Reason, e.Header = resp.Status, string(resp.Reason), resp.Fields.Clone()
		return nil, e
	}
	if len(left) > 0 {
		conn = earlyconn.Wrap(conn, left)
	}
	return conn, nil
}

// request makes the CONNECT request.
func (d *Dialer) request(ctx context.Context, target string) ([]byte, error) {
	var fields httpx.Fields
	if d.Header != nil {
		var err error
		if fields, err = d.Header(ctx, d.Proxy, target); err != nil {
			return nil, err
		}
	}
	b, err := httpx.AppendRequestLine(nil, "CONNECT", target)
	if err != nil {
		return nil, err
	}
	if b, err = httpx.AppendField(b, "Host", target); err != nil {
		return nil, err
	}
	if credentials, ok := d.credentials(); ok && fields.Count("Proxy-Authorization") == 0 {
		b, _ = httpx.AppendField(b, "Proxy-Authorization", "Basic "+credentials)
	}
	for _, f := range fields {
		if b, err = httpx.AppendField(b, f.Name, f.Value); err != nil {
			// The error itself repeats the value, which may be a password.
			return nil, fmt.Errorf("field %q of the CONNECT request: %w", f.Name[:min(len(f.Name), 64)], httpx.ErrSyntax)
		}
	}
	return httpx.AppendEnd(b), nil
}

// credentials returns what Basic authentication (RFC 7617) makes of the URL's user
// and password.
func (d *Dialer) credentials() (string, bool) {
	if d.Proxy.User == nil {
		return "", false
	}
	password, _ := d.Proxy.User.Password()
	return base64.StdEncoding.EncodeToString([]byte(d.Proxy.User.Username() + ":" + password)), true
}

// maxInterim is how many responses with a status of 1xx a proxy may send.
const maxInterim = 16

// answer reads the final response, and returns what has come after its head.
func (d *Dialer) answer(conn net.Conn) (resp httpx.Response, left []byte, err error) {
	b := make([]byte, 0, 1024)
	var scan httpx.Scanner
	for interim := 0; ; {
		n, err := scan.Scan(b, d.Limits)
		switch {
		case err == nil:
			if resp, err = httpx.ParseResponse(b[:n], nil); err != nil {
				return resp, nil, err
			}
			if resp.Status/100 != 1 {
				return resp, slices.Clone(b[n:]), nil
			}
			if interim++; interim > maxInterim {
				return resp, nil, errors.New("too many interim responses")
			}
			b, scan = append([]byte(nil), b[n:]...), httpx.Scanner{}
			continue
		case err != httpx.ErrShort:
			return resp, nil, err
		}
		b = slices.Grow(b, 512)
		k, err := checkedio.ReadSome(conn, b[len(b):cap(b)])
		if b = b[:len(b)+k]; k == 0 {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return resp, nil, err
		}
	}
}
