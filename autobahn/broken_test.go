package autobahn

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// broken are endpoints with one fault each, and the cases that have to find it:
// those must not be OK both in behavior and closing.
var broken = []struct {
	name  string
	f     faults
	found string // patterns
	not   string // patterns of cases that cannot find it
}{
	{"sends nothing", faults{silent: true}, "1.*,2.*,3.*,4.*,5.*,6.*,7.1.*,7.3.1,7.3.3,7.3.4,7.3.5,7.7.*,21.*,22.*,23.1.1,23.1.2,23.1.3,25.1.1,25.1.2,25.1.3,25.1.5,27.2.*", ""},
	{"ends TCP at the first frame", faults{drops: true}, "1.*,2.1,2.6,2.7,3.2,4.1.3,5.3,5.19,6.5.*,6.4.*,7.1.*,7.3.1,7.7.*,9.*,10.*,12.*,13.*,24.*,25.1.*,27.2.*", ""},
	{"answers every offer alike", faults{ignoresOffer: true}, "22.2.1,22.2.2,22.2.3,22.2.4,22.2.5", ""},
	{"closes at the first frame", faults{closesEarly: true}, "1.*,2.1,2.2,2.3,2.4,2.6,2.9,2.10,2.11,3.2,4.1.3,5.3,5.6,5.15,5.18,5.19,6.1.*,6.2.*,6.3.*,6.5.*,7.1.1,9.1.1,9.2.1,9.7.*,9.8.*,10.*,12.*,13.*,22.1.1,22.1.5,22.1.15,22.1.17,24.*,25.1.4,26.1.1,27.2.1", ""},
	{"checks nothing", faults{acceptsAll: true}, "2.5,3.*,4.*,5.1,5.2,5.9,5.10,5.11,5.12,5.13,5.14,5.15,5.16,5.17,5.18,6.3.*,6.4.*,6.6.1,6.8.*,6.10.*,6.12.*,6.13.*,6.14.*,6.15.*,6.16.*,6.17.*,6.18.*,6.19.*,6.20.*,6.21.*,7.3.6,7.5.1,7.9.*,20.1.*,20.3.*,21.*,22.1.8,22.1.9,22.1.10,22.1.11,22.1.12,22.1.13,22.1.14,22.1.17,23.1.4,23.1.5,23.1.6,23.1.7,25.1.1", "3.7"},
	{"sends another type back", faults{otherType: true}, "1.*,3.2,4.1.4,5.3,5.6,5.15,5.20,6.1.*,6.2.*,6.5.*,6.7.*,6.9.*,6.11.1,6.22.*,6.23.*,7.1.1,9.1.1,9.2.1,10.*,12.1.1,12.2.1,22.1.1,24.1.1,27.2.1", ""},
	{"sends other content back", faults{otherContent: true}, "1.*,5.3,5.6,5.19,6.1.*,6.2.*,6.5.*,6.7.*,6.9.*,6.22.*,6.23.*,7.1.1,9.7.1,10.*,12.*,13.*,20.2.*,20.4.*,22.1.1,22.1.2,22.1.3,22.1.4,22.1.5,22.1.6,22.1.7,24.1.1,24.1.2,24.1.3,27.2.1", ""},
	{"sends another length back", faults{otherLength: true}, "1.*,9.1.1,9.2.2,9.4.9,9.5.6,9.7.*,9.8.*,10.*,12.1.1,13.1.1", ""},
	{"sends other content back in the last of 1000 rounds", faults{otherContent: true, failsAtMost: 999}, "12.1.1", ""},
	{"sends another length back in the last of 1000 rounds", faults{otherLength: true, failsAtMost: 999}, "9.7.2", ""},
	{"sends messages back twice", faults{twice: true}, "3.2,4.1.3,4.2.5,5.15", ""},
	{"loses the first fragment", faults{losesFragment: true}, "5.3,5.4,5.5,5.6,5.19,5.20,6.2.2,6.2.3,6.2.4,9.4.8,10.1.1,22.1.5,24.1.3,27.2.1", ""},
	{"sends pongs behind the message", faults{latePongs: true}, "2.1,2.6,2.9,2.10,2.11,5.6,5.7,5.8,5.19,5.20,27.2.1", ""},
	{"answers the last ping only", faults{lastPongOnly: true}, "2.1,2.10,2.11,5.19,5.20,27.2.1", ""},
	{"sends other octets in pongs", faults{wrongPongs: true}, "2.1,2.2,2.3,2.4,2.6,2.9,2.10,2.11,5.6,5.19,27.2.1", ""},
	{"sends a pong that nobody has asked for", faults{unaskedPong: true}, "1.*,2.*,3.1,5.1,6.1.*,6.3.*,7.1.1,7.1.2,7.3.*,7.5.*,7.7.*,7.9.*,9.1.1,9.2.1,9.3.1,9.5.1,9.7.1,12.1.1,13.7.1,21.*,23.*", "1.1.6,1.1.7,1.1.8,1.2.6,1.2.7,1.2.8"},
	{"finds wrong text when the message is complete", faults{lateUTF8: true}, "6.4.*", ""},
	{"goes on behind a close frame", faults{afterClose: true}, "7.1.3,7.1.4", ""},
	{"fails with another code", faults{failCode: 1011}, "2.5,3.*,4.*,5.1,5.9,5.18,6.3.*,6.4.*,6.6.1,6.20.*,7.3.2,7.3.6,7.5.1,7.9.*,21.*,22.1.8,22.1.11,22.1.17,23.1.4,23.1.5,23.1.6,23.1.7,25.1.1,26.*", "3.2,3.3,3.4,4.1.3,4.1.4,4.1.5,4.2.3,4.2.4,4.2.5,6.4.*"},
	{"answers a close frame with another code", faults{answerCode: 1001}, "1.*,2.7,6.5.*,7.1.*,7.3.1,7.3.3,7.3.4,7.3.5,7.7.*,9.7.1,10.*,23.1.1,23.1.2,23.1.3", "7.7.2"},
	{"does not answer a close frame", faults{noAnswer: true}, "1.*,2.1,2.7,2.8,6.5.*,7.1.*,7.3.1,7.3.3,7.3.4,7.3.5,7.7.*,9.7.1,10.*,12.1.1,23.1.1,23.1.2,23.1.3,27.2.*", ""},
	{"sends an invalid close code", faults{failCode: 1005, answerCode: 1005}, "1.1.1,2.5,3.1,7.1.*,7.3.*,7.5.1,7.7.*,7.9.*", ""},
	{"masks as a server, does not as a client", faults{badMask: true}, "1.*,2.1,5.3,6.5.*,7.1.1,9.1.1,9.7.1,10.*,12.1.1,13.1.1,20.2.*,22.1.1,24.1.2,27.2.2", ""},
	{"writes lengths too long", faults{longForm: true}, "1.1.1,1.1.2,1.2.1,2.1,5.3,6.5.*,7.1.1,7.7.*,9.7.1", ""},
	{"sets RSV1 in every frame", faults{rsv: rsv1}, "1.*,2.*,5.3,6.5.*,7.1.1,7.7.*,9.1.1,9.7.1,10.*,20.2.*", "2.5"},
	{"sets RSV3 in every frame", faults{rsv: rsv3}, "1.*,2.1,6.5.*,7.7.*,12.1.1,13.1.*,22.1.1", ""},
	{"keeps TCP open behind a close frame", faults{keepsTCP: true}, "1.*,2.1,2.5,3.1,6.3.1,6.5.*,7.1.1,7.7.*,12.1.1,27.1.1,27.1.2,27.1.3", ""},
	{"does not notice that its peer has ended its half of TCP", faults{missesEnd: true}, "27.1.1,27.1.2,27.1.3", ""},
	{"ends TCP by a reset", faults{resets: true}, "27.3.*", ""},
	{"takes one connection only", faults{once: true}, "27.1.4,27.1.5,27.1.6", ""},
	{"compresses with a longer window than agreed", faults{farBack: true}, "13.3.5,13.3.10,13.5.5,13.7.5", ""},
	{"does not keep the context that was agreed", faults{noTakeover: true}, "12.1.5,12.4.5,13.1.5", ""},
}

func TestTheModelIsCorrect(t *testing.T) {
	without := ""
	if raceDetector {
		t.Log("without 25.1.5: under the race detector 64 MiB take longer than a judge waits")
		without = "25.1.5"
	}
	cases := lightly(t, "1.*,2.*,3.*,4.*,5.*,6.*,7.*,9.1.1,9.2.1,9.7.1,10.*,12.1.1,13.3.1,13.5.3,20.2.*,20.4.*,21.*,22.*,23.*,24.*,25.*,26.1.1,27.*", without)
	synctest.Test(t, func(t *testing.T) { modelPasses(t, cases) })
}

func modelPasses(t *testing.T, cases []*Case) {
	for _, r := range judgeModelServer(t, cases, faults{}) {
		if !r.Passed() || r.Behavior == NonStrict || r.Behavior == Unimplemented {
			t.Errorf("server: %s: %s, %s: %s", r.Case, r.Behavior, r.BehaviorClose, r.Why)
		}
	}
	for _, r := range judgeModelClient(t, cases, faults{}) {
		if !r.Passed() || r.Behavior == NonStrict || r.Behavior == Unimplemented && !strings.HasPrefix(r.Case, "13.") {
			t.Errorf("client: %s: %s, %s: %s", r.Case, r.Behavior, r.BehaviorClose, r.Why)
		}
	}
}

func judgeModelServer(t *testing.T, cases []*Case, f faults) []*Result {
	t.Helper()
	l := newMemoryNet()
	done := make(chan bool)
	go func() { defer close(done); serveModel(l, f) }()
	defer func() { l.Close(); <-done }()
	c := Client{URL: "ws://" + l.Addr().String() + "/", Cases: cases, Parallel: 100, Dial: l.dial}
	results, err := c.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func judgeModelClient(t *testing.T, cases []*Case, f faults) []*Result {
	t.Helper()
	l := newMemoryNet()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{Cases: cases}
	done := make(chan error)
	go func() { done <- s.Serve(ctx, l) }()
	var all sync.WaitGroup
	room := make(chan bool, 100)
	for _, heavy := range []bool{false, true} {
		for n, c := range InRole(cases, ServerRole) {
			if c.manner.heavy != heavy {
				continue
			}
			room <- true
			all.Go(func() {
				dialModel(l, fmt.Sprintf("ws://%s/runCase?case=%d&agent=model", l.Addr(), n+1), f)
				<-room
			})
		}
		all.Wait()
	}
	s.settle("model")
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return s.Results("model")
}

// lightly selects cases.
func lightly(t *testing.T, want, without string) []*Case {
	t.Helper()
	split := func(list string) []string {
		if list == "" {
			return nil
		}
		return strings.Split(list, ",")
	}
	cases, err := Select(Cases(), split(want), split(without))
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	covered := make(map[string]bool)
	for _, b := range broken {
		for _, c := range lightly(t, b.found, b.not) {
			covered[c.ID] = true
		}
	}
	var missing []string
	for _, c := range Cases() {
		if !covered[c.ID] && !c.want.informational {
			missing = append(missing, c.ID)
		}
	}
	if len(missing) > 0 {
		t.Errorf("no broken endpoint for %d cases: %s", len(missing), strings.Join(missing, " "))
	}
	if testing.Short() || raceDetector {
		t.Skip("faults are found on every machine alike, and it takes a while; correct peers show races as well")
	}
	for _, b := range broken {
		synctest.Test(t, func(t *testing.T) {
			if unseen := okDespite(t, b.f, lightly(t, b.found, b.not)); len(unseen) > 0 {
				t.Errorf("a peer that %s is OK in %s", b.name, strings.Join(unseen, ", "))
			}
		})
	}
}

// okDespite returns the cases that do not find the fault.
func okDespite(t *testing.T, f faults, cases []*Case) (unseen []string) {
	judge := map[Role]func([]*Case) []*Result{
		ClientRole: func(cases []*Case) []*Result { return judgeModelServer(t, cases, f) },
		ServerRole: func(cases []*Case) []*Result { return judgeModelClient(t, cases, f) },
	}
	switch {
	case f.keepsTCP:
		// It is the server who ends TCP, so that a client cannot keep it open.
		delete(judge, ServerRole)
	case f.once:
		// Each case needs a server of its own.
		delete(judge, ServerRole)
		judge[ClientRole] = func(cases []*Case) (results []*Result) {
			for _, c := range cases {
				results = append(results, judgeModelServer(t, []*Case{c}, f)...)
			}
			return results
		}
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	for role, judge := range judge {
		all.Go(func() {
			results := judge(cases)
			mu.Lock()
			defer mu.Unlock()
			if want := len(InRole(cases, role)); len(results) != want {
				t.Errorf("fuzzer as %s: %d results of %d cases", role, len(results), want)
			}
			for _, r := range results {
				if r.Behavior == OK && r.BehaviorClose == OK {
					unseen = append(unseen, fmt.Sprintf("%s (fuzzer as %s)", r.Case, role))
				}
			}
		})
	}
	all.Wait()
	slices.Sort(unseen)
	return unseen
}
