package main

import (
	"fmt"
	"strconv"
	"time"
)

// defaultDuration lets a comparison of all servers in all cells take less than
// an hour. Many short rounds find a quiet moment sooner than a few long ones.
const defaultDuration = 300 * time.Millisecond

// cell is a kind of load.
type cell struct {
	name        string
	about       string
	connections int
	args        []string // of "wirews bench", for it alone
	// Which processors the server and the load generator may use; empty: any.
	serverCPU, clientCPU string
	webSocket            bool // not for servers of raw bytes
	warmup               time.Duration
	heavy                bool // takes long: a third of the rounds, each three times as long
}

// cells are what servers are compared in.
var cells = []cell{
	echo(1, 1, "128").with("c1-k1-128-same", "1 connection, 1 in flight, 128 bytes, server and client on the same processor",
		func(c *cell) { c.clientCPU = "0" }),
	echo(100, 1, "32"), echo(100, 1, "128"), echo(100, 1, "1k"), echo(100, 1, "16k"), echo(10, 1, "1m"),
	echo(100, 16, "128"), echo(100, 16, "1k"), echo(100, 16, "16k"),
	echo(1000, 1, "128"), echo(1000, 16, "128"),
	echo(10000, 1, "128"), echo(10000, 1, "1k"), echo(10000, 16, "128"),
	echo(100, 1, "128").with("free-c100-k1-128", "100 connections, 1 in flight, 128 bytes, no processor of its own for anybody",
		func(c *cell) { c.serverCPU, c.clientCPU = "", "" }),
	echo(100, 1, "16k", "--kind", "cjk").with("text-c100-k1-16k", "100 connections, 1 in flight, 16384 bytes of Chinese, Japanese and Korean text",
		func(*cell) {}),
	echo(1000, 1, "128", "--rate", "60000").with("rate-c1000-128", "1,000 connections, 60,000 messages a second of 128 bytes: half of what the limit can",
		func(*cell) {}),
	idleCell, handshakeCell,
}

var (
	idleCell = cell{
		name: "idle", about: "10,000 connections, idle after one message of 128 bytes each", connections: 10_000,
		webSocket: true, serverCPU: "0", clientCPU: "1", warmup: time.Second, heavy: true,
		args: []string{"--mode", "idle", "--source", "127.0.0.1,127.0.0.2"},
	}
	handshakeCell = cell{
		name: "handshake", about: "connect, upgrade, reset; 64 at once", connections: 64,
		webSocket: true, serverCPU: "0", clientCPU: "1", warmup: 200 * time.Millisecond,
		args: []string{"--mode", "handshake", "--source", "127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4"},
	}
)

// echo is a cell of messages, with a processor each for server and client.
func echo(connections, inFlight int, payload string, args ...string) cell {
	size := map[string]string{"32": "32", "128": "128", "1k": "1024", "16k": "16384", "1m": "1048576"}[payload]
	c := cell{
		name:        fmt.Sprintf("c%d-k%d-%s", connections, inFlight, payload),
		about:       fmt.Sprintf("%d connections, %d in flight, %s bytes", connections, inFlight, size),
		connections: connections, heavy: connections >= 10_000,
		serverCPU: "0", clientCPU: "1", warmup: 200 * time.Millisecond,
		args: append([]string{"--in-flight", strconv.Itoa(inFlight), "--size", size, "--source", "127.0.0.1,127.0.0.2"}, args...),
	}
	if c.heavy {
		c.warmup = time.Second
	}
	return c
}

// with changes a cell.
func (c cell) with(name, about string, change func(*cell)) cell {
	c.name, c.about = name, about
	change(&c)
	return c
}

// rounds returns how often each server is measured in the cell, out of a number.
func (c cell) rounds(of int) int {
	if c.heavy {
		return max(1, of/3)
	}
	return of
}

// duration returns for how long it is measured each time. To hold connections
// takes as long as it takes a server to come to rest.
func (c cell) duration(of time.Duration) time.Duration {
	switch {
	case c.name == idleCell.name:
		return 4 * time.Second
	case c.heavy:
		return 3 * of
	}
	return of
}

// takes returns about how long one measurement takes in all.
func (c cell) takes(of time.Duration) time.Duration {
	const start, connection = 250 * time.Millisecond, 100 * time.Microsecond
	return start + time.Duration(c.connections)*connection + c.warmup + c.duration(of)
}

// most returns how long one measurement may take before it is given up.
func (c cell) most(of time.Duration) time.Duration { return 20*time.Second + 3*c.takes(of) }
