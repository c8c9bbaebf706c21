package serve_test

import (
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
)

func TestMetricsCountWhatHappens(t *testing.T) { eachWay(t, testMetricsCountWhatHappens) }

func testMetricsCountWhatHappens(t *testing.T, o serve.Options) {
	s := start(t, o)
	p := s.connect(t)
	p.send(join(masked(ws.OpText, true, "12345"), masked(ws.OpPing, true, "")))
	p.want("echo", ws.OpText, []byte("12345"))
	p.want("pong", ws.OpPong, nil)
	p.send(closing(3456, ""))
	p.wantClose("end", 3456, "")
	s.get(t, "/echo", nil) // is no handshake
	var page string
	eventually(t, "all is counted", func() bool {
		_, page = s.get(t, "/metrics", nil)
		return strings.Contains(page, `wirews_connections_ended_total{by="peer"} 1`)
	})
	for _, want := range []string{
		"wirews_connections_open 0",
		"wirews_connections_total 1",
		`wirews_handshakes_refused_total{reason="not_websocket"} 1`,
		`wirews_messages_total{direction="received"} 1`,
		`wirews_message_bytes_total{direction="sent"} 5`,
		`wirews_pings_total{direction="received"} 1`,
		`wirews_pongs_total{direction="sent"} 1`,
		`wirews_close_frames_total{code="3456",direction="received"} 1`,
		"go_goroutines ",
	} {
		if !strings.Contains(page, "\n"+want) {
			t.Errorf("%s is missing in\n%s", want, page)
		}
	}
	if v := s.vars(t).WebSocket; v.Opened != 1 || v.Received.Bytes != 5 || v.Closes.Received[3456] != 1 {
		t.Errorf("in /debug/vars: %+v", v)
	}
}
