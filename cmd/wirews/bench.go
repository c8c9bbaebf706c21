package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/wirews/wirews/cmd/internal/bench"
	"github.com/wirews/wirews/cmd/internal/connect"
	"github.com/wirews/wirews/cmd/internal/exit"
)

// benchFlags are the flags that are no bench.Options by themselves.
type benchFlags struct {
	mode    string
	header  []string
	sources []string
	tls     tlsFlags
	stages  string
	json    bool
	html    string

	thresholds []string
}

func benchCommand() *cobra.Command {
	options := bench.Default()
	f := benchFlags{mode: string(options.Mode)}
	cmd := &cobra.Command{
		Use:   "bench URL",
		Short: "Load a WebSocket server, check each byte that it echoes, and measure",
		Long: `Open connections to the WebSocket server at URL, send messages that it has to
echo, compare every byte that comes back with what was sent, and measure.

Without --rate the loop is closed: each connection keeps --in-flight messages
under way and sends the next when an answer has come. That finds out how much a
server can do. With --rate the loop is open: messages are due at fixed times,
whatever the server does, and latency counts from when a message was due, not
from when it could be sent. That finds out how long users wait, and a server
that stalls pays for all whom it keeps waiting (there is no coordinated
omission). "sent late by" is then the load generator's own part of it.

With --pid the CPU time and the memory of a server on this machine are measured
too (Linux). CPU time per message is the figure to compare servers by: it depends
less on what else the machine does than the rate. Give the server and the load
generator processors of their own, as with taskset.

The modes:

    echo        messages and their echoes
    idle        one message on each connection, which is then held for the
                duration; with --pid, memory per connection
    handshake   connect, upgrade, reset, and again; rate and latency are those
                of opened connections; one of --connections that is refused
                does not try again
    fanout      one connection in each room speaks, and the server sends it to all
                others there
    chat        all connections in a room speak, in turn

In the last two, {room} and {name} in the URL stand for a room of --room-size
connections and for the name of each. The rate is that of what is said in all rooms
together, 10 a second unless told otherwise; latency is counted for each that hears
it. Beside it stand how long it took until one had heard a message, and until all had
(thresholds know the p99 of that as "everybody"), and how late the best and the worst
receiver was (the p99 of which is "worst"). The server may put what is said into JSON
or anything else, as long as the text is in it as it was; whether it sends it to the
speaker too does not matter.

With --stages the rate goes evenly from --rate, or 0, to the rate at the end of each
stage, and the figures are shown for each stage too.

The messages are prepared before the run, some hundred that differ from each
other, each masked with a random key of its own; they are sent again and again,
from memory that is not copied. RFC 6455, section 5.3, wants a new key for each
frame, so that a script cannot choose what an intermediary sees on the wire. What
is sent here is your own choice, and no server can tell the difference;
--fresh-masks follows the RFC exactly, and costs extra CPU time here.

What comes back is compared with what was sent, and the order too. A connection that
was refused, brought something wrong or ended too early, and a message that was lost,
is a failure of the server. If no connection could be opened at all, the status says
why. Status at the end:

` + exit.Statuses,
		Example: `  # how much can it do? 100 connections, 16 messages of 1 KiB in flight on each
  wirews bench ws://localhost:8080/echo --connections 100 --in-flight 16 --size 1024

  # how long do users wait at 20,000 messages a second?
  wirews bench ws://localhost:8080/echo --connections 1000 --rate 20000 --html report.html

  # CPU time per message of a server on this machine
  taskset -c 1 wirews bench ws://localhost:8080/echo --connections 100 --pid "$(pgrep myserver)"

  # 50,000 idle connections, from several addresses since each has 28,000 ports
  wirews bench ws://localhost:8080/echo --mode idle --connections 50000 --source 127.0.0.2,127.0.0.3 --pid "$(pgrep myserver)"

  # in CI: the status is 8 if users wait longer
  wirews bench ws://localhost:8080/echo --rate 1000 --threshold 'p99<5ms' --threshold 'failures<1'

  # up to 5,000 messages a second in half a minute, a minute of that, and down again
  wirews bench ws://localhost:8080/echo -c 100 --stages 30s:5000,1m:5000,10s:0

  # who hears how late, in 10 rooms of 50, when everybody speaks?
  wirews bench 'ws://localhost:8080/chat?room={room}&name={name}' --mode chat -c 500 --room-size 50 --rate 100 \
    --threshold 'everybody<100ms'

  # Chinese text in fragments, compressed, over TLS
  wirews bench wss://localhost:8443/echo --kind cjk --size 16384 --fragment 4096 --compress -k`,
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			return errors.Join(checkNotNegative(cmd.Flags()), together(cmd.Flags(), "cert", "key"),
				notTogether(cmd.Flags(), "stages", "duration"), notTogether(cmd.Flags(), "stages", "warmup"), notTogether(cmd.Flags(), "http2", "http3"))
		},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("give bench one URL, not %d arguments; see wirews bench --help", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runBench(cmd, args[0], options, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.mode, "mode", f.mode, "`mode`: echo, idle, handshake, fanout or chat")
	flags.IntVarP(&options.Connections, "connections", "c", options.Connections, "`number` of connections at once")
	flags.IntVarP(&options.InFlight, "in-flight", "n", 0, "`number` of messages without an answer on each connection (default 1; with --rate, any)")
	flags.Float64VarP(&options.Rate, "rate", "r", 0, "open loop: `messages` a second on all connections together")
	flags.StringVar(&f.stages, "stages", "", "open loop with `stages` through which the rate goes, each a duration and the rate at its end, as 10s:1000,1m:1000; instead of --warmup and --duration")
	flags.IntVar(&options.RoomSize, "room-size", 0, "`number` of connections in a room, in the modes fanout and chat (default all in one)")
	flags.IntVarP(&options.Size, "size", "s", options.Size, "payload of a message in `bytes`")
	flags.StringVar(&options.Kind, "kind", options.Kind, "`kind` of payload: binary, json, or text that is ascii, latin, greek, cyrillic, arabic, cjk, emoji or mixed")
	flags.IntVar(&options.Fragment, "fragment", 0, "cut messages into frames of this many `bytes`")
	flags.BoolVar(&options.Compress, "compress", false, "ask for permessage-deflate, and send compressed messages")
	flags.BoolVar(&options.NoTakeover, "no-takeover", false, "with --compress, ask the server to compress each message separately")
	flags.BoolVar(&options.FreshMasks, "fresh-masks", false, "mask each frame anew, with a key of its own")
	flags.DurationVarP(&options.Duration, "duration", "d", options.Duration, "`time` to measure")
	flags.DurationVar(&options.Warmup, "warmup", options.Warmup, "`time` to send before measuring")
	flags.DurationVar(&options.Timeout, "timeout", options.Timeout, "`time` that a connection may take to open, and the last answers to come")
	flags.IntVar(&options.Loops, "loops", options.Loops, "`number` of event loops, each of which can keep a processor busy (default one for two processors)")
	flags.StringSliceVar(&f.sources, "source", nil, "local `addresses` to connect from, in turn, as 127.0.0.2,127.0.0.3")
	flags.BoolVar(&options.Raw, "raw", false, "the server echoes bytes and knows no WebSocket: the limit to compare with")
	flags.StringArrayVarP(&f.header, "header", "H", nil, "`line` \"Name: value\" to add to each request, or @FILE for the lines of a file; may be repeated")
	f.tls.add(cmd)
	flags.BoolVar(&options.HTTP2, "http2", false, "reach the server over HTTP/2, many WebSockets on one TCP connection; without TLS it has to know that it is spoken to so")
	flags.BoolVar(&options.HTTP3, "http3", false, "reach the server over HTTP/3, that is, by UDP, a hundred WebSockets on one connection")
	flags.IntVar(&options.PID, "pid", 0, "`process` of the server on this machine, to measure too")
	flags.StringVar(&options.Label, "label", "", "`name` of the run in reports")
	flags.BoolVar(&f.json, "json", false, "print the result as JSON")
	flags.StringVar(&f.html, "html", "", "`file` to write a report with charts into")
	flags.StringArrayVar(&f.thresholds, "threshold", nil, "figure that the run has to keep to, as `p99<5ms`, rate>20000, cpu<2us or failures<1; the figures are those of bench compare; may be repeated")
	cmd.AddCommand(compareCommand())
	cmd.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(bench.Kinds(), cobra.ShellCompDirectiveNoFileComp))
	cmd.RegisterFlagCompletionFunc("mode", cobra.FixedCompletions(bench.Modes(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// options returns o with what the flags say.
func (f benchFlags) options(url string, o bench.Options) (bench.Options, error) {
	var err error
	if o.URL, err = connect.ParseURL(url); err != nil {
		return o, err
	}
	o.Mode = bench.Mode(f.mode)
	for _, line := range f.header {
		if err := connect.AddHeader(o.Header, line); err != nil {
			return o, err
		}
	}
	for _, s := range f.sources {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return o, fmt.Errorf("--source: %w", err)
		}
		o.Sources = append(o.Sources, a)
	}
	if f.stages != "" {
		if o.Stages, err = bench.ParseStages(f.stages); err != nil {
			return o, fmt.Errorf("--stages: %w", err)
		}
	}
	if o.TLS, err = f.tls.config(); err != nil {
		return o, err
	}
	return o, o.Check()
}

func runBench(cmd *cobra.Command, url string, o bench.Options, f benchFlags) error {
	o, err := f.options(url, o)
	if err != nil {
		return err
	}
	var thresholds []bench.Threshold
	for _, text := range f.thresholds {
		t, err := bench.ParseThreshold(text)
		if err != nil {
			return err
		}
		thresholds = append(thresholds, t)
	}
	page, err := newPage(f.html)
	if err != nil {
		return err
	}
	defer page.Close()
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var progress bench.Progress = bench.NoProgress{}
	if term.IsTerminal(int(os.Stderr.Fd())) {
		progress = bench.NewBar(cmd.ErrOrStderr())
	}
	result, err := bench.Run(ctx, o, progress)
	if err != nil {
		return err
	}
	result.Version = build()
	if err := writeBench(cmd, result, f.json); err != nil {
		return err
	}
	if err := page.write(result); err != nil {
		return err
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return exit.ErrInterrupted
	}
	return errors.Join(result.Err(), result.Missed(thresholds))
}

// columns returns the width of the terminal, 0 if stdout is none.
func columns() int {
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil && width > 0 {
		return width
	}
	return 0
}

// page is the file for the report. It is made before the run, which would be
// for nothing if it could not be.
type page struct{ *os.File }

func newPage(name string) (p page, err error) {
	if name != "" {
		p.File, err = os.Create(name)
	}
	return p, err
}

func (p page) write(result *bench.Result) error {
	if p.File == nil {
		return nil
	}
	return errors.Join(result.WriteHTML(p), p.File.Close())
}

func writeBench(cmd *cobra.Command, result *bench.Result, asJSON bool) error {
	if !asJSON {
		return result.WriteText(cmd.OutOrStdout(), columns())
	}
	e := json.NewEncoder(cmd.OutOrStdout())
	e.SetIndent("", "  ")
	return e.Encode(result)
}
