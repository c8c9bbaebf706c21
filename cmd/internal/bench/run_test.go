package bench

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsutil"
)

// listen serves connections until the test ends.
func listen(t *testing.T, conf *tls.Config, serve func(net.Conn)) *url.URL {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &url.URL{Scheme: "ws", Host: l.Addr().String(), Path: "/"}
	if conf != nil {
		l, u.Scheme = tls.NewListener(l, conf), "wss"
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
	return u
}

// liar is an echo server that may change what it sends: answer is given each
// message and its number on the connection.
type liar struct {
	answer  func(conn net.Conn, number int, f ws.Frame) bool // whether to go on
	deflate bool
}

func (l liar) serve(conn net.Conn) {
	var x wsflate.Extension
	u := ws.Upgrader{}
	if l.deflate {
		u.Negotiate = x.Negotiate
	}
	if _, err := u.Upgrade(conn); err != nil {
		return
	}
	s := wsutil.NewStream(conn, ws.StateServerSide, 4096)
	if p, ok := x.Accepted(); ok {
		s.SetExtension(wsflate.New(ws.StateServerSide, p, &wsflate.Options{Threshold: -1}))
	}
	for i := 0; ; i++ {
		p, op, err := s.ReadMessage()
		if err != nil {
			return
		}
		if l.answer == nil {
			err = s.WriteMessage(op, p)
		} else if !l.answer(conn, i, ws.NewFrame(op, true, p)) {
			return
		}
		if err != nil {
			return
		}
	}
}

func write(conn net.Conn, f ws.Frame) bool { return ws.WriteFrame(conn, f) == nil }

// watching is a Progress that is told how far measuring is.
type watching func(done, of time.Duration)

func (watching) Connecting(int, int)                                            {}
func (f watching) Measuring(done, of time.Duration, _ float64, _ time.Duration) { f(done, of) }
func (watching) End()                                                           {}

// runAgainst runs a short bench. It fails the test only if there is no result.
func runAgainst(t *testing.T, u *url.URL, change func(*Options)) *Result {
	t.Helper()
	return runWatched(t, u, NoProgress{}, change)
}

func runWatched(t *testing.T, u *url.URL, p Progress, change func(*Options)) *Result {
	t.Helper()
	o := Default()
	o.URL, o.Warmup, o.Duration, o.Timeout = u, 0, 100*time.Millisecond, 20*time.Second
	if change != nil {
		change(&o)
	}
	r, err := Run(t.Context(), o, p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// longer calls run with longer and longer times, until it says that the time was
// enough: a machine may be busy with other things.
func longer(t *testing.T, run func(time.Duration) (enough bool)) {
	t.Helper()
	for d := 100 * time.Millisecond; !run(d); d *= 2 {
		if d > time.Minute {
			t.Fatalf("%v were not enough", d)
		}
	}
}

// serverTLS is that of httptest, and what trusts it.
func serverTLS(t *testing.T) (server, client *tls.Config) {
	s := httptest.NewTLSServer(nil)
	t.Cleanup(s.Close)
	return &tls.Config{Certificates: s.TLS.Certificates}, &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
}

func TestAnHonestServerPasses(t *testing.T) {
	t.Parallel()
	server, client := serverTLS(t)
	honest := liar{deflate: true}.serve
	plain, secure := listen(t, nil, honest), listen(t, server, honest)
	raw := listen(t, nil, func(conn net.Conn) { io.Copy(conn, conn) })
	for name, c := range map[string]struct {
		u      *url.URL
		change func(*Options)
	}{
		"one":           {plain, nil},
		"many":          {plain, func(o *Options) { o.Connections, o.InFlight, o.Loops = 50, 8, 3 }},
		"large":         {plain, func(o *Options) { o.Connections, o.InFlight, o.Size = 2, 4, 3<<20 }},
		"nothing in it": {plain, func(o *Options) { o.Connections, o.Size = 3, 0 }},
		"text":          {plain, func(o *Options) { o.Connections, o.Size, o.Kind = 3, 3000, "mixed" }},
		"fragments":     {plain, func(o *Options) { o.Connections, o.Size, o.Fragment, o.InFlight = 3, 3000, 999, 3 }},
		"compressed":    {plain, func(o *Options) { o.Connections, o.Size, o.Kind, o.Compress = 3, 100_000, "json", true }},
		"no takeover":   {plain, func(o *Options) { o.Size, o.Kind, o.Compress, o.NoTakeover = 5000, "cjk", true, true }},
		"fresh masks":   {plain, func(o *Options) { o.Connections, o.InFlight, o.FreshMasks = 3, 5, true }},
		"raw":           {raw, func(o *Options) { o.Connections, o.InFlight, o.Raw = 5, 3, true }},
		"idle":          {plain, func(o *Options) { o.Connections, o.Mode = 30, Idle }},
		"secure":        {secure, func(o *Options) { o.Connections, o.InFlight, o.TLS = 5, 3, client }},
		"secure, idle":  {secure, func(o *Options) { o.Connections, o.Mode, o.TLS = 5, Idle, client }},
	} {
		for _, threads := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, threads %v", name, threads), func(t *testing.T) {
				t.Parallel() // each takes its time, and most are idle in it
				longer(t, func(d time.Duration) bool {
					r := runAgainst(t, c.u, func(o *Options) {
						if c.change != nil {
							c.change(o)
						}
						o.Duration, o.threads = d, threads
					})
					if r.Failures.Any() || r.Err() != nil {
						t.Errorf("%+v", r.Failures)
					}
					return r.Latency.Count >= int64(r.Setup.Connections)
				})
			})
		}
	}
}

func TestAnOpenLoopSendsAllThatIsDue(t *testing.T) {
	t.Parallel()
	u := listen(t, nil, liar{}.serve)
	for _, threads := range []bool{false, true} {
		for _, bound := range []int{0, 1} {
			r := runAgainst(t, u, func(o *Options) {
				o.Connections, o.InFlight, o.Rate, o.Loops, o.threads = 7, bound, 3000, 2, threads
			})
			if r.Failures.Any() || r.Latency.Count != 300 || r.Lateness.Count != 300 {
				t.Errorf("threads %v, at most %d: %+v, %d timed, %d sent; want all 300 of 0.1 s", threads, bound, r.Failures, r.Latency.Count, r.Lateness.Count)
			}
		}
	}
}

// A server that stalls at the end of the run pays for it in each figure: the
// answers come when the time is over.
func TestTheWorstAnswerIsInTheSeriesToo(t *testing.T) {
	t.Parallel()
	const messages = 30
	for _, threads := range []bool{false, true} {
		over := make(chan struct{})
		u := listen(t, nil, liar{answer: func(conn net.Conn, i int, f ws.Frame) bool {
			if i >= messages-3 {
				<-over
			}
			return write(conn, f)
		}}.serve)
		release := sync.OnceFunc(func() { close(over) })
		watch := watching(func(done, of time.Duration) {
			if done >= of {
				release()
			}
		})
		r := runWatched(t, u, watch, func(o *Options) {
			o.Connections, o.Rate, o.Duration, o.threads = 1, 100, 300*time.Millisecond, threads
		})
		var worst int64
		for _, s := range r.Series {
			worst = max(worst, s.Max)
		}
		if r.Failures.Any() || r.Latency.Count != messages || worst != r.Latency.Max {
			t.Errorf("threads %v: %+v, %d answers, the longest took %v, and %v in the series", threads, r.Failures, r.Latency.Count, time.Duration(r.Latency.Max), time.Duration(worst))
		}
		if last := r.Series[len(r.Series)-1]; !last.Rest || last.At < r.Seconds {
			t.Errorf("threads %v: the last part is %+v, want the rest after %v s", threads, last, r.Seconds)
		}
		for _, c := range r.charts() {
			if c.Title == "Latency over time" && !strings.Contains(c.Lines[2].Points, fmt.Sprintf("%.1f,", c.Right)) {
				t.Errorf("threads %v: the longest answers of the rest are not drawn: %s", threads, c.Lines[2].Points)
			}
		}
	}
}

func TestHandshakesAreRepeated(t *testing.T) {
	t.Parallel()
	var accepted atomic.Int64
	u := listen(t, nil, func(conn net.Conn) {
		accepted.Add(1) // before the client can count it
		ws.Upgrade(conn)
	})
	for _, threads := range []bool{false, true} {
		r := runAgainst(t, u, func(o *Options) {
			o.Mode, o.Connections, o.threads = Handshake, 4, threads
			o.Sources = []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.1")}
		})
		if r.Failures.Any() || r.Messages > accepted.Load() {
			t.Errorf("threads %v: %+v, %d handshakes, and the server has seen %d", threads, r.Failures, r.Messages, accepted.Load())
		}
	}
}

func TestTheServersProcessIsMeasured(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the figures of a process can be read on Linux only")
	}
	u := listen(t, nil, liar{}.serve)
	r := runAgainst(t, u, func(o *Options) { o.PID = os.Getpid() })
	if s := r.Server; s == nil || s.PID != os.Getpid() || s.Switches < 0 || s.CPUs <= 0 || s.Resident <= 0 || s.Peak < s.Resident/2 {
		t.Errorf("got %+v", r.Server)
	}
	o := Default()
	o.URL, o.PID = u, 1<<30
	if _, err := Run(t.Context(), o, NoProgress{}); err == nil {
		t.Error("there is no such process, and nothing was said")
	}
}

// A server that dies takes the run with it, which would last an hour.
func TestADeadServerEndsTheRun(t *testing.T) {
	t.Parallel()
	for _, threads := range []bool{false, true} {
		for _, mode := range []Mode{Echo, Idle, Handshake} {
			var mu sync.Mutex
			var conns []net.Conn
			var dead bool
			var u *url.URL
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			u = &url.URL{Scheme: "ws", Host: l.Addr().String(), Path: "/"}
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					mu.Lock()
					if conns = append(conns, conn); dead {
						conn.Close()
					}
					mu.Unlock()
					go liar{}.serve(conn)
				}
			}()
			time.AfterFunc(200*time.Millisecond, func() {
				l.Close()
				mu.Lock()
				defer mu.Unlock()
				dead = true
				for _, c := range conns {
					c.Close()
				}
			})
			r := runAgainst(t, u, func(o *Options) {
				o.Mode, o.Connections, o.Duration, o.threads = mode, 3, time.Hour, threads
			})
			if f := r.Failures; f.Refused+f.Ended != 3 || r.Stopped {
				t.Errorf("%s, threads %v: %+v, interrupted: %v", mode, threads, f, r.Stopped)
			}
		}
	}
}

func TestAServerProcessThatEndsIsSaid(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the figures of a process can be read on Linux only")
	}
	u := listen(t, nil, liar{}.serve)
	longer(t, func(d time.Duration) bool {
		cmd := exec.Command("sleep", "1000")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		end := sync.OnceFunc(func() {
			cmd.Process.Kill()
			cmd.Wait()
		})
		defer end()
		looked := false
		watch := watching(func(time.Duration, time.Duration) { looked = true; end() })
		r := runWatched(t, u, watch, func(o *Options) { o.PID, o.Duration = cmd.Process.Pid, d })
		if !looked { // the time was over before it began to be watched
			return false
		}
		if want := fmt.Sprintf("the server's process, %d, has ended", cmd.Process.Pid); !r.Failures.Gone || r.Err() == nil || r.Failures.Examples[0] != want {
			t.Errorf("%+v, want %q", r.Failures, want)
		}
		if r.Server != nil {
			t.Errorf("%+v of the server", r.Server)
		}
		return r.Messages > 0
	})
}

func TestAnEndedContextEndsTheRun(t *testing.T) {
	t.Parallel()
	u := listen(t, nil, liar{}.serve)
	for _, threads := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		o := Default()
		o.URL, o.Duration, o.threads = u, time.Hour, threads
		r, err := Run(ctx, o, watching(func(time.Duration, time.Duration) { cancel() }))
		if err != nil || !r.Stopped || r.Failures.Any() {
			t.Errorf("threads %v: %+v, %v", threads, r, err)
		}
	}
}

func TestWhatMakesNoSenseIsRefused(t *testing.T) {
	for want, change := range map[string]func(*Options){
		`mode "x"`:                 func(o *Options) { o.Mode = "x" },
		`kind "x"`:                 func(o *Options) { o.Kind = "x" },
		"0 connections":            func(o *Options) { o.Connections = 0 },
		"negative":                 func(o *Options) { o.Size = -1 },
		"1 GiB":                    func(o *Options) { o.Size = 1<<30 + 1 },
		"JSON":                     func(o *Options) { o.Size, o.Kind = 0, "json" },
		"above 0":                  func(o *Options) { o.Duration = 0 },
		"one a nanosecond":         func(o *Options) { o.Rate = 1e10 },
		"not for idle":             func(o *Options) { o.Rate, o.Mode = 1, Idle },
		"raw server":               func(o *Options) { o.Raw, o.Compress = true, true },
		"fresh masks":              func(o *Options) { o.FreshMasks, o.Compress = true, true },
		"takeover":                 func(o *Options) { o.NoTakeover = true },
		"another family":           func(o *Options) { o.Sources = []netip.Addr{netip.MustParseAddr("::1")} },
		"source address 192.0.2.1": func(o *Options) { o.Sources = []netip.Addr{netip.MustParseAddr("192.0.2.1")} },
	} {
		o := testOptions(change)
		if _, err := Run(t.Context(), o, NoProgress{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func pidOnLinux() int {
	if runtime.GOOS == "linux" {
		return os.Getpid()
	}
	return 0
}

// Some were opened, if only in the warm-up: the server failed, and was reached.
func TestAServerThatRefusesLaterHasBeenReached(t *testing.T) {
	t.Parallel()
	for _, threads := range []bool{false, true} {
		var n atomic.Int64
		u := listen(t, nil, func(conn net.Conn) {
			if n.Add(1) <= 20 {
				ws.Upgrade(conn)
				return
			}
			io.ReadFull(conn, make([]byte, 10))
			conn.Write([]byte("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"))
		})
		r := runAgainst(t, u, func(o *Options) {
			// Both are refused in the end, however long that takes.
			o.Mode, o.Connections, o.threads, o.Warmup, o.Duration = Handshake, 2, threads, 300*time.Millisecond, time.Hour
		})
		if got := exit.Of(r.Err()); got != exit.Unfit {
			t.Errorf("threads %v: status %d, %v; want %d", threads, got, r.Err(), exit.Unfit)
		}
	}
}

func TestAServerThatAnswersNothingDoesNotMakeTheLoadGeneratorLate(t *testing.T) {
	t.Parallel()
	u := listen(t, nil, func(conn net.Conn) {
		ws.Upgrade(conn)
		io.Copy(io.Discard, conn)
	})
	r := runAgainst(t, u, func(o *Options) { o.Rate, o.Duration, o.Timeout = 100, 300*time.Millisecond, 100*time.Millisecond })
	var text strings.Builder
	if err := r.WriteText(&text, 0); err != nil || strings.Contains(text.String(), "was late") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func TestConnectionsThatOpenAreLeftWhenTheRunIs(t *testing.T) {
	t.Parallel()
	u := listen(t, nil, func(conn net.Conn) { io.Copy(io.Discard, conn) })
	u.Scheme = "wss"
	o := Default()
	o.URL, o.Timeout = u, time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	r, err := Run(ctx, o, watching(func(time.Duration, time.Duration) {}))
	if err != nil || !r.Stopped || r.Failures.Any() || time.Since(begun) > o.Timeout/2 {
		t.Errorf("%v after %v: %+v", err, time.Since(begun), r)
	}
}

func TestNumbersThatAreNone(t *testing.T) {
	o := Default()
	o.URL, o.Rate = &url.URL{Scheme: "ws", Host: "x"}, math.NaN()
	if o.Check() == nil {
		t.Error("a rate of NaN was taken")
	}
	if s, err := ParseStages("2562047h:1,2562047h:1"); err == nil {
		t.Errorf("%v take %v", s, total(s))
	}
	if _, err := ParseThreshold("p99<NaN"); err == nil {
		t.Error("a threshold of NaN was taken")
	}
}
