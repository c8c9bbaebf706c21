package regress_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/gobwas/httphead"
	gobwas "github.com/gobwas/ws"

	"github.com/wirews/wirews/ws"
)

// gobwasLib is gobwas/ws as a library.
type gobwasLib struct{}

func fromHeader(h ws.Header) gobwas.Header {
	return gobwas.Header{Fin: h.Fin, Rsv: h.Rsv, OpCode: gobwas.OpCode(h.OpCode), Masked: h.Masked, Mask: h.Mask, Length: h.Length}
}

func toHeader(h gobwas.Header) ws.Header {
	return ws.Header{Fin: h.Fin, Rsv: h.Rsv, OpCode: ws.OpCode(h.OpCode), Masked: h.Masked, Mask: h.Mask, Length: h.Length}
}

func toHandshake(hs gobwas.Handshake) ws.Handshake {
	return ws.Handshake{Protocol: hs.Protocol, Extensions: hs.Extensions}
}

func (gobwasLib) ReadHeader(r io.Reader) (ws.Header, error) {
	h, err := gobwas.ReadHeader(r)
	return toHeader(h), err
}

func (gobwasLib) ReadFrame(r io.Reader) (ws.Frame, error) {
	//lint:ignore SA1019 what it does is what is tried here
	f, err := gobwas.ReadFrame(r)
	return ws.Frame{Header: toHeader(f.Header), Payload: f.Payload}, err
}

func (gobwasLib) WriteHeader(w io.Writer, h ws.Header) error {
	return gobwas.WriteHeader(w, fromHeader(h))
}

func (gobwasLib) WriteFrame(w io.Writer, f ws.Frame) error {
	return gobwas.WriteFrame(w, gobwas.Frame{Header: fromHeader(f.Header), Payload: f.Payload})
}

func (gobwasLib) CheckHeader(h ws.Header, s ws.State) error {
	return gobwas.CheckHeader(fromHeader(h), gobwas.State(s))
}

func (gobwasLib) NewCloseFrameBody(code ws.StatusCode, reason string) []byte {
	return gobwas.NewCloseFrameBody(gobwas.StatusCode(code), reason)
}

func (gobwasLib) CheckCloseFrameData(code ws.StatusCode, reason string) error {
	return gobwas.CheckCloseFrameData(gobwas.StatusCode(code), reason)
}

func (gobwasLib) HeaderSize(h ws.Header) int               { return gobwas.HeaderSize(fromHeader(h)) }
func (gobwasLib) Cipher(p []byte, key [4]byte, offset int) { gobwas.Cipher(p, key, offset) }
func (gobwasLib) NewMask() [4]byte                         { return gobwas.NewMask() }
func (gobwasLib) CompiledPing() []byte                     { return gobwas.CompiledPing }
func (gobwasLib) BadExtensions() error                     { return gobwas.ErrHandshakeBadExtensions }

func (gobwasLib) CloseCode(err error) ws.StatusCode {
	var coded interface{ StatusCode() gobwas.StatusCode }
	if errors.As(err, &coded) {
		return ws.StatusCode(coded.StatusCode())
	}
	return 0
}

// Upgrade uses the fields that gobwas/ws has too.
func (gobwasLib) Upgrade(u ws.Upgrader, conn io.ReadWriter) (ws.Handshake, error) {
	hs, err := gobwas.Upgrader{
		Protocol:  u.Protocol,
		Negotiate: u.Negotiate,
		Header:    u.Header,
		OnRequest: u.OnRequest,
		OnHost:    u.OnHost,
		OnHeader:  u.OnHeader,
	}.Upgrade(conn)
	return toHandshake(hs), err
}

func (gobwasLib) UpgradeHTTP(r *http.Request, w http.ResponseWriter) (net.Conn, ws.Handshake, error) {
	conn, _, hs, err := gobwas.UpgradeHTTP(r, w)
	return conn, toHandshake(hs), err
}

// dialer has the fields that gobwas/ws has too. Where wirews wants a function
// that connects with TLS, gobwas/ws has only the one for all connections.
func dialer(d ws.Dialer) gobwas.Dialer {
	g := gobwas.Dialer{
		Timeout:       d.Timeout,
		Protocols:     d.Protocols,
		Extensions:    d.Extensions,
		Header:        d.Header,
		Host:          d.Host,
		OnStatusError: d.OnStatusError,
		NetDial:       d.NetDial,
		WrapConn:      d.WrapConn,
	}
	if d.NetDialTLS != nil {
		g.NetDial = d.NetDialTLS
	}
	return g
}

func (gobwasLib) Dial(ctx context.Context, d ws.Dialer, url string) (net.Conn, *bufio.Reader, ws.Handshake, error) {
	conn, br, hs, err := dialer(d).Dial(ctx, url)
	return conn, br, toHandshake(hs), err
}

func (gobwasLib) UpgradeClient(d ws.Dialer, conn io.ReadWriter, u *url.URL) (ws.Handshake, error) {
	_, hs, err := dialer(d).Upgrade(conn, u)
	return toHandshake(hs), err
}

func (gobwasLib) Reject(status int, reason string) error {
	return gobwas.RejectConnectionError(gobwas.RejectionStatus(status), gobwas.RejectionReason(reason))
}

func (gobwasLib) Plain(request string) (bool, string) {
	var wrote bytes.Buffer
	r := bytes.NewReader([]byte(request))
	_, err := gobwas.Upgrade(struct {
		io.Reader
		io.Writer
	}{r, &wrote})
	return r.Len() == len(request) && wrote.Len() == 0,
		fmt.Sprintf("consumed %d bytes, wrote %q, error %v", len(request)-r.Len(), wrote.String(), err)
}

// Incremental: gobwas/ws only has Upgrade, which is tried again when there is
// more to read.
func (gobwasLib) Incremental(pieces []string) (string, error) {
	p := says()
	p.end = errAgain
	err := errAgain
	for _, piece := range pieces {
		p.pieces = append(p.pieces, []byte(piece))
		if _, err = gobwas.Upgrade(p); err != errAgain {
			break
		}
	}
	return p.wrote.String(), err
}

// RequestField: a Handshake of gobwas/ws has nothing of the request.
func (gobwasLib) RequestField(conn io.ReadWriter, _ string) (string, bool) {
	gobwas.Upgrade(conn)
	return "", false
}

func (gobwasLib) Number(s string) (int, bool) { return httphead.IntFromASCII([]byte(s)) }

func (gobwasLib) Cookies(value string) map[string]string {
	all := make(map[string]string)
	httphead.ScanCookie([]byte(value), func(name, value []byte) bool {
		all[string(name)] = string(value)
		return true
	})
	return all
}
