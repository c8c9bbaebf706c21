package autobahn_test

import (
	"context"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// listen serves connections in memory until the test ends.
func listen(t testing.TB, serve func(net.Conn)) autobahn.MemoryNet {
	t.Helper()
	l := autobahn.NewMemoryNet()
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer wsutil.End(conn, ws.StateServerSide)
				serve(conn)
			})
		}
	})
	return l
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

func TestACorrectServerPasses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, correctServer)
}

func correctServer(t *testing.T) {
	client := autobahn.Client{
		URL:      "ws://example.com/",
		Agent:    "wsutil",
		Cases:    inSections("1", "2", "3", "4", "5", "6", "7", "10", "20", "21", "22", "23", "24", "25", "26", "27"),
		Parallel: 32,
	}
	client.Over(listen(t, echoServer))
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
		if !r.Passed() {
			t.Errorf("%s: %s, %s: %s", r.Case, r.Behavior, r.BehaviorClose, r.Why)
		}
	}
}
