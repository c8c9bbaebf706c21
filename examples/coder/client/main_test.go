package main

import (
	"context"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

func TestSend(t *testing.T) {
	s := wstest.ServeScript(t, func(server *wstest.Script) {
		server.AcceptUpgrade()
		server.Expect(wstest.TextFrame("\"hi\"\n"))
		server.Expect(wstest.CloseFrame(websocket.StatusNormalClosure))
		server.Send(wstest.CloseFrame(websocket.StatusNormalClosure))
	})
	ctx, cancel := context.WithTimeout(t.Context(), peer.Patience)
	defer cancel()
	if err := Send(ctx, s.URL, s.Options(nil), "hi"); err != nil {
		t.Error(err)
	}
}
