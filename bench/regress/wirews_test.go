package regress_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// wirewsLib is wirews as a library.
type wirewsLib struct{}

func (wirewsLib) ReadHeader(r io.Reader) (ws.Header, error)  { return ws.ReadHeader(r) }
func (wirewsLib) ReadFrame(r io.Reader) (ws.Frame, error)    { return ws.ReadFrame(r) }
func (wirewsLib) WriteHeader(w io.Writer, h ws.Header) error { return ws.WriteHeader(w, h) }
func (wirewsLib) WriteFrame(w io.Writer, f ws.Frame) error   { return ws.WriteFrame(w, f) }
func (wirewsLib) HeaderSize(h ws.Header) int                 { return ws.HeaderSize(h) }
func (wirewsLib) CheckHeader(h ws.Header, s ws.State) error  { return ws.CheckHeader(h, s) }
func (wirewsLib) Cipher(p []byte, key [4]byte, offset int)   { ws.Cipher(p, key, offset) }
func (wirewsLib) NewMask() [4]byte                           { return ws.NewMask() }
func (wirewsLib) CompiledPing() []byte                       { return ws.CompiledPing }
func (wirewsLib) BadExtensions() error                       { return ws.ErrHandshakeBadExtensions }

func (wirewsLib) NewCloseFrameBody(code ws.StatusCode, reason string) []byte {
	return ws.NewCloseFrameBody(code, reason)
}

func (wirewsLib) CheckCloseFrameData(code ws.StatusCode, reason string) error {
	return ws.CheckCloseFrameData(code, reason)
}

func (wirewsLib) CloseCode(err error) ws.StatusCode {
	var coded interface{ StatusCode() ws.StatusCode }
	if errors.As(err, &coded) {
		return coded.StatusCode()
	}
	return 0
}

func (wirewsLib) Upgrade(u ws.Upgrader, conn io.ReadWriter) (ws.Handshake, error) {
	return u.Upgrade(conn)
}

func (wirewsLib) UpgradeHTTP(r *http.Request, w http.ResponseWriter) (net.Conn, ws.Handshake, error) {
	conn, _, hs, err := ws.UpgradeHTTP(r, w)
	return conn, hs, err
}

func (wirewsLib) Dial(ctx context.Context, d ws.Dialer, url string) (net.Conn, *bufio.Reader, ws.Handshake, error) {
	return d.Dial(ctx, url)
}

func (wirewsLib) UpgradeClient(d ws.Dialer, conn io.ReadWriter, u *url.URL) (ws.Handshake, error) {
	_, hs, err := d.Upgrade(conn, u)
	return hs, err
}

func (wirewsLib) Reject(status int, reason string) error {
	return ws.RejectConnectionError(ws.RejectionStatus(status), ws.RejectionReason(reason))
}

func (wirewsLib) Plain(request string) (bool, string) {
	var s ws.ServerHandshake
	response, _, n, err := s.Next(nil, []byte(request))
	return err == ws.ErrNotWebSocket && n == 0 && len(response) == 0,
		fmt.Sprintf("consumed %d bytes, wrote %q, error %v", n, response, err)
}

func (wirewsLib) Incremental(pieces []string) (string, error) {
	var s ws.ServerHandshake
	var received, response []byte
	err := error(ws.ErrShort)
	for _, piece := range pieces {
		received = append(received, piece...)
		if response, _, _, err = s.Next(response, received); err != ws.ErrShort {
			break
		}
	}
	return string(response), err
}

func (wirewsLib) RequestField(conn io.ReadWriter, name string) (string, bool) {
	hs, err := ws.Upgrader{KeepRequest: true}.Upgrade(conn)
	if err != nil {
		return "", false
	}
	value, ok := hs.Request.Fields.First(name)
	return string(value), ok
}

func (wirewsLib) Number(s string) (int, bool) {
	n, err := httpx.ParseUint([]byte(s), 0)
	return n, err == nil
}

// Cookies are a matter of net/http: wirews hands out the field as it is.
func (wirewsLib) Cookies(value string) map[string]string {
	cookies, _ := http.ParseCookie(value)
	all := make(map[string]string)
	for _, c := range cookies {
		all[c.Name] = c.Value
	}
	return all
}
