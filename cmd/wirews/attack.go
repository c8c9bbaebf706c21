package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/wirews/wirews/cmd/internal/attack"
	"github.com/wirews/wirews/cmd/internal/connect"
	"github.com/wirews/wirews/cmd/internal/exit"
)

// attackFlags are the flags that are no attack.Options by themselves.
type attackFlags struct {
	list, insecure, json bool
	html                 string
	headers              []string
}

func attackCommand() *cobra.Command {
	options := attack.Default()
	f := attackFlags{}
	cmd := &cobra.Command{
		Use:   "attack [URL]",
		Short: "Do to a WebSocket server what its enemies would, and judge how it takes it",
		Long: `Attack the WebSocket server at URL, which has to echo: requests and messages
without end, lengths that never come, decompression bombs, floods, peers that
send or receive a byte at a time or nothing at all, resets at every byte,
requests that other parsers read in another way, lines smuggled into the answer,
and, if the server speaks HTTP/2, the attacks on that. --list shows each, with
what is wanted of the server and where that stands.

Meanwhile one more client opens connections, sends messages and waits for their
echoes. With --pid the memory, descriptors, threads and CPU time of the server's
process are looked at too, before, during and after.

Only a server on this machine is attacked, unless --i-own-this-server says that
you may. The attacks are made one after the other; all of them take two or three
minutes. A verdict is one of:

    resisted     as it should be
    not offered  the server does not have what is attacked, such as compression
    untried      the attack could not be made, for a reason on this side
    lenient      allowed, but a stricter server is safer
    weak         the server did not do what is wanted, served others badly, or
                 spent far more than the attack needs

The status is 8 if a verdict is weak. Status at the end:

` + exit.Statuses,
		Example: `  wirews attack ws://localhost:8080/echo
  wirews attack --pid "$(pgrep myserver)" --html report.html ws://localhost:8080/echo
  wirews attack --only 'floods,slow/*' --duration 10s --connections 100 ws://localhost:8080/echo
  wirews attack --i-own-this-server --json wss://staging.example.com/echo
  wirews attack --list --only http2`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || f.list != (len(args) == 0) {
				return errors.New("attack takes a URL, or --list; see wirews attack --help")
			}
			return nil
		},
		PreRunE: func(cmd *cobra.Command, _ []string) error { return checkNotNegative(cmd.Flags()) },
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.list {
				return attack.List(cmd.OutOrStdout(), options.Only)
			}
			return runAttack(cmd, args[0], options, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringSliceVar(&options.Only, "only", nil, "`patterns` of the attacks to make, by name or family, as floods,slow/*")
	flags.DurationVarP(&options.Duration, "duration", "d", options.Duration, "`time` that a flood lasts")
	flags.IntVarP(&options.Connections, "connections", "c", options.Connections, "`number` of connections that an attack has at once")
	flags.DurationVar(&options.Handshake, "handshake", options.Handshake, "`time` after which the server should have ended a handshake that is not finished")
	flags.IntVar(&options.Patience, "patience", options.Patience, "`number` to multiply the times with that a server has to answer in, for a slow or busy machine")
	flags.IntVar(&options.PID, "pid", 0, "`process` of the server on this machine, to look at too")
	flags.BoolVar(&options.Own, "i-own-this-server", false, "attack a server that is not on this machine: it is yours, or you have been asked to")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "`line` \"Name: value\" to add to each request, or @FILE for the lines of a file; may be repeated")
	flags.BoolVarP(&f.insecure, "insecure", "k", false, "trust every certificate")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON")
	flags.StringVar(&f.html, "html", "", "`file` to write a report into")
	flags.BoolVar(&f.list, "list", false, "list the attacks")
	return cmd
}

func runAttack(cmd *cobra.Command, url string, o attack.Options, f attackFlags) error {
	var err error
	if o.URL, err = connect.ParseURL(url); err != nil {
		return err
	}
	for _, line := range f.headers {
		lines, err := connect.HeaderLines(line)
		if err != nil {
			return err
		}
		o.Fields = append(o.Fields, lines...)
	}
	if f.insecure {
		o.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	page, err := newPage(f.html)
	if err != nil {
		return err
	}
	defer page.Close()
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	lines := cmd.OutOrStdout()
	if f.json {
		lines = cmd.ErrOrStderr()
	}
	o.Each = func(r *attack.Result) { fmt.Fprintf(lines, "%s\n%45s%s\n", r.Line(), "", r.Cost()) }
	report, err := attack.Run(ctx, o)
	if report == nil {
		return err
	}
	report.Version = build()
	_, unwritten := fmt.Fprintln(lines, report.Summary())
	err = errors.Join(err, unwritten)
	if f.json {
		err = errors.Join(err, report.WriteJSON(cmd.OutOrStdout()))
	}
	if page.File != nil {
		err = errors.Join(err, report.WriteHTML(page.File), page.Close())
	}
	return err
}
