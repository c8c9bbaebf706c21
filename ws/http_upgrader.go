package ws

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/linger"
)

// HandshakeHeaderHTTP is an http.Header as a HandshakeHeader.
type HandshakeHeaderHTTP http.Header

// WriteTo writes the fields of h to w in the order of their names.
func (h HandshakeHeaderHTTP) WriteTo(w io.Writer) (int64, error) {
	var b appender
	if err := http.Header(h).Write(&b); err != nil {
		return 0, err
	}
	n, err := checkedio.Write(w, b)
	return int64(n), err
}

// addedHeader is what others want to have in a response. What only the
// handshake may say there is left out: a middleware that has set Connection or
// Content-Length did not know what the request would become.
type addedHeader http.Header

// WriteTo is HandshakeHeaderHTTP's without those fields.
func (h addedHeader) WriteTo(w io.Writer) (int64, error) {
	if len(h) == 0 {
		return 0, nil // as nearly always: Header.WriteSubset allocates all the same
	}
	var out map[string]bool
	for name := range h {
		if isOurs(name) {
			if out == nil {
				out = make(map[string]bool)
			}
			out[name] = true
		}
	}
	var b appender
	if err := http.Header(h).WriteSubset(&b, out); err != nil {
		return 0, err
	}
	n, err := w.Write(b)
	return int64(n), err
}

// isOurs reports whether only the handshake may set a field.
func isOurs(name string) bool {
	switch kindOf([]byte(name)) {
	case otherField, hostField, originField:
		return false
	}
	return true
}

// HTTPUpgrader holds the options of a server's opening handshake inside a
// net/http handler. The zero value accepts every correct handshake from every
// origin: on a server that browsers can reach, set Origin. It is not changed
// by its methods and may be used concurrently if its callbacks may.
type HTTPUpgrader struct {
	// Timeout is how long writing the response may take. Zero: no limit.
	Timeout time.Duration

	// Header is added to the response, whatever it is. Fields that belong to
	// the handshake itself or say how long a body is are left out.
	Header http.Header

	// ByWriter writes the response by the http.ResponseWriter, its WriteHeader
	// called with 101, and takes the connection afterwards. So what is wrapped
	// around the server's writer, an access log for example, sees the status,
	// and what is in the writer's header is sent as well, except the fields
	// that Header may not have either. A client may send frames as soon as it
	// has the response: those that the server has read by then are the first
	// that the connection yields, and ErrHandshakeEarlyData is not found.
	//
	// The response is written to the connection after all, as it is without
	// ByWriter, if the writer is net/http's own and nobody has wrapped it; if a
	// middleware compresses responses (Vary: Accept-Encoding), because those
	// keep the status until they have seen the beginning of a body; and if the
	// server is another one than net/http's, which may add fields that a 101
	// must not have.
	ByWriter bool

	// Origin decides which web pages may connect; see SameOrigin and
	// AllowOrigins. Nil allows all of them.
	Origin OriginPolicy

	// OnBadOrigin makes the error for a page that Origin does not allow; see
	// Upgrader.
	OnBadOrigin func(origin, host []byte) error

	// Protocols are the subprotocols that the server speaks, by its own
	// preference; see Upgrader.
	Protocols []string

	// Protocol says whether the server speaks a subprotocol; see Upgrader.
	Protocol func(string) bool

	// Negotiate answers an offered extension; see Upgrader.
	Negotiate func(httphead.Option) (httphead.Option, error)

	// Extension says whether to accept an offered extension as it stands.
	//
	// Deprecated: use Negotiate.
	Extension func(httphead.Option) bool
}

// DefaultHTTPUpgrader is the HTTPUpgrader that UpgradeHTTP uses.
var DefaultHTTPUpgrader HTTPUpgrader

// UpgradeHTTP is DefaultHTTPUpgrader.Upgrade.
func UpgradeHTTP(r *http.Request, w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, Handshake, error) {
	return DefaultHTTPUpgrader.Upgrade(r, w)
}

// Upgrade answers the opening handshake r and takes its connection from the
// HTTP server. The connection has no deadlines and is the caller's to close.
// The bufio.ReadWriter is the server's, with nothing buffered in it; it can be
// left alone.
//
// The host that Origin is asked about is r.Host. A request whose target is a
// whole URI has its host there (RFC 9112, section 3.2.2): net/http sees to that.
//
// If the error is not nil, there is nothing left to do or to close: a refusal
// was written to w, or the connection was closed after it had been taken. A
// refusal is a *ConnectionRejectedError; errors.Is tells ErrNotHijacker and
// ErrHandshakeHTTP2, which a request over HTTP/2 gets.
func (u HTTPUpgrader) Upgrade(r *http.Request, w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, Handshake, error) {
	x := exchanges.Get().(*exchange)
	defer x.release()

	byWriter := u.ByWriter && !isServers(w) && !isCompressed(w, r) && !isForeign(r)
	var hs Handshake
	key, err := u.decide(x, &hs, r)
	if err == nil && !byWriter {
		var added addedHeader
		if u.ByWriter {
			added = addedHeader(w.Header())
		}
		x.out, err = appendAcceptance(x, x.out[:0], key, &hs, added, addedHeader(u.Header))
	}
	if err != nil {
		u.refuse(x, w, r, err)
		return nil, nil, Handshake{}, err
	}
	if byWriter {
		return u.switchBy(x, w, r, key, &hs)
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		err = rejectCause(ErrNotHijacker, err)
		u.refuse(x, w, r, err)
		return nil, nil, Handshake{}, err
	}
	if err = u.respond(x, conn, rw); err != nil {
		if errors.Is(err, ErrHandshakeEarlyData) {
			linger.Close(conn) // there may be more of it
		} else {
			conn.Close()
		}
		return nil, nil, Handshake{}, err
	}
	return conn, rw, hs, nil
}

// decide applies all rules before anything is hijacked, and fills hs in, which is
// zero. The key is the client's, in the memory of x.
func (u *HTTPUpgrader) decide(x *exchange, hs *Handshake, r *http.Request) (key []byte, err error) {
	if r.ProtoMajor >= 2 {
		return nil, reject(ErrHandshakeHTTP2, r.Proto)
	}
	u.takeRules(x)
	o := &x.offer
	x.show(r)
	o.read(x.request.Fields)
	host := o.host
	if err = o.check(&x.request); err != nil {
		return nil, err
	}
	// net/http has put the host of an absolute target there, and a middleware
	// may have had its reasons to replace it.
	if len(host) > 0 {
		o.host = host
	}
	_, err = x.rules.decide(x, hs, &x.request, o)
	return o.key, err
}

// takeRules makes x.rules what u's options say, and x.offer empty.
func (u *HTTPUpgrader) takeRules(x *exchange) {
	rules := &x.rules
	x.offer, *rules = offer{}, Upgrader{}
	rules.Origin, rules.OnBadOrigin, rules.Protocols = u.Origin, u.OnBadOrigin, u.Protocols
	rules.Negotiate, rules.Extension = u.Negotiate, u.Extension
	if speaks := u.Protocol; speaks != nil {
		rules.Protocol = func(p []byte) bool { return speaks(string(p)) }
	}
}

// respond writes the response, x.out, on the hijacked connection.
func (u *HTTPUpgrader) respond(x *exchange, conn net.Conn, rw *bufio.ReadWriter) error {
	// The server's deadlines were for the request.
	if err := conn.SetDeadline(time.Time{}); err != nil {
		return err
	}
	if u.Timeout > 0 {
		if err := conn.SetWriteDeadline(time.Now().Add(u.Timeout)); err != nil {
			return noDeadline("HTTPUpgrader", err)
		}
		defer conn.SetWriteDeadline(time.Time{})
	}
	var early error
	if n := rw.Reader.Buffered(); n > 0 {
		b, _ := rw.Reader.Peek(n)
		early = reject(ErrHandshakeEarlyData, b)
		x.out = appendRejection(x, x.out[:0], nil, HandshakeHeaderHTTP(u.Header), early)
	}
	if _, err := checkedio.Write(conn, x.out); err != nil {
		return err
	}
	return early
}

// refuse answers err through w: the connection stays the server's.
func (u *HTTPUpgrader) refuse(x *exchange, w http.ResponseWriter, r *http.Request, err error) {
	status, reason, header := rejection(err)
	if _, herr := x.appendHeaders(nil, framingFields, addedHeader(u.Header), header); herr != nil {
		status = http.StatusInternalServerError
	}
	h := w.Header()
	h.Del("Content-Length")
	h.Del("Transfer-Encoding")
	h.Set("Content-Type", plainText)
	if x.lines.Count("Content-Type") > 0 {
		h.Del("Content-Type")
	}
	for _, f := range x.lines {
		h.Add(string(f.Name), string(f.Value))
	}
	h.Set("X-Content-Type-Options", noSniff)
	if r.ProtoMajor == 1 && (r.ContentLength != 0 || len(r.TransferEncoding) > 0) {
		// Otherwise net/http would wait for the body before it answers. It looks at
		// the first line only.
		h["Connection"] = append([]string{"close"}, h["Connection"]...)
	}
	w.WriteHeader(status)
	if hasContent(status) {
		io.WriteString(w, reason)
	}
}
