package http2

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"

	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h3"
)

// page serves an empty page, and an echo for WebSockets. It notes the method and the
// protocol of their requests, and how they have ended.
func page(requests chan<- string, ends chan<- error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "text/html")
			return
		}
		c, err := websocket.Accept(w, r, nil) // which checks the origin, too
		if err != nil {
			ends <- err
			return
		}
		defer c.CloseNow()
		requests <- r.Method + " " + r.Proto
		ends <- c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) })
	})
}

// A browser that has a connection to a server which offers it opens its WebSockets as
// streams of that.
func TestChromiumOpensStreams(t *testing.T) {
	browser := os.Getenv("CHROMIUM")
	if browser == "" {
		browser = "/usr/bin/chromium"
	}
	need(t, browser)
	need(t, "node")
	if _, err := os.Stat("../node_modules/playwright-core"); err != nil && os.Getenv("ALL_PEERS") == "true" {
		t.Fatal(err)
	} else if err != nil {
		t.Skip("not run, npm ci installs it: ", err)
	}
	for version, request := range map[string]string{"h2": "CONNECT HTTP/2.0", "h3": "CONNECT websocket"} {
		t.Run(version, func(t *testing.T) {
			requests, ends := make(chan string, 10), make(chan error, 10)
			s := httptest.NewUnstartedServer(page(requests, ends))
			s.EnableHTTP2 = true
			s.StartTLS()
			defer s.Close()
			url := s.URL
			if version == "h3" {
				socket := listenUDP(t)
				third := &http3.Server{Handler: h3.Handler(page(requests, ends)), TLSConfig: s.TLS, QUICConfig: h3.QUICConfig(100, 0)}
				go third.Serve(socket)
				defer third.Close()
				url = "https://" + socket.LocalAddr().String()
			}
			cert, err := x509.ParseCertificate(s.TLS.Certificates[0].Certificate[0])
			if err != nil {
				t.Fatal(err)
			}
			key := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
			ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
			defer cancel()
			out, err := exec.CommandContext(ctx, "node", "chromium.mjs", url, base64.StdEncoding.EncodeToString(key[:]), version).CombinedOutput()
			if want := "page " + version + "\nmessage hello\nclosed 3000 true\n"; err != nil || string(out) != want {
				t.Fatalf("%v, %s", err, out)
			}
			if got := <-requests; got != request {
				t.Errorf("the server has seen %q, want %q", got, request)
			}
			if err := <-ends; websocket.CloseStatus(err) != 3000 {
				e, _ := errors.AsType[*websocket.ConnError](err)
				t.Errorf("the server's end: %v, %+v", err, e)
			}
		})
	}
}
