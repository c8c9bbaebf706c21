package websocket_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

func TestIsUnexpectedClose(t *testing.T) {
	end := func(by websocket.EndedBy, code ws.StatusCode, received bool) error {
		e := &websocket.ConnError{By: by, Code: code, Err: io.EOF}
		if received {
			e.Received = &wsproto.CloseFrame{Code: code}
			e.Causes = []error{websocket.CloseError{Code: websocket.StatusCode(code)}}
		}
		return fmt.Errorf("wrapped: %w", e)
	}
	const normal, away, abnormal, noStatus = websocket.StatusNormalClosure, websocket.StatusGoingAway, websocket.StatusAbnormalClosure, websocket.StatusNoStatusRcvd
	for _, tc := range []struct {
		name     string
		err      error
		expected []websocket.StatusCode
		want     bool
	}{
		{"nil", nil, nil, false},
		{"another error", io.EOF, nil, false},
		{"an expected code", end(websocket.EndedByPeer, 1001, true), []websocket.StatusCode{normal, away}, false},
		{"another code", end(websocket.EndedByPeer, 4001, true), []websocket.StatusCode{normal, away}, true},
		{"no code is expected", end(websocket.EndedByPeer, 1000, true), nil, true},
		{"no code at all", end(websocket.EndedByPeer, 1005, true), []websocket.StatusCode{noStatus}, false},
		{"without a close frame", end(websocket.EndedByTransport, 1006, false), []websocket.StatusCode{normal, away}, true},
		{"without a close frame, as expected", end(websocket.EndedByTransport, 1006, false), []websocket.StatusCode{abnormal}, false},
		{"a write that failed, and a close frame", end(websocket.EndedByTransport, 1001, true), []websocket.StatusCode{away}, false},
		{"by us", end(websocket.EndedByUs, 4001, true), nil, false},
		{"timeout", end(websocket.EndedByTimeout, 1006, false), nil, false},
		{"violation", end(websocket.EndedByViolation, 1002, false), nil, false},
		{"a CloseError alone", websocket.CloseError{Code: 4001}, []websocket.StatusCode{normal}, true},
	} {
		if got := websocket.IsUnexpectedClose(tc.err, tc.expected...); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// Of real connections.
func TestIsUnexpectedCloseOfAConnection(t *testing.T) {
	for code, want := range map[websocket.StatusCode]bool{1000: false, 4001: true} {
		url := serve(t, nil, func(c *websocket.Conn) { c.Close(code, "") })
		_, _, err := dial(t, url, nil).Read(within(t))
		if websocket.IsUnexpectedClose(err, websocket.StatusNormalClosure) != want {
			t.Errorf("%v: %v, want %v", err, !want, want)
		}
	}
	url := serve(t, nil, func(c *websocket.Conn) { c.CloseNow() })
	_, _, err := dial(t, url, nil).Read(within(t))
	if !websocket.IsUnexpectedClose(err, websocket.StatusNormalClosure) || !errors.Is(err, websocket.EndedByTransport) {
		t.Errorf("%v is not unexpected", err)
	}
}
