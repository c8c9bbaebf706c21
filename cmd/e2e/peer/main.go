// Command peer is the server of the tests of package websocket in a web page, which are
// page_*_js_test.go there. It serves a directory, such as one with a page, and what the tests
// connect to; it says its address in its first line, and ends with its input.
//
//	/echo?id=x            echoes; selects the subprotocol b, or else a
//	/ended?id=x           waits for the end of that echo, and says its close code
//	/close?code=c&reason= closes at once
//	/drop                 ends without a close frame
//	/count?id=x           reads nothing before /go?id=x; then it counts up to a message "end", and says what it has counted
//	/go?id=x              has that count begin
//	/burst?n=c&size=s     sends so many messages of that size, and closes with 1000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/wirews/wirews/websocket"
)

func main() {
	dir := flag.String("dir", ".", "directory to serve")
	flag.Parse()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s/\n", l.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(*dir)))
	for path, serve := range new(peer).paths() {
		mux.Handle(path, accepted(serve))
	}
	log.Fatal(http.Serve(l, mux))
}

// call is a connection, and the query of its request.
type call struct {
	*websocket.Conn
	query func(name string) string
}

// accepted accepts a connection, for a page of any origin, and closes it when serve
// has returned.
func accepted(serve func(context.Context, call)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{
			Subprotocols: []string{"b", "a"}, InsecureSkipVerify: true, CompressionMode: websocket.CompressionContextTakeover,
		})
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(-1)
		serve(r.Context(), call{c, r.URL.Query().Get})
	})
}

// peer is what connections tell each other: by the id of the query.
type peer struct {
	begun sync.Map // of string to chan struct{}, closed by /go
	ended sync.Map // of string to chan string, which gets a close code
}

func (p *peer) paths() map[string]func(context.Context, call) {
	return map[string]func(context.Context, call){
		"/echo": p.echo, "/ended": p.tellEnd, "/close": closeAtOnce, "/drop": func(context.Context, call) {},
		"/count": p.count, "/go": p.start, "/burst": burst,
	}
}

func (p *peer) echo(ctx context.Context, c call) {
	err := c.Serve(ctx, func(ctx context.Context, typ websocket.MessageType, data []byte) error {
		return c.Write(ctx, typ, data)
	})
	words := "no close frame"
	if end, ok := errors.AsType[websocket.CloseError](err); ok {
		words = fmt.Sprintf("%d %s", int(end.Code), end.Reason)
	}
	p.end(c.query("id")) <- words
}

func (p *peer) end(id string) chan string {
	ch, _ := p.ended.LoadOrStore(id, make(chan string, 1))
	return ch.(chan string)
}

func (p *peer) tellEnd(ctx context.Context, c call) {
	c.Write(ctx, websocket.MessageText, []byte(<-p.end(c.query("id"))))
	c.Close(websocket.StatusNormalClosure, "")
}

func closeAtOnce(_ context.Context, c call) {
	code, _ := strconv.Atoi(c.query("code"))
	c.Close(websocket.StatusCode(code), c.query("reason"))
}

func (p *peer) gate(id string) chan struct{} {
	ch, _ := p.begun.LoadOrStore(id, make(chan struct{}))
	return ch.(chan struct{})
}

func (p *peer) count(ctx context.Context, c call) {
	<-p.gate(c.query("id"))
	messages, size := 0, 0
	for {
		_, data, err := c.Read(ctx)
		switch {
		case err != nil:
			return
		case string(data) == "end":
			c.Write(ctx, websocket.MessageText, fmt.Appendf(nil, "%d messages, %d bytes", messages, size))
			c.Close(websocket.StatusNormalClosure, "")
			return
		}
		messages, size = messages+1, size+len(data)
	}
}

func (p *peer) start(_ context.Context, c call) { close(p.gate(c.query("id"))) }

func burst(ctx context.Context, c call) {
	n, _ := strconv.Atoi(c.query("n"))
	size, _ := strconv.Atoi(c.query("size"))
	for i := range n {
		digit := strconv.Itoa(i % 10)
		if c.Write(ctx, websocket.MessageText, []byte(strings.Repeat(digit, size))) != nil {
			return
		}
	}
	c.Close(websocket.StatusNormalClosure, "")
}
