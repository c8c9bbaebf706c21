// Command cookies decides by a client's host and cookies whether it may connect,
// and answers with a header that is computed for each connection.
package main

import (
	"log"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
)

func main() {
	l, err := net.Listen("tcp", "localhost:8080")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(serve(l, "localhost:8080"))
}

// serve accepts connections to host until l is closed.
func serve(l net.Listener, host string) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			if err := greet(conn, host); err != nil {
				log.Printf("%v: %v", conn.RemoteAddr(), err)
			}
		}()
	}
}

// visitor is what the callbacks find out about a client. There is one for each
// connection: the callbacks of one handshake never run at the same time.
type visitor struct {
	session string
	visits  int
}

// upgrader returns an Upgrader for one connection; v is filled in by Upgrade.
func (v *visitor) upgrader(host string) ws.Upgrader {
	return ws.Upgrader{
		Timeout: 5 * time.Second,
		// A page of another site brings our cookies with it.
		Origin: ws.SameOrigin,
		OnHost: func(h []byte) error {
			if string(h) == host {
				return nil
			}
			return ws.RejectConnectionError(
				ws.RejectionStatus(http.StatusMisdirectedRequest),
				ws.RejectionReason("this is "+host),
				ws.RejectionHeader(ws.HandshakeHeaderString("X-Wanted-Host: "+host+"\r\n")),
			)
		},
		OnHeader: func(key, value []byte) error {
			if string(key) != "Cookie" {
				return nil
			}
			return v.readCookies(value)
		},
		OnBeforeUpgrade: func() (ws.HandshakeHeader, error) {
			if v.session == "" {
				return nil, ws.RejectConnectionError(
					ws.RejectionStatus(http.StatusUnauthorized),
					ws.RejectionReason("a session is needed"),
					ws.RejectionHeader(ws.HandshakeHeaderHTTP{"Www-Authenticate": {`Cookie realm="cookies"`}}),
				)
			}
			next := http.Cookie{Name: "visits", Value: strconv.Itoa(v.visits + 1), HttpOnly: true, SameSite: http.SameSiteStrictMode}
			return ws.HandshakeHeaderHTTP{"Set-Cookie": {next.String()}}, nil
		},
	}
}

// readCookies reads the value of a Cookie field. It copies what is kept: value
// is valid until the callback returns.
func (v *visitor) readCookies(value []byte) error {
	var err error
	wellFormed := httphead.ScanCookie(value, func(name, value []byte) bool {
		switch string(name) {
		case "session":
			v.session = string(value)
		case "visits":
			v.visits, err = strconv.Atoi(string(value))
		}
		return err == nil
	})
	if wellFormed && err == nil {
		return nil
	}
	return ws.RejectConnectionError(
		ws.RejectionStatus(http.StatusBadRequest),
		ws.RejectionReason("bad cookie"),
	)
}

// greet does the handshake, tells the client its session and closes.
func greet(conn net.Conn, host string) error {
	var v visitor
	if _, err := v.upgrader(host).Upgrade(conn); err != nil {
		return err
	}
	if err := ws.WriteFrame(conn, ws.NewTextFrame([]byte("session "+v.session))); err != nil {
		return err
	}
	body := ws.AppendClose(nil, ws.StatusNormalClosure, "")
	if err := ws.WriteFrame(conn, ws.NewCloseFrame(body)); err != nil {
		return err
	}
	// RFC 6455, 7.1.1: the peer's close frame ends it.
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	for {
		f, err := ws.ReadFrameBuffer(conn, nil, ws.MaxControlFramePayloadSize)
		if err != nil || f.Header.OpCode == ws.OpClose {
			return err
		}
	}
}
