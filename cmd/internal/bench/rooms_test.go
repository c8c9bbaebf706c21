package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/websocket"
)

// hall is a server with rooms, which may do something else to what it passes on: pass
// is given the number of a message, and who has to hear it.
type hall struct {
	pass func(number int, to []*websocket.Conn, text string, send func(c *websocket.Conn, text string))

	mu    sync.Mutex
	rooms map[string][]*websocket.Conn
	said  int
}

func startHall(t *testing.T, pass func(int, []*websocket.Conn, string, func(*websocket.Conn, string))) *url.URL {
	t.Helper()
	h := &hall{pass: pass, rooms: make(map[string][]*websocket.Conn)}
	server := websocket.Server{}
	server.Options.CompressionMode = websocket.CompressionContextTakeover
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		room := r.URL.Query().Get("room")
		if !strings.HasPrefix(r.URL.Query().Get("name"), "bench-") {
			t.Errorf("name %q", r.URL.Query().Get("name"))
		}
		c := h.enter(w, r, room, &server.Options.AcceptOptions)
		if c == nil {
			return
		}
		c.Serve(context.Background(), func(_ context.Context, _ websocket.MessageType, p []byte) error {
			h.say(room, string(p))
			return nil
		})
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse("ws" + strings.TrimPrefix(s.URL, "http") + "/?room={room}&name={name}")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// enter accepts a connection into a room. Nothing is passed on meanwhile: whoever has
// the answer hears what is said from then on.
func (h *hall) enter(w http.ResponseWriter, r *http.Request, room string, o *websocket.AcceptOptions) *websocket.Conn {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, err := websocket.Accept(w, r, o)
	if err != nil {
		return nil
	}
	h.rooms[room] = append(h.rooms[room], c)
	return c
}

// say passes on what was said, inside of JSON.
func (h *hall) say(room, text string) {
	send := func(c *websocket.Conn, text string) {
		p, _ := json.Marshal(map[string]string{"said": text})
		c.Write(context.Background(), websocket.MessageText, p)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said++
	if h.pass != nil {
		h.pass(h.said, h.rooms[room], text, send)
		return
	}
	for _, c := range h.rooms[room] {
		send(c, text)
	}
}

func TestConnectionsTalkInRooms(t *testing.T) {
	t.Parallel()
	u := startHall(t, nil)
	for name, c := range map[string]struct {
		change     func(*Options)
		rooms      int
		deliveries int64
	}{
		"chat":           {func(o *Options) { o.Mode, o.Connections, o.RoomSize = Chat, 12, 4 }, 3, 60 * 3},
		"fan-out":        {func(o *Options) { o.Mode, o.Connections = FanOut, 5 }, 1, 60 * 4},
		"uneven rooms":   {func(o *Options) { o.Mode, o.Connections, o.RoomSize = FanOut, 5, 3 }, 2, 30*2 + 30},
		"compressed":     {func(o *Options) { o.Mode, o.Connections, o.Compress, o.Size = Chat, 4, true, 2000 }, 1, 60 * 3},
		"stages":         {func(o *Options) { o.Mode, o.Connections, o.Stages = Chat, 3, []Stage{{200 * time.Millisecond, 300}} }, 1, 60 * 2},
		"with a warm-up": {func(o *Options) { o.Mode, o.Connections, o.Warmup = Chat, 3, 100*time.Millisecond }, 1, 60 * 2},
	} {
		r := runAgainst(t, u, func(o *Options) {
			o.Rate, o.Duration = 300, 200*time.Millisecond
			c.change(o)
		})
		if r.Failures.Any() || r.Rooms == nil {
			t.Errorf("%s: %+v", name, r.Failures)
			continue
		}
		// Each message was due at an exact time, but the last may be beyond the end.
		room := *r.Rooms
		if room.Rooms != c.rooms || room.Said < 59 || room.Said > 61 || room.All.Count != room.Said || room.First.Count != room.Said {
			t.Errorf("%s: %+v", name, room)
		}
		if n := r.Latency.Count; n < c.deliveries-5 || n > c.deliveries+5 {
			t.Errorf("%s: %d deliveries, want about %d", name, n, c.deliveries)
		}
		if room.First.Max > room.All.Max || room.All.Max != r.Latency.Max || room.BestP99 > room.MiddleP99 || room.MiddleP99 > room.WorstP99 || room.WorstP99 == 0 {
			t.Errorf("%s: %+v, %+v", name, room, r.Latency)
		}
		never, err := ParseThreshold("everybody<1ns")
		if err != nil || r.Missed([]Threshold{never}) == nil {
			t.Errorf("%s: a threshold of a nanosecond was kept to, %v", name, err)
		}
		var text, page bytes.Buffer
		if err := r.WriteHTML(&page); err != nil || !strings.Contains(page.String(), "until all heard") || !strings.Contains(page.String(), "the worst, connection ") {
			t.Errorf("%s: %v, %s", name, err, page.String())
		}
		if err := r.WriteText(&text, 0); err != nil || !strings.Contains(text.String(), "heard by all") || !strings.Contains(text.String(), "receivers ") {
			t.Errorf("%s: %v, %s", name, err, text.String())
		}
	}
}

func TestARoomThatDoesWrongIsFound(t *testing.T) {
	t.Parallel()
	all := func(to []*websocket.Conn, text string, send func(*websocket.Conn, string)) {
		for _, c := range to {
			send(c, text)
		}
	}
	var before string
	for name, c := range map[string]struct {
		pass func(number int, to []*websocket.Conn, text string, send func(*websocket.Conn, string))
		want string
	}{
		"loses": {func(n int, to []*websocket.Conn, text string, send func(*websocket.Conn, string)) {
			if n != 7 {
				all(to, text, send)
			}
		}, "message of others not heard"},
		"doubles": {func(n int, to []*websocket.Conn, text string, send func(*websocket.Conn, string)) {
			all(to, text, send)
			if n == 7 {
				all(to, text, send)
			}
		}, "has come after its message"},
		"swaps": {func(n int, to []*websocket.Conn, text string, send func(*websocket.Conn, string)) {
			switch n {
			case 7:
				before = text
			case 8:
				all(to, text, send)
				all(to, before, send)
			default:
				all(to, text, send)
			}
		}, "has come after its message"},
		"changes": {func(n int, to []*websocket.Conn, text string, send func(*websocket.Conn, string)) {
			if n == 7 {
				text = text[:len(text)-1] + "!"
			}
			all(to, text, send)
		}, "not as it was said"},
		"invents": {func(n int, to []*websocket.Conn, text string, send func(*websocket.Conn, string)) {
			if n == 7 {
				text = strings.Replace(text, "-00000", "-99999", 1)
			}
			all(to, text, send)
		}, "nobody has said"},
		"closes": {func(n int, to []*websocket.Conn, text string, send func(*websocket.Conn, string)) {
			if n == 7 {
				go to[0].Close(4000, "enough")
				return
			}
			all(to, text, send)
		}, "4000"},
	} {
		r := runAgainst(t, startHall(t, c.pass), func(o *Options) {
			o.Mode, o.Connections, o.Rate = FanOut, 3, 200
			if name == "loses" || name == "closes" { // some wait in vain for message 7
				o.Timeout = 5 * time.Second
			}
		})
		if said := strings.Join(r.Failures.Examples, "\n"); !r.Failures.Any() || !strings.Contains(said, c.want) || exit.Of(r.Err()) != exit.Unfit {
			t.Errorf("%s: %+v, want %q", name, r.Failures, c.want)
		}
	}
}

func TestAMessageInTheWrongRoomIsFound(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var everybody []*websocket.Conn
	u := startHall(t, func(_ int, to []*websocket.Conn, text string, send func(*websocket.Conn, string)) {
		mu.Lock()
		defer mu.Unlock()
		everybody = append(everybody, to...)
		for _, c := range everybody {
			send(c, text)
		}
	})
	r := runAgainst(t, u, func(o *Options) {
		o.Mode, o.Connections, o.RoomSize, o.Rate = FanOut, 4, 2, 200
	})
	if said := strings.Join(r.Failures.Examples, "\n"); !strings.Contains(said, "has come") {
		t.Errorf("%+v", r.Failures)
	}
}

func TestRoomsThatMakeNoSenseAreRefused(t *testing.T) {
	u, _ := url.Parse("ws://127.0.0.1:1/")
	for want, change := range map[string]func(*Options){
		"for the modes fanout and chat": func(o *Options) { o.RoomSize, o.Mode = 3, Echo },
		"it takes two":                  func(o *Options) { o.Connections = 1 },
		"has no {room}":                 func(o *Options) { o.RoomSize = 2 },
		"so that it is known again":     func(o *Options) { o.Size = 3 },
		"knows no raw server":           func(o *Options) { o.Fragment = 3 },
		"more than 20000000 messages":   func(o *Options) { o.Rate, o.Duration = 1e6, time.Hour },
	} {
		o := Default()
		o.URL, o.Mode, o.Connections = u, Chat, 4
		change(&o)
		if err := o.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// The status is that of the other commands if nothing could be tried.
func TestAServerThatIsNotReachedIsNotOneThatFailed(t *testing.T) {
	t.Parallel()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }))
	defer refusing.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, c := range []struct {
		address string
		want    exit.Status
	}{
		{"127.0.0.1:1", exit.Unreachable},
		{strings.TrimPrefix(refusing.URL, "http://"), exit.Refused},
		{silent.Addr().String(), exit.TimedOut},
	} {
		for _, mode := range []Mode{Echo, Chat, Handshake} {
			for _, threads := range []bool{false, true} {
				u := &url.URL{Scheme: "ws", Host: c.address, Path: "/"}
				r := runAgainst(t, u, func(o *Options) {
					// That none can be opened ends the run, however long that takes.
					o.Mode, o.Connections, o.threads, o.Duration = mode, 2, threads, time.Hour
					if c.want == exit.TimedOut {
						o.Timeout = 100 * time.Millisecond
					}
				})
				if got := exit.Of(r.Err()); got != c.want {
					t.Errorf("%s, mode %s, threads %v: status %d, %v; want %d", c.address, mode, threads, got, r.Err(), c.want)
				}
			}
		}
	}
	u := &url.URL{Scheme: "ws", Host: "nobody.invalid", Path: "/"}
	o := Default()
	o.URL = u
	if _, err := Run(t.Context(), o, NoProgress{}); exit.Of(err) != exit.Unreachable {
		t.Errorf("%v", err)
	}
}
