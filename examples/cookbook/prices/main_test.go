package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

// dial connects with a small buffer, so that a client that does not read is soon
// noticed.
func dial(t *testing.T, s *websocket.Server) *websocket.Conn {
	t.Helper()
	l := wstest.NewListener(64)
	go s.Serve(l)
	t.Cleanup(func() { l.Close() })
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return l.Dial() }}
	c, _, err := websocket.Dial(context.Background(), "ws://prices/", &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestASlowClientGetsTheLatestPriceOfEachShare, and a quick one every price.
func TestASlowClientGetsTheLatestPriceOfEachShare(t *testing.T) {
	log.SetOutput(io.Discard)
	synctest.Test(t, func(t *testing.T) {
		s := NewServer()
		slow, quick := dial(t, s), dial(t, s)
		synctest.Wait() // until the server has taken them in: a client knows before
		const rounds, shares = 1000, 5
		want := make(map[string]string)
		for i := range rounds {
			share := fmt.Sprintf("SHARE%d", i%shares)
			Tell(s, share, float64(i))
			want[share] = fmt.Sprintf("%d.00", i)
			if _, p, err := quick.Read(t.Context()); err != nil || string(p) != share+" "+want[share] {
				t.Fatalf("the quick client gets %q, %v", p, err)
			}
		}
		got, n := make(map[string]string), 0
		for ctx, cancel := context.WithTimeout(t.Context(), time.Second); ; n++ {
			_, p, err := slow.Read(ctx)
			if err != nil {
				cancel()
				break
			}
			share, price, _ := strings.Cut(string(p), " ")
			got[share] = price
		}
		if n > rounds/10 {
			t.Errorf("the slow client gets %d of %d messages", n, rounds)
		}
		for share, price := range want {
			if got[share] != price {
				t.Errorf("the slow client has %q for %s, want %s", got[share], share, price)
			}
		}
		slow.CloseNow()
		quick.CloseNow()
		s.Close()
	})
}

// TestAClientThatTakesNothingHasToGo after StallTimeout.
func TestAClientThatTakesNothingHasToGo(t *testing.T) {
	var lines bytes.Buffer
	log.SetOutput(&lines)
	defer log.SetOutput(io.Discard)
	synctest.Test(t, func(t *testing.T) {
		s := NewServer()
		ended := make(chan *websocket.ConnError, 1)
		logged := s.Options.OnOpen
		s.Options.OnOpen = func(ctx context.Context, c *websocket.Conn) func(*websocket.ConnError) {
			log := logged(ctx, c)
			return func(end *websocket.ConnError) {
				log(end)
				ended <- end
			}
		}
		c := dial(t, s)
		defer c.CloseNow()
		for i := range 100 {
			Tell(s, "SHARE", float64(i))
			synctest.Wait() // it is on its way, or waits
		}
		start := time.Now()
		if end := <-ended; end.By != websocket.EndedByTimeout || time.Since(start) != s.Options.StallTimeout {
			t.Errorf("after %v: %v", time.Since(start), end)
		}
		s.Close()
	})
	if n := strings.Count(lines.String(), "\n"); n != 1 || !strings.Contains(lines.String(), " messages were replaced by newer ones, 0 dropped") {
		t.Errorf("%d lines are logged:\n%s", n, lines.String())
	}
}
