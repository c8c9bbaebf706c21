//go:build unix

package main

import (
	"net"
	"testing"

	"github.com/lesismal/nbio/logging"

	"github.com/wirews/wirews/examples/internal/peer"
)

func TestEcho(t *testing.T) {
	logging.SetLevel(logging.LevelNone)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := newEngine(l)
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	peer.TestEcho(t, "ws://"+l.Addr().String()+"/")
}
