package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/cmd/internal/conform"
	"github.com/wirews/wirews/websocket/h3"
)

// judgeClients tests the clients that connect to --listen.
func judgeClients(ctx context.Context, o conform.Options, f conformFlags) error {
	config, err := f.cert.config()
	switch {
	case err != nil:
		return err
	case o.HTTP3 && config == nil:
		return errors.New("--http3 with --listen needs a certificate: --tls-cert and --tls-key")
	case config != nil && !o.HTTP2 && !o.HTTP3:
		return errors.New("--tls-cert is for --listen with --http2 or --http3")
	case o.HTTP3:
		return judgeHTTP3(ctx, o, f, config)
	}
	l, err := net.Listen("tcp", f.listen)
	if err != nil {
		return listenError("--listen", f.listen, err)
	}
	scheme := "ws"
	if config != nil {
		scheme = "wss"
	}
	fmt.Fprintf(o.Progress, "listening on %s://%s\n", scheme, l.Addr())
	if !o.HTTP2 {
		return conform.JudgeClients(ctx, l, o)
	}
	s := &http.Server{TLSConfig: config, Protocols: new(http.Protocols)}
	s.Protocols.SetHTTP2(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	return conform.JudgeClientsOver(ctx, func(h http.Handler) error {
		if s.Handler = h; config != nil {
			return s.ServeTLS(l, "", "")
		}
		return s.Serve(l)
	}, s.Close, o)
}

func judgeHTTP3(ctx context.Context, o conform.Options, f conformFlags, config *tls.Config) error {
	socket, err := net.ListenPacket("udp", f.listen)
	if err != nil {
		return listenError("--listen", f.listen, err)
	}
	defer socket.Close()
	fmt.Fprintf(o.Progress, "listening on wss://%s\n", socket.LocalAddr())
	s := &http3.Server{TLSConfig: config, QUICConfig: h3.QUICConfig(100, 1<<20)}
	return conform.JudgeClientsOver(ctx, func(h http.Handler) error {
		s.Handler = h
		return s.Serve(socket)
	}, s.Close, o)
}
