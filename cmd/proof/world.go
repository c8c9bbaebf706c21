//go:build !nobus && unix

package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/wirews/wirews/internal/wstest"
)

// world is three nodes, and what connects them.
type world struct {
	bus     string
	dir     string
	nodes   []*node
	broker  *process // nil in a cluster
	address string   // of the broker
	proxies []*proxy // of the nodes to the broker
}

const nodes = 3

// buses are by what the nodes can be connected.
var buses = []string{"cluster", "jetstream", "nats", "redis"}

// errMissing says that a bus cannot be tried here.
var errMissing = errors.New("redis-server is not installed (Debian: apt-get install redis-server)")

// begin starts the broker and the nodes.
func begin(bus, binary, dir string) (w *world, err error) {
	w = &world{bus: bus, dir: dir}
	defer func() {
		if err != nil {
			w.end()
		}
	}()
	if bus != "cluster" {
		if err := w.beginBroker(); err != nil {
			return w, err
		}
	}
	flags, err := w.flags()
	if err != nil {
		return w, err
	}
	for i := range nodes {
		addr, err := wstest.FindFreeAddr()
		if err != nil {
			return w, err
		}
		name := fmt.Sprint("node-", i)
		args := append([]string{binary, "serve", "--addr", addr.String(), "--node", name}, flags[i]...)
		n := &node{process{name: name, log: filepath.Join(dir, name+".log"), args: args}, addr.String()}
		w.nodes = append(w.nodes, n)
		if err := n.start(); err != nil {
			return w, err
		}
	}
	return w, w.settle()
}

// beginBroker starts the broker, and a proxy to it for each node.
func (w *world) beginBroker() error {
	addr, err := wstest.FindFreeAddr()
	if err != nil {
		return err
	}
	w.address = addr.String()
	p := &process{name: w.bus, log: filepath.Join(w.dir, "broker.log")}
	if w.bus == "redis" {
		if _, err := exec.LookPath("redis-server"); err != nil {
			return errMissing
		}
		host, port, _ := net.SplitHostPort(w.address)
		p.args = []string{"redis-server", "--bind", host, "--port", port, "--dir", w.dir, "--save", "", "--appendonly", "yes"}
	} else {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		p.args, p.env = []string{self}, []string{asBroker + "=" + w.address + " " + filepath.Join(w.dir, "broker")}
	}
	w.broker = p
	for range nodes {
		proxy, err := startProxy(w.address)
		if err != nil {
			return err
		}
		w.proxies = append(w.proxies, proxy)
	}
	return w.startBroker()
}

// startBroker starts the broker, and waits until it listens.
func (w *world) startBroker() error {
	if err := w.broker.start(); err != nil {
		return err
	}
	return until("the broker listens", func() bool {
		conn, err := net.Dial("tcp", w.address)
		return err == nil && conn.Close() == nil
	})
}

// flags returns those of each node.
func (w *world) flags() (all [nodes][]string, err error) {
	if w.bus != "cluster" {
		for i, p := range w.proxies {
			all[i] = []string{"--bus", w.bus + "://" + p.addr()}
		}
		return all, nil
	}
	var addrs []string
	for range nodes {
		addr, err := wstest.FindFreeAddr()
		if err != nil {
			return all, err
		}
		addrs = append(addrs, addr.String())
	}
	for i := range nodes {
		own := append(append([]string{}, addrs[i:]...), addrs[:i]...)
		all[i] = []string{"--cluster", strings.Join(own, ","), "--cluster-dir", w.dir}
	}
	return all, nil
}

// settle waits until all nodes have their bus.
func (w *world) settle() error {
	for _, n := range w.nodes {
		if err := until(n.name+" is healthy", n.healthy); err != nil {
			for _, n := range w.nodes { // another one may be the reason
				err = fmt.Errorf("%w; the log of %s ends with\n%s", err, n.name, tail(n.log))
			}
			return err
		}
	}
	return nil
}

// end ends all processes.
func (w *world) end() {
	for _, n := range w.nodes {
		n.kill()
	}
	if w.broker != nil {
		w.broker.kill()
	}
	for _, p := range w.proxies {
		p.close()
	}
}
