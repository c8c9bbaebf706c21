//go:build nobus

package main

import (
	"context"
	"errors"
	"io"

	"github.com/wirews/wirews/wshub"
)

var errNoBus = errors.New("this wirews was built without --bus and --cluster: build it without -tags nobus")

func checkBus(string) error { return errNoBus }

func openBus(context.Context, string) (wshub.Bus, error) { return nil, errNoBus }

func startCluster(context.Context, clusterOptions) (wshub.Bus, io.Closer, error) {
	return nil, nil, errNoBus
}
