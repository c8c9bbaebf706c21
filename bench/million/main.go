// Command million opens as many idle connections to package wspoll as it is told to,
// or as this machine has memory for, keeps them alive by pings, sends one message to all
// of them, and writes what that took into its part of docs/million.md.
//
// A process may have so many files only (RLIMIT_NOFILE), and so there are several
// servers, which share one port, and several clients. Each client has an address of its
// own, since an address has 28,000 ports for connections.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/wirews/wirews/bench/internal/page"
)

// plan is what is to be done.
type plan struct {
	connections int
	each        int           // connections of a process
	ping        time.Duration // a connection that is silent for so long is pinged
	hold        time.Duration
	spare       int64 // bytes of memory that are to be left to others
}

func main() {
	p := plan{}
	role := flag.String("role", "", "server or client: what this process is for the one that has started it")
	addr := flag.String("addr", "", "for a role: the address of the servers")
	source := flag.String("source", "", "for a client: the address that it connects from")
	out := flag.String("out", "/dev/stdout", "file to write the page into; other parts of it stay")
	flag.IntVar(&p.connections, "connections", 1_000_000, "how many connections to open")
	flag.IntVar(&p.each, "each", 17_000, "connections of a process, for which its limit of files has to be enough; the servers get some more or less by chance")
	flag.DurationVar(&p.ping, "ping", time.Minute, "silence after which a connection is pinged")
	flag.DurationVar(&p.hold, "hold", 2*time.Minute, "how long to hold all connections")
	spare := flag.Int("spare", 2048, "MiB of memory to leave to others: it stops there")
	flag.Parse()
	p.spare = int64(*spare) << 20
	switch *role {
	case "server":
		serve(*addr, p.ping)
	case "client":
		connect(*addr, *source, p.connections)
	default:
		text, err := run(p)
		if err == nil {
			err = page.Write(*out, "make million", text)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func fatal(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
