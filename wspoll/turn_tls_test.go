package wspoll

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"testing"

	"github.com/wirews/wirews/ws"
)

// tape is a net.Conn that keeps what is written to it, once it runs.
type tape struct {
	net.Conn
	runs bool
	kept []byte
}

func (t *tape) Write(p []byte) (int, error) {
	if !t.runs {
		return t.Conn.Write(p)
	}
	t.kept = append(t.kept, p...)
	return len(p), nil
}

// A turn receives up to 64 KiB, also where each byte has a record of TLS for itself.
func TestATurnOfTLSEndsByWhatTheSocketHasGiven(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := net.Pipe()
	w, rec := &wire{Conn: ours}, &tape{Conn: theirs}
	server := tls.Server(w, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	client := tls.Client(rec, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
	shaken := make(chan error, 1)
	go func() { shaken <- server.Handshake() }()
	if err := client.Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-shaken; err != nil {
		t.Fatal(err)
	}
	rec.runs, w.onLoop, w.Conn = true, true, noConn{}
	frame := ws.AppendFrame(nil, ws.MaskFrame(ws.NewFrame(ws.OpBinary, true, make([]byte, 10000))))
	for i := range frame {
		client.Write(frame[i : i+1])
	}
	got := 0
	l, f := newFakeLoop(t, &Server{OnMessage: func(*Conn, ws.OpCode, []byte) { got++ }})
	s := &fakeSocket{in: rec.kept, room: -1}
	c := newConn(l, f.socket(s))
	c.extras().tls = &tlsLayer{conn: server, wire: w}
	c.stage = stageOpen
	l.add(c)
	for turns := 0; got == 0; turns++ {
		before := len(s.in)
		if turns == 1 {
			f.report(0, readable)
		}
		l.mustTurn(t)
		if n := before - len(s.in); n > turnBytes+8<<10 {
			t.Errorf("turn %d has received %d bytes", turns, n)
		}
		if turns == 100 {
			t.Fatalf("the message does not come; %d bytes are left", len(s.in))
		}
	}
}
