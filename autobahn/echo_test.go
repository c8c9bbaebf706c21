package autobahn_test

import (
	"context"
	"net"
	"slices"
	"testing"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// patience keeps the verdicts on correct peers from depending on how busy the
// machine is.
const patience = 12

// listen serves connections until the test ends, and returns the URL.
func listen(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return "ws://" + l.Addr().String() + "/"
}

// echoServer is a correct peer.
func echoServer(conn net.Conn) {
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	for {
		p, op, err := wsutil.ReadClientData(conn)
		if err != nil || wsutil.WriteServerMessage(conn, op, p) != nil {
			return
		}
	}
}

// inSections returns the cases of these sections.
func inSections(numbers ...string) (cases []*autobahn.Case) {
	for _, c := range autobahn.Cases() {
		if slices.Contains(numbers, c.Section()) {
			cases = append(cases, c)
		}
	}
	return cases
}

// wantPassed wants all to have passed. A busy machine may have kept a correct
// peer from being in time: what has not passed is run again, one case at a time
// and with ten times the patience, before it counts.
func wantPassed(t *testing.T, results []*autobahn.Result, again func(*autobahn.Case) *autobahn.Result) {
	t.Helper()
	for _, r := range results {
		if r.Passed() {
			continue
		}
		t.Logf("%s: %s, %s: %s; it is run again", r.Case, r.Behavior, r.BehaviorClose, r.Why)
		cases, err := autobahn.Select(autobahn.Cases(), []string{r.Case}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r = again(cases[0]); r == nil || !r.Passed() {
			t.Errorf("%+v", r)
		}
	}
}

func TestACorrectServerPasses(t *testing.T) {
	t.Parallel()
	client := autobahn.Client{
		URL:      listen(t, echoServer),
		Agent:    "wsutil",
		Cases:    inSections("1", "2", "3", "4", "5", "6", "7", "10", "20", "21", "22", "23", "24", "25", "26", "27"),
		Parallel: 32,
		Patience: patience,
	}
	results, err := client.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	cases := autobahn.InRole(client.Cases, autobahn.ClientRole)
	if len(results) != len(cases) {
		t.Fatalf("%d results of %d cases", len(results), len(cases))
	}
	for i, r := range results {
		if r.Case != cases[i].ID || r.Agent != "wsutil" {
			t.Errorf("result %d is of %s, %s", i, r.Agent, r.Case)
		}
	}
	wantPassed(t, results, func(c *autobahn.Case) *autobahn.Result {
		client.Cases, client.Patience = []*autobahn.Case{c}, 10*patience
		results, err := client.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return results[0]
	})
}
