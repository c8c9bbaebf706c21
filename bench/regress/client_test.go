package regress_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
)

const address = "ws://server.example.com/chat"

// dialing returns d with a NetDial that gives conn.
func dialing(d ws.Dialer, conn net.Conn) ws.Dialer {
	d.NetDial = func(context.Context, string, string) (net.Conn, error) { return conn, nil }
	return d
}

// dialWants dials a server that answers by respond, and wants the handshake
// to succeed or to fail.
func dialWants(d ws.Dialer, ok bool, respond func(string) string) func(library) (bool, string) {
	return func(lib library) (bool, string) {
		_, _, hs, err := lib.Dial(context.Background(), dialing(d, answers(respond)), address)
		return (err == nil) == ok, fmt.Sprintf("error %v, extensions %v", err, hs.Extensions)
	}
}

// replacing is a correct response in which old is replaced.
func replacing(old, by string) func(string) string {
	return func(request string) string {
		return strings.Replace(accepting("", "")(request), old, by, 1)
	}
}

func TestResponseHeads(t *testing.T) {
	checkLines(t, []line{
		{id: "W13", what: "a response with a line of 1 MiB is refused",
			run: dialWants(ws.Dialer{}, false, accepting("X-Long: "+strings.Repeat("x", 1<<20)+"\r\n", ""))},
		{id: "W19", what: "whitespace before the colon is refused in a response",
			run: dialWants(ws.Dialer{}, false, accepting("X-Space : x\r\n", ""))},
		{id: "W20", what: "0:1 is no status",
			run: dialWants(ws.Dialer{}, false, replacing("101", "0:1"))},
		{id: "W20", what: "1<<64 + 101 is no status",
			run: dialWants(ws.Dialer{}, false, replacing("101", "18446744073709551717"))},
		{id: "W21", what: "a status line may end behind the status",
			run: dialWants(ws.Dialer{}, true, replacing("101 Switching Protocols", "101"))},
		{id: "W22", what: "the token Upgrade is found in a list of the response",
			run: dialWants(ws.Dialer{}, true, replacing("Connection: Upgrade", "Connection: keep-alive, Upgrade"))},
	})
}

func TestExtensionsInResponses(t *testing.T) {
	offer := ws.Dialer{Extensions: []httphead.Option{
		httphead.NewOption("permessage-deflate", map[string]string{"client_max_window_bits": ""}),
	}}
	answer := func(s string) func(string) string {
		return accepting("Sec-WebSocket-Extensions: permessage-deflate"+s+"\r\n", "")
	}
	checkLines(t, []line{
		{id: "W27", what: "the error for extensions names their header", run: func(lib library) (bool, string) {
			text := lib.BadExtensions().Error()
			return strings.Contains(text, "Extensions") && !strings.Contains(text, "Protocol"), text
		}},
		{id: "W28", what: "a window of 99 bits is no answer",
			run: dialWants(offer, false, answer("; server_max_window_bits=99"))},
		{id: "W28", what: "an unknown parameter is no answer",
			run: dialWants(offer, false, answer("; unheard_of"))},
		{id: "W28", what: "an extension is accepted once",
			run: dialWants(offer, false, answer(", permessage-deflate"))},
	})
}

func TestDialedConnection(t *testing.T) {
	checkLines(t, []line{
		{id: "#19, #214", what: "the connection yields the frame that came with the response", run: func(lib library) (bool, string) {
			conn, br, _, err := lib.Dial(context.Background(), dialing(ws.Dialer{}, answers(accepting("", "\x81\x05Hello"))), address)
			if err != nil {
				return false, err.Error()
			}
			f, err := ws.ReadFrame(conn)
			return string(f.Payload) == "Hello" && br == nil, fmt.Sprintf("payload %q, error %v", f.Payload, err)
		}},
		{id: "W23", mended: true, what: "Timeout bounds the handshake with any context", run: func(lib library) (bool, string) {
			return endsByTimeout(lib)
		}},
		{id: "W24", what: "WrapConn is not called when connecting failed", run: func(lib library) (bool, string) {
			called := false
			d := ws.Dialer{
				NetDial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("refused") },
				WrapConn: func(conn net.Conn) net.Conn {
					called = true
					return conn
				},
			}
			_, _, _, err := lib.Dial(context.Background(), d, address)
			return err != nil && !called, fmt.Sprintf("called %v, error %v", called, err)
		}},
		{id: "W25", what: "with an error there is no connection", run: func(lib library) (bool, string) {
			p := answers(replacing("101 Switching Protocols", "403 Forbidden"))
			conn, br, _, err := lib.Dial(context.Background(), dialing(ws.Dialer{}, p), address)
			return err != nil && conn == nil && br == nil && p.closed,
				fmt.Sprintf("connection %v, closed %v, error %v", conn != nil, p.closed, err)
		}},
		{id: "W26", what: "the reason stays what it was while the response is read", run: func(lib library) (bool, string) {
			before, after := "", ""
			d := ws.Dialer{OnStatusError: func(_ int, reason []byte, resp io.Reader) {
				before = string(reason)
				io.ReadAll(resp)
				after = string(reason)
			}}
			refuse := func(string) string {
				return "HTTP/1.1 403 Forbidden\r\nContent-Length: 10000\r\n\r\n" + strings.Repeat("Z", 10_000)
			}
			lib.Dial(context.Background(), dialing(d, answers(refuse)), address)
			return before == "Forbidden" && after == before, fmt.Sprintf("%q became %q", before, after)
		}},
	})
}

// endsByTimeout dials a server that reads and says nothing, with a context
// that can be cancelled and is not.
func endsByTimeout(lib library) (bool, string) {
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	go io.Copy(io.Discard, server)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	ended := make(chan error, 1)
	go func() {
		_, _, _, err := lib.Dial(ctx, dialing(ws.Dialer{Timeout: 10 * time.Millisecond}, client), address)
		ended <- err
	}()
	select {
	case err := <-ended:
		return err != nil, fmt.Sprint("error ", err)
	case <-time.After(10 * time.Second):
		return false, "still waiting after 10 s with a Timeout of 10 ms"
	}
}

// sent dials url and returns what was sent, the address that was connected to,
// and the error of a request that was not sent.
func sent(lib library, d ws.Dialer, url string) (p *peer, addr string, err error) {
	p = answers(accepting("", ""))
	d.NetDial = func(_ context.Context, _, a string) (net.Conn, error) {
		addr = a
		return p, nil
	}
	_, _, _, err = lib.Dial(context.Background(), d, url)
	return p, addr, err
}

func TestURLs(t *testing.T) {
	checkLines(t, []line{
		{id: "W29", what: "an empty port stands for the default", run: func(lib library) (bool, string) {
			_, addr, err := sent(lib, ws.Dialer{}, "ws://server.example.com:/chat")
			return addr == "server.example.com:80", fmt.Sprintf("connected to %q, error %v", addr, err)
		}},
		{id: "W29", what: "a fragment is not sent", run: func(lib library) (bool, string) {
			p, _, err := sent(lib, ws.Dialer{}, address+"#part")
			return !strings.Contains(p.wrote.String(), "part"), fmt.Sprintf("sent %q, error %v", p.line("GET"), err)
		}},
		{id: "W29", what: "userinfo becomes Basic authentication", run: func(lib library) (bool, string) {
			p, _, err := sent(lib, ws.Dialer{}, "ws://Aladdin:open%20sesame@server.example.com/chat")
			l := p.line("Authorization")
			return l == "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", fmt.Sprintf("sent %q, error %v", l, err)
		}},
		{id: "W29", what: "the scheme http is understood", run: func(lib library) (bool, string) {
			_, addr, err := sent(lib, ws.Dialer{}, "http://server.example.com/chat")
			return err == nil && addr == "server.example.com:80", fmt.Sprintf("connected to %q, error %v", addr, err)
		}},
	})
}

func TestRequestsOfClients(t *testing.T) {
	const injection = "x\r\nX-Injected: x"
	lines := []line{
		{id: "#204", what: "Host in Header takes the place of the URL's", run: func(lib library) (bool, string) {
			p, _, err := sent(lib, ws.Dialer{Header: ws.HandshakeHeaderString("Host: other.example.com\r\n")}, address)
			n := strings.Count(p.wrote.String(), "\r\nHost:")
			return n == 1 && p.line("Host") == "Host: other.example.com", fmt.Sprintf("%d Host fields, error %v", n, err)
		}},
		{id: "#204", what: "TLS is not laid over a connection that has it", run: func(lib library) (bool, string) {
			p := answers(accepting("", ""))
			d := ws.Dialer{NetDialTLS: func(context.Context, string, string) (net.Conn, error) { return p, nil }}
			_, _, _, err := lib.Dial(context.Background(), d, "wss://server.example.com/chat")
			return err == nil && strings.HasPrefix(p.wrote.String(), "GET "), fmt.Sprintf("sent %.5q, error %v", p.wrote.String(), err)
		}},
	}
	for _, in := range []struct {
		id, field string
		d         ws.Dialer
	}{
		{"W30", "Protocols", ws.Dialer{Protocols: []string{injection}}},
		{"#188, W30", "Host", ws.Dialer{Host: injection}},
		{"H2, W30", "Extensions", ws.Dialer{Extensions: []httphead.Option{
			httphead.NewOption("x", map[string]string{"p": injection}),
		}}},
	} {
		lines = append(lines, line{id: in.id, what: "CR and LF in " + in.field + " add no line to the request", run: func(lib library) (bool, string) {
			p := answers(accepting("", ""))
			_, err := lib.UpgradeClient(in.d, p, &url.URL{Scheme: "ws", Host: "server.example.com", Path: "/chat"})
			l := p.line("X-Injected")
			return l == "", fmt.Sprintf("sent %q, error %v", l, err)
		}})
	}
	checkLines(t, lines)
}
