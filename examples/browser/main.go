// Command browser serves a chat whose page runs a client in Go, compiled to WebAssembly. It
// builds that client first, and so is to be run in the module of the examples. Open
// http://localhost:8080/ in two windows.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/wirews/wirews/websocket"
)

//go:embed page.html
var page []byte

// Site is what is served: the page, and what it loads.
type Site struct {
	Glue   []byte // wasm_exec.js of the Go version that Client was built with
	Client []byte // compressed by gzip
}

// Build builds the client.
func Build() (*Site, error) {
	root, err := output(exec.Command("go", "env", "GOROOT"))
	if err != nil {
		return nil, err
	}
	glue, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "client.wasm")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "github.com/wirews/wirews/examples/browser/client")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if _, err := output(build); err != nil {
		return nil, err
	}
	client, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	var compressed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	w.Write(client)
	w.Close()
	log.Printf("the client has %d bytes, and %d by gzip", len(client), compressed.Len())
	return &Site{glue, compressed.Bytes()}, nil
}

// output returns what a command prints; if it fails, the error has what it complains of.
func output(cmd *exec.Cmd) ([]byte, error) {
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", cmd, err, complaints.String())
	}
	return out, nil
}

// Handler serves the site, and the chat.
func (s *Site) Handler(chat *websocket.Server) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/chat", chat)
	mux.HandleFunc("GET /{$}", file("text/html; charset=utf-8", "", page))
	mux.HandleFunc("GET /wasm_exec.js", file("text/javascript; charset=utf-8", "", s.Glue))
	mux.HandleFunc("GET /client.wasm", file("application/wasm", "gzip", s.Client))
	return mux
}

func file(mediaType, encoding string, data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		if encoding != "" {
			w.Header().Set("Content-Encoding", encoding) // which all browsers take
		}
		w.Write(data)
	}
}

// NewChat returns a server on which what one says, all hear. Pages cannot ping, so it does.
func NewChat() *websocket.Server {
	chat := &websocket.Server{}
	chat.Options.KeepAlive = websocket.KeepAlive{Interval: 30 * time.Second, Timeout: 10 * time.Second}
	chat.Options.Queue = &websocket.Queue{Messages: 100}
	chat.Handler = func(ctx context.Context, c *websocket.Conn) {
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return
			}
			if said, err := websocket.NewPreparedMessage(m.Type, m.Data); err == nil {
				websocket.Broadcast(said, chat.All())
			}
		}
	}
	return chat
}

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	site, err := Build()
	if err != nil {
		log.Fatal(err)
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("http://%s/", l.Addr())
	s := http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: site.Handler(NewChat())}
	log.Fatal(s.Serve(l))
}
