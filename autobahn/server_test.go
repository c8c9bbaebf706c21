package autobahn_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/wirews/wirews/autobahn"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// serve runs a fuzzing server until the test ends, and returns its URL.
func serve(t testing.TB, s *autobahn.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "ws://" + l.Addr().String()
}

// echoClient is a correct peer.
func echoClient(url string) {
	conn, _, _, err := ws.Dial(context.Background(), url)
	if err != nil {
		return // as some cases want it: the judge sees to it that no other does
	}
	defer conn.Close()
	for {
		p, op, err := wsutil.ReadServerData(conn)
		if err != nil || wsutil.WriteClientMessage(conn, op, p) != nil {
			return
		}
	}
}

// ask returns the message that a command of the server answers with.
func ask(t testing.TB, url string) string {
	t.Helper()
	conn, _, _, err := ws.Dial(context.Background(), url)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	defer conn.Close()
	p, err := wsutil.ReadServerText(conn)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	if _, err := wsutil.ReadServerText(conn); err == nil {
		t.Errorf("%s: a second message", url)
	}
	return string(p)
}

func TestACorrectClientPasses(t *testing.T) {
	t.Parallel()
	var updated []string
	s := &autobahn.Server{
		Patience: patience,
		Cases:    inSections("1", "2", "3", "4", "5", "6", "7", "10", "20", "21", "22", "23", "24", "25", "26", "27"),
		OnUpdate: func(agent string) { updated = append(updated, agent) },
	}
	url := serve(t, s)
	count, err := strconv.Atoi(ask(t, url+"/getCaseCount"))
	if err != nil || count != len(autobahn.InRole(s.Cases, autobahn.ServerRole)) {
		t.Fatalf("%d cases, %v", count, err)
	}
	numbers := make(chan int)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for n := range numbers {
				echoClient(fmt.Sprintf("%s/runCase?case=%d&agent=wsutil", url, n))
			}
		})
	}
	for n := 1; n <= count; n++ {
		numbers <- n
	}
	close(numbers)
	all.Wait()

	var status struct{ Behavior autobahn.Behavior }
	if err := json.Unmarshal([]byte(ask(t, url+"/getCaseStatus?case=1&agent=wsutil")), &status); err != nil || status.Behavior != autobahn.OK {
		t.Errorf("status of case 1: %+v, %v", status, err)
	}
	echoClient(url + "/updateReports?agent=wsutil")
	if len(updated) != 1 || updated[0] != "wsutil" {
		t.Errorf("reports of %q are wanted, want wsutil", updated)
	}
	results := s.Results("wsutil")
	if len(results) != count || len(s.Agents()) != 1 {
		t.Fatalf("%d results of %d cases by %q", len(results), count, s.Agents())
	}
	wantPassed(t, results, func(c *autobahn.Case) *autobahn.Result {
		result := make(chan *autobahn.Result, 1)
		alone := &autobahn.Server{Cases: []*autobahn.Case{c}, Patience: 10 * patience, OnResult: func(r *autobahn.Result) { result <- r }}
		echoClient(serve(t, alone) + "/runCase?case=1")
		return <-result
	})
}

func TestCommands(t *testing.T) {
	s := &autobahn.Server{Cases: inSections("7")}
	url := serve(t, s)
	var info struct{ ID, Description string }
	if err := json.Unmarshal([]byte(ask(t, url+"/getCaseInfo?case=2")), &info); err != nil || info.ID != "7.1.2" || info.Description == "" {
		t.Errorf("info of case 2: %+v, %v", info, err)
	}
	echoClient(url + "/runCase?casetuple=7.1.3&agent=me")
	echoClient(url + "/updateReports?agent=me")
	if r := s.Results("me"); len(r) != 1 || r[0].Case != "7.1.3" {
		t.Errorf("results: %v", r)
	}
	for _, path := range []string{"/", "/runCase?case=0", "/runCase?case=99", "/runCase?casetuple=1.1.1", "/getCaseStatus?case=1&agent=nobody"} {
		if conn, _, _, err := ws.Dial(context.Background(), url+path); err == nil {
			conn.Close()
			t.Errorf("%s: upgraded, want a refusal", path)
		}
	}
}

func TestStopServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	s := &autobahn.Server{}
	go func() { done <- s.Serve(context.Background(), l) }()
	echoClient("ws://" + l.Addr().String() + "/stopServer")
	if err := <-done; err != nil {
		t.Error(err)
	}
}
