//go:build !nobus

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/wirews/wirews/cmd/internal/bus"
	"github.com/wirews/wirews/cmd/internal/cluster"
	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/wshub"
)

// hasBus says whether this build has --bus and --cluster.
const hasBus = true

// checkBus says what is wrong with the value of --bus.
func checkBus(url string) error {
	if _, err := bus.Parse(url); err != nil {
		return fmt.Errorf("--bus %w", err)
	}
	return nil
}

// openBus connects to the broker that --bus names.
func openBus(ctx context.Context, url string) (wshub.Bus, error) {
	u, err := bus.Parse(url)
	if err != nil {
		return nil, err
	}
	b, err := u.Open(ctx)
	if err != nil {
		return nil, exit.With(exit.Unreachable, fmt.Errorf("start the broker, or give --bus another address than %v: %w", u, err))
	}
	return b, nil
}

// startCluster starts the node of a cluster, and returns its bus once that works.
func startCluster(ctx context.Context, o clusterOptions) (wshub.Bus, io.Closer, error) {
	node, err := cluster.Start(cluster.Options{Nodes: o.nodes.addrs, Dir: o.dir, Log: o.log})
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return nil, nil, fmt.Errorf("end what listens on %s, or give --cluster other addresses: %w", o.nodes.addrs[0], err)
	}
	if err != nil {
		return nil, nil, err
	}
	b, err := node.Open(ctx)
	if err != nil {
		node.Close()
		return nil, nil, err
	}
	return b, node, nil
}
