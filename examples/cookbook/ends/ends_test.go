package ends

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

// An end is what a client does, and what comes of it.
type end struct {
	name  string
	opts  websocket.AcceptOptions
	does  func(*wstest.Script)
	code  websocket.StatusCode // that the client is sent; 0: none
	by    websocket.EndedBy
	level slog.Level
}

func sends(pieces ...wstest.Piece) func(*wstest.Script) {
	return func(client *wstest.Script) { client.Send(pieces...) }
}

func doesNothing(*wstest.Script) {}

var ends = []end{
	{"it closes with 1000", websocket.AcceptOptions{}, sends(wstest.CloseFrame(1000)), 1000, websocket.EndedByPeer, slog.LevelDebug},
	{"it closes with 1001", websocket.AcceptOptions{}, sends(wstest.CloseFrame(1001)), 1001, websocket.EndedByPeer, slog.LevelDebug},
	{"it closes with 1011", websocket.AcceptOptions{}, sends(wstest.CloseFrame(1011)), 1011, websocket.EndedByPeer, slog.LevelInfo},
	{"its network is cut", websocket.AcceptOptions{}, (*wstest.Script).Reset, 0, websocket.EndedByTransport, slog.LevelInfo},
	{"a frame that is not masked", websocket.AcceptOptions{}, sends(wstest.Hex("81 00")), 1002, websocket.EndedByViolation, slog.LevelWarn},
	{"text that is not UTF-8", websocket.AcceptOptions{}, sends(wstest.TextFrame("\xff")), 1007, websocket.EndedByViolation, slog.LevelWarn},
	{"a message over the read limit", websocket.AcceptOptions{}, sends(wstest.TextFrame(strings.Repeat("x", 33<<10))), 1009, websocket.EndedByUs, slog.LevelDebug},
	{"the handler returns an error", websocket.AcceptOptions{}, sends(wstest.TextFrame("fail")), 1011, websocket.EndedByUs, slog.LevelDebug},
	{"it is silent for ReadTimeout", websocket.AcceptOptions{ReadTimeout: time.Second}, doesNothing, 1008, websocket.EndedByTimeout, slog.LevelInfo},
}

func TestWhatComesOfEachEnd(t *testing.T) {
	for _, test := range ends {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 1)
				s := &websocket.Server{Handler: func(ctx context.Context, c *websocket.Conn) {
					ended <- c.Serve(ctx, func(context.Context, websocket.MessageType, []byte) error { return errors.New("no") })
				}}
				s.Options.AcceptOptions = test.opts
				server := wstest.Start(t, s.Serve, s.Close)
				client := server.Script("/")
				test.does(client)
				if test.code != 0 {
					client.Expect(wstest.CloseFrame(test.code))
					client.CloseWrite()
				}
				err := <-ended
				var end *websocket.ConnError
				if !errors.As(err, &end) || end.By != test.by {
					t.Errorf("got %v, want %v", err, test.by)
				}
				if got := Level(err); got != test.level {
					t.Errorf("%v has level %v, want %v", err, got, test.level)
				}
			})
		})
	}
}

func TestTheEndOfAContextIsNoEndOfTheConnection(t *testing.T) {
	server, _ := wstest.Pipe(t, nil, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := server.Read(ctx); Level(err) != slog.LevelError {
		t.Errorf("%v has level %v", err, Level(err))
	}
}

// TestThePageHasEveryCode: docs/cookbook/errors.md says something of each close code
// that may be sent or returned.
func TestThePageHasEveryCode(t *testing.T) {
	page, err := os.ReadFile("../../../docs/cookbook/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	for code := ws.StatusCode(1000); code <= 1015; code++ {
		if row := fmt.Sprintf("\n| %d ", code); code != 1004 && !strings.Contains(string(page), row) {
			t.Errorf("the page does not have %d", code)
		}
	}
}
