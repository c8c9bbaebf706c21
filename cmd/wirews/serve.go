package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/faults"
	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
)

// serveFlags are the flags that are no serve.Options by themselves.
type serveFlags struct {
	addr          string
	tls           certFlags
	shutdownLimit time.Duration
	level         slog.Level
	json          bool
	script        string
	loss          float64 // percent
	http3         bool
	faults        faults.Options
	bus           busFlags
}

func serveCommand() *cobra.Command {
	options := serve.Default()
	f := serveFlags{}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve a web page and WebSocket endpoints to try things with",
		Long: `Serve a web page at /, and the WebSocket endpoints that it talks to:

    /echo   sends back what it is sent
    /frames an echo that tells, in a second message, by which frames each message
            came and went. Over HTTP/2 and HTTP/3 it says instead that they cannot
            be seen: all streams share a connection.
    /time   sends the time, ?rate=N times a second (0.001 to 1000; default 1)
    /chat   a room, ?room=NAME&name=YOURS: everybody in it sees what each says.
            A member that reads too slowly is dropped with 1013 (Try Again Later).
            One that comes back says with ?after=AT where it was, which each message
            has as "at", and gets what was said since, or is told of a gap. With
            ?receipts, what it says is answered with "said".
            --loss leaves a chat alone: everybody in a room sees the same.

With --poll, /frames and /script are served by package websocket: they wait.
--max-conns counts them by themselves, and refuses them while the others are as many.

The page connects to /echo by itself, and to another URL after ?url=URL when told
to. It connects again after a connection that was lost, or closed with 1001, 1012 or
1013. To its own /echo it sends a small message each second, so that the graph of the
latency goes on; a box switches that off.

From this machine, the page also runs "wirews bench" against the server, with 1,000
connections, and shows the memory and the processor's time that one takes; and
"wirews conform" against a URL, and shows the report.

Several servers can have one chat: --bus connects them by a broker, and --cluster
by one of their own, NATS with JetStream in each of them. Three on this machine are

    wirews serve --cluster 1/3
    wirews serve --cluster 2/3
    wirews serve --cluster 3/3

at the ports 8080 to 8082. They serve once all three are there, and go on without one
of them. The forms of --bus:

` + busForms + `

While the broker does not answer, /healthz is 503, and who says something is told that
it has failed.

Compression (permessage-deflate) is accepted from those who offer it.
/healthz answers "ok", /debug/vars has counters in JSON, and /metrics has them
for Prometheus. SIGINT and SIGTERM close every connection with 1001 (Going Away)
and wait for the answers.

For whoever tests a client there are --latency, --jitter, --loss and --cut-after,
which make the network a bad one, and --script, which makes /script answer as a file
says. Its lines are

` + serve.ScriptLines + `

A message that is not the expected one is answered with 1008 and the number of the
line. After the last line the connection is closed with 1000. Empty lines, and those
that begin with #, mean nothing.

Status at the end:

` + exit.Statuses,
		Example: `  wirews serve
  wirews serve --addr :8443 --tls-cert cert.pem --tls-key key.pem
  wirews serve --origin 'https://*.example.com' --max-message 65536
  wirews serve --poll --addr :8080   # for very many connections

  # one chat on several machines
  wirews serve --addr :8080 --bus 'jetstream://nats-1:4222,nats-2:4222?replicas=3'

  # a network as on a train
  wirews serve --latency 300ms --jitter 200ms --cut-after 1m

  # a server that says what the client under test is to be told
  printf 'send {"hello":1}\nexpect-match "login"\nsend {"ok":true}\nwait 2s\nclose 1012 restart\n' > talk
  wirews serve --script talk`,
		Args: cobra.NoArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			return errors.Join(checkNotNegative(cmd.Flags()), f.bus.check(cmd.Flags()), together(cmd.Flags(), "tls-cert", "tls-key"),
				notTogether(cmd.Flags(), "poll", "http2"), notTogether(cmd.Flags(), "poll", "http3"), notTogether(cmd.Flags(), "poll", "latency"), notTogether(cmd.Flags(), "poll", "jitter"), notTogether(cmd.Flags(), "poll", "cut-after"))
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			nodes, err := parseCluster(f.bus.cluster)
			if err != nil {
				return err
			}
			if nodes.number > 0 && !cmd.Flags().Changed("addr") {
				f.addr = nodes.addr()
			}
			return runServe(cmd.Context(), options, f, nodes)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.addr, "addr", "localhost:8080", "`address` to listen on; port 0 picks a free one")
	f.tls.add(cmd)
	f.bus.add(flags)
	flags.StringArrayVar(&options.Origins, "origin", nil, "`pattern` of web origins that may connect besides the server's own, as https://*.example.com or localhost:*; * allows all; may be repeated")
	flags.Int64Var(&options.MaxMessage, "max-message", options.MaxMessage, "longest message in `bytes`; 0 for no limit")
	flags.Int64Var(&options.MessageMemory, "message-memory", options.MessageMemory, "`bytes` of messages that have not come as a whole, which all connections may hold together; one that needs more is closed with 1013; 0 for no limit")
	flags.IntVar(&options.MaxHead, "max-head", options.MaxHead, "longest head of a request in `bytes`, give or take 4 KiB; 0 for 1 MiB")
	flags.IntVar(&options.MaxConns, "max-conns", options.MaxConns, "`number` of WebSocket connections at a time, at most; 0 for no limit")
	flags.DurationVar(&options.Handshake, "handshake-timeout", options.Handshake, "how long a request and the answer to a handshake may take; 0 for no limit")
	flags.DurationVar(&options.Keepalive, "keepalive", options.Keepalive, "silence after which a peer is pinged, and after as long again given up; 0 for never")
	flags.DurationVar(&options.WriteTimeout, "write-timeout", options.WriteTimeout, "how long a peer may take to read the next 64 KiB of what is sent to it; 0 for no limit")
	flags.IntVar(&options.ChatQueue, "chat-queue", options.ChatQueue, "`number` of messages that may wait for a member of a chat before it is dropped; at least 1")
	flags.BoolVar(&options.Uncompressed, "no-compression", false, "decline permessage-deflate (RFC 7692)")
	flags.Int64Var(&options.DeflateSpace, "compression-memory", options.DeflateSpace, "`bytes` that connections may hold together so that messages are compressed with reference to those before; beyond that, each is compressed without context")
	flags.BoolVar(&options.Poll, "poll", false, "serve WebSocket connections by package wspoll, which has no goroutine and no buffer for one that waits; not for HTTP/2")
	flags.BoolVar(&options.HTTP2, "http2", false, "speak HTTP/2 without TLS too, with clients that know it; with TLS it is offered anyway")
	flags.BoolVar(&f.http3, "http3", false, "serve HTTP/3 too, on the UDP port of the same number; needs --tls-cert")
	flags.BoolVar(&options.HideVars, "no-debug-vars", false, "serve no /debug/vars and no /metrics")
	flags.StringVar(&f.script, "script", "", "`file` with what /script sends and expects, line by line")
	flags.DurationVar(&f.faults.Latency, "latency", 0, "make everything arrive later by this")
	flags.DurationVar(&f.faults.Jitter, "jitter", 0, "make it arrive later still, by up to this, at random; bytes stay in order")
	flags.DurationVar(&f.faults.CutAfter, "cut-after", 0, "cut each TCP connection without a close frame, at random, after this on average; 0 for never")
	flags.Float64Var(&f.loss, "loss", 0, "`percentage` of the messages of /echo, /time and /script that is not sent, at random")
	flags.DurationVar(&f.shutdownLimit, "shutdown-timeout", 10*time.Second, "how long to wait for connections to close at the end, before they are cut off")
	flags.TextVar(&f.level, "log-level", slog.LevelInfo, "minimum `level` to log: debug, info, warn or error")
	flags.BoolVar(&f.json, "log-json", false, "log in JSON")
	return cmd
}

func runServe(ctx context.Context, options serve.Options, f serveFlags, nodes clusterNodes) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()

	if err := f.complete(&options); err != nil {
		return err
	}
	l, err := net.Listen("tcp", f.addr)
	if err != nil {
		return listenError("--addr", f.addr, err)
	}
	defer l.Close()
	terminal := !f.json && term.IsTerminal(int(os.Stderr.Fd()))
	if f.bus.cluster != "" {
		nodes.announce(terminal, options.Log)
	}
	others, err := f.bus.join(ctx, nodes, l.Addr(), &options)
	defer others.close()
	if err != nil {
		if ctx.Err() != nil {
			return nil // told to end before the others were there
		}
		return err
	}
	server := serve.New(options)
	failed := make(chan error, 2)
	if f.http3 {
		socket, err := net.ListenPacket("udp", l.Addr().String())
		if err != nil {
			return listenError("--http3", l.Addr().String(), err)
		}
		defer socket.Close()
		go func() { failed <- server.ServeHTTP3(socket) }()
	}
	go func() { failed <- server.Serve(faults.Listener(l, f.faults)) }()
	page := pageURL(l.Addr(), options.TLS != nil)
	if terminal {
		fmt.Fprintf(os.Stderr, "Open %s in a browser, or: wirews connect %secho. Ctrl-C ends.\n", page, page)
	} else {
		options.Log.Info("listening", "addr", l.Addr(), "url", page)
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	// A second signal ends the process at once.
	stop()
	options.Log.Info("closing", "timeout", f.shutdownLimit)
	ctx, cancel := context.WithTimeout(context.Background(), f.shutdownLimit)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return exit.With(exit.TimedOut, fmt.Errorf("allow more time by --shutdown-timeout: not everything has closed: %w", err))
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// complete sets the options that are made of flags.
func (f serveFlags) complete(o *serve.Options) error {
	o.Log = f.logger()
	if o.ChatQueue < 1 {
		return fmt.Errorf("--chat-queue %d: a member of a chat needs room for one message at least", o.ChatQueue)
	}
	if _, _, err := net.SplitHostPort(f.addr); err != nil {
		return fmt.Errorf("--addr %q: want a host and a port, as localhost:8080 or :8080: %w", f.addr, err)
	}
	if err := checkOrigins(o.Origins); err != nil {
		return err
	}
	if o.Loss = f.loss / 100; o.Loss > 1 {
		return fmt.Errorf("--loss %g: want a percentage, from 0 to 100", f.loss)
	}
	var err error
	if o.Command, err = os.Executable(); err != nil {
		f.logger().Warn("the page runs no trials", "err", err)
	}
	if o.Script, err = loadScript(f.script); err != nil {
		return fmt.Errorf("--script %s: %w", f.script, err)
	}
	if o.TLS, err = f.tls.config(); err == nil && f.http3 && o.TLS == nil {
		return errors.New("--http3 needs a certificate: --tls-cert and --tls-key")
	}
	return err
}

// loadScript returns nil for no file.
func loadScript(name string) (*serve.Script, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return serve.ParseScript(file)
}

// checkOrigins reports a pattern of origins that none can have.
func checkOrigins(patterns []string) error {
	for _, origin := range patterns {
		if strings.Trim(strings.ToLower(origin), "abcdefghijklmnopqrstuvwxyz0123456789.-_*?[]:/") != "" {
			return fmt.Errorf("--origin %q: want a host, or a scheme and a host, as https://*.example.com", origin)
		}
	}
	if _, err := ws.AllowOrigins(patterns...); err != nil {
		return fmt.Errorf("--origin: %w", err)
	}
	return nil
}

// pageURL returns where a browser on this machine finds the page.
func pageURL(addr net.Addr, secure bool) string {
	u := url.URL{Scheme: "http", Host: addr.String(), Path: "/"}
	if secure {
		u.Scheme = "https"
	}
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		u.Host = net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	return u.String()
}

func (f serveFlags) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: f.level}
	if f.json {
		return slog.New(slog.NewJSONHandler(plain.JSON(os.Stderr), options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}
