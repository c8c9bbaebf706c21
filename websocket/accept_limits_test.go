package websocket_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

func TestHeadLimitsOfAcceptConn(t *testing.T) {
	cookie := func(n int) string { return "Cookie: a=" + strings.Repeat("x", n) }
	cookies := strings.Split(strings.Repeat(cookie(12<<10)+"\n", 6), "\n")[:6]
	many := strings.Split(strings.Repeat("X: y\n", 128), "\n")[:128]
	for name, tc := range map[string]struct {
		lines  []string
		limits httpx.Limits
		ok     bool
	}{
		"long line":          {[]string{cookie(17 << 10)}, httpx.Limits{}, false},
		"long line, raised":  {[]string{cookie(17 << 10)}, httpx.Limits{Line: 32 << 10}, true},
		"large head":         {cookies, httpx.Limits{}, false},
		"large head, raised": {cookies, httpx.Limits{Head: 128 << 10}, true},
		"many lines":         {many, httpx.Limits{}, false},
		"many lines, raised": {many, httpx.Limits{Fields: -1}, true},
	} {
		errs, responses, _ := askWith(t, nil, &websocket.AcceptConnOptions{HeadLimits: tc.limits}, wstest.GoodRequest().With(tc.lines...).Bytes())
		if errs[0] != nil {
			t.Errorf("%s: Accept: %v", name, errs[0])
		}
		err := errs[1]
		if tc.ok {
			if err != nil || responses[1].StatusCode != 101 {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !errors.Is(err, ws.ErrHandshakeHeadTooLarge) || responses[1].StatusCode != 431 || !strings.Contains(err.Error(), "AcceptConnOptions.HeadLimits") {
			t.Errorf("%s: %v, status %d", name, err, responses[1].StatusCode)
		}
	}
}

func TestLimitsOnFragmentsAndControls(t *testing.T) {
	fragments := func(n int) []byte {
		b := masked(ws.OpText, false, "")
		for range n - 2 {
			b = append(b, masked(ws.OpContinuation, false, "")...)
		}
		return append(b, masked(ws.OpContinuation, true, "x")...)
	}
	pongs := func(n int) []byte {
		b := masked(ws.OpText, false, "")
		for range n {
			b = append(b, masked(ws.OpPong, true, "")...)
		}
		return append(b, masked(ws.OpContinuation, true, "x")...)
	}
	for name, tc := range map[string]struct {
		opts websocket.AcceptOptions
		in   []byte
		is   error
		code websocket.StatusCode
		text string
	}{
		"fragments":            {websocket.AcceptOptions{MaxFragments: 3}, fragments(3), nil, 0, ""},
		"too many fragments":   {websocket.AcceptOptions{MaxFragments: 3}, fragments(4), wsproto.ErrTooManyFragments, 1009, "MaxFragments"},
		"fragments, default":   {websocket.AcceptOptions{}, fragments(131_073), wsproto.ErrTooManyFragments, 1009, "MaxFragments"},
		"fragments, unlimited": {websocket.AcceptOptions{MaxFragments: -1}, fragments(131_073), nil, 0, ""},
		"controls":             {websocket.AcceptOptions{MaxControls: 3}, pongs(3), nil, 0, ""},
		"too many controls":    {websocket.AcceptOptions{MaxControls: 3}, pongs(4), wsproto.ErrTooManyControls, 1008, "MaxControls"},
		"controls, default":    {websocket.AcceptOptions{}, pongs(4097), wsproto.ErrTooManyControls, 1008, "MaxControls"},
		"controls, unlimited":  {websocket.AcceptOptions{MaxControls: -1}, pongs(4097), nil, 0, ""},
		"message":              {websocket.AcceptOptions{}, masked(ws.OpText, true, strings.Repeat("x", 32769)), websocket.ErrMessageTooBig, 1009, "SetReadLimit"},
	} {
		for _, limit := range []int64{0, -1} {
			if limit != 0 && name == "message" {
				continue
			}
			client, server := tcpPair(t)
			go func() {
				client.Write(wstest.GoodRequest().Bytes())
				http.ReadResponse(newBufio(client), nil)
				client.Write(tc.in)
				client.(*net.TCPConn).CloseWrite()
				io.Copy(io.Discard, client)
			}()
			c, err := websocket.AcceptConn(server, connOptions(&tc.opts))
			if err != nil {
				t.Fatal(err)
			}
			if limit != 0 {
				c.SetReadLimit(limit)
			}
			_, _, err = c.Read(within(t))
			end, _ := errors.AsType[*websocket.ConnError](err)
			switch {
			case tc.is == nil && err != nil:
				t.Errorf("%s: %v", name, err)
			case tc.is != nil && (!errors.Is(err, tc.is) || end == nil || websocket.StatusCode(end.Code) != tc.code || !strings.Contains(err.Error(), tc.text)):
				t.Errorf("%s: %v", name, err)
			case tc.is != nil && strings.Contains(err.Error(), "Limits."):
				t.Errorf("%s: %v names what cannot be set here", name, err)
			}
			c.CloseNow()
		}
	}
	// A client's are the same.
	url := serve(t, nil, func(c *websocket.Conn) {
		w, _ := c.Writer(context.Background(), websocket.MessageBinary)
		for range 4 {
			w.Write(make([]byte, 63<<10))
		}
		w.Close()
		c.Read(context.Background())
	})
	c := dial(t, url, &websocket.DialOptions{MaxFragments: 2})
	c.SetReadLimit(-1)
	if _, _, err := c.Read(within(t)); !errors.Is(err, wsproto.ErrTooManyFragments) {
		t.Errorf("a client's: %v", err)
	}
}

// What http.Transport has read is bounded as what ws.Dialer reads, and the error
// names what can be set.
func TestTheHeadOfAResponseIsBounded(t *testing.T) {
	line := func(n int) string { return "X: " + strings.Repeat("y", n) }
	lines := func(n, size int) string {
		return strings.TrimSuffix(strings.Repeat(line(size)+"\r\n", n), "\r\n")
	}
	for name, tc := range map[string]struct {
		fields string
		limits httpx.Limits
		ok     bool
	}{
		"long line":           {line(17 << 10), httpx.Limits{}, false},
		"long line, raised":   {line(17 << 10), httpx.Limits{Line: 32 << 10}, true},
		"large head":          {lines(6, 12<<10), httpx.Limits{}, false},
		"large head, raised":  {lines(6, 12<<10), httpx.Limits{Head: -1}, true},
		"many fields":         {lines(128, 1), httpx.Limits{}, false},
		"many fields, raised": {lines(128, 1), httpx.Limits{Fields: 200}, true},
	} {
		hc := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			client, server := tcpPair(t)
			go answer101(server, tc.fields)
			return client, nil
		}}}
		c, _, err := websocket.Dial(within(t), "ws://example.com/", &websocket.DialOptions{HTTPClient: hc, HeadLimits: tc.limits})
		switch limit, is := errors.AsType[*httpx.LimitError](err); {
		case tc.ok && err != nil:
			t.Errorf("%s: %v", name, err)
		case tc.ok:
			c.CloseNow()
		case !is || !strings.Contains(err.Error(), "DialOptions.HeadLimits") || !errors.Is(err, ws.ErrMalformedResponse):
			t.Errorf("%s: %v, %v", name, err, limit)
		}
	}
}
