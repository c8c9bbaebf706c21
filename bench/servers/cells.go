package main

import (
	"fmt"
	"strconv"
	"time"
)

// defaultDuration lets a comparison of all servers in all cells take less than
// an hour. Many short rounds find a quiet moment sooner than a few long ones.
const defaultDuration = 300 * time.Millisecond

// mode is what the connections of a cell are opened for.
type mode string

// The modes of "wirews bench".
const (
	echoing  mode = "echo"
	idling   mode = "idle"
	shaking  mode = "handshake"
	sources       = "127.0.0.1,127.0.0.2"
	sources4      = sources + ",127.0.0.3,127.0.0.4"
)

// cell is a kind of load.
type cell struct {
	name        string
	about       string
	mode        mode
	secure      bool // over TLS
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
	idleCell      = idle("idle", 10_000, 128, "10,000 connections, idle after one message of 128 bytes each")
	handshakeCell = cell{
		name: "handshake", about: "connect, upgrade, reset; 64 at once", connections: 64, mode: shaking,
		webSocket: true, serverCPU: "0", clientCPU: "1", warmup: 200 * time.Millisecond,
		args: []string{"--source", sources4},
	}
)

// idle is a cell of connections that are held after one message each.
func idle(name string, connections, size int, about string) cell {
	return cell{
		name: name, about: about, connections: connections, mode: idling,
		webSocket: true, serverCPU: "0", clientCPU: "1", warmup: time.Second, heavy: true,
		args: []string{"--size", strconv.Itoa(size), "--source", sources},
	}
}

// echo is a cell of messages, with a processor each for server and client.
func echo(connections, inFlight int, payload string, args ...string) cell {
	size := map[string]int{"32": 32, "128": 128, "1k": 1 << 10, "16k": 16 << 10, "1m": 1 << 20}[payload]
	return messages(fmt.Sprintf("c%d-k%d-%s", connections, inFlight, payload), connections, inFlight, size, args...)
}

// messages is echo by another name, and for messages of any size.
func messages(name string, connections, inFlight, size int, args ...string) cell {
	c := cell{
		name: name, mode: echoing,
		about:       fmt.Sprintf("%d connections, %d in flight, %d bytes", connections, inFlight, size),
		connections: connections, heavy: connections >= 10_000,
		serverCPU: "0", clientCPU: "1", warmup: 200 * time.Millisecond,
		args: append([]string{"--in-flight", strconv.Itoa(inFlight), "--size", strconv.Itoa(size), "--source", sources}, args...),
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
	case c.mode == idling:
		return 4 * time.Second
	case c.heavy:
		return 3 * of
	}
	return of
}

// takes returns about how long one measurement takes in all.
func (c cell) takes(of time.Duration) time.Duration {
	const start = 250 * time.Millisecond
	connection := 100 * time.Microsecond
	if c.secure {
		connection = 2 * time.Millisecond
	}
	return start + time.Duration(c.connections)*connection + c.warmup + c.duration(of)
}

// most returns how long one measurement may take before it is given up.
func (c cell) most(of time.Duration) time.Duration { return 20*time.Second + 3*c.takes(of) }
