package serve_test

import (
	"encoding/json"
	"testing"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

type vars struct {
	ConnectionsOpen     map[string]int `json:"connections_open"`
	ConnectionsTotal    map[string]int `json:"connections_total"`
	ClosedByCode        map[string]int `json:"closed_by_code"`
	Refused, Compressed int
	MessageBytes        int  `json:"message_memory"`
	ChatRooms           int  `json:"chat_rooms"`
	ChatMembers         int  `json:"chat_members"`
	Goroutines          int  `json:"goroutines"`
	Closing             bool `json:"closing"`
	WebSocket           websocket.Stats
}

func (s *testServer) vars(t *testing.T) (v vars) {
	t.Helper()
	resp, body := s.get(t, "/debug/vars", nil)
	if err := json.Unmarshal([]byte(body), &v); err != nil || resp.StatusCode != 200 {
		t.Fatalf("status %d, %v: %s", resp.StatusCode, err, body)
	}
	if got := resp.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("Content-Type is %q", got)
	}
	return v
}

func TestVarsCountWhatHappens(t *testing.T) { eachWay(t, testVarsCountWhatHappens) }

func testVarsCountWhatHappens(t *testing.T, o serve.Options) {
	s := start(t, o)
	if v := s.vars(t); v.WebSocket.Received.Messages != 0 || len(v.ConnectionsOpen) != 0 || v.Goroutines == 0 || v.Closing {
		t.Errorf("at first: %+v", v)
	}
	p := s.connect(t)
	p.send(join(masked(ws.OpText, true, "12345"), masked(ws.OpPing, true, "no message"), masked(ws.OpBinary, true, "678")))
	p.want("echo", ws.OpText, []byte("12345"))
	p.want("pong", ws.OpPong, []byte("no message"))
	p.want("echo", ws.OpBinary, []byte("678"))
	s.join(t, "den", "ann")
	s.join(t, "den", "bob")
	s.join(t, "attic", "ann")
	s.get(t, "/echo", nil) // is no handshake
	v := s.vars(t)
	if v.ConnectionsOpen["/echo"] != 1 || v.ConnectionsOpen["/chat"] != 3 || v.ChatRooms != 2 || v.ChatMembers != 3 || v.Refused != 1 {
		t.Errorf("open: %+v", v)
	}
	eventually(t, "two echoes, three welcomes and a join are counted", func() bool {
		n := s.vars(t).WebSocket
		return n.Received.Messages == 2 && n.Received.Bytes == 8 && n.Sent.Messages == 6
	})
	p.send(closing(3456, ""))
	p.wantClose("end", 3456, "")
	bad := s.connect(t)
	bad.send([]byte{0xff, 0x80, 0, 0, 0, 0})
	bad.wantClose("reserved bits", ws.StatusProtocolError, "")
	eventually(t, "the echoes are gone", func() bool { return s.vars(t).ConnectionsOpen["/echo"] == 0 })
	v = s.vars(t) // again: they may have gone after the first half of that page was written
	if v.ClosedByCode["3456"] != 1 || v.ClosedByCode["1002"] != 1 || v.ConnectionsTotal["/echo"] != 2 {
		t.Errorf("closed: %+v", v)
	}
}

func TestVarsCanBeHidden(t *testing.T) { eachWay(t, testVarsCanBeHidden) }

func testVarsCanBeHidden(t *testing.T, o serve.Options) {
	o.HideVars = true
	s := start(t, o)
	for _, path := range []string{"/debug/vars", "/metrics"} {
		if resp, _ := s.get(t, path, nil); resp.StatusCode != 404 {
			t.Errorf("%s: status %d, want 404", path, resp.StatusCode)
		}
	}
}
