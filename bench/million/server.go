package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// serve is a server: one of several on a port. Its standard input says what to do, a
// word a line, and each is answered by a line.
func serve(addr string, ping time.Duration) {
	var mu sync.Mutex
	var all []*wspoll.Conn
	s := &wspoll.Server{
		Loops:     1,
		ReusePort: true,
		KeepAlive: wsproto.KeepAlive{Interval: ping, Timeout: time.Minute},
		OnOpen: func(c *wspoll.Conn) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, c)
		},
		OnError: func(err error) { fmt.Fprintln(os.Stderr, "a server:", err) },
	}
	ctx, end := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.ListenAndServe(ctx, "tcp", addr) }()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		mu.Lock()
		switch lines.Text() {
		case "heap": // open connections, and bytes of heap and of stacks
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			fmt.Println(s.Stats().Open, m.HeapAlloc, m.StackInuse)
		case "pings": // pings sent, and pongs received
			n := s.Stats()
			fmt.Println(n.Sent.Pings, n.Received.Pongs)
		case "broadcast": // connections that have not taken it
			m := wsflate.NewPreparedMessage(ws.OpText, []byte(broadcast))
			refused := 0
			for _, c := range all {
				if c.WritePrepared(m) != nil {
					refused++
				}
			}
			fmt.Println(refused)
		}
		mu.Unlock()
	}
	end()
	fatal(<-served)
}

// broadcast is what is sent to all.
const broadcast = "one message for everybody, which is sent once to each connection that is open"
