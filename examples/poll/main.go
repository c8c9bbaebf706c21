// Command poll is a WebSocket echo server for very many connections, and a small web
// page, on one port: package wspoll serves the connections, and net/http the page.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log.Printf("listening on http://%s/", *addr)
	if err := serve(ctx, *addr); err != nil {
		log.Fatal(err)
	}
}

// serve serves until ctx ends.
func serve(ctx context.Context, addr string) error {
	s := &wspoll.Server{
		OnMessage: echo,
		OnError:   func(err error) { log.Print(err) },
		KeepAlive: wspoll.KeepAlive{Interval: time.Minute, Timeout: 20 * time.Second},
	}
	web := &http.Server{Handler: http.HandlerFunc(page), ReadHeaderTimeout: 10 * time.Second}
	go web.Serve(s.Others()) // until s ends
	defer web.Close()
	return s.ListenAndServe(ctx, "tcp", addr)
}

// echo sends a message back. It does not wait for the client: if too much waits for
// one that is slow, the message is dropped, as Server.Queue says.
func echo(c *wspoll.Conn, op ws.OpCode, payload []byte) {
	if err := c.Write(op, payload); err != nil {
		log.Printf("%v: %v", c.RemoteAddr(), err)
	}
}

func page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write([]byte(`<!doctype html>
<meta charset="utf-8">
<title>Echo</title>
<form><input autofocus> <button>Send</button></form>
<pre></pre>
<script>
const socket = new WebSocket(location.href.replace(/^http/, "ws"));
const show = (text) => document.querySelector("pre").append(text + "\n");
socket.onopen = () => show("open");
socket.onmessage = (event) => show(event.data);
socket.onclose = (event) => show("closed with " + event.code);
document.querySelector("form").onsubmit = (event) => {
  event.preventDefault();
  socket.send(document.querySelector("input").value);
};
</script>
`))
}
