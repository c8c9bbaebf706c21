package ws_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"path/filepath"
	"testing"
	"testing/iotest"
	"time"

	"github.com/wirews/wirews/internal/earlyconn"
	"github.com/wirews/wirews/ws"
)

// earlyPairs are the kinds of connection that the wrapper tells apart.
var earlyPairs = []struct {
	name string
	pair func(*testing.T) (client, server net.Conn)
}{
	{"TCP", func(t *testing.T) (net.Conn, net.Conn) { return connPair(t, "tcp", "127.0.0.1:0") }},
	{"unix socket", func(t *testing.T) (net.Conn, net.Conn) {
		return connPair(t, "unix", filepath.Join(t.TempDir(), "s"))
	}},
	{"TLS", tlsPair},
	{"net.Pipe", func(t *testing.T) (net.Conn, net.Conn) {
		client, server := net.Pipe()
		for _, conn := range []net.Conn{client, server} {
			conn.SetDeadline(time.Now().Add(patience))
			t.Cleanup(func() { conn.Close() })
		}
		return client, server
	}},
}

// tlsPair returns the two ends of a TLS connection whose handshake is done.
func tlsPair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(time.Hour),
		DNSNames:     []string{"example.com"},
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)

	c, s := tcpPair(t)
	tlsServer := tls.Server(s, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	tlsClient := tls.Client(c, &tls.Config{RootCAs: roots, ServerName: "example.com"})
	shaken := make(chan error, 1)
	go func() { shaken <- tlsServer.Handshake() }()
	if err := tlsClient.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-shaken; err != nil {
		t.Fatal(err)
	}
	return tlsClient, tlsServer
}

// #214: the frames that came in with the handshake are the first that the
// connection yields, then comes what the peer sends.
func TestEarlyBytesComeFirst_214(t *testing.T) {
	const early, late = "early bytes, ", "late bytes"
	for _, tt := range earlyPairs {
		for _, read := range []struct {
			name string
			all  func(net.Conn) ([]byte, error)
		}{
			{"Read", func(c net.Conn) ([]byte, error) { return io.ReadAll(struct{ io.Reader }{c}) }},
			{"Read of one byte", func(c net.Conn) ([]byte, error) { return io.ReadAll(iotest.OneByteReader(c)) }},
			{"io.Copy", func(c net.Conn) ([]byte, error) {
				var b bytes.Buffer
				n, err := io.Copy(struct{ io.Writer }{&b}, c)
				if n != int64(b.Len()) {
					t.Errorf("io.Copy says %d bytes and wrote %d", n, b.Len())
				}
				return b.Bytes(), err
			}},
			{"Read, then io.Copy", func(c net.Conn) ([]byte, error) {
				first := make([]byte, 3)
				if _, err := io.ReadFull(c, first); err != nil {
					return nil, err
				}
				b := bytes.NewBuffer(first)
				_, err := io.Copy(struct{ io.Writer }{b}, c)
				return b.Bytes(), err
			}},
		} {
			t.Run("#214: "+tt.name+", "+read.name, func(t *testing.T) {
				client, server := tt.pair(t)
				go func() {
					io.WriteString(server, late)
					server.Close()
				}()
				got, err := read.all(ws.WithEarly(client, []byte(early)))
				if string(got) != early+late || err != nil {
					t.Errorf("got %q, error %v, want %q", got, err, early+late)
				}
			})
		}
	}
}

// What net and crypto/tls give their connections must not be lost.
func TestEarlyConnKeepsTheMethodsOfItsKind(t *testing.T) {
	wrap := func(i int) net.Conn {
		client, _ := earlyPairs[i].pair(t)
		return ws.WithEarly(client, []byte("early"))
	}
	tcp, unix, tlsConn, pipe := wrap(0), wrap(1), wrap(2), wrap(3)
	type closeWriter interface{ CloseWrite() error }

	if _, ok := tcp.(io.ReaderFrom); !ok {
		t.Error("TCP: no ReadFrom")
	}
	if _, ok := tcp.(io.WriterTo); !ok {
		t.Error("TCP: no WriteTo")
	}
	for name, conn := range map[string]net.Conn{"TCP": tcp, "unix socket": unix, "TLS": tlsConn} {
		if _, ok := conn.(closeWriter); !ok {
			t.Errorf("%s: no CloseWrite", name)
		}
	}
	if c, ok := tlsConn.(interface{ ConnectionState() tls.ConnectionState }); !ok || !c.ConnectionState().HandshakeComplete {
		t.Error("TLS: no ConnectionState")
	}
	if pipe.LocalAddr().Network() != "pipe" {
		t.Error("net.Pipe: not its address")
	}
}

// WriteFrame sends large payloads by writev, which has to reach the
// connection inside the wrapper.
func TestWriteFrameThroughEarlyConn(t *testing.T) {
	for _, tt := range earlyPairs {
		t.Run(tt.name, func(t *testing.T) {
			client, server := tt.pair(t)
			wrapped := ws.WithEarly(client, ws.AppendFrame(nil, ws.NewTextFrame([]byte("early"))))
			if f, err := ws.ReadFrame(wrapped); err != nil || string(f.Payload) != "early" {
				t.Fatalf("got %q, error %v", f.Payload, err)
			}
			wantArrives(t, wrapped, server, vectorSizes...)
			wantArrives(t, server, wrapped, vectorSizes...)
		})
	}
}

func TestEarlyConnPassesErrorsThrough(t *testing.T) {
	broken := errors.New("broken")
	client, server := tcpPair(t)
	server.Close()
	wrapped := ws.WithEarly(client, []byte("early"))

	for _, took := range []int{0, 2} {
		n, err := wrapped.(io.WriterTo).WriteTo(failingWriter{took, broken})
		if n != int64(took) || err != broken {
			t.Errorf("WriteTo a writer that breaks after %d bytes: got %d, %v", took, n, err)
		}
	}
	// What it did not take is still there.
	p := make([]byte, 1)
	if n, err := wrapped.Read(p); n != 1 || err != nil || p[0] != 'r' {
		t.Errorf("Read: got %q, %v", p[:n], err)
	}
	var b bytes.Buffer
	if _, err := wrapped.(io.WriterTo).WriteTo(&b); err != nil || b.String() != "ly" {
		t.Errorf("WriteTo: got %q, %v", b.String(), err)
	}
	if n, err := wrapped.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("Read at the end: got %d, %v", n, err)
	}
}

// A drained wrapper must not greet the writer with an empty Write: on some
// writers that is a message of its own.
func TestDrainedEarlyConnWritesNothingEmpty(t *testing.T) {
	client, server := tcpPair(t)
	wrapped := ws.WithEarly(client, []byte("x"))
	if _, err := wrapped.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	io.WriteString(server, "late")
	server.CloseWrite()
	w := &countingWriter{}
	if n, err := wrapped.(io.WriterTo).WriteTo(w); n != 4 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	for _, p := range w.Writes {
		if len(p) == 0 {
			t.Error("an empty Write")
		}
	}
}

// halfConn is a connection of another type that can be closed half.
type halfConn struct {
	net.Conn
	closed bool
}

func (c *halfConn) CloseWrite() error { c.closed = true; return nil }

// Ending a connection in good order takes CloseWrite, whatever it is.
func TestEarlyConnPassesOnCloseWrite(t *testing.T) {
	for _, tt := range []struct {
		name string
		conn net.Conn
		want error
	}{
		{"with CloseWrite", &halfConn{}, nil},
		{"without", struct{ net.Conn }{}, errors.ErrUnsupported},
	} {
		conn := earlyconn.Wrap(tt.conn, []byte("early"))
		if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if half, ok := tt.conn.(*halfConn); ok && !half.closed {
			t.Errorf("%s: the connection was not closed half", tt.name)
		}
	}
}
