package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/wirews/wirews/cmd/internal/bridge"
	"github.com/wirews/wirews/cmd/internal/connect"
	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/wsproto"
)

func pipeCommand() *cobra.Command {
	options := bridge.Options{MaxMessage: wsproto.DefaultMaxMessage, Client: bridge.Client{Header: make(http.Header), Timeout: 10 * time.Second}}
	f := pipeFlags{}
	cmd := &cobra.Command{
		Use:   "pipe FROM TO",
		Short: "Bridge a WebSocket to TCP, a unix socket, a command, or stdin and stdout, and back",
		Long: `Carry what comes at the address FROM to the address TO, and back. Addresses are

` + bridge.Addresses + `

The first may listen: each connection gets one of its own to the second, until the
command is interrupted; stdin and stdout have one at a time, and others are turned
away. Otherwise it ends when TO has ended. A WebSocket has no half of a connection to
close: when FROM has ended it is closed once a pong has come, or after --wait. A
command is given to the shell, its stderr is that of wirews, and one that fails is an
error. Whoever can connect can use what the bridge leads to: listen on localhost, or
put something in front that asks who is there.

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

  # a command for each client, over TLS
  wirews pipe --text wss-listen:localhost:8443 'exec:grep --line-buffered ERROR' --tls-cert cert.pem --tls-key key.pem

  # by hand on both sides: what a client says is printed, what is typed is sent
  wirews pipe --text ws-listen:localhost:8081 -

  # what a server sends into a file, through a proxy
  wirews pipe --one-way wss://example.com/news --proxy socks5h://localhost:1080 - > news

  # lines to messages, and messages to lines
  printf 'a\nb\n' | wirews pipe --text - ws://localhost:8080/echo`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("give pipe two addresses, not %d; see wirews pipe --help", len(args))
			}
			return nil
		},
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			return errors.Join(checkNotNegative(cmd.Flags()), together(cmd.Flags(), "cert", "key"), together(cmd.Flags(), "tls-cert", "tls-key"))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := bridge.ParseAddress(args[0])
			if err != nil {
				return err
			}
			to, err := bridge.ParseAddress(args[1])
			if err != nil {
				return err
			}
			if err := f.complete(&options); err != nil {
				return err
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
	flags.BoolVarP(&options.OneWay, "one-way", "u", false, "carry from FROM to TO only, and drop what TO says")
	flags.DurationVar(&options.Wait, "wait", 0, "leave a WebSocket open for this long once there is no more for it, for answers that are still to come")
	flags.StringArrayVarP(&options.Subprotocols, "subprotocol", "s", nil, "subprotocol to ask for or to accept, by `name`; may be repeated")
	flags.Int64Var(&options.MaxMessage, "max-message", options.MaxMessage, "longest message to accept in `bytes`; 0 for no limit")

	flags.StringArrayVarP(&f.headers, "header", "H", nil, "`line` \"Name: value\" to add to requests, or @FILE for the lines of a file; may be repeated")
	f.proxy.add(cmd)
	f.tls.add(cmd)
	flags.DurationVar(&options.Client.Timeout, "connect-timeout", options.Client.Timeout, "how long a connection may take to open; 0 for no limit")

	flags.StringArrayVar(&options.Server.Origins, "origin", nil, "`pattern` of web origins that may connect, as https://*.example.com; may be repeated")
	f.server.add(cmd)
	return cmd
}

// pipeFlags are the flags that are no bridge.Options by themselves.
type pipeFlags struct {
	headers []string
	proxy   proxyFlags
	tls     tlsFlags
	server  certFlags
}

// complete sets the options that are made of flags.
func (f pipeFlags) complete(o *bridge.Options) (err error) {
	for _, line := range f.headers {
		if err := connect.AddHeader(o.Client.Header, line); err != nil {
			return err
		}
	}
	if err := checkOrigins(o.Server.Origins); err != nil {
		return err
	}
	if o.Client.Proxy, err = f.proxy.find(); err != nil {
		return err
	}
	if o.Client.TLS, err = f.tls.config(); err != nil {
		return err
	}
	o.Server.TLS, err = f.server.config()
	return err
}
