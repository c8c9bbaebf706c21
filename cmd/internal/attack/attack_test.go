package attack

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
)

// What a weak server is found to do. Which server is weak in that way stands
// before the colon.
var weaknesses = map[string]string{
	"heads/*":                  `weak: it took (\d+ MiB, and had not answered|no more, gave no answer)`,
	"slow/silent":              `weak: still there`,
	"slow/half-a-head":         `weak: still there`,
	"slow/head-by-bytes":       `weak: still there`,
	"slow/frames-by-bytes":     `turns: others (waited|were not served)|descriptors are open`,
	"slow/half-a-frame":        `leaks: memory grew|allocated`,
	"smuggling/*":              `weak: it accepted the handshake`,
	"smuggling/second-request": `weak: what was content was taken for a handshake`,
	"smuggling/false-tunnel":   `weak: one after the other`,
	"injection/*":              `weak: the answer has the line X-Injected`,
	"early/frame":              `weak: the message is lost`,
	"early/flood":              `turns: others (waited|were not served)|descriptors are open`,
	"early/no-handshake":       `weak: it took that for a handshake|still there`,
	"early/tls":                `weak: it took that for a handshake|still there`,
	"early/http2":              `leaks: it took that for a handshake|still there`,
	"lengths/*":                `weak: it kept the connection`,
	"lengths/largest":          `weak: it allocated \d+ MiB that it did not use`,
	"lengths/2^48":             `weak: it allocated \d+ MiB that it did not use`,
	"lengths/gibibyte":         `weak: it allocated \d+ MiB that it did not use`,
	"lengths/fragment":         `weak: it allocated \d+ MiB that it did not use`,
	"fragments/tiny":           `weak: it took all`,
	"fragments/empty":          `weak: it took all`,
	"fragments/pings-inside":   `weak: it took all`,
	"fragments/large":          `weak: it took all|it took no more`,
	"fragments/unfinished":     `leaks: memory grew|allocated`,
	"fragments/out-of-order":   `weak: it kept the connection`,
	"fragments/two-beginnings": `weak: it kept the connection`,
	"bombs/zeros":              `weak: \d{8,} bytes came back|it kept the connection`,
	"bombs/fragments":          `weak: \d{8,} bytes came back|it kept the connection`,
	"bombs/unfinished":         `leaks: memory grew|allocated`,
	"bombs/within-limits":      `turns: others (waited|were not served)|descriptors are open`,
	"bombs/empty-blocks":       `weak: it took all|memory grew`,
	"bombs/broken":             `weak: it kept the connection`,
	"bombs/not-agreed":         `weak: it kept the connection`,
	"floods/*":                 `turns: others (waited|were not served)|descriptors are open`,
	"floods/after-close":       `weak: still there`,
	"floods/handshakes":        `leaks: \d+ descriptors are open after the attack`,
	"floods/connections":       `leaks: \d+ descriptors are open after the attack`,
	"stalled/messages":         `weak: it took \d+ MiB, and kept the answers`,
	"stalled/tiny-messages":    `weak: it took \d+ MiB, and kept the answers`,
	"stalled/many":             `weak: it took \d+ MiB, and kept the answers`,
	"stalled/close":            `leaks: \d+ descriptors are open after the attack`,
	"stalled/slow-reader":      `leaks: descriptors are open`,
	"ends/reset-*":             `leaks: \d+ descriptors are open after the attack`,
	"ends/half-closed-*":       `weak: still there`,
	"http2/rapid-reset":        `turns: others (waited|were not served)|descriptors are open`,
	"http2/reset-by-error":     `turns: others (waited|were not served)|descriptors are open`,
	"http2/continuation":       `weak: it took all`,
	"http2/empty-continuation": `weak: it took all`,
	"http2/fields-bomb":        `weak: memory grew`,
	"http2/settings":           `weak: has to keep the answers|memory grew`,
	"http2/ping":               `weak: has to keep the answers|memory grew`,
	"http2/empty-data":         `turns: others (waited|were not served)|descriptors are open`,
	"http2/window-stall":       `weak: memory grew|others were not served`,
	"http2/silent":             `turns: others (waited|were not served)|descriptors are open`,
	"http2/window-overflow":    `weak: it kept the connection`,
	"http2/huge-frame":         `weak: it kept the connection`,
	"http2/connection-fields":  `weak: it accepted the handshake`,
}

// brisk makes a run quick. A server has long to answer in, which no verdict is for: a
// machine may stand still for seconds.
func brisk(o Options, only ...string) Options {
	o.Only, o.Duration, o.Handshake = only, 500*time.Millisecond, 500*time.Millisecond
	o.answerTime, o.canaryTime, o.settle, o.Connections = 10*time.Second, 10*time.Second, 2*time.Second, 12
	return o
}

// TestEveryAttackFindsAServerThatIsWeak: a verdict that is never bad is worth
// nothing. The server does in each case what the attack is about. It takes minutes, so
// all of them are tried with ALL_ATTACKS=true only, as .ci/long does.
func TestEveryAttackFindsAServerThatIsWeak(t *testing.T) {
	for _, a := range All() {
		weakness, ok := weaknesses[a.Name]
		for pattern, w := range weaknesses {
			if match, _ := Select([]string{pattern}); !ok && contains(match, a) {
				weakness = w
			}
		}
		name, words, ok := strings.Cut(weakness, ": ")
		if !ok {
			t.Errorf("%s: no server is weak to it", a.Name)
			continue
		}
		if os.Getenv("ALL_ATTACKS") != "true" && !quick[a.Name] {
			t.Logf("%s: not tried without ALL_ATTACKS=true", a.Name)
			continue
		}
		t.Run(a.Name, func(t *testing.T) {
			if waits[a.Family()] {
				t.Parallel()
			}
			o := brisk(start(t, name), a.Name)
			if !quick[a.Name] { // what does not come in time may be what it is found out by
				o.answerTime, o.canaryTime = time.Second, time.Second
			}
			if a.Name == "http2/fields-bomb" { // decoding takes its time
				o.answerTime *= 10
			}
			r, err := Run(t.Context(), o)
			if r == nil {
				t.Fatal(err)
			}
			got := r.Results[0]
			if got.Verdict != Weak && got.Verdict != Lenient || !regexp.MustCompile(words).MatchString(got.Seen) {
				t.Errorf("%s: %q, want it weak, with %q", got.Verdict, got.Seen, words)
			}
			if got.Verdict == Weak && (exit.Of(err) != exit.Unfit || !errors.Is(err, ErrWeak)) {
				t.Errorf("error is %v, want ErrWeak and the status %d", err, exit.Unfit)
			}
		})
	}
}

// waits are families whose attacks wait more than they work.
var waits = map[string]bool{"slow": true, "smuggling": true, "injection": true, "early": true, "lengths": true}

// quick are those that are always made: one for each way of being found out.
var quick = map[string]bool{
	"slow/silent": true, "smuggling/content-length": true, "injection/subprotocol": true, "fragments/unfinished": true, "ends/reset-in-head": true,
	"http2/connection-fields": true,
}

func contains(all []*Attack, a *Attack) bool {
	for _, one := range all {
		if one.Name == a.Name {
			return true
		}
	}
	return false
}

// TestOursResistsAttacks: those that take no time here, with times that no busy
// machine makes too short; make attack-ci makes all of them, on all shells.
func TestOursResistsAttacks(t *testing.T) {
	for name, only := range map[string][]string{
		"ours":  {"smuggling", "lengths", "injection", "fragments/t*", "bombs/[zb]*", "ends/reset-in-*"},
		"http2": {"http2/[chw]*", "lengths/top-bit", "early/http2"},
	} {
		t.Run(name, func(t *testing.T) {
			o := start(t, name)
			if testing.Short() {
				only = only[:1]
			}
			o.Only, o.Duration, o.Handshake, o.Patience, o.Connections = only, 100*time.Millisecond, 10*time.Second, 5, 8
			r, err := Run(t.Context(), o)
			if err != nil {
				t.Error(err)
			}
			for _, got := range r.Results {
				if got.Verdict != Resisted {
					t.Errorf("%s: %s: %s", got.Attack, got.Verdict, got.Seen)
				}
			}
		})
	}
}

func TestOnlyThisMachineIsAttackedUnlessTheServerIsOnesOwn(t *testing.T) {
	for _, c := range []struct {
		url string
		own bool
		ok  bool
	}{
		{"ws://127.0.0.1:1/", false, true},
		{"ws://127.8.9.10:1/", false, true},
		{"ws://[::1]:1/", false, true},
		{"ws://localhost:1/", false, true},
		{"ws://192.0.2.1/", false, false},
		{"ws://[2001:db8::1]/", false, false},
		{"ws://0.0.0.0/", false, false},
		{"ws://192.0.2.1/", true, true},
	} {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		o := Default()
		o.URL, o.Own = u, c.own
		if err := o.check(); (err == nil) != c.ok || !c.ok && !errors.Is(err, ErrNotYours) {
			t.Errorf("%s, own %v: got %v", c.url, c.own, err)
		}
	}
}

func TestAServerThatIsNotThereIsUnreachable(t *testing.T) {
	o := Default()
	o.URL = &url.URL{Scheme: "ws", Host: "127.0.0.1:1", Path: "/"}
	if r, err := Run(t.Context(), o); r != nil || exit.Of(err) != exit.Unreachable {
		t.Errorf("got %v, %v", r, err)
	}
}

func TestARunThatIsInterruptedReportsWhatWasDone(t *testing.T) {
	o := brisk(start(t, "ours"), "smuggling")
	ctx, cancel := context.WithCancel(t.Context())
	o.Each = func(*Result) { cancel() }
	r, err := Run(ctx, o)
	if r == nil || len(r.Results) != 1 || exit.Of(err) != exit.Interrupted {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestAttacksAreSelectedByNameAndFamily(t *testing.T) {
	for _, c := range []struct {
		patterns []string
		first    string
		n        int
	}{
		{nil, "heads/endless-line", len(All())},
		{[]string{"slow"}, "slow/silent", len(slow)},
		{[]string{"slow/*", "bombs/zeros"}, "slow/silent", len(slow) + 1},
		{[]string{"*/ping*"}, "lengths/ping", 5},
	} {
		got, err := Select(c.patterns)
		if err != nil || len(got) != c.n || got[0].Name != c.first {
			t.Errorf("%q: %d attacks, %v, want %d", c.patterns, len(got), err, c.n)
		}
	}
	for _, p := range []string{"none", "slow/none*", "["} {
		if _, err := Select([]string{p}); err == nil {
			t.Errorf("%q: no error", p)
		}
	}
}

// TestEveryAttackSaysWhatItWants: names are unique, and nothing is left empty.
func TestEveryAttackSaysWhatItWants(t *testing.T) {
	seen := make(map[string]bool)
	for _, f := range families {
		for _, a := range f.attacks {
			if seen[a.Name] || a.Family() != f.name || a.Does == "" || a.Wants == "" || !strings.HasPrefix(a.RFC, "RFC ") || a.run == nil {
				t.Errorf("%+v", a)
			}
			seen[a.Name] = true
		}
	}
}

// interrupting is a listener that ends a run at its connection with that number.
type interrupting struct {
	net.Listener
	cancel context.CancelFunc
	at     int
}

func (l *interrupting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if l.at--; l.at == 0 {
		l.cancel()
	}
	return conn, err
}

func TestALastAttackThatIsInterruptedIsNoVerdict(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go ours(&interrupting{Listener: l, cancel: cancel, at: 3}) // the first is that of the others
	o := brisk(Default(), "slow/silent")
	o.URL, o.Handshake = &url.URL{Scheme: "ws", Host: l.Addr().String(), Path: "/"}, time.Minute
	r, err := Run(ctx, o)
	if r == nil || len(r.Results) != 0 || exit.Of(err) != exit.Interrupted {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestARefusalHasTheStatusOfOne(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }))
	defer refusing.Close()
	o := Default()
	o.URL = &url.URL{Scheme: "ws", Host: strings.TrimPrefix(refusing.URL, "http://"), Path: "/"}
	if r, err := Run(t.Context(), o); r != nil || exit.Of(err) != exit.Refused {
		t.Errorf("got %v, %v: status %d", r, err, exit.Of(err))
	}
}

func TestATLSServerWithoutHTTP2OffersNone(t *testing.T) {
	s := httptest.NewUnstartedServer(echo())
	s.TLS = &tls.Config{NextProtos: []string{"http/1.1"}}
	s.StartTLS()
	defer s.Close()
	o := brisk(Default(), "http2/ping")
	o.URL = &url.URL{Scheme: "wss", Host: s.Listener.Addr().String(), Path: "/"}
	o.TLS = &tls.Config{InsecureSkipVerify: true}
	r, err := Run(t.Context(), o)
	if err != nil || r.Results[0].Verdict != NotOffered {
		t.Errorf("%v, %+v", err, r.Results[0])
	}
}

// A server that falls down at the preface of HTTP/2 serves nobody any more.
func TestAServerThatFallsIsNotOneThatDoesNotOffer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go ours(inner)
	go func() {
		var others []net.Conn
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			in := bufio.NewReader(c)
			if b, err := in.Peek(1); err == nil && b[0] == 'P' {
				l.Close()
				for _, c := range others {
					c.Close()
				}
				c.Close() // after all others: whoever sees it sees a server that has fallen
				return
			}
			to, _ := net.Dial("tcp", inner.Addr().String())
			others = append(others, c, to)
			go func() { io.Copy(to, in); to.Close() }()
			go func() { io.Copy(c, to); c.Close() }()
		}
	}()
	defer inner.Close()
	o := brisk(Default(), "http2/ping")
	o.URL = &url.URL{Scheme: "ws", Host: l.Addr().String(), Path: "/"}
	r, err := Run(t.Context(), o)
	if r == nil || exit.Of(err) != exit.Unfit || r.Results[0].Verdict != Weak {
		t.Errorf("got %v, %+v", err, r.Results[0])
	}
}

func TestTheJSONOfAReportIsFitForATerminal(t *testing.T) {
	var b strings.Builder
	r := Report{Results: []*Result{{Seen: "the answer has the line X-Injected: \u009b31m\u202e"}}}
	if err := r.WriteJSON(&b); err != nil || strings.ContainsAny(b.String(), "\u009b\u202e") {
		t.Errorf("%v, %q", err, b.String())
	}
}

func TestAListThatCannotBeWrittenIsAnError(t *testing.T) {
	closed, w := io.Pipe()
	closed.Close()
	if err := List(w, nil); err == nil {
		t.Error("no error")
	}
}
