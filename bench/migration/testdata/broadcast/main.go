// Command broadcast sends each line of its input to all clients.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"sync"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	ln, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ln.Addr())

	all := hub{clients: make(map[*client]bool)}
	go all.accept(ln)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		// One frame for everybody.
		all.send(ws.MustCompileFrame(ws.NewTextFrame(lines.Bytes())))
	}
	all.send(ws.CompiledCloseGoingAway)
	all.served.Wait()
}

// hub knows the clients.
type hub struct {
	mu      sync.Mutex
	clients map[*client]bool
	served  sync.WaitGroup
}

func (h *hub) accept(ln net.Listener) {
	for {
		conn, err := ln.Accept()
		if err != nil {
			log.Fatal(err)
		}
		h.served.Add(1)
		go func() {
			defer h.served.Done()
			defer conn.Close()
			h.serve(&client{conn: conn})
		}()
	}
}

func (h *hub) serve(c *client) {
	if _, err := ws.Upgrade(c.conn); err != nil {
		return
	}
	h.set(c, true)
	defer h.set(c, false)
	c.Write(ws.CompiledPing)
	var msgs []wsutil.Message
	for {
		var err error
		msgs, err = wsutil.ReadClientMessage(c.conn, msgs[:0])
		if err != nil {
			return
		}
		for _, m := range msgs {
			// What clients have to say is not of interest.
			if !m.OpCode.IsControl() {
				continue
			}
			if err := wsutil.HandleClientControlMessage(c, m); err != nil {
				return
			}
		}
	}
}

func (h *hub) set(c *client, present bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if present {
		h.clients[c] = true
	} else {
		delete(h.clients, c)
	}
}

func (h *hub) send(frame []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients {
		c.Write(frame)
	}
}

// client takes whole frames from several goroutines.
type client struct {
	conn net.Conn
	mu   sync.Mutex
}

func (c *client) Write(frame []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn.Write(frame)
}
