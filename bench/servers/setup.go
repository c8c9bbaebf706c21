package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

func newSetup(duration time.Duration, rounds int) setup {
	kernel, _ := exec.Command("uname", "-sr").Output()
	return setup{
		Begun:    time.Now().UTC().Truncate(time.Second),
		Machine:  fmt.Sprintf("%s, %d processors", processor(), runtime.NumCPU()),
		System:   fmt.Sprintf("%s, %s", strings.TrimSpace(string(kernel)), runtime.Version()),
		Modules:  modules(),
		Duration: duration, Rounds: rounds,
	}
}

// processor returns the name of what this runs on.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// modules returns the versions of the libraries that the servers are made with.
func modules() (list []module) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, m := range info.Deps {
		if slices.ContainsFunc(servers, func(s server) bool { return slices.Contains(s.modules, m.Path) }) {
			list = append(list, module{m.Path, m.Version})
		}
	}
	return list
}
