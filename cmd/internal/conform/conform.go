// Package conform is the command "wirews conform": it judges servers and
// clients with the package autobahn, shows how far it is, and writes reports.
package conform

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/cmd/internal/connect"
	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/plain"
)

// Options are what the command's flags set.
type Options struct {
	Cases, Exclude []string // patterns
	Agent          string   // name of the server in reports
	Parallel       int      // cases at once; 0 for the default
	Patience       int      // what all times are multiplied with; 0 for 1
	Fields         []string // lines to add to the head of a request
	TLS            *tls.Config
	HTTP2, HTTP3   bool   // reach the server over that
	Report         string // directory to write reports into; empty for none
	JUnit          string // file to write JUnit XML into; empty for none
	Expect         string // file with the expected results; empty for none
	Once           bool   // end when the first client asks for its report

	Out      io.Writer // results
	Progress io.Writer // how far it is
	Terminal bool      // Progress is a terminal
	Width    int       // of the terminal, in columns
}

// ErrNotConforming is what the errors of JudgeServer and JudgeClients wrap when
// a peer does not conform, or not as expected.
var ErrNotConforming = exit.With(exit.Unfit, errors.New("conform: not as it should be"))

// errNoCases is not left to package autobahn, to which no cases are all of them.
var errNoCases = errors.New("conform: no case is left: --cases and --exclude leave none, or none that is for a peer in this role")

// JudgeServer judges the server at that URL.
func JudgeServer(ctx context.Context, server string, o Options) error {
	overStreams := o.HTTP2 || o.HTTP3
	if overStreams && len(o.Cases) == 0 { // heads of HTTP/1.1 are for those who ask
		o.Exclude = append(slices.Clone(o.Exclude), autobahn.HandshakeCases)
	}
	cases, expected, err := o.prepare(autobahn.Cases())
	if err != nil {
		return err
	}
	cases = autobahn.InRole(cases, autobahn.ClientRole)
	if len(cases) == 0 {
		return errNoCases
	}
	if o.Agent == "" {
		o.Agent = shown(server)
	}
	client := autobahn.Client{
		URL: server, Agent: o.Agent, Cases: cases, Parallel: o.Parallel, Patience: o.Patience, Fields: o.Fields, TLS: o.TLS,
	}
	if overStreams {
		if err := overStream(&client, o); err != nil {
			return err
		}
	}
	if err := client.Reach(ctx); err != nil {
		if ctx.Err() != nil {
			return exit.ErrInterrupted
		}
		return unreached(err) // once, and not for each case
	}
	progress := newProgress(o, cases)
	client.OnResult = progress.add
	results, err := client.Run(ctx)
	progress.end()
	if err != nil && ctx.Err() == nil {
		return err
	}
	if err := o.write(results, autobahn.ClientRole, expected); err != nil {
		return err
	}
	err = o.conclude(o.Agent, results, expected)
	if ctx.Err() != nil {
		return fmt.Errorf("%w after %d of %d cases; what is reported is theirs", exit.ErrInterrupted, len(results), len(cases))
	}
	return err
}

// unreached gives an error of Reach the status that the other commands have for it.
func unreached(err error) error {
	if _, refused := errors.AsType[*autobahn.RefusedError](err); refused {
		return exit.With(exit.Refused, err)
	}
	return connect.DialOutcome(err)
}

// JudgeClients judges the clients that connect to l, until the context is done,
// a client asks for /stopServer, or with Once for its report.
func JudgeClients(ctx context.Context, l net.Listener, o Options) error {
	// Cases that refuse the handshake end many a client: they are for those who
	// ask.
	if len(o.Cases) == 0 {
		o.Exclude = append(slices.Clone(o.Exclude), autobahn.HandshakeCases)
	}
	cases, expected, err := o.prepare(autobahn.InRole(autobahn.Cases(), autobahn.ServerRole))
	if err != nil {
		return err
	}
	if len(cases) == 0 {
		return errNoCases
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	progress := newProgress(o, cases)
	server := &autobahn.Server{Cases: cases, OnResult: progress.add, Once: o.Once, Patience: o.Patience}
	server.OnUpdate = func(string) {
		progress.end()
		if o.write(all(server), autobahn.ServerRole, expected) != nil {
			stop() // and it is written once more below, for the error
		}
	}
	if err := server.Serve(ctx, l); err != nil {
		return err
	}
	progress.end()
	if err := o.write(all(server), autobahn.ServerRole, expected); err != nil {
		return err
	}
	var errs []error
	for _, agent := range server.Agents() {
		errs = append(errs, o.conclude(agent, server.Results(agent), expected))
	}
	if len(errs) == 0 {
		return fmt.Errorf("%w: no client has run a case", ErrNotConforming)
	}
	return errors.Join(errs...)
}

// shown is what reports call a server that was given no name: its URL, as far as that
// is nobody's secret.
func shown(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return "server"
	}
	return plain.URL(u)
}

func all(s *autobahn.Server) (results []*autobahn.Result) {
	for _, agent := range s.Agents() {
		results = append(results, s.Results(agent)...)
	}
	return results
}

// prepare selects the cases, reads what is expected of them, and makes the
// directory for JUnit's file.
func (o Options) prepare(from []*autobahn.Case) (cases []*autobahn.Case, expected *autobahn.Expected, err error) {
	if cases, err = autobahn.Select(from, o.Cases, o.Exclude); err != nil {
		return nil, nil, err
	}
	if o.JUnit != "" {
		// Before the run, which would be for nothing if it could not be.
		if err := os.MkdirAll(filepath.Dir(o.JUnit), 0o777); err != nil {
			return nil, nil, err
		}
	}
	if o.Expect == "" {
		return cases, nil, nil
	}
	f, err := os.Open(o.Expect)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	x, err := autobahn.ParseExpected(f)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", o.Expect, err)
	}
	return cases, &x, nil
}

func (o Options) write(results []*autobahn.Result, role autobahn.Role, expected *autobahn.Expected) error {
	if o.JUnit != "" {
		if err := writeJUnit(o.JUnit, results, expected); err != nil {
			return err
		}
	}
	if o.Report == "" {
		return nil
	}
	report := autobahn.Report{Results: results, Role: role, Time: time.Now()}
	return report.Write(o.Report)
}

// conclude prints what it came to, and returns an error if a verdict speaks
// against the peer, or differs from what is expected.
func (o Options) conclude(agent string, results []*autobahn.Result, expected *autobahn.Expected) error {
	agent = plain.Line(agent) // clients name themselves
	fmt.Fprintf(o.Out, "%s: %s\n", agent, counts(results))
	var lines []string
	words := "speak against it"
	if expected != nil {
		lines = expected.Differences(results)
		words = "differ from " + o.Expect
	} else {
		for _, r := range results {
			if line := objection(r, nil); line != "" {
				lines = append(lines, line)
			}
		}
	}
	for _, line := range lines {
		fmt.Fprintln(o.Out, "  "+plain.Line(line))
	}
	if ids := nonStrict(results); len(ids) > 0 {
		fmt.Fprintf(o.Out, "  %s, which is allowed: %s\n", autobahn.NonStrict, strings.Join(ids, " "))
	}
	if len(lines) > 0 {
		return fmt.Errorf("%w: %s: %d of %d results %s", ErrNotConforming, agent, len(lines), len(results), words)
	}
	return nil
}

// nonStrict returns the cases that a peer could have done better.
func nonStrict(results []*autobahn.Result) (ids []string) {
	for _, r := range results {
		if r.Behavior == autobahn.NonStrict {
			ids = append(ids, r.Case)
		}
	}
	return ids
}

// counts says how many results there are of each verdict.
func counts(results []*autobahn.Result) string {
	n := make(map[autobahn.Behavior]int)
	closing := 0
	for _, r := range results {
		n[r.Behavior]++
		if r.Behavior != autobahn.Failed && !r.Passed() {
			closing++
		}
	}
	words := []string{fmt.Sprintf("%d cases", len(results))}
	for _, b := range []autobahn.Behavior{autobahn.OK, autobahn.NonStrict, autobahn.Informational, autobahn.Unimplemented, autobahn.Failed} {
		if n[b] > 0 {
			words = append(words, fmt.Sprintf("%d %s", n[b], b))
		}
	}
	if closing > 0 {
		words = append(words, fmt.Sprintf("%d closed badly", closing))
	}
	return strings.Join(words, ", ")
}

// List prints the cases that the patterns select: number and what is sent.
func List(o Options) error {
	cases, _, err := o.prepare(autobahn.Cases())
	if err != nil {
		return err
	}
	section := ""
	for _, c := range cases {
		if c.Section() != section {
			section = c.Section()
			ours := ""
			if c.Ours {
				ours = " (ours)"
			}
			fmt.Fprintf(o.Out, "%s %s%s\n", section, autobahn.SectionTitle(section), ours)
		}
		fmt.Fprintf(o.Out, "  %-8s %s\n", c.ID, c.Sends)
	}
	return nil
}

// Explain prints everything about one case.
func Explain(id string, o Options) error {
	for _, c := range autobahn.Cases() {
		if c.ID == id {
			_, err := io.WriteString(o.Out, c.Explain())
			return err
		}
	}
	return fmt.Errorf("conform: no case %q; wirews conform --list shows them", id)
}
