package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	_ "github.com/wirews/wirews/websocket/xconnect"
)

// served is what a server says about itself, in a line of JSON, once it listens.
type served struct {
	Port    int    `json:"port"`
	Version string `json:"version"`
	PID     int    `json:"pid"`
	Label   string `json:"label"`
}

// serveOne is a server of its own, in a process of its own, until stdin ends.
func serveOne(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	flags.IntVar(&limit, "limit", limit, "longest message in `bytes`")
	flags.DurationVar(&handshakeTime, "handshake", 0, "how long a handshake may take; 0 for no limit")
	flags.Parse(args)
	i := slices.IndexFunc(peers, func(p *peer) bool { return p.name == flags.Arg(0) })
	if i < 0 {
		return fmt.Errorf("no peer %q", flags.Arg(0))
	}
	p := peers[i]
	if missing := p.missing(); missing != "" {
		return fmt.Errorf("%s is not there: %s", p.name, missing)
	}
	line := served{PID: os.Getpid(), Label: p.label}
	if p.script != nil {
		url, stop, err := p.script.serve(context.Background())
		if err != nil {
			return err
		}
		defer stop()
		line.Port, _ = strconv.Atoi(strings.Trim(url[strings.LastIndexByte(url, ':')+1:], "/"))
		line.PID = p.script.pid
	} else {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		line.Port = l.Addr().(*net.TCPAddr).Port
		go p.serveOn(l)
	}
	line.Version = p.version()
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		return err
	}
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
	return nil
}

// serveOn serves what l accepts. net/http has a time of its own for heads.
func (p *peer) serveOn(l net.Listener) error {
	switch {
	case p.serving != nil:
		return p.serving(l)
	case p.handler == nil:
		return serveConns(l, p.conn)
	}
	s := &http.Server{Handler: p.handler, ReadHeaderTimeout: handshakeTime, ErrorLog: discard}
	if !p.overHTTP2 {
		s.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
		return s.Serve(l)
	}
	s.Protocols = new(http.Protocols)
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	return s.Serve(l)
}
