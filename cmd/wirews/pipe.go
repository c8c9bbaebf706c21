package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/wirews/wirews/cmd/internal/bridge"
	"github.com/wirews/wirews/cmd/internal/connect"
	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/wsproto"
)

func pipeCommand() *cobra.Command {
	options := bridge.Options{Header: make(http.Header), MaxMessage: wsproto.DefaultMaxMessage}
	var headers []string
	var insecure bool
	cmd := &cobra.Command{
		Use:   "pipe FROM TO",
		Short: "Bridge a WebSocket to TCP, a unix socket, or stdin and stdout, and back",
		Long: `Carry what comes at the address FROM to the address TO, and back. Addresses are

` + bridge.Addresses + `

The first may listen: each connection gets one of its own to the second, until the
command is interrupted. Otherwise it ends when TO has ended.

What is read from a stream at once is a binary message, so that any bytes go
through, but where messages begin and end is not kept. With --text each line is a
text message, and each message a line. Between two WebSockets messages stay as they
are. Web pages may connect from the server's own origin only, or those of --origin.

Status at the end:

` + exit.Statuses,
		Example: `  # a TCP service for browsers
  wirews pipe ws-listen:localhost:8081 tcp:localhost:6379 --origin 'https://*.example.com'

  # ssh through a WebSocket
  ssh -o ProxyCommand='wirews pipe - wss://example.com/ssh' example.com

  # a local port that leads to a WebSocket
  wirews pipe tcp-listen:localhost:2222 wss://example.com/ssh

  # lines to messages, and messages to lines
  printf 'a\nb\n' | wirews pipe --text - ws://localhost:8080/echo`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("pipe takes two addresses, not %d; see wirews pipe --help", len(args))
			}
			return nil
		},
		PreRunE: func(cmd *cobra.Command, _ []string) error { return checkNotNegative(cmd.Flags()) },
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := bridge.ParseAddress(args[0])
			if err != nil {
				return err
			}
			to, err := bridge.ParseAddress(args[1])
			if err != nil {
				return err
			}
			for _, line := range headers {
				if err := connect.AddHeader(options.Header, line); err != nil {
					return err
				}
			}
			if insecure {
				options.TLS = &tls.Config{InsecureSkipVerify: true}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			context.AfterFunc(ctx, stop)
			options.Stdin, options.Stdout = os.Stdin, os.Stdout
			options.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
			return bridge.Run(ctx, from, to, options)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVarP(&options.Text, "text", "t", false, "a line of a stream is a text message, and a message a line")
	flags.StringArrayVarP(&headers, "header", "H", nil, "`line` \"Name: value\" to add to requests, or @FILE for the lines of a file; may be repeated")
	flags.StringArrayVarP(&options.Subprotocols, "subprotocol", "s", nil, "subprotocol to ask for or to accept, by `name`; may be repeated")
	flags.StringArrayVar(&options.Origins, "origin", nil, "`pattern` of web origins that may connect, as https://*.example.com; may be repeated")
	flags.Int64Var(&options.MaxMessage, "max-message", options.MaxMessage, "longest message to accept in `bytes`; 0 for no limit")
	flags.BoolVarP(&insecure, "insecure", "k", false, "trust every certificate")
	return cmd
}
