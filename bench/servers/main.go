// Command servers is a choice of echo servers to measure beside each other:
// ours on each level of the API, those of other libraries, and the limits. With
// -compare it measures them by "wirews bench", each in a process of its own, and
// writes its part of docs/performance.md. It runs in the folder bench of the repository.
//
// A comparison of all takes less than half an hour. With -results it keeps each
// measurement as it is made; one that was interrupted goes on with -resume:
//
//	go run ./servers -compare -out ../docs/performance.md -results ../bin/performance.jsonl
//	go run ./servers -compare -out ../docs/performance.md -results ../bin/performance.jsonl -resume
//
// With -set it measures the loads of public benchmarks, or over TLS.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"

	"golang.org/x/sys/unix"
)

// role is what a server is measured for.
type role string

const (
	limit role = "limit"
	ours  role = "ours"
	peer  role = "peer"
)

// server is one of the choices.
type server struct {
	name  string
	role  role
	about string
	raw   bool // echoes bytes, and knows no WebSocket
	// What it is made with, if that is not ours.
	modules []string
	noCodec bool // it brings no WebSocket of its own, so it is no peer to be better than
	secure  bool // it serves what listen returns, so over TLS too
	// run listens on addr, calls ready with the address, and serves.
	run func(addr string, ready func(net.Addr)) error
}

// servers are the choices. A server on a further package of ours joins by a line
// here, and a file of its own.
var servers = slices.Concat(limits, own, peers)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	name := flag.String("server", "", "which server to be: "+names())
	secure := flag.Bool("tls", false, "with -server, serve over TLS, with a certificate that nobody trusts")
	var c comparison
	flag.BoolVar(&c.on, "compare", false, "measure the servers instead of serving")
	flag.StringVar(&c.set, "set", "", "with -compare, which cells to choose from: "+setNames()+"; by default those of our own")
	flag.StringVar(&c.cells, "cells", "", "with -compare, the cells whose names contain one of these words, as c100-k16,idle")
	flag.StringVar(&c.servers, "servers", "", "with -compare, the servers whose names contain one of these words; the others are left out")
	flag.IntVar(&c.rounds, "rounds", 6, "with -compare, how often each server is measured")
	flag.DurationVar(&c.duration, "duration", defaultDuration, "with -compare, for how `long` each time; three times that with 10,000 connections")
	flag.StringVar(&c.out, "out", "/dev/stdout", "with -compare, `file` to write the page into; other parts of it stay")
	flag.StringVar(&c.results, "results", "", "with -compare, `file` to keep each measurement in, a line of JSON each, as it is made")
	flag.BoolVar(&c.resume, "resume", false, "with -compare, make only the measurements that are not in the file of -results yet")
	flag.Parse()
	if c.on {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
		defer stop()
		if err := c.run(ctx); err != nil {
			log.Fatal(err)
		}
		return
	}
	i := slices.IndexFunc(servers, func(s server) bool { return s.name == *name })
	if i < 0 {
		log.Fatalf("no server %q; there are %s", *name, names())
	}
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) == nil {
		l.Cur = l.Max
		unix.Setrlimit(unix.RLIMIT_NOFILE, &l)
	}
	if *secure {
		config, err := selfSigned()
		if err != nil {
			log.Fatal(err)
		}
		listen = listenTLS(config)
	}
	go answerQuestions()
	log.Fatal(servers[i].run(*addr, func(a net.Addr) { fmt.Println(a) }))
}

func names() (list string) {
	for _, s := range servers {
		list += " " + s.name
	}
	return list[1:]
}

// heap is what a server says about its memory, in bytes.
type heap struct {
	InUse, Stacks uint64
	Goroutines    int
}

// answerQuestions prints the heap, cleaned up, for each line on stdin.
func answerQuestions() {
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		runtime.GC()
		runtime.GC()
		debug.FreeOSMemory()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		json.NewEncoder(os.Stdout).Encode(heap{m.HeapAlloc, m.StackInuse, runtime.NumGoroutine()})
	}
}
