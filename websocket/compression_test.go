package websocket_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/wsflate"
)

// negotiated returns what a server answers to an offer, "" if it declines.
func negotiated(t *testing.T, o *websocket.AcceptOptions, offer string) string {
	t.Helper()
	url := serve(t, o, func(*websocket.Conn) {})
	r, err := http.NewRequest(http.MethodGet, "http"+strings.TrimPrefix(url, "ws"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Extensions": offer,
	} {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("status %d", resp.StatusCode)
	}
	return resp.Header.Get("Sec-WebSocket-Extensions")
}

func TestTheServersWishesAreNegotiated(t *testing.T) {
	full := websocket.NewBudget(0)
	for _, tc := range []struct {
		name        string
		o           *websocket.CompressionOptions
		offer, want string
	}{
		{"none", nil, "permessage-deflate; client_max_window_bits", "permessage-deflate"},
		{"zero", &websocket.CompressionOptions{}, "permessage-deflate; client_max_window_bits", "permessage-deflate"},
		{"its own window", &websocket.CompressionOptions{ServerMaxWindowBits: 10}, "permessage-deflate", "permessage-deflate; server_max_window_bits=10"},
		{"the client's window", &websocket.CompressionOptions{ClientMaxWindowBits: 9}, "permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=9"},
		{"of a client that cannot be told", &websocket.CompressionOptions{ClientMaxWindowBits: 9}, "permessage-deflate", ""},
		{"nothing left", &websocket.CompressionOptions{Budget: full}, "permessage-deflate", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
	} {
		o := &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover, Compression: tc.o}
		if got := negotiated(t, o, tc.offer); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestTheClientsWishesAreOffered(t *testing.T) {
	full := websocket.NewBudget(0)
	for _, tc := range []struct {
		name string
		mode websocket.CompressionMode
		o    *websocket.CompressionOptions
		want string
	}{
		{"none", websocket.CompressionContextTakeover, nil, "permessage-deflate; client_max_window_bits"},
		{"windows", websocket.CompressionContextTakeover, &websocket.CompressionOptions{ServerMaxWindowBits: 10, ClientMaxWindowBits: 9}, "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9"},
		{"without takeover", websocket.CompressionNoContextTakeover, &websocket.CompressionOptions{ServerMaxWindowBits: 10}, "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10"},
		{"nothing left", websocket.CompressionContextTakeover, &websocket.CompressionOptions{Budget: full}, "permessage-deflate; server_no_context_takeover; client_no_context_takeover"},
	} {
		offered := make(chan string, 1)
		s := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
			offered <- r.Header.Get("Sec-WebSocket-Extensions")
			http.Error(w, "no", http.StatusTeapot)
		})
		websocket.Dial(within(t), s, &websocket.DialOptions{CompressionMode: tc.mode, Compression: tc.o})
		if got := <-offered; got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestCompressionOptionsThatCannotBeAreErrors(t *testing.T) {
	for _, o := range []*websocket.CompressionOptions{
		{Level: 10}, {Level: -1}, {Level: -3}, {ServerMaxWindowBits: 7}, {ClientMaxWindowBits: 16}, {ClientMaxWindowBits: wsflate.WindowBitsNoValue},
	} {
		near, far := net.Pipe()
		if _, err := websocket.AcceptConn(near, &websocket.AcceptConnOptions{AcceptOptions: websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover, Compression: o}}); err == nil || !strings.Contains(err.Error(), "CompressionOptions") {
			t.Errorf("AcceptConn with %+v: %v", o, err)
		}
		far.Close()
		if _, _, err := websocket.Dial(within(t), "ws://localhost:1", &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover, Compression: o}); err == nil || !strings.Contains(err.Error(), "CompressionOptions") {
			t.Errorf("Dial with %+v: %v", o, err)
		}
	}
}

// Messages are compressed at the level of the options, prepared ones too.
func TestTheLevelIsThatOfTheOptions(t *testing.T) {
	text := []byte(strings.Repeat("The five boxing wizards jump quickly over the lazy dog, and so on. ", 40) + strings.Repeat("0123456789abcdef", 200))
	prepared, err := websocket.NewPreparedMessage(websocket.MessageText, text)
	if err != nil {
		t.Fatal(err)
	}
	size := func(level int, write func(c *websocket.Conn) error) int {
		near, far := tcpPair(t)
		counted := make(chan int, 1)
		go func() {
			c, err := websocket.AcceptConn(near, &websocket.AcceptConnOptions{AcceptOptions: websocket.AcceptOptions{
				CompressionMode: websocket.CompressionNoContextTakeover,
				Compression:     &websocket.CompressionOptions{Level: level},
			}})
			if err == nil {
				write(c)
				c.CloseNow()
			}
		}()
		go func() {
			far.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
				"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"))
			var all bytes.Buffer
			all.ReadFrom(far)
			_, frame, _ := bytes.Cut(all.Bytes(), []byte("\r\n\r\n"))
			counted <- len(frame)
		}()
		return <-counted
	}
	write := func(c *websocket.Conn) error { return c.Write(context.Background(), websocket.MessageText, text) }
	writePrepared := func(c *websocket.Conn) error { return c.WritePrepared(context.Background(), prepared) }
	for name, way := range map[string]func(c *websocket.Conn) error{"Write": write, "WritePrepared": writePrepared} {
		huffman, fastest, byDefault, smallest := size(wsflate.HuffmanOnly, way), size(wsflate.Fastest, way), size(0, way), size(wsflate.Smallest, way)
		if huffman <= fastest || fastest != byDefault || smallest > fastest || smallest == 0 {
			t.Errorf("%s: Huffman codes only %d, fastest %d, default %d, smallest %d", name, huffman, fastest, byDefault, smallest)
		}
	}
}

// The ratio bounds what a message may inflate to, beyond 8 MiB.
func TestTheRatioIsThatOfTheOptions(t *testing.T) {
	const size = 9 << 20
	if dial(t, serve(t, nil, echo), nil).Compressed() {
		t.Error("compression was agreed on without being offered")
	}
	for ratio, fits := range map[int64]bool{0: false, 100: false, -1: true} {
		url := serve(t, &websocket.AcceptOptions{
			CompressionMode: websocket.CompressionNoContextTakeover,
			Compression:     &websocket.CompressionOptions{MaxRatio: ratio},
		}, func(c *websocket.Conn) {
			c.SetReadLimit(-1)
			if _, p, err := c.Read(context.Background()); err == nil {
				c.Write(context.Background(), websocket.MessageText, []byte("got "+string(p[:1])))
			}
		})
		c := dial(t, url, &websocket.DialOptions{
			CompressionMode: websocket.CompressionNoContextTakeover,
			Compression:     &websocket.CompressionOptions{Level: wsflate.Smallest},
		})
		if !c.Compressed() {
			t.Error("compression was not agreed on")
		}
		c.Write(within(t), websocket.MessageText, bytes.Repeat([]byte("x"), size))
		_, _, err := c.Read(within(t))
		if got := err == nil; got != fits {
			t.Errorf("ratio %d: %v, want it to fit: %t", ratio, err, fits)
		}
	}
}

func serveHTTP(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}
