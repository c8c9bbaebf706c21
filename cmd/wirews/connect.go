package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/wirews/wirews/cmd/internal/connect"
	"github.com/wirews/wirews/cmd/internal/exit"
)

// connectFlags are the flags that are no connect.Options by themselves.
type connectFlags struct {
	headers      []string
	origin       string
	user         string
	tls          tlsFlags
	proxy        proxyFlags
	null         bool
	noHistory    bool
	raw          bool
	record       string
	replay       string
	bearerFile   string
	bearerEnv    string
	follow       bool
	maxRedirects int
}

func connectCommand() *cobra.Command {
	options := connect.Default()
	f := connectFlags{}
	cmd := &cobra.Command{
		Use:   "connect URL",
		Short: "Talk with a WebSocket server, by hand or by a script",
		Long: `Talk with the WebSocket server at URL, as wss://example.com/socket. It begins
with ws:// or wss://; http:// and https:// stand for these, and a URL without a
scheme, such as localhost:8080/echo, for ws://.

On a terminal, a line that is typed is sent as a text message, and what the
server sends appears above the line that is being typed. /help lists what else
can be done: binary messages, files, pings with the time they take, closing with
a code and a reason. Ctrl-D closes, Ctrl-C interrupts. Messages that are JSON are
formatted, and coloured unless NO_COLOR is set.

In a pipe, or with one of the flags that scripts use (--message, --count, --wait,
--binary, --null and --whole), each line of stdin is a text message, and each
message that comes is a line of stdout; binary ones are written in hex. After
the last line the connection is closed, which lets the server answer first what
it was sent; --count waits for that number of messages, --wait for that long.

A token or a password on the command line is seen in the shell's history and in
the list of processes: --bearer-file, --bearer-env and -H @FILE keep it out, and
-u NAME asks for the password. Lines that are typed are kept in
$XDG_STATE_HOME/wirews/history, by default in ~/.local/state, unless they begin
with a space or --no-history is given.

With --reconnect a connection that has ended is opened again, until you close it or
the server does with code 1000. What is to be sent meanwhile waits for the next
connection; what was sent, and not answered, may be lost. A refusal that will not
change, such as 404, a certificate that is not trusted and a server that breaks the
protocol are the end. A server may ask for a longer wait: by the field Retry-After of
a refusal; by close code 1012 (Service Restart), for 5 to 30 seconds; and by 1013 (Try
Again Later), for at least half of the longest wait.

A text message has to be UTF-8. Anything else is refused; --binary, or /file on a
terminal, sends it as a binary message.

A terminal is shown what the server sends with everything escaped that it would
obey or that hides what is there. A message of several lines does not look like
several messages: its further lines are set in by two spaces, and where each line
is a message its line ends are shown as \n, unless --whole is given. To a file or
a pipe messages are written as they come.

` + connect.RecordingFormat + `

Status at the end:

` + exit.Statuses,
		Example: `  # talk by hand, and see every frame
  wirews connect -v ws://localhost:8080/echo

  # send a message, print the answer
  wirews connect -m hello -n 1 ws://localhost:8080/echo

  # send each line, print the answers
  seq 3 | wirews connect ws://localhost:8080/echo

  # send a file as one binary message, and keep what comes back
  wirews connect --binary --whole ws://localhost:8080/echo < in.bin > out.bin

  # record what is said, and say it again
  printf '{"a":1}\n' | wirews connect --record talk.jsonl ws://localhost:8080/echo
  wirews connect --replay talk.jsonl --json ws://localhost:8080/echo

  # watch the time go by, five times a second, ten times
  wirews connect -n 10 'ws://localhost:8080/time?rate=5' < /dev/null

  # stay connected while the server restarts, and miss it when it vanishes
  wirews connect --reconnect --ping-interval 20s wss://example.com/news < /dev/null --wait 24h

  # with a client certificate, an own CA, a subprotocol and a token
  wirews connect --ca ca.pem --cert me.pem --key me.key -s chat.v2 \
    --bearer-file ~/.config/token wss://example.com/socket

  # through a SOCKS proxy, and say so
  wirews connect -v --proxy socks5h://localhost:1080 wss://example.com/socket`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("give connect one URL, not %d arguments; see wirews connect --help", len(args))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			return errors.Join(checkNotNegative(cmd.Flags()), together(cmd.Flags(), "cert", "key"),
				notTogether(cmd.Flags(), "null", "whole"), notTogether(cmd.Flags(), "message", "whole", "replay"),
				notTogether(cmd.Flags(), "http2", "http3"), notTogether(cmd.Flags(), "http3", "unix"), notTogether(cmd.Flags(), "http3", "proxy"), notTogether(cmd.Flags(), "count", "wait"), notTogether(cmd.Flags(), "replay", "reconnect"), notTogether(cmd.Flags(), "json", "raw", "hex"), notTogether(cmd.Flags(), "user", "bearer-file", "bearer-env"))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			u, err := connect.ParseURL(args[0])
			if err != nil {
				return err
			}
			if err := f.complete(&options, u); err != nil {
				return err
			}
			if f.record != "" {
				file, err := os.OpenFile(f.record, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
				if err != nil {
					return fmt.Errorf("--record: %w", err)
				}
				defer file.Close()
				options.Record = file
			}
			return runConnect(cmd.Context(), u, options, f.raw)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "`line` \"Name: value\" to add to the request, or @FILE for the lines of a file; may be repeated")
	flags.StringVar(&f.bearerFile, "bearer-file", "", "`file` with a token for Authorization: Bearer")
	flags.StringVar(&f.bearerEnv, "bearer-env", "", "`variable` of the environment with such a token")
	flags.StringArrayVarP(&options.Subprotocols, "subprotocol", "s", nil, "subprotocol to ask for, by `name`, best first; may be repeated")
	flags.StringVar(&f.origin, "origin", "", "`origin` to send, as a page of https://example.com would")
	flags.StringVarP(&f.user, "user", "u", "", "`name:password` for basic authentication; without the password it is asked for")
	flags.BoolVar(&options.HTTP2, "http2", false, "connect over HTTP/2, as a browser may; without TLS the server has to know that it is spoken to so")
	flags.BoolVar(&options.HTTP3, "http3", false, "connect over HTTP/3, that is, by UDP")
	flags.StringVar(&options.Unix, "unix", "", "`path` of a unix socket to connect to, whatever the URL's host is")
	f.proxy.add(cmd)
	flags.BoolVarP(&f.follow, "location", "L", false, "follow redirects; credentials go to the first server only")
	flags.IntVar(&f.maxRedirects, "max-redirects", 10, "`number` of redirects to follow with -L")

	f.tls.add(cmd)

	flags.StringArrayVarP(&options.Pipe.Messages, "message", "m", nil, "`text` of a message to send instead of what stdin has; may be repeated")
	flags.StringVar(&f.replay, "replay", "", "recording `file` whose sent frames are sent again, with the time between them, instead of what stdin has")
	flags.StringVar(&f.record, "record", "", "`file` to record every frame into, with its time")
	flags.BoolVarP(&options.Pipe.Binary, "binary", "b", false, "send binary messages, and write received ones as they are")
	flags.BoolVarP(&f.null, "null", "0", false, "a NUL byte is between messages, not a line end")
	flags.BoolVar(&options.Pipe.Whole, "whole", false, "all of stdin is one message, and nothing is put between messages on stdout")
	flags.IntVarP(&options.Pipe.Count, "count", "n", 0, "wait for this `number` of messages, then close")
	flags.DurationVar(&options.Pipe.Wait, "wait", 0, "stay connected for this long after the last line of stdin")

	flags.BoolVar(&options.View.Timestamps, "timestamps", false, "put before each message when it came")
	flags.BoolVar(&options.View.JSON, "json", false, "format messages that are JSON in a pipe too, as on a terminal")
	flags.BoolVar(&f.raw, "raw", false, "show messages that are JSON as they came")
	flags.BoolVar(&options.View.Hex, "hex", false, "show every message as a hex dump")

	flags.DurationVar(&options.PingInterval, "ping-interval", 0, "ping the server at this interval; if nothing comes for two of them, the connection is lost; 0 for never")
	flags.DurationVar(&options.Reconnect, "reconnect", 0, "connect again when the connection cannot be opened, is lost, or is closed with other codes than 1000; half a second later at first, then with longer and longer waits, up to this `duration`")
	flags.Lookup("reconnect").NoOptDefVal = "30s"
	flags.DurationVar(&options.Timeout, "timeout", 0, "how long everything may take; 0 for no limit")
	flags.DurationVar(&options.ConnectTimeout, "connect-timeout", options.ConnectTimeout, "how long TCP, TLS and the handshake may take together; 0 for no limit")
	flags.DurationVar(&options.CloseTimeout, "close-timeout", options.CloseTimeout, "how long the server may be silent before it has answered a close frame; 0 for no limit")
	flags.Int64Var(&options.MaxMessage, "max-message", options.MaxMessage, "longest message to accept in `bytes`; 0 for no limit")
	flags.BoolVarP(&options.Compress, "compress", "c", false, "offer compression, permessage-deflate (RFC 7692)")
	flags.BoolVarP(&options.Verbose, "verbose", "v", false, "show the handshake and every frame: opcode, flags, length, and close codes by name")
	flags.BoolVar(&f.noHistory, "no-history", false, "do not keep the lines that are typed, nor read those that were")
	return cmd
}

// complete sets the options that are made of flags.
func (f connectFlags) complete(o *connect.Options, u *url.URL) (err error) {
	for _, line := range f.headers {
		if err := connect.AddHeader(o.Header, line); err != nil {
			return err
		}
	}
	if f.origin != "" {
		o.Header.Set("Origin", f.origin)
	}
	if err := f.credentials(o); err != nil {
		return err
	}
	if o.Proxy, err = f.proxy.find(); err != nil {
		return err
	}
	if f.follow {
		o.Redirects = f.maxRedirects
	}
	if f.replay != "" {
		if o.Pipe.Replay, err = loadReplay(f.replay); err != nil {
			return fmt.Errorf("--replay %s: %w", f.replay, err)
		}
	}
	if f.null {
		o.Pipe.Separator = 0
	}
	if o.TLS, err = f.tls.config(); err != nil {
		return err
	}
	if o.TLS != nil && u.Scheme == "ws" {
		return errors.New("the URL begins with ws://: --ca, --cert, --insecure and --server-name are for wss://")
	}
	if !f.noHistory {
		o.History, err = connect.HistoryFile()
	}
	return err
}

func loadReplay(name string) (*connect.Replay, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return connect.LoadReplay(file)
}

// credentials sets what tells the server who its user is.
func (f connectFlags) credentials(o *connect.Options) (err error) {
	if f.user != "" {
		o.UserInfo, err = userInfo(f.user)
	} else if f.bearerFile != "" || f.bearerEnv != "" {
		var field string
		field, err = connect.Bearer(f.bearerFile, f.bearerEnv)
		o.Header.Set("Authorization", field)
	}
	return err
}

// userInfo reads name:password, and asks for a password that is not there.
func userInfo(user string) (*url.Userinfo, error) {
	name, password, ok := strings.Cut(user, ":")
	if ok {
		return url.UserPassword(name, password), nil
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("--user %q has no password, and there is no terminal to ask for it", user)
	}
	defer tty.Close()
	fmt.Fprintf(tty, "Password for %s: ", name)
	typed, err := term.ReadPassword(int(tty.Fd()))
	fmt.Fprintln(tty)
	return url.UserPassword(name, string(typed)), err
}

func runConnect(ctx context.Context, u *url.URL, o connect.Options, raw bool) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	o.Pipe.Terminal = term.IsTerminal(int(os.Stdout.Fd()))
	if o.Pipe.Terminal && term.IsTerminal(int(os.Stdin.Fd())) && !o.Pipe.Wanted() {
		o.View.JSON = !raw
		return connect.Shell(ctx, u, o, os.Stdin, os.Stdout)
	}
	o.View.Colour = o.Pipe.Terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return connect.Pipe(ctx, u, o, os.Stdin, os.Stdout, os.Stderr)
}
