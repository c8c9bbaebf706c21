package websocket_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// answeredBy are options whose connections are answered by a function, which closes
// them.
func answeredBy(answer func(conn net.Conn)) *websocket.DialOptions {
	return dialled(func(context.Context) (net.Conn, error) {
		client, server := net.Pipe()
		go answer(server)
		return client, nil
	})
}

func dialled(dial func(ctx context.Context) (net.Conn, error)) *websocket.DialOptions {
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
	}
	return &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}}
}

// refuses answers a request with a head and nothing more.
func refuses(head string) func(conn net.Conn) {
	return func(conn net.Conn) {
		defer conn.Close()
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			io.WriteString(conn, "HTTP/1.1 "+head+"\r\nContent-Length: 0\r\n\r\n")
		}
	}
}

// lasts accepts, and closes the connection after a while.
func lasts(d time.Duration, code websocket.StatusCode) func(conn net.Conn) {
	return func(conn net.Conn) {
		c, err := websocket.AcceptConn(conn, nil)
		if err != nil {
			conn.Close()
			return
		}
		select {
		case <-time.After(d):
			c.Close(code, "")
		case <-c.CloseRead(context.Background()).Done():
		}
	}
}

// read reads until the connection has ended.
func read(ctx context.Context, c *websocket.Conn) error {
	for _, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
	}
	return errors.New("the server has said all")
}

// redials runs Redial for a time, and returns its states and when they were shown.
func redials(t *testing.T, during time.Duration, opts websocket.RedialOptions, use func(context.Context, *websocket.Conn) error) (states []websocket.RedialState, at []time.Duration, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), during)
	defer cancel()
	passed := stopwatch()
	opts.OnState = func(s websocket.RedialState) { states, at = append(states, s), append(at, passed()) }
	err = websocket.Redial(ctx, "ws://example.com/", &opts, use)
	return states, at, err
}

// count returns how many states are of a phase.
func count(states []websocket.RedialState, p websocket.RedialPhase) (n int) {
	for _, s := range states {
		if s.Phase == p {
			n++
		}
	}
	return n
}

// The wait after a failure lies in a span that depends on what the server has said.
func TestRedialWaitsAsTheServerAdvises(t *testing.T) {
	for _, tc := range []struct {
		name        string
		answer      func(net.Conn)
		least, most time.Duration
	}{
		{"nobody listens", func(conn net.Conn) { conn.Close() }, 0, time.Second},
		{"502", refuses("502 Bad Gateway"), 0, time.Second},
		{"408", refuses("408 Request Timeout"), 0, time.Second},
		{"425", refuses("425 Too Early"), 0, time.Second},
		{"200", refuses("200 OK"), 0, time.Second},
		{"503 and seconds", refuses("503 Service Unavailable\r\nRetry-After: 120"), 120 * time.Second, 121 * time.Second},
		{"429 and seconds", refuses("429 Too Many Requests\r\nRetry-After: 7"), 7 * time.Second, 8 * time.Second},
		{"403 and seconds", refuses("403 Forbidden\r\nRetry-After: 7"), 7 * time.Second, 8 * time.Second},
		{"503 and a date", refuses("503 Service Unavailable\r\nDate: Sun, 29 Nov 2026 11:00:00 GMT\r\nRetry-After: Sun, 29 Nov 2026 11:01:30 GMT"), 90 * time.Second, 91 * time.Second},
		{"1000", lasts(0, websocket.StatusNormalClosure), 0, time.Second},
		{"1001", lasts(0, websocket.StatusGoingAway), 0, time.Second},
		{"1001 after long", lasts(time.Hour, websocket.StatusGoingAway), 0, time.Second},
		{"1008", lasts(0, websocket.StatusPolicyViolation), 0, time.Second},
		{"1012", lasts(0, websocket.StatusServiceRestart), 5 * time.Second, 30 * time.Second},
		{"1012 after long", lasts(time.Hour, websocket.StatusServiceRestart), 5 * time.Second, 30 * time.Second},
		{"1013", lasts(0, websocket.StatusTryAgainLater), 30 * time.Second, time.Minute},
	} {
		bubble(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var phases []websocket.RedialPhase
			var wait time.Duration
			opts := &websocket.RedialOptions{Dial: answeredBy(tc.answer), OnState: func(s websocket.RedialState) {
				if phases = append(phases, s.Phase); s.Phase == websocket.RedialWaiting {
					wait = s.Wait
					if s.Err == nil || s.Attempt != 1 {
						t.Errorf("%s: %+v", tc.name, s)
					}
					cancel()
				}
			}}
			if err := websocket.Redial(ctx, "ws://example.com/", opts, read); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", tc.name, err)
			}
			if wait < tc.least || wait > tc.most {
				t.Errorf("%s: waits %v, want %v to %v", tc.name, wait, tc.least, tc.most)
			}
			want := []websocket.RedialPhase{websocket.RedialDialing, websocket.RedialConnected, websocket.RedialWaiting, websocket.RedialEnded}
			if !slices.Contains(phases, websocket.RedialConnected) {
				want = slices.Delete(want, 1, 2)
			}
			if !slices.Equal(phases, want) {
				t.Errorf("%s: %v, want %v", tc.name, phases, want)
			}
		})
	}
}

// The next attempt comes when the wait is over, and not before.
func TestRedialWaitsAsLongAsItSays(t *testing.T) {
	bubble(t, func(t *testing.T) {
		states, at, err := redials(t, time.Hour, websocket.RedialOptions{Dial: answeredBy(refuses("500 Internal Server Error"))}, read)
		if _, refused := errors.AsType[*ws.ResponseError](err); !refused || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("in the end: %v", err)
		}
		for i, s := range states[:len(states)-2] { // the hour ends in the last wait
			if s.Phase != websocket.RedialWaiting {
				continue
			}
			next := states[i+1]
			if next.Phase != websocket.RedialDialing || next.Attempt != s.Attempt+1 || at[i+1]-at[i] != s.Wait || next.Err == nil {
				t.Fatalf("%v after %v: %+v", at[i+1]-at[i], s, next)
			}
		}
	})
}

// A server that accepts and closes at once gets no loop without a wait: an hour has
// room for 120 waits of half a minute, the mean of those at the bound. That it has
// more than 200, or less than 80, is nine deviations away.
func TestRedialDoesNotHurryAServerThatClosesAtOnce(t *testing.T) {
	for name, last := range map[string]time.Duration{"at once": 0, "after a second": time.Second} {
		bubble(t, func(t *testing.T) {
			states, _, _ := redials(t, time.Hour, websocket.RedialOptions{Dial: answeredBy(lasts(last, websocket.StatusGoingAway))}, read)
			if n := count(states, websocket.RedialConnected); n < 80 || n > 200 {
				t.Errorf("closed %s: %d connections in an hour", name, n)
			}
			if s := states[len(states)-2]; s.Attempt < 80 {
				t.Errorf("closed %s: the failures were forgotten: %v", name, s)
			}
		})
	}
}

// Only a connection that has lasted makes the wait short again.
func TestOnlyAHealthyConnectionResetsTheBackoff(t *testing.T) {
	for _, tc := range []struct {
		lasts, healthy time.Duration
		forgets        bool
	}{
		{59 * time.Second, 0, false},
		{time.Minute, 0, true},
		{5 * time.Second, 5 * time.Second, true},
		{4 * time.Second, 5 * time.Second, false},
	} {
		bubble(t, func(t *testing.T) {
			opts := websocket.RedialOptions{Dial: answeredBy(lasts(tc.lasts, websocket.StatusGoingAway)), Healthy: tc.healthy}
			states, _, _ := redials(t, time.Hour, opts, read)
			for i, s := range states[:len(states)-1] {
				if tc.forgets && (s.Attempt > 2 || s.Wait > time.Second) {
					t.Fatalf("connections of %v, healthy after %v: %v", tc.lasts, tc.healthy, s)
				}
				if want := i/3 + 1; !tc.forgets && s.Attempt != want {
					t.Fatalf("connections of %v, healthy after %v: %v, want attempt %d", tc.lasts, tc.healthy, s, want)
				}
			}
		})
	}
}

func TestAnAttemptToConnectIsBounded(t *testing.T) {
	silence := func(conn net.Conn) { io.Copy(io.Discard, conn) }
	bubble(t, func(t *testing.T) {
		states, at, err := redials(t, time.Minute, websocket.RedialOptions{Dial: answeredBy(silence)}, read)
		if states[1].Phase != websocket.RedialWaiting || at[1] != 30*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v after %v: %v", states[1], at[1], err)
		}
	})
	bubble(t, func(t *testing.T) {
		states, at, err := redials(t, time.Minute, websocket.RedialOptions{Dial: answeredBy(silence), DialTimeout: -1}, read)
		if len(states) != 2 || at[1] != time.Minute || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without a limit: %v after %v: %v", states, at, err)
		}
	})
}

// What will not change is not tried again.
func TestRedialGivesUp(t *testing.T) {
	for _, status := range []string{"400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "405 Method Not Allowed", "410 Gone", "426 Upgrade Required"} {
		bubble(t, func(t *testing.T) {
			states, _, err := redials(t, time.Hour, websocket.RedialOptions{Dial: answeredBy(refuses(status))}, read)
			if _, refused := errors.AsType[*ws.ResponseError](err); !refused || !strings.Contains(err.Error(), status[:3]) || len(states) != 2 {
				t.Errorf("%s: %v, %v", status, err, states)
			}
		})
	}
}

// What cannot be sent is not tried again either.
func TestRedialDoesNotTryWhatCannotBeSent(t *testing.T) {
	for name, tc := range map[string]struct {
		url  string
		dial *websocket.DialOptions
	}{
		"scheme":      {"ftp://example.com/", nil},
		"host":        {"ws:///path", nil},
		"no URL":      {"ws://%zz", nil},
		"fragment":    {"ws://example.com/#a", nil},
		"field":       {"ws://example.com/", &websocket.DialOptions{HTTPHeader: http.Header{"Sec-WebSocket-Key": {"mine"}}}},
		"subprotocol": {"ws://example.com/", &websocket.DialOptions{Subprotocols: []string{"a b"}}},
		"compression": {"ws://example.com/", &websocket.DialOptions{CompressionMode: websocket.CompressionContextTakeover, Compression: &websocket.CompressionOptions{Level: 99}}},
	} {
		phases := 0
		opts := &websocket.RedialOptions{Dial: tc.dial, OnState: func(websocket.RedialState) { phases++ }}
		err := websocket.Redial(within(t), tc.url, opts, read)
		if err == nil || !websocket.IsPermanent(err) || phases != 2 {
			t.Errorf("%s: %v after %d states", name, err, phases)
		}
	}
	var none context.Context
	if err := websocket.Redial(none, "ws://example.com/", nil, read); err == nil {
		t.Error("a nil context is none")
	}
}

// A redirect to where nothing is encrypted is refused each time.
func TestRedialDoesNotFollowToWhereNothingIsEncrypted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		opts := answeredBy(refuses("302 Found\r\nLocation: ws://example.com/"))
		transport := opts.HTTPClient.Transport.(*http.Transport)
		transport.DialTLSContext = transport.DialContext
		err := websocket.Redial(t.Context(), "wss://example.com/", &websocket.RedialOptions{Dial: opts}, read)
		if !errors.Is(err, websocket.ErrRedirectUnencrypted) {
			t.Error(err)
		}
	})
}

func TestGiveUpDecides(t *testing.T) {
	bubble(t, func(t *testing.T) {
		asked := 0
		opts := websocket.RedialOptions{Dial: answeredBy(refuses("404 Not Found")), GiveUp: func(err error) bool {
			if !websocket.IsPermanent(err) {
				t.Error(err)
			}
			asked++
			return asked == 5
		}}
		states, _, err := redials(t, time.Hour, opts, read)
		if count(states, websocket.RedialDialing) != 5 || !websocket.IsPermanent(err) {
			t.Errorf("%v, %v", states, err)
		}
	})
}

func TestPermanent(t *testing.T) {
	err := websocket.Permanent(io.ErrNoProgress)
	if !websocket.IsPermanent(err) || !errors.Is(err, io.ErrNoProgress) || err.Error() != io.ErrNoProgress.Error() {
		t.Errorf("%v", err)
	}
	if err := websocket.Permanent(nil); err != nil || websocket.IsPermanent(nil) {
		t.Error(err)
	}
	for _, err := range []error{
		io.EOF, context.DeadlineExceeded, websocket.CloseError{Code: websocket.StatusPolicyViolation},
		&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, &net.DNSError{IsNotFound: true},
		&ws.ResponseError{Status: 302}, &ws.ResponseError{Status: 500}, &ws.ResponseError{Status: 399}, &ws.ResponseError{Status: 429},
	} {
		if websocket.IsPermanent(err) {
			t.Error(err)
		}
	}
}
