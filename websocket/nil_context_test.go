package websocket_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/wirews/wirews/websocket"
)

func TestANilContextIsAnError(t *testing.T) {
	var none context.Context
	for name, opts := range map[string]*websocket.DialOptions{"none": nil, "Timeout": {HTTPClient: &http.Client{Timeout: 1e9}}} {
		if _, _, err := websocket.Dial(none, "ws://example.com", opts); err == nil || !strings.Contains(err.Error(), "context is nil") {
			t.Errorf("Dial, %s: %v", name, err)
		}
	}
	c := dial(t, serve(t, nil, echo), nil)
	held := dial(t, serve(t, nil, echo), &websocket.DialOptions{HoldReplies: true})
	m, _ := websocket.NewPreparedMessage(websocket.MessageText, nil)
	for name, call := range map[string]func() error{
		"Read":          func() error { _, _, err := c.Read(none); return err },
		"ReadAppend":    func() error { _, _, err := c.ReadAppend(none, nil); return err },
		"Reader":        func() error { _, _, err := c.Reader(none); return err },
		"Messages":      func() error { _, errs := messages(none, c); return errors.Join(errs...) },
		"Write":         func() error { return c.Write(none, websocket.MessageText, nil) },
		"Write, held":   func() error { return held.Write(none, websocket.MessageText, nil) },
		"Writer":        func() error { _, err := c.Writer(none, websocket.MessageText); return err },
		"WritePrepared": func() error { return c.WritePrepared(none, m) },
		"Ping":          func() error { return c.Ping(none) },
		"Serve":         func() error { return c.Serve(none, nil) },
		"CloseContext":  func() error { return c.CloseContext(none, 1000, "") },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), "context is nil") {
			t.Errorf("%s: %v", name, err)
		}
	}
	roundTrip(t, c, nil) // it goes on
}
