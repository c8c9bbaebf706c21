package http2

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/cmd/internal/conform"
	wirews "github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h2"
	"github.com/wirews/wirews/websocket/h3"
)

// cases are those of the conformance suite that are run: with ALL_CASES=true all of them,
// otherwise not the longest ones, a choice where one case has to wait for the other, and
// in short tests a few.
func cases(o conform.Options, choice bool) conform.Options {
	o.Patience = 5 // the machine may be busy
	switch {
	case os.Getenv("ALL_CASES") == "true":
	case testing.Short():
		o.Cases = []string{"1.1.*", "2.*", "5.6", "7.1.*", "12.1.1"}
	case choice:
		o.Cases = []string{"1.*", "2.*", "3.*", "4.*", "5.*", "6.4.*", "7.*", "10.*", "12.1.1", "13.3.1"}
	default:
		o.Exclude = []string{"9.*", "12.*", "13.*"}
	}
	return o
}

// certificate returns the configuration of TLS of a server, and of its clients.
func certificate(t *testing.T) (server, client *tls.Config) {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	return &tls.Config{Certificates: s.TLS.Certificates}, s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
}

func listenUDP(t *testing.T) net.PacketConn {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return socket
}

// The cases of the suite, on the server of the command.
func TestTheServerConforms(t *testing.T) {
	forServer, forClient := certificate(t)
	o := wirews.Default()
	o.TLS = forServer
	s := wirews.New(o)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket := listenUDP(t)
	go s.Serve(l)
	go s.ServeHTTP3(socket)
	defer s.Shutdown(context.Background())
	for name, tc := range map[string]struct {
		options conform.Options
		addr    net.Addr
	}{
		"HTTP/2": {conform.Options{HTTP2: true}, l.Addr()},
		"HTTP/3": {conform.Options{HTTP3: true}, socket.LocalAddr()},
	} {
		t.Run(name, func(t *testing.T) {
			o := cases(tc.options, false)
			o.TLS, o.Out, o.Progress = forClient, t.Output(), io.Discard
			if err := conform.JudgeServer(t.Context(), "wss://"+tc.addr.String()+"/echo", o); err != nil {
				t.Error(err)
			}
		})
	}
}

// The cases of the suite, on websocket.Dial over both transports.
func TestTheClientConforms(t *testing.T) {
	forServer, forClient := certificate(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket := listenUDP(t)
	second := &http.Server{Protocols: new(http.Protocols)}
	second.Protocols.SetUnencryptedHTTP2(true)
	third := &http3.Server{TLSConfig: forServer, QUICConfig: h3.QUICConfig(100, 1<<20)}
	for name, tc := range map[string]struct {
		serve     func(h http.Handler) error
		end       func() error
		url       string
		transport interface {
			http.RoundTripper
			CloseIdleConnections()
		}
	}{
		"HTTP/2": {func(h http.Handler) error { second.Handler = h; return second.Serve(l) }, second.Close,
			"ws://" + l.Addr().String(), &h2.Transport{UnencryptedHTTP2: true, Only: true}},
		"HTTP/3": {func(h http.Handler) error { third.Handler = h; return third.Serve(socket) }, third.Close,
			"wss://" + socket.LocalAddr().String(), &h3.Transport{TLSClientConfig: forClient}},
	} {
		t.Run(name, func(t *testing.T) {
			o := cases(conform.Options{Once: true, Out: t.Output(), Progress: io.Discard}, true)
			ran := make(chan error, 1)
			go func() {
				ran <- runCases(t.Context(), tc.url, &http.Client{Transport: tc.transport})
				tc.transport.CloseIdleConnections()
			}()
			if err := conform.JudgeClientsOver(t.Context(), tc.serve, tc.end, o); err != nil {
				t.Error(err)
			}
			if err := <-ran; err != nil {
				t.Error(err)
			}
		})
	}
}

// atOnce is how many cases a client runs at a time: in most of them one end waits for
// the other.
const atOnce = 8

// runCases is a client under test: it asks how many cases there are, and echoes in each.
func runCases(ctx context.Context, url string, client *http.Client) error {
	opts := &websocket.DialOptions{HTTPClient: client, CompressionMode: websocket.CompressionContextTakeover}
	visit := func(path string) (said string, err error) {
		c, _, err := websocket.Dial(ctx, url+path, opts)
		if err != nil {
			return "", err
		}
		defer c.CloseNow()
		c.SetReadLimit(16 << 20) // section 9 has as much; section 25 announces more
		c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, p []byte) error {
			said = string(p[:min(len(p), 20)])
			if strings.HasPrefix(path, "/runCase") {
				return c.Write(ctx, typ, p)
			}
			return nil
		})
		return said, nil
	}
	text, err := visit("/getCaseCount")
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	var begun atomic.Int64
	errs := make(chan error, atOnce)
	for range atOnce {
		go func() {
			var err error
			for i := int(begun.Add(1)); i <= n && err == nil; i = int(begun.Add(1)) {
				_, err = visit("/runCase?agent=ours&case=" + strconv.Itoa(i))
			}
			errs <- err
		}()
	}
	for range atOnce {
		err = errors.Join(err, <-errs)
	}
	if err != nil {
		return err
	}
	_, err = visit("/updateReports?agent=ours")
	return err
}
