//go:build unix

package main

import (
	"context"
	"testing"

	"github.com/panjf2000/gnet/v2"
	"github.com/panjf2000/gnet/v2/pkg/logging"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/internal/wstest"
)

func TestEcho(t *testing.T) {
	addr := wstest.FreeAddr(t).String() // gnet listens itself
	engine, ended := make(chan gnet.Engine, 1), make(chan error, 1)
	go func() {
		ended <- gnet.Run(&server{booted: func(e gnet.Engine) { engine <- e }}, "tcp://"+addr, gnet.WithLogLevel(logging.FatalLevel))
	}()
	select {
	case e := <-engine:
		t.Cleanup(func() {
			e.Stop(context.Background())
			<-ended
		})
	case err := <-ended:
		t.Fatal(err)
	}
	peer.TestEcho(t, "ws://"+addr+"/")
}
