package main

import (
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

// TestWhoeverAsksGetsTheLastPriceAtOnce, and then each new one, of no other share.
func TestWhoeverAsksGetsTheLastPriceAtOnce(t *testing.T) {
	hub := NewHub()
	s := wstest.Serve(t, NewServer(hub))
	Tell(hub, "ACME", 1)
	Tell(hub, "ACME", 2)
	Tell(hub, "OTHER", 3)
	client := s.Script("/")
	client.Send(wstest.TextFrame("ACME"))
	client.Expect(wstest.TextFrame("ACME 2.00"))
	Tell(hub, "OTHER", 4)
	Tell(hub, "ACME", 5)
	client.Expect(wstest.TextFrame("ACME 5.00"))
	client.Send(wstest.TextFrame("NOBODY")) // nothing is kept of it
	client.Send(wstest.TextFrame("OTHER"))
	client.Expect(wstest.TextFrame("OTHER 4.00"))
	client.Send(wstest.CloseFrame(websocket.StatusNormalClosure))
	client.Expect(wstest.CloseFrame(websocket.StatusNormalClosure))
}
