package bridge

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/wirews/wirews/websocket"
)

// Address is a side of a bridge: where to connect to, or to listen.
type Address struct {
	Kind    string // ws, tcp, unix or stdio
	Listens bool
	Name    string // URL, host and port, or path
}

// Addresses describes them, for the help.
const Addresses = `    -                     stdin and stdout
    ws://…, wss://…       connect to a WebSocket server
    tcp:HOST:PORT         connect by TCP
    unix:PATH             connect to a unix socket
    ws-listen:HOST:PORT   wait for WebSocket clients, at any path
    tcp-listen:HOST:PORT  wait for TCP connections
    unix-listen:PATH      wait for connections to a unix socket`

// ParseAddress reads one. The short names of websocat (ws-l:, tcp-l:, unix-l:) mean
// the same.
func ParseAddress(s string) (Address, error) {
	if s == "-" || s == "stdio:" {
		return Address{Kind: "stdio"}, nil
	}
	if strings.HasPrefix(s, "ws://") || strings.HasPrefix(s, "wss://") {
		return Address{Kind: "ws", Name: s}, nil
	}
	kind, name, _ := strings.Cut(s, ":")
	kind, mode, listens := strings.Cut(kind, "-")
	ok := !listens || mode == "listen" || mode == "l"
	switch kind {
	case "ws":
		ok = ok && listens
	case "tcp", "unix":
	default:
		ok = false
	}
	if !ok || name == "" {
		return Address{}, fmt.Errorf("%q is no address; want one of\n%s", s, Addresses)
	}
	if kind != "unix" {
		if _, _, err := net.SplitHostPort(name); err != nil {
			return Address{}, fmt.Errorf("%q needs a host and a port: %w", s, err)
		}
	}
	return Address{kind, listens, name}, nil
}

func (a Address) network() string {
	if a.Kind == "unix" {
		return "unix"
	}
	return "tcp"
}

// open connects.
func (a Address) open(ctx context.Context, o Options) (end, error) {
	switch a.Kind {
	case "stdio":
		return newStream(o.Stdin, o.Stdout, nil, o.Text), nil
	case "ws":
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.TLSClientConfig = o.TLS
		c, _, err := websocket.Dial(ctx, a.Name, &websocket.DialOptions{
			HTTPClient: &http.Client{Transport: transport}, HTTPHeader: o.Header, Subprotocols: o.Subprotocols,
		})
		if err != nil {
			return nil, err
		}
		return newSocket(c, o), nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, a.network(), a.Name)
	if err != nil {
		return nil, err
	}
	return newStream(conn, conn, conn, o.Text), nil
}
