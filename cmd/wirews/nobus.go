//go:build nobus

package main

import (
	"context"
	"io"

	"github.com/wirews/wirews/wshub"
)

// hasBus says whether this build has --bus and --cluster.
const hasBus = false

func checkBus(string) error { return errNoBus }

func openBus(context.Context, string) (wshub.Bus, error) { return nil, errNoBus }

func startCluster(context.Context, clusterOptions) (wshub.Bus, io.Closer, error) {
	return nil, nil, errNoBus
}
