package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

// TestAClientThatHasVanishedIsNoticed: one that answers pings may be silent for a
// day, one that does not is given up after Interval and Timeout.
func TestAClientThatHasVanishedIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan *websocket.ConnError, 2)
		s := NewServer()
		s.Options.OnOpen = func(context.Context, *websocket.Conn) func(*websocket.ConnError) {
			return func(end *websocket.ConnError) { ended <- end }
		}
		server := wstest.Start(t, s.Serve, s.Close)
		quiet := server.Dial("/", nil)
		quiet.CloseRead(context.Background())
		gone := server.Script("/") // reads nothing, and so answers nothing
		defer gone.Reset()
		start := time.Now()
		end := <-ended
		keep := s.Options.KeepAlive
		if !errors.Is(end, websocket.EndedByTimeout) || time.Since(start) != keep.Interval+keep.Timeout {
			t.Errorf("after %v: %v", time.Since(start), end)
		}
		time.Sleep(24 * time.Hour)
		if s.Len() != 1 {
			t.Error("a client that answers pings was given up")
		}
	})
}
