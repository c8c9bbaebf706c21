package wspoll_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// certificate returns one for example.com, and the options of a client that trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"example.com"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	server = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return server, &tls.Config{RootCAs: roots, ServerName: "example.com", NextProtos: []string{"h2", "http/1.1"}}
}

func TestMessagesComeBackOverTLS(t *testing.T) {
	config, trusts := certificate(t)
	onEach(t, func(t *testing.T, poller string) {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			t.Run(tls.VersionName(version), func(t *testing.T) {
				states := make(chan *tls.ConnectionState, 1)
				e := make(ends, 1)
				addr := serve(t, &wspoll.Server{
					TLSConfig: config,
					OnOpen:    func(c *wspoll.Conn) { states <- c.TLS() },
					OnMessage: echo,
					OnClose:   e.onClose,
					Limits:    wsproto.Limits{Message: 8 << 20},
				}, poller)
				trusts := trusts.Clone()
				trusts.MaxVersion = version
				client := tls.Client(dial(t, addr), trusts)
				p := peer{t, client}
				p.send([]byte(request))
				p.wantHead("HTTP/1.1 101 ")
				if s := <-states; s == nil || s.Version != version || s.NegotiatedProtocol != "http/1.1" {
					t.Errorf("the state of TLS is %+v", s)
				}
				for i := range 100 {
					p.send(text(fmt.Sprint(i)))
					p.want(ws.OpText, fmt.Sprint(i))
				}
				long := strings.Repeat("x", 5<<20)
				go p.Write(frame(ws.OpBinary, true, long))
				p.want(ws.OpBinary, long)
				p.send(frame(ws.OpClose, true, "\x03\xe8"))
				p.wantClose(1000)
				p.Close()
				if err := <-e; err.Code != 1000 {
					t.Errorf("it has ended for %v", err)
				}
			})
		}
	})
}

// trickle writes byte by byte, each of which is received before the next is sent.
type trickle struct{ net.Conn }

func (c trickle) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		_, err = c.Conn.Write(p[n : n+1])
		synctest.Wait()
		n++
	}
	return n, err
}

func TestRecordsMayBeCutAtEveryByte(t *testing.T) {
	config, trusts := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		l := serveIn(t, &wspoll.Server{TLSConfig: config, OnMessage: echo})
		conn := connect(t, l)
		p := peer{t, tls.Client(trickle{conn}, trusts)}
		p.send([]byte(request))
		p.wantHead("HTTP/1.1 101 ")
		for _, m := range []string{"", "Hello", strings.Repeat("x", 200)} {
			p.send(text(m))
			p.want(ws.OpText, m)
		}
	})
}

func TestAHandshakeOfTLSHasItsTime(t *testing.T) {
	config, _ := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		l := serveIn(t, &wspoll.Server{TLSConfig: config, HandshakeTimeout: time.Minute})
		p := connect(t, l)
		begun := time.Now()
		p.send([]byte{22, 3, 1})
		io.Copy(io.Discard, p)
		if took := time.Since(begun); took != time.Minute {
			t.Errorf("it took %v, want a minute", took)
		}
	})
}

// A peer that takes nothing costs a bounded number of bytes over TLS too.
func TestASlowPeerOverTLSCostsABoundedNumberOfBytes(t *testing.T) {
	config, trusts := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		const limit, size = 256 << 10, 10_000
		conns := make(chan *wspoll.Conn, 1)
		s := &wspoll.Server{TLSConfig: config, OnOpen: func(c *wspoll.Conn) { conns <- c }, Queue: wsproto.Queue{Bytes: limit}}
		l := serveIn(t, s)
		p := peer{t, tls.Client(connect(t, l), trusts)}
		p.send([]byte(request))
		p.wantHead("HTTP/1.1 101 ")
		c := <-conns
		accepted := 0
		for ; c.Write(ws.OpBinary, make([]byte, size)) == nil; accepted++ {
			synctest.Wait()
		}
		// Besides the queue, what is being sent and encrypted, and the buffers of the
		// connection.
		if most := (limit + 5*64<<10) / size; accepted > most {
			t.Errorf("%d messages are accepted, want up to %d", accepted, most)
		}
		for range accepted {
			p.want(ws.OpBinary, string(make([]byte, size)))
		}
	})
}

// A KeyUpdate that is split over records changes the keys, and asks for another one in
// the other direction.
func TestAKeyUpdateMayComeInTwoRecords(t *testing.T) {
	config, trusts := certificate(t)
	synctest.Test(t, func(t *testing.T) {
		l := serveIn(t, &wspoll.Server{TLSConfig: config, OnMessage: echo})
		var keys bytes.Buffer
		trusts := trusts.Clone()
		trusts.KeyLogWriter, trusts.MinVersion = &keys, tls.VersionTLS13
		conn := connect(t, l)
		client := tls.Client(conn, trusts)
		if err := client.Handshake(); err != nil {
			t.Fatal(err)
		}
		if suite := client.ConnectionState().CipherSuite; suite != tls.TLS_AES_128_GCM_SHA256 {
			t.Skipf("the suite is %s, and this test knows TLS_AES_128_GCM_SHA256 alone", tls.CipherSuiteName(suite))
		}
		w := newRecords(t, keys.String())
		p := peer{t, client}
		conn.send(w.seal(applicationData, []byte(request)))
		p.wantHead("HTTP/1.1 101 ")
		update := []byte{24, 0, 0, 1, 1} // RFC 8446, 4.6.3: update_requested
		conn.send(w.seal(handshake, update[:2]))
		synctest.Wait()
		conn.send(w.seal(handshake, update[2:]))
		w.update()
		for _, m := range []string{"one", "two"} {
			conn.send(w.seal(applicationData, text(m)))
			p.want(ws.OpText, m)
		}
	})
}

// records are those of a client of TLS 1.3 (RFC 8446, section 5.2).
type records struct {
	t      *testing.T
	secret []byte
	aead   cipher.AEAD
	iv     []byte
	next   uint64
}

const handshake, applicationData = 22, 23

func newRecords(t *testing.T, keyLog string) *records {
	_, rest, _ := strings.Cut(keyLog, "CLIENT_TRAFFIC_SECRET_0 ")
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		t.Fatalf("no secret in %q", keyLog)
	}
	secret, err := hex.DecodeString(fields[1])
	if err != nil {
		t.Fatal(err)
	}
	w := &records{t: t}
	w.use(secret)
	return w
}

func (w *records) use(secret []byte) {
	block, err := aes.NewCipher(w.expand(secret, "key", 16))
	if err != nil {
		w.t.Fatal(err)
	}
	w.aead, _ = cipher.NewGCM(block)
	w.secret, w.iv, w.next = secret, w.expand(secret, "iv", 12), 0
}

// update is section 7.2.
func (w *records) update() { w.use(w.expand(w.secret, "traffic upd", 32)) }

// expand is HKDF-Expand-Label of section 7.1.
func (w *records) expand(secret []byte, label string, size int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(size))
	info = append(append(info, byte(6+len(label))), "tls13 "+label...)
	key, err := hkdf.Expand(sha256.New, secret, string(append(info, 0)), size)
	if err != nil {
		w.t.Fatal(err)
	}
	return key
}

func (w *records) seal(kind byte, p []byte) []byte {
	p = append(append([]byte(nil), p...), kind)
	head := binary.BigEndian.AppendUint16([]byte{applicationData, 3, 3}, uint16(len(p)+w.aead.Overhead()))
	nonce := append([]byte(nil), w.iv...)
	for i := range 8 {
		nonce[4+i] ^= byte(w.next >> (56 - 8*i))
	}
	w.next++
	return w.aead.Seal(head, nonce, p, head)
}
