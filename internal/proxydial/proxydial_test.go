package proxydial

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
)

// scripted is a proxy at the other end of a pipe: it sends answers[i] once it has
// received wants[i], which is compared.
func scripted(t *testing.T, wants, answers []string) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		client, proxy := net.Pipe()
		go func() {
			for i, want := range wants {
				got := make([]byte, len(want))
				if n, err := io.ReadFull(proxy, got); err != nil || string(got) != want {
					t.Errorf("the proxy has received %q, %v, want %q", got[:n], err, want)
				}
				if i < len(answers) {
					io.WriteString(proxy, answers[i])
				}
			}
			if len(answers) > len(wants) {
				proxy.Close()
			}
		}()
		t.Cleanup(func() { proxy.Close() })
		return client, nil
	}
}

func parse(t *testing.T, s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

const connectHead = "CONNECT example.org:80 HTTP/1.1\r\nHost: example.org:80\r\n"

// hello is what the host says first, when the connection is there.
const hello = "hello"

func TestTunnels(t *testing.T) {
	for _, test := range []struct {
		name, proxy, target string
		header              httpx.Fields
		wants, answers      []string
	}{
		{
			name: "CONNECT", proxy: "http://proxy", target: "example.org:80",
			wants: []string{connectHead + "\r\n"}, answers: []string{"HTTP/1.1 200 OK\r\n\r\n" + hello},
		},
		{
			name: "any 2xx, after interim responses", proxy: "http://proxy", target: "example.org:80",
			wants: []string{connectHead + "\r\n"}, answers: []string{"HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.0 204 None\r\nContent-Length: 5\r\n\r\n" + hello},
		},
		{
			name: "CONNECT with a password", proxy: "http://me:secret@proxy", target: "example.org:80",
			wants: []string{connectHead + "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n"}, answers: []string{"HTTP/1.1 200 OK\r\n\r\n" + hello},
		},
		{
			name: "CONNECT with a user only", proxy: "http://me@proxy", target: "example.org:80",
			wants: []string{connectHead + "Proxy-Authorization: Basic bWU6\r\n\r\n"}, answers: []string{"HTTP/1.1 200 OK\r\n\r\n" + hello},
		},
		{
			name: "more fields", proxy: "http://me:secret@proxy", target: "example.org:80",
			header: httpx.Fields{{Name: []byte("Proxy-Authorization"), Value: []byte("Bearer x")}, {Name: []byte("User-Agent"), Value: []byte("y")}},
			wants:  []string{connectHead + "Proxy-Authorization: Bearer x\r\nUser-Agent: y\r\n\r\n"}, answers: []string{"HTTP/1.1 200 OK\r\n\r\n" + hello},
		},
		{
			name: "SOCKS with a name", proxy: "socks5://proxy", target: "example.org:258",
			wants: []string{"\x05\x01\x00", "\x05\x01\x00\x03\x0bexample.org\x01\x02"}, answers: []string{"\x05\x00", "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00" + hello},
		},
		{
			name: "SOCKS with IPv4", proxy: "socks5h://proxy", target: "127.0.0.1:80",
			wants: []string{"\x05\x01\x00", "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50"}, answers: []string{"\x05\x00", "\x05\x00\x00\x03\x01a\x00\x00" + hello},
		},
		{
			name: "SOCKS with IPv6", proxy: "socks5://proxy", target: "[::1]:80",
			wants:   []string{"\x05\x01\x00", "\x05\x01\x00\x04" + strings.Repeat("\x00", 15) + "\x01\x00\x50"},
			answers: []string{"\x05\x00", "\x05\x00\x00\x04" + strings.Repeat("\x00", 18) + hello},
		},
		{
			name: "SOCKS with a password", proxy: "socks5://me:secret@proxy", target: "127.0.0.1:80",
			wants:   []string{"\x05\x02\x00\x02", "\x01\x02me\x06secret", "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50"},
			answers: []string{"\x05\x02", "\x01\x00", "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00" + hello},
		},
		{
			name: "SOCKS that wants no password", proxy: "socks5://me:secret@proxy", target: "127.0.0.1:80",
			wants:   []string{"\x05\x02\x00\x02", "\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50"},
			answers: []string{"\x05\x00", "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00" + hello},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := Dialer{Proxy: parse(t, test.proxy), Dial: scripted(t, test.wants, test.answers)}
			if test.header != nil {
				d.Header = func(_ context.Context, proxy *url.URL, target string) (httpx.Fields, error) {
					if proxy != d.Proxy || target != test.target {
						t.Errorf("asked for %v, %s", proxy, target)
					}
					return test.header, nil
				}
			}
			conn, err := d.DialContext(t.Context(), "tcp", test.target)
			if err != nil {
				t.Fatal(err)
			}
			b := make([]byte, len(hello))
			if _, err := io.ReadFull(conn, b); err != nil || string(b) != hello {
				t.Errorf("%q, %v", b, err)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	socks := []string{"\x05\x01\x00", "\x05\x01\x00\x03\x0bexample.org\x00\x50"}
	connect := []string{connectHead + "\r\n"}
	end := "" // the proxy closes
	for _, test := range []struct {
		name, proxy    string
		wants, answers []string
		want           Error
		is             error
	}{
		{
			name: "status", proxy: "http://a:b@proxy:1", wants: []string{connectHead + "Proxy-Authorization: Basic YTpi\r\n\r\n"},
			answers: []string{"HTTP/1.1 407 Password\r\nProxy-Authenticate: Basic\r\n\r\n"}, want: Error{Status: 407, Reason: "Password"},
		},
		{name: "end of CONNECT", proxy: "http://proxy", wants: connect, answers: []string{"HTTP/1.1 2", end}, is: io.ErrUnexpectedEOF},
		{name: "no HTTP", proxy: "http://proxy", wants: connect, answers: []string{"SSH-2.0\r\n\r\n"}, is: httpx.ErrSyntax},
		{name: "other scheme", proxy: "ftp://proxy", is: ErrScheme},
		{name: "reply", proxy: "socks5://proxy", wants: socks, answers: []string{"\x05\x00", "\x05\x05\x00\x01"}, want: Error{Reason: "connection refused"}},
		{name: "unknown reply", proxy: "socks5://proxy", wants: socks, answers: []string{"\x05\x00", "\x05\x63\x00\x01"}, want: Error{Reason: "reply 99"}},
		{name: "no method", proxy: "socks5://proxy", wants: socks[:1], answers: []string{"\x05\xff"}, is: errSocksMethod},
		{name: "a password nobody has", proxy: "socks5://proxy", wants: socks[:1], answers: []string{"\x05\x02"}, is: errSocksMethod},
		{name: "wrong password", proxy: "socks5://a:b@proxy", wants: []string{"\x05\x02\x00\x02", "\x01\x01a\x01b"}, answers: []string{"\x05\x02", "\x01\x01"}, is: errSocksPassword},
		{name: "empty password", proxy: "socks5://a@proxy", wants: []string{"\x05\x02\x00\x02"}, answers: []string{"\x05\x02"}, is: errSocksLength},
		{name: "SOCKS 4", proxy: "socks5://proxy", wants: socks[:1], answers: []string{"\x04\x00"}, is: errSocksVersion},
		{name: "end in front of the reply", proxy: "socks5://proxy", wants: socks, answers: []string{"\x05\x00", "", end}, is: io.ErrUnexpectedEOF},
		{name: "end of SOCKS", proxy: "socks5://proxy", wants: socks[:1], answers: []string{"\x05", end}, is: io.ErrUnexpectedEOF},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := Dialer{Proxy: parse(t, test.proxy), Dial: scripted(t, test.wants, test.answers)}
			_, err := d.DialContext(t.Context(), "tcp", "example.org:80")
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Status != test.want.Status || e.Reason != test.want.Reason || e.Target != "example.org:80" {
				t.Fatalf("%#v", err)
			}
			if test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
			if strings.Contains(err.Error(), "a:b") {
				t.Errorf("the error has the password: %v", err)
			}
			if e.Status == 407 && e.Header.Count("Proxy-Authenticate") != 1 {
				t.Errorf("header %v", e.Header)
			}
		})
	}
}

func TestContextEndsNegotiation(t *testing.T) {
	for _, proxy := range []string{"http://proxy", "https://proxy", "socks5://proxy"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		d := Dialer{Proxy: parse(t, proxy), Dial: func(context.Context, string, string) (net.Conn, error) {
			client, silent := net.Pipe()
			go func() {
				io.ReadFull(silent, make([]byte, 1))
				cancel(nil)
			}()
			t.Cleanup(func() { silent.Close() })
			return client, nil
		}}
		if _, err := d.DialContext(ctx, "tcp", "example.org:80"); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", proxy, err)
		}
	}
}

// TestProxyOfHTTP: the CONNECT is one that net/http's server understands.
func TestProxyOfHTTP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	requests := make(chan *http.Request, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			t.Error(err)
		}
		requests <- r
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	}()
	d := Dialer{Proxy: parse(t, "http://"+l.Addr().String())}
	conn, err := d.DialContext(t.Context(), "tcp", "[::1]:443")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if r := <-requests; r.Method != "CONNECT" || r.Host != "[::1]:443" || r.RequestURI != "[::1]:443" {
		t.Errorf("%s %s, host %s", r.Method, r.RequestURI, r.Host)
	}
}
