// Command servers is a choice of echo servers to measure beside each other:
// ours on each level of the API, github.com/gobwas/ws, and the limit. With
// -compare it measures them, each in a process of its own.
package main

import (
	"flag"
	"fmt"
	"log"
	"maps"
	"net"
	"slices"
)

// servers are the choices: what to do with an accepted connection.
var servers = map[string]func(net.Conn){
	"raw":             raw,
	"gobwas-helpers":  gobwasHelpers,
	"wsutil-helpers":  wsutilHelpers,
	"wsutil-append":   wsutilAppend,
	"wsutil-stream":   wsutilStream,
	"wsutil-messages": wsutilMessages,
	"wsutil-copy":     wsutilCopy,
	"websocket-serve": websocketServe,
	"websocket-pull":  websocketPull,
	"websocket-hold":  websocketHold,
	"coder":           coderPull,
	"gorilla":         gorillaPull,
	"gws":             gwsHandler,
}

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	name := flag.String("server", "", fmt.Sprint("one of ", slices.Sorted(maps.Keys(servers))))
	rounds := flag.Int("compare", 0, "measure all servers, for so many rounds, instead of serving")
	only := flag.String("cells", "", "with -compare, just the cells whose names contain this, such as c100-k16")
	flag.Parse()
	if *rounds > 0 {
		if err := compare(*rounds, *only); err != nil {
			log.Fatal(err)
		}
		return
	}
	serve, ok := servers[*name]
	if !ok {
		log.Fatalf("no server %q; there are %v", *name, slices.Sorted(maps.Keys(servers)))
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Addr())
	for {
		conn, err := l.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer conn.Close()
			serve(conn)
		}()
	}
}
