package websocket_test

import (
	"bytes"
	"context"
	"errors"
	"expvar"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

// What docs/observing.md shows.

func TestThePageAboutObservingShowsWhatRuns(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "observing.md"))
	if err != nil {
		t.Fatal(err)
	}
	this, err := os.ReadFile("guide_observing_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(page), "\n```go\n")[1:] {
		block, _, closed := strings.Cut(block, "\n```")
		if !closed || !strings.Contains(string(this), "\n"+block+"\n") {
			t.Errorf("it is not in guide_observing_test.go:\n%s", block)
		}
	}
}

var counters websocket.Counters

// chatOptions are those of all connections of the chat.
var chatOptions = &websocket.AcceptOptions{Counters: &counters}

// publish shows at /debug/vars what has been counted.
func publish() {
	expvar.Publish("chat", expvar.Func(func() any { return counters.Stats() }))
}

// serveLogged serves a connection, and logs how it has ended.
func serveLogged(ctx context.Context, log *slog.Logger, c *websocket.Conn, handler websocket.Handler) {
	begun := time.Now()
	err := c.Serve(ctx, handler)
	c.CloseNow() // it goes on if only ctx has ended
	s := c.Stats()
	level := slog.LevelWarn
	attrs := []slog.Attr{
		slog.Duration("lasted", time.Since(begun)),
		slog.Int64("received", s.Received.Messages),
		slog.Int64("sent", s.Sent.Messages),
		slog.Duration("rtt", c.RTT()),
	}
	var end *websocket.ConnError
	if errors.As(err, &end) {
		if end.Clean() {
			level = slog.LevelInfo // nothing that the peer has sent is missing
		}
		attrs = append(attrs, slog.String("by", end.By.Error()), slog.Int("code", int(end.Code)), slog.String("reason", end.Reason))
	}
	log.LogAttrs(ctx, level, "connection ended", append(attrs, slog.Any("err", err))...)
}

func TestAConnectionThatHasEndedIsALineInTheLog(t *testing.T) {
	if expvar.Get("chat") == nil { // with -count=2 it is there
		publish()
	}
	before := counters.Stats().Opened
	for name, tc := range map[string]struct {
		end  func(client *websocket.Conn)
		want string
	}{
		"closed": {func(c *websocket.Conn) { c.Close(websocket.StatusGoingAway, "bye") },
			`level=INFO msg="connection ended" lasted=1m0s received=1 sent=1 rtt=0s by="closed by the peer" code=1001 reason=bye err="websocket: closed by the peer: 1001`},
		"cut": {func(c *websocket.Conn) { c.CloseNow() },
			`level=WARN msg="connection ended" lasted=1m0s received=1 sent=1 rtt=0s by="the transport has ended" code=1006 reason="" err=`},
	} {
		synctest.Test(t, func(t *testing.T) {
			server, client := wstest.Pipe(t, chatOptions, nil)
			var lines bytes.Buffer
			ended := make(chan bool)
			go func() {
				defer close(ended)
				serveLogged(context.Background(), slog.New(slog.NewTextHandler(&lines, nil)), server, server.Write)
			}()
			client.Write(context.Background(), websocket.MessageText, []byte("hello"))
			client.Read(context.Background())
			time.Sleep(time.Minute)
			tc.end(client)
			<-ended
			if _, line, _ := strings.Cut(lines.String(), " "); !strings.HasPrefix(line, tc.want) || strings.Count(line, "\n") != 1 {
				t.Errorf("%s: logged %q, want %q", name, line, tc.want)
			}
		})
	}
	if all := expvar.Get("chat").String(); counters.Stats().Opened != before+2 || !strings.Contains(all, `"opened":`) {
		t.Errorf("published %s", all)
	}
}
