package interop_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
)

// startEcho runs the server of "wirews serve" and returns the URL of its echo.
func startEcho(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := serve.New(serve.Default())
	go s.Serve(l)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return fmt.Sprintf("ws://%s/echo", l.Addr())
}

// startCloser runs a server that closes each connection with the code that the
// URL ends with, which the returned URL lacks, and looks at the answer.
func startCloser(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code, err := strconv.ParseUint(strings.TrimPrefix(r.URL.Path, "/"), 10, 16)
		if err != nil {
			t.Error(err)
		}
		conn, _, _, err := ws.UpgradeHTTP(r, w)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		body := ws.AppendClose(nil, ws.StatusCode(code), fmt.Sprintf("reason %d 👋", code))
		if err := ws.WriteFrame(conn, ws.NewCloseFrame(body)); err != nil {
			t.Error(err)
		}
		f, err := ws.ReadFrame(conn)
		if err != nil {
			t.Errorf("answer to %d: %v", code, err)
			return
		}
		f = ws.UnmaskFrame(f)
		if got, _, err := ws.ParseClose(f.Payload); got != ws.StatusCode(code) || err != nil || f.Header.OpCode != ws.OpClose {
			t.Errorf("answer to %d: %+v with %q, error %v", code, f.Header, f.Payload, err)
		}
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http") + "/"
}

func TestTheirClientsWithOurServer(t *testing.T) {
	each(t, func(t *testing.T, f foreign) {
		lines := f.script(t, "client", startEcho(t), startCloser(t), list(sizes), list(codes))
		ran := make(map[string]bool)
		for c := (struct{ Case, Error string }{}); next(t, lines, &c); {
			ran[c.Case] = true
			if c.Error != "" {
				t.Errorf("%s: %s", c.Case, c.Error)
			}
		}
		for _, name := range clientCases() {
			if !ran[name] {
				t.Errorf("%s: did not run", name)
			}
		}
		t.Logf("%d cases ran", len(ran))
	})
}

// clientCases are what each client has to try. A client may do more.
func clientCases() []string {
	names := []string{"text", "binary", "fragments", "ping", "many", "no subprotocol"}
	for _, n := range sizes {
		names = append(names, fmt.Sprintf("text of %d", n), fmt.Sprintf("binary of %d", n))
	}
	for _, code := range codes {
		names = append(names, fmt.Sprintf("close %d by them", code), fmt.Sprintf("close %d by us", code))
	}
	return names
}

// list joins numbers with commas.
func list[T ~int | ~uint16](numbers []T) string {
	var words []string
	for _, n := range numbers {
		words = append(words, strconv.Itoa(int(n)))
	}
	return strings.Join(words, ",")
}
