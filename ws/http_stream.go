package ws

import (
	"bytes"
	"net/http"
	"time"

	"github.com/wirews/wirews/httpx"
)

// UpgradeStream answers an opening handshake that asks for a stream instead of a
// connection: the extended CONNECT of HTTP/2 (RFC 8441) and HTTP/3 (RFC 9220). The
// answer is 200, and sent when UpgradeStream returns. From then on what the client
// sends is r.Body's, and what is written to w, and flushed, is sent to it. The deadlines
// that the server has set for the request are cleared. ByWriter and Timeout are not
// used.
//
// If the error is not nil, a refusal was written to w, which is a
// *ConnectionRejectedError; errors.Is tells ErrHandshakeNotExtendedConnect and
// ErrHandshakeBadStreamProtocol besides the rules that HTTP/1.1 has too.
func (u HTTPUpgrader) UpgradeStream(r *http.Request, w http.ResponseWriter) (Handshake, error) {
	x := exchanges.Get().(*exchange)
	defer x.release()
	var hs Handshake
	err := u.decideStream(x, &hs, r)
	if err == nil {
		err = u.prepareStream(w, &hs)
	}
	if err == nil {
		err = openStream(w)
	}
	if err != nil {
		u.refuse(x, w, r, err)
		return Handshake{}, err
	}
	return hs, nil
}

// IsExtendedConnect reports whether r is an extended CONNECT over HTTP/2 or HTTP/3,
// for whatever protocol: UpgradeStream answers it.
func IsExtendedConnect(r *http.Request) bool {
	return r.ProtoMajor >= 2 && r.Method == http.MethodConnect && streamProtocol(r) != ""
}

// streamProtocol returns the pseudo-header field :protocol: net/http has it among
// the fields of the header, and servers of HTTP/3 in the place of the version.
func streamProtocol(r *http.Request) string {
	if p := r.Header[":protocol"]; len(p) == 1 {
		return p[0]
	}
	if r.Proto != "HTTP/2.0" && r.Proto != "HTTP/3.0" {
		return r.Proto
	}
	return ""
}

// decideStream applies the rules of RFC 8441, section 5, and those that they
// leave of RFC 6455, section 4.2.
func (u *HTTPUpgrader) decideStream(x *exchange, hs *Handshake, r *http.Request) error {
	u.takeRules(x)
	x.show(r)
	o := &x.offer
	o.read(x.request.Fields)
	switch {
	case !IsExtendedConnect(r):
		return reject(ErrHandshakeNotExtendedConnect, r.Method+" "+r.Proto)
	case streamProtocol(r) != "websocket":
		return reject(ErrHandshakeBadStreamProtocol, streamProtocol(r))
	case bytes.IndexByte(x.request.Target, '#') >= 0:
		return reject(ErrMalformedRequest, x.request.Target)
	case len(o.host) == 0:
		return reject(ErrHandshakeBadHost, "")
	case o.versions != 1 || string(o.version) != "13": // there is no 426 without Upgrade
		return reject(ErrHandshakeBadSecVersion, o.version)
	case r.ContentLength > 0:
		return reject(ErrHandshakeBadBody, o.body)
	}
	_, err := x.rules.decide(x, hs, &x.request, o)
	return err
}

// prepareStream makes the header of w that of the response.
func (u *HTTPUpgrader) prepareStream(w http.ResponseWriter, hs *Handshake) error {
	extensions, err := appendExtensions(nil, hs.Extensions)
	if err != nil {
		return rejectCause(ErrHandshakeBadResponse, err)
	}
	if hs.Protocol != "" && !httpx.IsToken(hs.Protocol) {
		return reject(ErrHandshakeBadResponse, hs.Protocol)
	}
	u.setHeader(w.Header(), hs, extensions)
	return nil
}

// openStream sends the response, and clears what would end the stream.
func openStream(w http.ResponseWriter) error {
	c := http.NewResponseController(w)
	// What cannot have deadlines has none that would have to be cleared.
	c.SetReadDeadline(time.Time{})
	c.SetWriteDeadline(time.Time{})
	w.WriteHeader(http.StatusOK)
	if err := c.Flush(); err != nil {
		return rejectCause(ErrNotFlusher, err)
	}
	return nil
}
