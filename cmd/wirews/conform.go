package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/wirews/wirews/cmd/internal/conform"
	"github.com/wirews/wirews/cmd/internal/connect"
	"github.com/wirews/wirews/cmd/internal/exit"
)

// conformFlags are the flags that are no conform.Options by themselves.
type conformFlags struct {
	listen  string
	list    bool
	explain string
	tls     tlsFlags
	cert    certFlags
	headers []string
}

func conformCommand() *cobra.Command {
	options := conform.Options{}
	f := conformFlags{}
	cmd := &cobra.Command{
		Use:   "conform [URL]",
		Short: "Test a WebSocket server or client of any make",
		Long: `Test the WebSocket server at URL, or with --listen the clients that connect:
the 517 cases of the Autobahn test suite, and sections of our own. The peer has
to echo: every data message comes back with its type.

With --listen it speaks the protocol of the original, so that clients written
for that work unchanged: /getCaseCount, /runCase?case=N&agent=NAME,
/getCaseStatus, /getCaseInfo, /updateReports?agent=NAME, /stopServer. Section 20,
which refuses the handshake, is left out unless --cases names it. So it is with
--http2 and --http3, where the server sees another handshake.

No peer gets all cases: some are for servers only, and some for clients. Section
9 needs a peer that takes messages of 16 MiB. What is NON-STRICT is allowed, and
named in the output; the status is 8 if a verdict speaks against the peer:
FAILED, or a closing that is not OK. With --expect it is 8 if a result is not as
expected. A line of that file is a pattern, a verdict and perhaps one on the
closing:

  7.13.*, INFORMATIONAL, INFORMATIONAL
  6.4.*,  NON-STRICT

An interrupt (Ctrl-C) ends the run; the reports have the cases that were done.
Status at the end:

` + exit.Statuses,
		Example: `  wirews conform ws://localhost:8080/echo
  wirews conform --cases '1.*,7.*' --exclude '7.7.*' --report reports wss://example.com/echo
  wirews conform --junit conformance.xml ws://localhost:8080/echo
  wirews conform --listen localhost:9001 --once --expect expected.csv
  wirews conform --explain 6.4.3`,
		Args: func(_ *cobra.Command, args []string) error { return f.check(args) },
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			return errors.Join(checkNotNegative(cmd.Flags()), together(cmd.Flags(), "cert", "key"), notTogether(cmd.Flags(), "http2", "http3"), together(cmd.Flags(), "tls-cert", "tls-key"))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runConform(cmd, args, options, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringSliceVar(&options.Cases, "cases", nil, "`patterns` of the cases to run, as 1.*,7.5.*; original and ours are patterns too")
	flags.StringSliceVar(&options.Exclude, "exclude", nil, "`patterns` of cases to leave out")
	flags.StringVar(&options.Expect, "expect", "", "`file` with the results that are expected")
	flags.StringVar(&options.Report, "report", "", "`directory` to write index.html and index.json into")
	flags.StringVar(&options.JUnit, "junit", "", "`file` to write JUnit XML into, as CI systems read it")
	flags.StringVar(&options.Agent, "agent", "", "`name` of the server in reports; the URL if empty")
	flags.IntVar(&options.Parallel, "parallel", 8, "`number` of cases at once")
	flags.IntVar(&options.Patience, "patience", 1, "`number` to multiply all times with, for a slow or busy machine")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "`line` \"Name: value\" to add to each request, or @FILE for the lines of a file; may be repeated")
	f.tls.add(cmd)
	flags.BoolVar(&options.HTTP2, "http2", false, "reach the server over HTTP/2; without TLS it has to know that it is spoken to so. With --listen, test clients that come by that, without TLS unless there is --tls-cert")
	flags.BoolVar(&options.HTTP3, "http3", false, "reach the server over HTTP/3; with --listen, test clients that come by that, which needs --tls-cert")
	f.cert.add(cmd)
	flags.StringVar(&f.listen, "listen", "", "test clients: `address` to listen on; port 0 picks a free one")
	flags.BoolVar(&options.Once, "once", false, "with --listen, end when the first client asks for its report")
	flags.BoolVar(&f.list, "list", false, "list the cases")
	flags.StringVar(&f.explain, "explain", "", "explain a `case`: what is sent and why")
	return cmd
}

// check: there is one thing to do.
func (f conformFlags) check(args []string) error {
	n := len(args)
	for _, set := range []bool{f.listen != "", f.list, f.explain != ""} {
		if set {
			n++
		}
	}
	if n != 1 {
		return errors.New("give conform one of a URL, --listen, --list and --explain; see wirews conform --help")
	}
	return nil
}

func runConform(cmd *cobra.Command, args []string, o conform.Options, f conformFlags) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	o.Out, o.Progress = cmd.OutOrStdout(), cmd.ErrOrStderr()
	if fd := int(os.Stderr.Fd()); term.IsTerminal(fd) {
		o.Terminal = true
		o.Width, _, _ = term.GetSize(fd)
	}
	for _, line := range f.headers {
		lines, err := connect.HeaderLines(line)
		if err != nil {
			return err
		}
		o.Fields = append(o.Fields, lines...)
	}
	var err error
	if o.TLS, err = f.tls.config(); err != nil {
		return err
	}
	switch {
	case f.list:
		return conform.List(o)
	case f.explain != "":
		return conform.Explain(f.explain, o)
	case f.listen != "":
		return judgeClients(ctx, o, f)
	}
	u, err := connect.ParseURL(args[0])
	if err != nil {
		return err
	}
	return conform.JudgeServer(ctx, u.String(), o)
}
