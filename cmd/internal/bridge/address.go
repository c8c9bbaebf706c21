package bridge

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/wirews/wirews/cmd/internal/connect"
)

// Address is a side of a bridge: where to connect to, or to listen.
type Address struct {
	Kind    Kind
	Listens bool
	Name    string // URL, host and port, path, or command
}

// Kind is what an Address leads to.
type Kind string

// The kinds. A Secure one is what listens for WebSocket over TLS.
const (
	WebSocket Kind = "ws"
	Secure    Kind = "wss"
	TCP       Kind = "tcp"
	Unix      Kind = "unix"
	Stdio     Kind = "stdio"
	Exec      Kind = "exec"
)

// Addresses describes them, for the help.
const Addresses = `    -                     stdin and stdout
    ws://…, wss://…       connect to a WebSocket server
    tcp:HOST:PORT         connect by TCP
    unix:PATH             connect to a unix socket
    exec:COMMAND          a command of the shell, its stdin and stdout
    ws-listen:HOST:PORT   wait for WebSocket clients, at any path
    wss-listen:HOST:PORT  the same over TLS, with --tls-cert and --tls-key
    tcp-listen:HOST:PORT  wait for TCP connections
    unix-listen:PATH      wait for connections to a unix socket`

// ParseAddress reads one. The short names of websocat (ws-l:, tcp-l:, unix-l:, sh-c:)
// mean the same.
func ParseAddress(s string) (Address, error) {
	if s == "-" || s == "stdio:" {
		return Address{Kind: Stdio}, nil
	}
	if strings.HasPrefix(s, "ws://") || strings.HasPrefix(s, "wss://") {
		if _, err := connect.ParseURL(s); err != nil {
			return Address{}, err
		}
		return Address{Kind: WebSocket, Name: s}, nil
	}
	scheme, name, _ := strings.Cut(s, ":")
	if scheme == "sh-c" {
		scheme = "exec"
	}
	scheme, mode, listens := strings.Cut(scheme, "-")
	ok := !listens || mode == "listen" || mode == "l"
	kind := Kind(scheme)
	switch kind {
	case WebSocket, Secure:
		ok = ok && listens
	case Exec:
		ok = !listens
	case TCP, Unix:
	default:
		ok = false
	}
	if !ok || name == "" {
		return Address{}, fmt.Errorf("%q is no address; want one of\n%s", s, Addresses)
	}
	if kind != Unix && kind != Exec {
		if _, _, err := net.SplitHostPort(name); err != nil {
			return Address{}, fmt.Errorf("%q needs a host and a port: %w", s, err)
		}
	}
	return Address{kind, listens, name}, nil
}

func (a Address) network() string {
	if a.Kind == Unix {
		return "unix"
	}
	return "tcp"
}

// open connects. The error has the status that the command ends with.
func (a Address) open(ctx context.Context, o Options) (end, error) {
	switch a.Kind {
	case Stdio:
		return o.stdio, nil
	case Exec:
		p, err := start(a.Name)
		if err != nil {
			return nil, err
		}
		return newStream(p, p, p, o.Text), nil
	}
	ctx, cancel := o.timed(ctx)
	defer cancel()
	if a.Kind == WebSocket {
		c, err := dial(ctx, a.Name, o.Client)
		if err != nil {
			return nil, connect.DialOutcome(err)
		}
		return newSocket(c, o), nil
	}
	conn, err := new(net.Dialer).DialContext(ctx, a.network(), a.Name)
	if err != nil {
		return nil, connect.DialOutcome(err)
	}
	return newStream(conn, conn, conn, o.Text), nil
}
