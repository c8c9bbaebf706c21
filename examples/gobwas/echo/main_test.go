package main

import (
	"net/http/httptest"
	"testing"

	"net/http"

	"github.com/wirews/wirews/examples/internal/peer"
)

func TestEcho(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(handle))
	defer s.Close()
	peer.TestEcho(t, s.URL)
}
