package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h2"
	"github.com/wirews/wirews/websocket/h3"
	"github.com/wirews/wirews/ws"
)

func TestHelpGoesToStdoutAndNamesEveryFlag(t *testing.T) {
	for _, c := range []struct {
		args  []string
		words []string
	}{
		{[]string{"--help"}, []string{"serve", "WebSocket endpoints"}},
		{nil, []string{"serve"}},
		{[]string{"serve", "--help"}, []string{
			"--addr", "--tls-cert", "--tls-key", "--origin", "--max-message", "--max-head", "--max-conns", "--handshake-timeout",
			"--keepalive", "--write-timeout", "--shutdown-timeout", "--log-level", "--log-json", "--chat-queue", "--no-debug-vars", "--no-compression", "--compression-memory", "--poll",
			"/echo", "/time", "/chat", "/healthz", "/debug/vars", "/metrics", "1001", "1013",
		}},
	} {
		status, stdout, stderr := run(t, c.args...)
		if status != 0 || stderr != "" {
			t.Errorf("%q: status %d, stderr %q", c.args, status, stderr)
		}
		for _, word := range c.words {
			if !strings.Contains(stdout, word) {
				t.Errorf("%q: %q is missing in %q", c.args, word, stdout)
			}
		}
	}
}

func TestWhatIsWrongIsSaidOnStderrWithStatus1(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	missing := filepath.Join(t.TempDir(), "missing.pem")
	cert, key := certificate(t)
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"unknown command", []string{"listen"}, []string{`unknown command "listen"`}},
		{"unknown flag", []string{"serve", "--nope"}, []string{"unknown flag: --nope", "wirews serve --help"}},
		{"argument", []string{"serve", "here"}, []string{`"here"`}},
		{"no number", []string{"serve", "--max-conns", "many"}, []string{"--max-conns", `"many"`}},
		{"negative number", []string{"serve", "--max-message", "-1"}, []string{"--max-message", "-1"}},
		{"negative time", []string{"serve", "--keepalive", "-30s"}, []string{"--keepalive", "-30s"}},
		{"no unit of time", []string{"serve", "--keepalive", "30"}, []string{"--keepalive", `"30"`, "want a duration"}},
		{"unknown level", []string{"serve", "--log-level", "loud"}, []string{"--log-level", `"loud"`}},
		{"malformed origin pattern", []string{"serve", "--origin", "[a"}, []string{`"[a"`, "pattern"}},
		{"certificate without key", []string{"serve", "--tls-cert", cert}, []string{"tls-key"}},
		{"missing certificate", []string{"serve", "--tls-cert", missing, "--tls-key", key}, []string{missing, "no such file"}},
		{"missing key", []string{"serve", "--tls-cert", cert, "--tls-key", missing}, []string{missing, "no such file"}},
		{"key for a certificate", []string{"serve", "--tls-cert", key, "--tls-key", key}, []string{key, "certificate"}},
		{"port in use", []string{"serve", "--addr", taken.Addr().String()}, []string{taken.Addr().String(), "address already in use"}},
		{"no address", []string{"serve", "--addr", "127.0.0.1"}, []string{"127.0.0.1", "missing port"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := run(t, c.args...)
			if status != 1 || stdout != "" || !strings.HasPrefix(stderr, "wirews: ") || strings.Count(stderr, "\n") != 1 {
				t.Errorf("status %d, stdout %q, stderr %q; want 1 and one line on stderr", status, stdout, stderr)
			}
			for _, word := range c.want {
				if !strings.Contains(stderr, word) {
					t.Errorf("stderr is %q, want %q in it", stderr, word)
				}
			}
		})
	}
}

func TestSignalsEndTheServerWithStatus0(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		s := startServe(t)
		resp, err := http.Get(s.url + "healthz")
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(resp.Body); string(body) != "ok\n" || err != nil {
			t.Errorf("healthz: %q, %v", body, err)
		}
		resp.Body.Close()
		if status := s.stop(sig); status != 0 {
			t.Errorf("%v: status %d, want 0", sig, status)
		}
	}
}

func TestSIGTERMClosesConnectionsWith1001AndWaits(t *testing.T) {
	s := startServe(t)
	conn := s.dial(ws.Dialer{})
	s.logged("open") // before that it is closed without a line
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	f, err := ws.ReadFrame(conn)
	if err != nil || f.Header.OpCode != ws.OpClose {
		t.Fatalf("%+v, error %v; want a close frame", f.Header, err)
	}
	if code, reason, err := ws.ParseClose(f.Payload); code != ws.StatusGoingAway || err != nil {
		t.Errorf("close %d %q, error %v; want 1001", code, reason, err)
	}
	if err := ws.WriteFrame(conn, ws.MaskFrame(f)); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(conn); len(b) > 0 || err != nil {
		t.Errorf("%q, error %v; want the end of the stream", b, err)
	}
	conn.Close()
	if l := s.logged("closed"); l.Code != 1001 || l.Level != "INFO" {
		t.Errorf("log: %+v, want code 1001", l)
	}
	if status := s.wait(); status != 0 {
		t.Errorf("status %d, want 0", status)
	}
}

func TestAPeerThatDoesNotAnswerIsCutOffWithStatus5(t *testing.T) {
	s := startServe(t, "--shutdown-timeout", "1ms")
	s.dial(ws.Dialer{})
	s.logged("open") // before that there is nobody to wait for
	if status := s.stop(syscall.SIGTERM); status != 5 {
		t.Errorf("status %d, want 5", status)
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	s := startServe(t, "--shutdown-timeout", "1h")
	conn := s.dial(ws.Dialer{})
	s.cmd.Process.Signal(syscall.SIGTERM)
	// The close frame says that the first one was heard.
	if _, err := ws.ReadFrame(conn); err != nil {
		t.Fatal(err)
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	if status := s.wait(); status != -1 {
		t.Errorf("status %d, want an end by the signal", status)
	}
}

func TestItServesTLS(t *testing.T) {
	for name, flags := range map[string][]string{"goroutines": nil, "poll": {"--poll"}} {
		t.Run(name, func(t *testing.T) { testTLS(t, len(flags) == 0, flags...) })
	}
}

// testTLS: speaksH2 says whether the page is there by HTTP/2 too.
func testTLS(t *testing.T, speaksH2 bool, flags ...string) {
	cert, key := certificate(t)
	s := startServe(t, append(flags, "--tls-cert", cert, "--tls-key", key)...)
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") {
		t.Errorf("the log says %q, want https", s.url)
	}
	pemBytes, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(pemBytes)

	for _, h2 := range []bool{false, true} {
		client := http.Client{Transport: &http.Transport{TLSClientConfig: config.Clone(), ForceAttemptHTTP2: h2}}
		resp, err := client.Get(s.url)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 || (resp.ProtoMajor == 2) != (h2 && speaksH2) {
			t.Errorf("page: status %d over %s, HTTP/2 wanted: %t", resp.StatusCode, resp.Proto, h2)
		}
		client.CloseIdleConnections()
	}

	conn := s.dial(ws.Dialer{TLSConfig: config})
	if err := ws.WriteFrame(conn, ws.MaskFrame(ws.NewTextFrame([]byte("Hello")))); err != nil {
		t.Fatal(err)
	}
	if f, err := ws.ReadFrame(conn); err != nil || string(f.Payload) != "Hello" {
		t.Errorf("echo %q, error %v", f.Payload, err)
	}
	ws.WriteFrame(conn, ws.MaskFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(1000, ""))))
	if f, err := ws.ReadFrame(conn); err != nil || f.Header.OpCode != ws.OpClose {
		t.Errorf("%+v, error %v; want a close frame", f.Header, err)
	}
	if b, err := io.ReadAll(conn); len(b) > 0 || err != nil {
		t.Errorf("%q, error %v; want the end of the stream", b, err)
	}
	conn.Close()
	if status := s.stop(syscall.SIGTERM); status != 0 {
		t.Errorf("status %d, want 0", status)
	}
}

// The endpoints are there over each version of HTTP.
func TestItServesHTTP2AndHTTP3(t *testing.T) {
	cert, key := certificate(t)
	pemBytes, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(pemBytes)
	secure := startServe(t, "--tls-cert", cert, "--tls-key", key, "--http3")
	plain := startServe(t, "--http2")
	for name, tc := range map[string]struct {
		s         *served
		transport http.RoundTripper
	}{
		"HTTP/2 without TLS": {plain, &h2.Transport{Only: true, UnencryptedHTTP2: true}},
		"HTTP/2":             {secure, &h2.Transport{Only: true, TLSClientConfig: config}},
		"HTTP/3":             {secure, &h3.Transport{TLSClientConfig: config}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		c, _, err := websocket.Dial(ctx, tc.s.url+"echo", &websocket.DialOptions{HTTPClient: &http.Client{Transport: tc.transport}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		c.Write(ctx, websocket.MessageText, []byte("hello"))
		if _, p, err := c.Read(ctx); err != nil || string(p) != "hello" {
			t.Errorf("%s: %q, %v", name, p, err)
		}
		c.Close(websocket.StatusNormalClosure, "")
	}
	resp, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: config}}).Get(secure.url)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if alt := resp.Header.Get("Alt-Svc"); !strings.HasPrefix(alt, `h3=":`) {
		t.Errorf("Alt-Svc %q", alt)
	}
	for _, s := range []*served{secure, plain} {
		if status := s.stop(syscall.SIGTERM); status != 0 {
			t.Errorf("status %d, want 0", status)
		}
	}
}

func TestItTellsAURLThatABrowserOpens(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:0": "http://127.0.0.1:",
		":0":          "http://localhost:",
		"0.0.0.0:0":   "http://localhost:",
	} {
		if s := startServe(t, "--addr", addr); !strings.HasPrefix(s.url, want) {
			t.Errorf("--addr %s: %q, want %q", addr, s.url, want)
		}
	}
}

// dial connects to the echo endpoint.
func (s *served) dial(d ws.Dialer) net.Conn {
	s.t.Helper()
	d.Timeout = patience
	conn, _, _, err := d.Dial(s.t.Context(), s.url+"echo")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return conn
}

// certificate makes a self-signed one for 127.0.0.1.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: der},
		keyFile:  {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func TestFramesSaysOverHTTP2ThatTheyCannotBeSeen(t *testing.T) {
	s := startServe(t, "--http2")
	url := strings.Replace(s.endpoint("/frames"), "ws:", "http:", 1)
	status, stdout, stderr := run(t, "connect", "--http2", "-m", "hi", "-n", "2", url)
	if status != 0 || !strings.HasPrefix(stdout, "hi\n") || !strings.Contains(stdout, "The frames of this connection cannot be seen: over HTTP/2") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}
