package wsutil_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// echoHelpers, echoReader and echoStream send every message back.
func echoHelpers(conn net.Conn) error {
	for {
		p, op, err := wsutil.ReadClientData(conn)
		if err == nil {
			err = wsutil.WriteServerMessage(conn, op, p)
		}
		if err != nil {
			return err
		}
	}
}

func echoReader(conn net.Conn) error {
	control := wsutil.ControlFrameHandler(conn, ws.StateServerSide)
	r := wsutil.Reader{Source: conn, State: ws.StateServerSide, OnIntermediate: control}
	w := wsutil.NewWriter(conn, ws.StateServerSide, 0)
	for {
		h, err := r.NextFrame()
		switch {
		case err == nil && h.OpCode.IsControl():
			err = control(h, &r)
		case err == nil:
			w.ResetOp(h.OpCode)
			if _, err = io.Copy(w, &r); err == nil {
				err = w.Flush()
			}
		}
		if err != nil {
			return err
		}
	}
}

// onlyConn is a net.Conn without anything else.
type onlyConn struct{ net.Conn }

// RFC 6455, 7.1.1: whatever follows the client's close frame, the echo and the
// answer arrive, and then the end of TCP.
func TestEndLetsEverythingArrive(t *testing.T) {
	message := bytes.Repeat([]byte("0123456789"), 20_000)
	programs := map[string]func(conn net.Conn) error{
		"helpers":           echoHelpers,
		"Reader and Writer": echoReader,
		"Stream":            func(conn net.Conn) error { return echoStream(wsutil.NewStream(conn, ws.StateServerSide, 0)) },
	}
	tails := map[string][]byte{
		"ping":   clientFrame(ws.OpPing, true, "?"),
		"300 kB": clientFrame(ws.OpBinary, true, string(make([]byte, 300_000))),
	}
	transports := map[string]func(client, server net.Conn) (net.Conn, net.Conn){
		"TCP":              func(client, server net.Conn) (net.Conn, net.Conn) { return client, server },
		"TLS":              overTLS(t),
		"a plain net.Conn": func(client, server net.Conn) (net.Conn, net.Conn) { return client, onlyConn{server} },
	}
	for program, serve := range programs {
		for tail, behind := range tails {
			for transport, over := range transports {
				t.Run(program+"/"+tail+"/"+transport, func(t *testing.T) {
					tcpClient, tcpServer := tcpPair(t)
					tcpServer.SetWriteBuffer(4 << 20)
					tcpClient.SetWriteBuffer(4 << 20)
					client, server := over(tcpClient, tcpServer)
					sent, served, ended := make(chan error, 1), make(chan error, 1), make(chan error, 1)
					go func() {
						<-sent
						served <- serve(server)
						ended <- wsutil.End(server, ws.StateServerSide)
					}()
					go func() {
						_, err := client.Write(join(clientFrame(ws.OpBinary, true, string(message)), clientFrame(ws.OpClose, true, "\x03\xe8"), behind))
						sent <- err
					}()
					if transport == "TLS" {
						sent <- nil // its handshake needs both
					}
					<-served
					var got []byte
					for {
						f, err := ws.ReadFrame(client)
						if err != nil {
							if err != io.EOF || !bytes.Equal(got, append(bytes.Clone(message), "\x03\xe8"...)) {
								t.Errorf("%d bytes of %d arrived, then %v, want io.EOF", len(got), len(message)+2, err)
							}
							break
						}
						got = append(got, f.Payload...)
					}
					if err := wsutil.End(client, ws.StateClientSide); err != nil {
						t.Error(err)
					}
					if err := <-ended; err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
}

// overTLS lays TLS over both ends.
func overTLS(t *testing.T) func(client, server net.Conn) (net.Conn, net.Conn) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"example.com"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	own := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	return func(client, server net.Conn) (net.Conn, net.Conn) {
		return tls.Client(client, &tls.Config{InsecureSkipVerify: true}), tls.Server(server, own)
	}
}

// halfClosed is a connection that can be closed half; the peer does not care.
type halfClosed struct {
	*wstest.Faulty
	closedHalf bool
}

func (c *halfClosed) CloseWrite() error { c.closedHalf = true; return nil }

// pipeEnd is an end of a net.Pipe that can be closed half.
type pipeEnd struct{ net.Conn }

func (pipeEnd) CloseWrite() error { return nil }

func TestEndIsBounded(t *testing.T) {
	for _, tt := range []struct {
		name string
		conn func(pipe net.Conn) net.Conn
		s    ws.State
		took time.Duration
	}{
		{"a server, half-closed", func(p net.Conn) net.Conn { return pipeEnd{p} }, ws.StateServerSide, 5 * time.Second},
		{"a server that cannot half-close", func(p net.Conn) net.Conn { return p }, ws.StateServerSide, 100 * time.Millisecond},
		{"a client", func(p net.Conn) net.Conn { return p }, ws.StateClientSide, 5 * time.Second},
		{"a server without deadlines", func(net.Conn) net.Conn { f := noDeadlines(); return &halfClosed{Faulty: f} }, ws.StateServerSide, 5 * time.Second},
		{"a server with neither", func(net.Conn) net.Conn { return noDeadlines() }, ws.StateServerSide, 100 * time.Millisecond},
		{"a client without deadlines", func(net.Conn) net.Conn { return noDeadlines() }, ws.StateClientSide, 5 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				defer ours.Close()
				defer theirs.Close()
				start := time.Now()
				wsutil.End(tt.conn(ours), tt.s)
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
			})
		})
	}
}

func noDeadlines() *wstest.Faulty {
	f := &wstest.Faulty{Deadline: os.ErrNoDeadline}
	f.OnRead = f.Wait
	return f
}

// A peer that goes on sending is cut off after 64 MiB, and one that sends now
// and then after five seconds.
func TestEndDropsOnlySoMuch(t *testing.T) {
	dropped := 0
	f := &halfClosed{Faulty: &wstest.Faulty{OnRead: func(p []byte) (int, error) { return 0, io.EOF }}}
	flood := floodConn{halfClosed: f, n: &dropped}
	wsutil.End(flood, ws.StateServerSide)
	if want := 64 << 20; dropped < want || dropped > want+64<<10 || !f.closedHalf {
		t.Errorf("%d bytes were dropped, want %d", dropped, want)
	}
	select {
	case <-f.Closed():
	default:
		t.Error("the connection was not closed")
	}
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		start, gone := time.Now(), make(chan bool)
		go func() {
			defer close(gone)
			for {
				time.Sleep(50 * time.Millisecond) // of the bubble's clock
				if _, err := theirs.Write([]byte("drop")); err != nil {
					return
				}
			}
		}()
		wsutil.End(ours, ws.StateServerSide)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		<-gone
	})
}

// floodConn never ends.
type floodConn struct {
	*halfClosed
	n *int
}

func (c floodConn) Read(p []byte) (int, error) {
	*c.n += len(p)
	return len(p), nil
}
