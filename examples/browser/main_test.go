package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/wirews/wirews/examples/internal/peer"
)

func TestThePageGetsItsClient(t *testing.T) {
	site, err := Build()
	if err != nil {
		t.Fatal(err)
	}
	handler := site.Handler(NewChat())
	get := func(path, mediaType string) []byte {
		t.Helper()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if got := w.Header().Get("Content-Type"); w.Code != http.StatusOK || got != mediaType {
			t.Errorf("%s: %d, %s", path, w.Code, got)
		}
		return w.Body.Bytes()
	}
	if !bytes.Contains(get("/", "text/html; charset=utf-8"), []byte("client.wasm")) {
		t.Error("the page does not load its client")
	}
	if !bytes.Contains(get("/wasm_exec.js", "text/javascript; charset=utf-8"), []byte("globalThis.Go")) {
		t.Error("wasm_exec.js is something else")
	}
	r, err := gzip.NewReader(bytes.NewReader(get("/client.wasm", "application/wasm")))
	if err != nil {
		t.Fatal(err)
	}
	if client, err := io.ReadAll(r); err != nil || !bytes.HasPrefix(client, []byte("\x00asm")) {
		t.Errorf("the client is no WebAssembly, %v", err)
	}
}

func TestWhatOneSaysAllHear(t *testing.T) {
	s := httptest.NewServer(new(Site).Handler(NewChat()))
	defer s.Close()
	ctx, anna := peer.Dial(t, s.URL+"/chat")
	peer.Say(ctx, t, anna, "alone", "alone")
	_, bert := peer.Dial(t, s.URL+"/chat")
	peer.Say(ctx, t, bert, "together", "together")
	peer.Hear(ctx, t, anna, "together")
}
