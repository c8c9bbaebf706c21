package main

import (
	"io"
	"net/http"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
	"github.com/wirews/wirews/ws"
)

func TestEcho(t *testing.T) {
	for name, serve := range servers {
		t.Run(name, func(t *testing.T) {
			addr := peer.Serve(t, serve)
			peer.TestEcho(t, "ws://"+addr+"/echo")

			resp, err := http.Get("http://" + addr + "/echo")
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode != http.StatusUpgradeRequired {
				t.Errorf("a page that asks for something else: status %d", resp.StatusCode)
			}
		})
	}
}

// What has arrived together with the request is not lost.
func TestFramesTogetherWithTheRequest(t *testing.T) {
	for name, serve := range servers {
		t.Run(name, func(t *testing.T) {
			conn := peer.Connect(t, peer.Serve(t, serve))
			early := ws.NewTextFrame([]byte("early"))
			peer.Send(t, conn, peer.Frame([]byte("GET /echo"+peer.Request[len("GET /"):]+"\r\n"), early))
			peer.WantAccepted(t, conn)
			peer.Want(t, conn, early)
		})
	}
}
