package ws_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

func TestUpgradeAnswersForEverySplit(t *testing.T) {
	for _, c := range goodRequests {
		t.Run(c.name, func(t *testing.T) {
			for name, pieces := range wstest.Splits(c.in) {
				conn := wstest.NewConn(pieces...)
				hs, err := ws.Upgrade(conn)
				if err != nil || !reflect.DeepEqual(hs, ws.Handshake{}) {
					t.Fatalf("%s: got %+v, %v", name, hs, err)
				}
				if string(conn.Written) != goodResponse || conn.Writes != 1 {
					t.Fatalf("%s: got %q in %d writes", name, conn.Written, conn.Writes)
				}
			}
		})
	}
}

// W14, #159: "Even when error is non-nil Upgrade will write appropriate
// response", to requests for something else too.
func TestUpgradeW14AnswersEveryRefusal(t *testing.T) {
	for _, c := range badRequests {
		t.Run(c.name, func(t *testing.T) {
			conn := wstest.NewConn(c.in)
			hs, err := ws.Upgrade(wstest.Stream{ReadWriter: conn})
			if !reflect.DeepEqual(hs, ws.Handshake{}) || conn.Writes != 1 {
				t.Errorf("got %+v in %d writes", hs, conn.Writes)
			}
			r := rejected(t, err)
			if c.rule != nil && !errors.Is(err, c.rule) {
				t.Errorf("got %v, want %v", err, c.rule)
			}
			if r.StatusCode() != c.status {
				t.Errorf("got status %d, want %d", r.StatusCode(), c.status)
			}
			if c.value != "" && (r.Value != c.value || !strings.Contains(err.Error(), c.value)) {
				t.Errorf("got value %q in %q, want %q", r.Value, err, c.value)
			}
			_, body := wantRefusal(t, conn.Written, c.status)
			if len(c.value) > 3 && strings.Contains(body, c.value) {
				t.Errorf("the response repeats %q: %q", c.value, body)
			}
		})
	}
}

// RFC 9110, 15.5.6: a 405 names the methods that are allowed; RFC 6455, 4.4 and
// RFC 9110, 15.5.22: a 426 names version and protocol.
func TestUpgradeRefusesWithTheFieldsOfTheStatus(t *testing.T) {
	conn := wstest.NewConn(head("POST / HTTP/1.1"))
	ws.Upgrade(conn)
	if resp, _ := wantRefusal(t, conn.Written, 405); resp.Header.Get("Allow") != "GET" {
		t.Errorf("got %v", resp.Header)
	}
	conn = wstest.NewConn(good.Replace("Sec-WebSocket-Version", "7").Bytes())
	ws.Upgrade(conn)
	resp, _ := wantRefusal(t, conn.Written, 426)
	if resp.Header.Get("Sec-WebSocket-Version") != "13" || resp.Header.Get("Upgrade") != "websocket" {
		t.Errorf("got %v", resp.Header)
	}
	if h := resp.Header; h.Get("Content-Type") != "text/plain; charset=utf-8" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("got %v", h)
	}
}

// RFC 9110, 9.3.2: HEAD is answered without content.
func TestUpgradeAnswersHEADWithoutContent(t *testing.T) {
	conn := wstest.NewConn(head("HEAD / HTTP/1.1"))
	_, err := ws.Upgrade(conn)
	if !errors.Is(err, ws.ErrHandshakeBadMethod) || !bytes.HasSuffix(conn.Written, []byte("\r\n\r\n")) {
		t.Errorf("got %q, %v", conn.Written, err)
	}
}

func TestUpgradeW15ReadsNothingBehindTheRequest(t *testing.T) {
	frame := []byte{0x81, 0x80, 1, 2, 3, 4}
	conn := wstest.NewConn(good.Bytes(), frame)
	if _, err := ws.Upgrade(conn); err != nil {
		t.Fatal(err)
	}
	if conn.Taken != len(good.Bytes()) {
		t.Errorf("%d bytes were taken, the request has %d", conn.Taken, len(good.Bytes()))
	}
	if rest, _ := io.ReadAll(conn); !bytes.Equal(rest, frame) {
		t.Errorf("left % x, want % x", rest, frame)
	}
}

// W15: RFC 6455, 4.1: "the client MUST wait for a response from the server
// before sending any further data".
func TestUpgradeW15RejectsEarlyBytes(t *testing.T) {
	asked := ws.Upgrader{OnBeforeUpgrade: func() (ws.HandshakeHeader, error) {
		t.Error("a callback was asked about a handshake that fails anyhow")
		return nil, nil
	}}
	conn := wstest.NewConn(append(good.Bytes(), 0x81, 0x80, 1, 2, 3, 4))
	_, err := asked.Upgrade(conn)
	if !errors.Is(err, ws.ErrHandshakeEarlyData) {
		t.Fatalf("got %v", err)
	}
	wantRefusal(t, conn.Written, 400)
}

func TestUpgradeReportsWhereTheConnectionEnds(t *testing.T) {
	in := good.Bytes()
	failure := errors.New("cable cut")
	for i := range in {
		conn := wstest.NewConn(in[:i:i])
		want := io.ErrUnexpectedEOF
		if i == 0 {
			conn.Pieces, want = nil, io.EOF
		}
		if _, err := ws.Upgrade(conn); err != want || conn.Writes != 0 {
			t.Fatalf("%d bytes: got %v and %d writes, want %v", i, err, conn.Writes, want)
		}
		conn = wstest.NewConn(in[:i:i])
		conn.Err = failure
		if _, err := ws.Upgrade(conn); err != failure {
			t.Fatalf("%d bytes: got %v, want %v", i, err, failure)
		}
	}
	conn := wstest.NewConn(in)
	conn.WriteErr = failure
	if hs, err := ws.Upgrade(conn); err != failure || !reflect.DeepEqual(hs, ws.Handshake{}) {
		t.Errorf("got %+v, %v, want %v", hs, err, failure)
	}
	conn = wstest.NewConn([]byte("GET\r\n\r\n"))
	conn.WriteErr = failure
	if _, err := ws.Upgrade(conn); !errors.Is(err, ws.ErrMalformedRequest) {
		t.Errorf("got %v, want the reason of the refusal", err)
	}
}

type emptyReads struct{ io.Writer }

func (emptyReads) Read([]byte) (int, error) { return 0, nil }

func TestUpgradeGivesUpOnAReaderWithoutProgress(t *testing.T) {
	if _, err := ws.Upgrade(wstest.Stream{ReadWriter: emptyReads{io.Discard}}); err != io.ErrNoProgress {
		t.Errorf("got %v", err)
	}
}

// W13: a client that sends without end is stopped at the limit of 64 KiB.
func TestUpgradeW13DoesNotReadWithoutLimit(t *testing.T) {
	for name, endless := range map[string]string{
		"W13: one line":   "y",
		"W13: many lines": "X: y\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn := wstest.NewConn([]byte("GET / HTTP/1.1\r\n"))
			for range 2 << 20 / 1024 {
				conn.Pieces = append(conn.Pieces, []byte(strings.Repeat(endless, 1024)[:1020]))
			}
			_, err := ws.Upgrade(conn)
			if !errors.Is(err, ws.ErrHandshakeHeadTooLarge) || !errors.Is(err, httpx.ErrLimit) {
				t.Fatalf("got %v", err)
			}
			wantRefusal(t, conn.Written, 431)
			if conn.Taken > 128<<10 {
				t.Errorf("%d bytes were read", conn.Taken)
			}
		})
	}
}

func TestUpgradeBufferSizesAreOnlyABeginning(t *testing.T) {
	u := ws.Upgrader{ReadBufferSize: 1, WriteBufferSize: 1, Header: ws.HandshakeHeaderString("X: " + strings.Repeat("y", 4000) + "\r\n")}
	conn := wstest.NewConn(good.With("X: " + strings.Repeat("y", 9000)).Bytes())
	if _, err := u.Upgrade(conn); err != nil {
		t.Fatal(err)
	}
	parseUpgrade(t, conn.Written)
}

// W39: a peer that sends a byte and stalls.
func TestUpgradeW39TimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer client.Close()
		defer server.Close()
		go client.Write([]byte("G"))
		start := time.Now()
		_, err := ws.Upgrader{Timeout: 5 * time.Second}.Upgrade(server)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if d := time.Since(start); d != 5*time.Second {
			t.Errorf("it took %v", d)
		}
	})
}

// W39: a byte a second does not extend it.
func TestUpgradeW39TimesOutOnASlowPeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer server.Close()
		var sending sync.WaitGroup
		sending.Go(func() {
			for _, c := range good.Bytes() {
				<-time.After(time.Second) // of the bubble's own clock
				if _, err := client.Write([]byte{c}); err != nil {
					return
				}
			}
		})
		start := time.Now()
		_, err := ws.Upgrader{Timeout: 10 * time.Second}.Upgrade(server)
		if !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != 10*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		client.Close()
		sending.Wait()
	})
}

func TestUpgradeW39TimesOutOverTCP(t *testing.T) {
	client, server := tcpPair(t)
	client.Write([]byte("G"))
	if _, err := (ws.Upgrader{Timeout: time.Millisecond}).Upgrade(server); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestUpgradeW39ClearsTheDeadline(t *testing.T) {
	for name, in := range map[string][]byte{"accepted": good.Bytes(), "refused": []byte("GET\r\n\r\n"), "cut": []byte("G")} {
		conn := wstest.NewConn(in)
		ws.Upgrader{Timeout: time.Hour}.Upgrade(conn)
		if n := len(conn.Deadlines); n != 2 || conn.Deadlines[0].IsZero() || !conn.Deadlines[1].IsZero() {
			t.Errorf("%s: deadlines %v", name, conn.Deadlines)
		}
		conn = wstest.NewConn(in)
		ws.Upgrade(conn)
		if len(conn.Deadlines) != 0 {
			t.Errorf("%s: without Timeout: deadlines %v", name, conn.Deadlines)
		}
	}
	if _, err := (ws.Upgrader{Timeout: time.Hour}).Upgrade(wstest.Stream{ReadWriter: wstest.NewConn(good.Bytes())}); err != nil {
		t.Errorf("without SetDeadline: %v", err)
	}
}

func TestUpgradeDoesNotAllocate(t *testing.T) {
	conn := &memConn{In: wstest.Requests()[0].Raw}
	for name, u := range map[string]ws.Upgrader{
		"without callbacks": {},
		"with callbacks that copy nothing": {
			Origin:      ws.SameOrigin,
			OnHandshake: func(httpx.Request) error { return nil },
			OnRequest:   func([]byte) error { return nil },
			OnHost:      func([]byte) error { return nil },
			OnHeader:    func(_, _ []byte) error { return nil },
		},
		"with a Header": {Header: ws.HandshakeHeaderString("Server: x\r\n")},
	} {
		t.Run(name, func(t *testing.T) {
			wantAllocs(t, 0, func() {
				conn.reset()
				if _, err := u.Upgrade(conn); err != nil {
					t.Error(err)
				}
			})
		})
	}
	// The rejection and its copy of the value.
	conn.In = good.Replace("Connection", "close").Bytes()
	wantAllocs(t, 2, func() {
		conn.reset()
		if _, err := ws.Upgrade(conn); err == nil {
			t.Error("accepted")
		}
	})
}
