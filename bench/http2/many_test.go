//go:build unix

package http2

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"

	"github.com/quic-go/quic-go/http3"

	"github.com/wirews/wirews/bench/internal/measure"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/h2"
	"github.com/wirews/wirews/websocket/h3"
)

// many is how many WebSockets there are, and waiting how many exchange messages at
// once.
const (
	many    = 1000
	talking = 100
)

// way is one to carry WebSockets, always with TLS.
type way struct {
	name   string
	client http.RoundTripper
	url    string
}

// ways serves over each version of HTTP. Over HTTP/1.1 a WebSocket has a TCP connection
// of its own; over HTTP/2 and HTTP/3 all have one connection.
func ways(b *testing.B) []way {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := websocket.Accept(w, r, nil); err == nil {
			echo(c)
		}
	})
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = true
	s.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: many}
	s.StartTLS()
	b.Cleanup(s.Close)
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	third := &http3.Server{Handler: h3.Handler(h), TLSConfig: s.TLS, QUICConfig: h3.QUICConfig(many, 0)}
	go third.Serve(socket)
	b.Cleanup(func() { third.Close(); socket.Close() })
	trust := func() *tls.Config {
		return &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	}
	return []way{
		{"HTTP1", &http.Transport{TLSClientConfig: trust()}, s.URL},
		{"HTTP2", &h2.Transport{TLSClientConfig: trust(), Only: true, MaxStreams: many}, s.URL},
		{"HTTP3", &h3.Transport{TLSClientConfig: trust(), MaxStreams: many}, "https://" + socket.LocalAddr().String()},
	}
}

// BenchmarkManyWebSockets measures both ends together, which are in this process: the
// CPU time of a message of 128 bytes and its echo, and the memory of a WebSocket of which
// both ends wait, heap and stacks.
func BenchmarkManyWebSockets(b *testing.B) {
	for _, w := range ways(b) {
		b.Run(w.name, func(b *testing.B) {
			before := memory()
			conns := w.dial(b, many)
			ctx, cancel := context.WithCancel(bg)
			defer cancel()
			waitAll(ctx, conns)
			each := float64(memory()-before) / many
			cancel()
			begun := measure.CPUTime()
			for b.Loop() {
				talk(b, conns[:talking], 1)
			}
			b.ReportMetric(each, "B/websocket")
			b.ReportMetric(float64(measure.CPUTime()-begun)/float64(b.N)/talking, "cpu-ns/msg")
		})
	}
}

// BenchmarkVersions has each version of HTTP carry messages in turn, a thousand with
// their echoes in a round, so that whatever else the machine does is the same for all.
// It reports the CPU time of a message over HTTP/1.1, and that of the others as a ratio to
// it in the same round, the median of all rounds.
func BenchmarkVersions(b *testing.B) {
	all := ways(b)
	conns := make([][]*websocket.Conn, len(all))
	for i, w := range all {
		conns[i] = w.dial(b, talking)
		talk(b, conns[i], 1)
	}
	const times = 10
	var first []float64
	ratios := make([][]float64, len(all))
	for b.Loop() {
		for i := range all {
			begun := measure.CPUTime()
			talk(b, conns[i], times)
			used := float64(measure.CPUTime() - begun)
			if i == 0 {
				first = append(first, used)
			}
			ratios[i] = append(ratios[i], used/first[len(first)-1])
		}
	}
	b.ReportMetric(measure.Median(first)/talking/times, "HTTP1-cpu-ns/msg")
	for i, w := range all[1:] {
		b.ReportMetric(measure.Median(ratios[i+1]), w.name+"-ratio")
	}
}

// dial opens n WebSockets.
func (w way) dial(b *testing.B, n int) []*websocket.Conn {
	conns := make([]*websocket.Conn, n)
	for i := range conns {
		c, _, err := websocket.Dial(bg, w.url, &websocket.DialOptions{HTTPClient: &http.Client{Transport: w.client}})
		if err != nil {
			b.Fatal(err)
		}
		conns[i] = c
		b.Cleanup(func() { c.CloseNow() })
	}
	return conns
}

// talk exchanges as many messages of 128 bytes on each of the connections, all of them
// at once.
func talk(b *testing.B, conns []*websocket.Conn, times int) {
	message := make([]byte, 128)
	var all sync.WaitGroup
	for _, c := range conns {
		all.Go(func() {
			for range times {
				err := c.Write(bg, websocket.MessageBinary, message)
				if err == nil {
					_, _, err = c.Read(bg)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// waitAll has each connection wait for a message until ctx ends.
func waitAll(ctx context.Context, conns []*websocket.Conn) {
	for _, c := range conns {
		go c.Read(ctx)
	}
	for range 100 {
		runtime.Gosched()
	}
}

func memory() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
