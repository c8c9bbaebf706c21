package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// The page and the echo are on the same port.
func TestPageAndEcho(t *testing.T) {
	addr := wstest.FreeAddr(t).String()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- serve(ctx, addr) }()

	var r *http.Response
	for r == nil {
		select {
		case err := <-served:
			t.Fatal(err)
		default:
			r, _ = http.Get("http://" + addr + "/") // until it listens
		}
	}
	b, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil || !strings.Contains(string(b), "new WebSocket") {
		t.Errorf("%q, %v", b, err)
	}
	conn := peer.Open(t, addr, ws.Dialer{})
	f := ws.NewTextFrame([]byte("hello"))
	peer.Send(t, conn, peer.Frame(nil, f))
	peer.Want(t, conn, f)
	cancel()
	peer.Want(t, conn, ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusGoingAway, "")))
	conn.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
