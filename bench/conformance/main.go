package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/wirews/wirews/autobahn"
)

// options are the command's flags.
type options struct {
	peers    []string
	roles    []string
	cases    []*autobahn.Case
	patience int
	report   string
	update   bool
	table    bool
}

// run is a peer in one role, judged.
type run struct {
	peer    *peer
	role    string // of the peer
	results []*autobahn.Result
}

func main() {
	log.SetFlags(0)
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		log.Fatal("conformance: ", serveOne(os.Args[2:]))
	}
	o, err := parseFlags()
	if err != nil {
		log.Fatal("conformance: ", err)
	}
	runs, differences, err := o.judge()
	if err != nil {
		log.Fatal("conformance: ", err)
	}
	if o.table {
		printTable(os.Stdout, runs)
	}
	if o.report != "" {
		if err := writeReports(o.report, runs); err != nil {
			log.Fatal("conformance: ", err)
		}
	}
	if differences > 0 {
		log.Fatalf("conformance: %d results are not as expected", differences)
	}
}

func parseFlags() (o options, err error) {
	names := flag.String("peers", "", fmt.Sprintf("peers to judge; all if empty; of %s", strings.Join(peerNames(), ", ")))
	role := flag.String("role", "", "server or client; both if empty")
	cases := flag.String("cases", "", "patterns of cases; all if empty")
	exclude := flag.String("exclude", "", "patterns of cases to leave out")
	flag.IntVar(&o.patience, "patience", 1, "what all times are multiplied with")
	flag.StringVar(&o.report, "report", "", "directory for reports")
	flag.BoolVar(&o.update, "update", false, "write what is expected anew; a part of which only some cases ran counts as a whole")
	flag.BoolVar(&o.table, "table", false, "print a table of the results")
	flag.Parse()
	if o.peers = split(*names); len(o.peers) == 0 {
		o.peers = peerNames()
	}
	for _, name := range o.peers {
		if !slices.Contains(peerNames(), name) {
			return o, fmt.Errorf("no peer %q; there are %q", name, peerNames())
		}
	}
	o.roles = []string{"server", "client"}
	if *role != "" {
		if !slices.Contains(o.roles, *role) {
			return o, fmt.Errorf("no role %q", *role)
		}
		o.roles = []string{*role}
	}
	o.cases, err = autobahn.Select(autobahn.Cases(), split(*cases), split(*exclude))
	return o, err
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// judge judges the peers one after the other.
func (o options) judge() (runs []run, differences int, err error) {
	for _, p := range peers {
		if !slices.Contains(o.peers, p.name) {
			continue
		}
		if missing := p.missing(); missing != "" {
			log.Printf("%s: skipped: %s", p.name, missing)
			continue
		}
		for _, role := range o.roles {
			if !p.has(role) {
				continue
			}
			start := time.Now()
			r := run{peer: p, role: role}
			if role == "server" {
				r.results, err = p.judgeServer(context.Background(), o)
			} else {
				r.results, err = p.judgeClient(context.Background(), o)
			}
			if err != nil {
				return nil, 0, fmt.Errorf("%s as %s: %w", p.name, role, err)
			}
			runs = append(runs, r)
			n, err := o.compare(r)
			if err != nil {
				return nil, 0, err
			}
			differences += n
			log.Printf("%s as %s: %s, %d not as expected, %v", p.name, role, counts(r.results), n, time.Since(start).Round(time.Second))
		}
	}
	return runs, differences, nil
}

// expectedFile returns the name of the file with the expected results.
func (r run) expectedFile() string {
	return filepath.Join("conformance", "expected", r.peer.name+"-"+r.role+".csv")
}

// compare prints what is not as expected, and returns how much that is.
func (o options) compare(r run) (int, error) {
	if o.update {
		return 0, os.WriteFile(r.expectedFile(), []byte(expectedOf(r.results)), 0o666)
	}
	f, err := os.Open(r.expectedFile())
	if err != nil {
		return 0, err
	}
	defer f.Close()
	expected, err := autobahn.ParseExpected(f)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", r.expectedFile(), err)
	}
	lines := expected.Differences(r.results)
	for _, line := range lines {
		log.Printf("%s as %s: %s", r.peer.name, r.role, line)
	}
	return len(lines), nil
}

// writeReports writes one report for the servers and one for the clients.
func writeReports(dir string, runs []run) error {
	for _, role := range []string{"server", "client"} {
		report := autobahn.Report{Time: time.Now(), Role: autobahn.ClientRole}
		if role == "client" {
			report.Role = autobahn.ServerRole
		}
		for _, r := range runs {
			if r.role == role {
				report.Results = append(report.Results, r.results...)
			}
		}
		if len(report.Results) == 0 {
			continue
		}
		if err := report.Write(filepath.Join(dir, role+"s")); err != nil {
			return err
		}
	}
	return nil
}
