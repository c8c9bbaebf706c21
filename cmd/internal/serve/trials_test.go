package serve_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/internal/wstest"
)

func TestThereIsNoReportBeforeARun(t *testing.T) {
	o := serve.Default()
	o.Command = filepath.Join(t.TempDir(), "none")
	if resp, _ := start(t, o).get(t, "/trials/report", nil); resp.StatusCode != 404 {
		t.Errorf("status %d, want 404", resp.StatusCode)
	}
}

func TestTrialsAreForPagesOfThisServerAndMachine(t *testing.T) {
	eachWay(t, testTrialsAreForPagesOfThisServerAndMachine)
}

func testTrialsAreForPagesOfThisServerAndMachine(t *testing.T, o serve.Options) {
	o.Command = filepath.Join(t.TempDir(), "none")
	s := start(t, o)
	for what, c := range map[string]struct {
		method, host, origin, site string
		status                     int
	}{
		"another origin":                 {"POST", "", "https://example.com", "cross-site", 403},
		"a name that somebody's DNS has": {"POST", "rebound.example:80", "http://rebound.example:80", "same-origin", 403},
		"no page, by GET":                {"GET", "", "", "", 404}, // the page's files have no such one
		// There is no such command.
		"the page itself": {"POST", "", "http://" + s.addr, "same-origin", 502},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+s.addr+"/trials/connections", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		r.Header.Set("Origin", c.origin)
		r.Header.Set("Sec-Fetch-Site", c.site)
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%s: status %d, want %d", what, resp.StatusCode, c.status)
		}
	}
	o.Command = ""
	if resp, _ := start(t, o).get(t, "/trials/connections", nil); resp.StatusCode != 404 {
		t.Errorf("without a command: status %d, want 404", resp.StatusCode)
	}
}

func TestShutdownEndsATrial(t *testing.T) {
	dir := t.TempDir()
	o := serve.Default()
	o.Command = filepath.Join(dir, "slow")
	script := "#!/bin/sh\ntouch " + dir + "/runs\ntrap 'kill $!; exit 130' INT\nsleep 600 & wait\n"
	if err := os.WriteFile(o.Command, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	s := start(t, o)
	go http.Post("http://"+s.addr+"/trials/conform?url=ws://localhost/", "", nil)
	wstest.Until(t, "the trial begins", func() bool {
		_, err := os.Stat(dir + "/runs")
		return err == nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), wstest.Patience)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("shutdown while a trial runs: %v", err)
	}
}
