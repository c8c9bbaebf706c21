//go:build !nobus

// Package cluster is a NATS server within a process, with JetStream, which forms a
// cluster with those of other processes. It is what "wirews serve --cluster" starts.
//
// NATS makes a program several times as large, and takes its time to compile: the
// command is built without this package by -tags nobus.
package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/wirews/wirews/cmd/internal/bus"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wshub/natsbus"
)

// Options are those of a node.
type Options struct {
	Nodes []string     // addresses at which the nodes reach each other; the first is this node's
	Dir   string       // where the node keeps what is said, in a directory of its own; empty: in a temporary one
	Log   *slog.Logger // not nil
}

// Node is a server that runs.
type Node struct {
	options  Options
	server   *server.Server
	password string // of its clients
	dir      string // to remove in the end; empty: none
}

const (
	user         = "wirews"
	startTimeout = 10 * time.Second
	maxStore     = 1 << 30 // bytes on disk
)

// Start starts a node. It does not wait for the others.
func Start(o Options) (*Node, error) {
	own := o.Nodes[0]
	host, port, err := net.SplitHostPort(own)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	// The server only logs that it cannot listen.
	l, err := net.Listen("tcp", own)
	if err != nil {
		return nil, err
	}
	l.Close()
	n := &Node{options: o, password: rand.Text()}
	dir := filepath.Join(o.Dir, port)
	if o.Dir == "" {
		if dir, err = os.MkdirTemp("", "wirews-cluster-"); err != nil {
			return nil, err
		}
		n.dir = dir
	} else if err := os.MkdirAll(dir, 0o700); err != nil { // of which the server only logs
		return nil, fmt.Errorf("cluster: the directory for what is said: %w", err)
	}
	options := &server.Options{
		ServerName: own, // by which the others know it again after a crash
		// Its only client is in this process, but without a port there are no routes either.
		Host:      "127.0.0.1",
		Port:      server.RANDOM_PORT,
		Username:  user,
		Password:  n.password,
		NoSigs:    true,
		JetStream: true,
		StoreDir:  dir,
		// Without these, most of the memory and of the disk are taken for its own.
		JetStreamMaxMemory: maxStore,
		JetStreamMaxStore:  maxStore,
		Cluster: server.ClusterOpts{
			Name: "wirews",
			Host: host,
			Port: number,
		},
	}
	for _, node := range o.Nodes { // with our own: the number of routes is that of nodes that are to come
		options.Routes = append(options.Routes, &url.URL{Scheme: "nats", Host: node})
	}
	if n.server, err = server.NewServer(options); err != nil {
		n.removeDir()
		return nil, err
	}
	n.server.SetLoggerV2(logger{o.Log.With("part", "nats-server")}, false, false, false)
	n.server.Start()
	if !n.server.ReadyForConnections(startTimeout) {
		n.Close()
		return nil, fmt.Errorf("cluster: the NATS server has not started within %v", startTimeout)
	}
	return n, nil
}

// Open returns a bus. It waits until there are as many nodes as it takes to decide
// something, and at the first time all of those that keep what is said.
func (n *Node) Open(ctx context.Context) (wshub.Bus, error) {
	options := natsbus.Options{Connect: []nats.Option{nats.InProcessServer(n.server), nats.UserInfo(user, n.password)}}
	keep := bus.Keep(replicas(len(n.options.Nodes)))
	for {
		bus, err := natsbus.OpenJetStream(ctx, nats.DefaultURL, options, keep)
		if err == nil {
			return bus, nil
		}
		n.options.Log.Debug("the cluster is not there yet", "err", err)
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), err)
		}
	}
}

// replicas returns how many of the nodes keep what is said.
func replicas(nodes int) int {
	if nodes >= 5 {
		return 5
	}
	return 3
}

// Close ends the server.
func (n *Node) Close() error {
	n.server.Shutdown()
	n.server.WaitForShutdown()
	return n.removeDir()
}

func (n *Node) removeDir() error {
	if n.dir == "" {
		return nil
	}
	return os.RemoveAll(n.dir)
}

// logger has what the server logs in our log, one level lower: it takes for an error what
// passes by itself, such as a node that is not there yet.
type logger struct{ log *slog.Logger }

func (l logger) Noticef(format string, v ...any) { l.put(slog.LevelDebug, format, v) }
func (l logger) Debugf(format string, v ...any)  { l.put(slog.LevelDebug, format, v) }
func (l logger) Tracef(format string, v ...any)  { l.put(slog.LevelDebug, format, v) }
func (l logger) Warnf(format string, v ...any)   { l.put(slog.LevelDebug, format, v) }
func (l logger) Errorf(format string, v ...any)  { l.put(slog.LevelWarn, format, v) }
func (l logger) Fatalf(format string, v ...any)  { l.put(slog.LevelError, format, v) }

func (l logger) put(level slog.Level, format string, v []any) {
	l.log.Log(context.Background(), level, strings.TrimSpace(fmt.Sprintf(format, v...)))
}
