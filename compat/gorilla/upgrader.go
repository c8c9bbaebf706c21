package websocket

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// Upgrader holds the options of a server's opening handshake. The zero value takes
// connections from pages of the same host and from clients that are no browsers.
// Its methods do not change it; it may be used concurrently if its functions may.
type Upgrader struct {
	// HandshakeTimeout is how long writing the response may take. Zero: no limit.
	HandshakeTimeout time.Duration

	// ReadBufferSize and WriteBufferSize are the sizes of the connection's buffers
	// in bytes, which are no limits for messages. Zero: 4096.
	ReadBufferSize, WriteBufferSize int

	// WriteBufferPool has the buffers of writers, see Conn.NextWriter. Nil: each
	// writer has its own.
	WriteBufferPool BufferPool

	// Subprotocols are those that the server speaks, by preference. If it is not
	// nil, the first that the client has asked for is agreed on. If it is, the one
	// that stands in the response header is, if the client has asked for that.
	Subprotocols []string

	// Error answers a handshake that is refused. Nil stands for http.Error with
	// the status and its text. reason is the HandshakeError that Upgrade returns.
	Error func(w http.ResponseWriter, r *http.Request, status int, reason error)

	// CheckOrigin says whether the page that a request comes from may connect.
	// Browsers let any page try, with the cookies of the user. Nil stands for: if
	// there is an Origin field, its host and port are those of the request.
	CheckOrigin func(r *http.Request) bool

	// EnableCompression accepts a client's offer to compress messages (RFC 7692),
	// separately.
	EnableCompression bool
}

// noTakeover is the compression that a server agrees on: whether a message is
// compressed, and how, can then be chosen for each.
var noTakeover = wsflate.Parameters{ServerNoContextTakeover: true, ClientNoContextTakeover: true}

// everyMessage, as a threshold, has all messages compressed: the program has asked
// for it.
const everyMessage = -1

// Upgrade answers the opening handshake r, and takes the connection from the HTTP
// server. responseHeader is added to the response; it may hold a Sec-Websocket-Protocol
// if Subprotocols is nil.
//
// If the request is refused, which is answered as Error says, the error is a
// HandshakeError. Other errors are those of the net.Conn, which is closed then. A
// client that has sent more before it had the response is refused.
func (u *Upgrader) Upgrade(w http.ResponseWriter, r *http.Request, responseHeader http.Header) (*Conn, error) {
	if _, ok := responseHeader["Sec-Websocket-Extensions"]; ok {
		return nil, u.refuse(w, r, http.StatusInternalServerError, errors.New("websocket: application specific 'Sec-WebSocket-Extensions' headers are unsupported"))
	}
	if IsWebSocketUpgrade(r) && r.Method == http.MethodGet && !u.allows(r) {
		return nil, u.refuse(w, r, http.StatusForbidden, errOrigin)
	}
	extension := wsflate.Extension{Parameters: noTakeover}
	rules := ws.HTTPUpgrader{Timeout: u.HandshakeTimeout, Header: withoutControls(responseHeader), Protocols: u.Subprotocols}
	if chosen := subprotocolIn(responseHeader); u.Subprotocols == nil && chosen != "" {
		rules.Protocols = []string{chosen}
	}
	if u.EnableCompression {
		rules.Negotiate = extension.Negotiate
	}
	kept := &keptResponse{w: w, header: make(http.Header)}
	conn, _, hs, err := rules.Upgrade(withTokens(r), kept)
	if err != nil {
		return nil, u.refused(w, r, kept, err)
	}
	var d *wsflate.Deflate
	if p, ok := extension.Accepted(); ok {
		d = wsflate.New(ws.StateServerSide, p, &wsflate.Options{Threshold: everyMessage, MaxSize: -1})
	}
	c := newConn(conn, &serverConfig, buffers{u.ReadBufferSize, u.WriteBufferSize, u.WriteBufferPool}, d, nil)
	c.subprotocol = hs.Protocol
	return c, nil
}

var errOrigin = errors.New("websocket: request origin not allowed by Upgrader.CheckOrigin")

func (u *Upgrader) allows(r *http.Request) bool {
	if u.CheckOrigin != nil {
		return u.CheckOrigin(r)
	}
	return isSameOrigin(r)
}

// refused passes on a refusal of package ws, or another error.
func (u *Upgrader) refused(w http.ResponseWriter, r *http.Request, kept *keptResponse, err error) error {
	if kept.status == 0 {
		if errors.Is(err, ws.ErrHandshakeEarlyData) {
			return HandshakeError{"websocket: client sent data before handshake is complete", err}
		}
		return err
	}
	if u.Error == nil {
		for _, name := range []string{"Allow", "Connection", "Upgrade"} {
			if v := kept.header.Get(name); v != "" {
				w.Header().Set(name, v)
			}
		}
	}
	return u.refuse(w, r, kept.status, err)
}

// refuse answers a request, and returns the error for that.
func (u *Upgrader) refuse(w http.ResponseWriter, r *http.Request, status int, cause error) error {
	err := HandshakeError{cause.Error(), cause}
	if u.Error != nil {
		u.Error(w, r, status, err)
		return err
	}
	w.Header().Set("Sec-Websocket-Version", "13")
	http.Error(w, cmp.Or(http.StatusText(status), "refused"), status)
	return err
}

// keptResponse keeps a refusal from the client, which Upgrader.Error is to answer.
type keptResponse struct {
	w      http.ResponseWriter
	header http.Header
	status int // 0: nothing was refused
}

func (k *keptResponse) Header() http.Header         { return k.header }
func (k *keptResponse) WriteHeader(status int)      { k.status = status }
func (k *keptResponse) Write(p []byte) (int, error) { return len(p), nil }

// Unwrap is how an http.ResponseController finds the one that can be hijacked.
func (k *keptResponse) Unwrap() http.ResponseWriter { return k.w }

// Upgrade is Upgrader.Upgrade without a check of the origin. A request that is
// refused is not answered: that is for the caller to do.
//
// Deprecated: use Upgrader, which checks the origin.
func Upgrade(w http.ResponseWriter, r *http.Request, responseHeader http.Header, readBufSize, writeBufSize int) (*Conn, error) {
	u := Upgrader{
		ReadBufferSize: readBufSize, WriteBufferSize: writeBufSize,
		Error:       func(http.ResponseWriter, *http.Request, int, error) {},
		CheckOrigin: func(*http.Request) bool { return true },
	}
	return u.Upgrade(w, r, responseHeader)
}
