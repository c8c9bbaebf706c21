package ws_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
)

// listen runs a server that gives every connection to serve and closes it
// afterwards. It returns the server's address.
func listen(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, ln, serve)
	return ln.Addr().String()
}

func serveOn(t testing.TB, ln net.Listener, serve func(net.Conn)) {
	var wg sync.WaitGroup
	t.Cleanup(func() { ln.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conn.SetDeadline(time.Now().Add(patience))
			wg.Go(func() {
				defer conn.Close()
				serve(conn)
			})
		}
	})
}

// answerWith returns a server that reads a request, sends the text with the
// right accept in it, and waits for the client's end.
func answerWith(text string) func(net.Conn) {
	return func(conn net.Conn) {
		br := bufio.NewReader(conn)
		r, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		io.WriteString(conn, strings.ReplaceAll(text, "ACCEPT", acceptOf(r.Header.Get("Sec-WebSocket-Key"))))
		io.Copy(io.Discard, br)
	}
}

// answerAndClose is answerWith, but the server ends the connection.
func answerAndClose(text string) func(net.Conn) {
	return func(conn net.Conn) {
		br := bufio.NewReader(conn)
		if _, err := http.ReadRequest(br); err == nil {
			io.WriteString(conn, text)
		}
	}
}

// silent is a server that takes everything and says nothing.
func silent(conn net.Conn) { io.Copy(io.Discard, conn) }

// dialed fails the test if the dial has failed, and closes conn at its end.
func dialed(t testing.TB, conn net.Conn, br *bufio.Reader, err error) net.Conn {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if br != nil {
		t.Errorf("got a reader: %v", br)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// wantDialError dials and fails the test unless the error is want and nothing
// else comes back (W25).
func wantDialError(t testing.TB, d ws.Dialer, ctx context.Context, url string, want error) error {
	t.Helper()
	conn, br, hs, err := d.Dial(ctx, url)
	if !errors.Is(err, want) {
		t.Fatalf("%s: got error %v, want %v", url, err, want)
	}
	if conn != nil || br != nil || hs.Protocol != "" || hs.Extensions != nil {
		t.Fatalf("%s: got %v, %v, %+v with the error %v", url, conn, br, hs, err)
	}
	return err
}

// authority is a certificate authority of our own, with a server's certificate
// for the names that the tests use.
type authority struct {
	pool   *x509.CertPool
	server tls.Certificate
}

func newAuthority(t testing.TB) authority {
	t.Helper()
	caKey, ca := newCertificate(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, nil)
	key, leaf := newCertificate(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"},
		DNSNames: []string{"server.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature,
	}, ca, caKey)
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return authority{pool: pool, server: tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}}
}

// newCertificate signs template with the parent's key, or with its own.
func newCertificate(t testing.TB, template, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, parentKey = template, key
	}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, cert
}

// listenTLS is listen over TLS; the server picks the first of protos that the
// client offers.
func (a authority) listenTLS(t testing.TB, protos []string, serve func(*tls.Conn)) string {
	return listen(t, func(conn net.Conn) {
		c := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{a.server}, NextProtos: protos})
		if c.Handshake() == nil {
			serve(c)
		}
	})
}
