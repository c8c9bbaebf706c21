package guides

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
)

// patience bounds every wait; no verdict depends on it.
const patience = time.Minute

// A row of the table of traps: what is sent, with fields that replace those of a
// correct request, and what comes together with the request and after the response.
type trap struct {
	what            string
	fields          map[string]string
	together, after []byte
}

func frame(f ws.Frame) []byte { return ws.AppendFrame(nil, ws.MaskFrame(f)) }

var traps = []trap{
	{what: "a page of another site", fields: map[string]string{"Origin": "https://evil.example"}},
	{what: "a `Sec-WebSocket-Key` of one byte", fields: map[string]string{"Sec-WebSocket-Key": "x"}},
	{what: "text that is not UTF-8", after: frame(ws.NewTextFrame([]byte("\xff")))},
	{what: "frames together with the request", together: frame(ws.NewTextFrame([]byte("early"))), after: frame(ws.NewTextFrame([]byte("late")))},
	{what: "a frame without a mask", after: ws.AppendFrame(nil, ws.NewTextFrame([]byte("Hello")))},
	{what: "a length in a longer form than it needs", after: []byte("\x81\xfe\x00\x01\x00\x00\x00\x00x")},
	{what: "a message of 40,000 bytes", after: frame(ws.NewBinaryFrame(make([]byte, 40_000)))},
	{what: "`Host` twice", fields: map[string]string{"Host": "a\r\nHost: b"}},
	{what: "a reserved bit", after: []byte("\xc1\x81\x00\x00\x00\x00x")},
}

// TestThePagesSayWhatBecomesOfTraps: each page has a row for each trap on which the
// two differ, with what the two make of it.
func TestThePagesSayWhatBecomesOfTraps(t *testing.T) {
	for _, g := range guides {
		page := page(t, g)
		for _, trap := range traps {
			t.Run(g.name+"/"+trap.what, func(t *testing.T) {
				if raceEnabled && g.name == "nbio" {
					t.Skip("nbio v1.6.12 has a race of its own between accepting a connection and its first request")
				}
				theirs, ours := trap.spring(t, echoes[g.name].theirs(t)), trap.spring(t, echoes[g.name].ours(t))
				row := fmt.Sprintf("| %s | %s | %s |\n", trap.what, theirs, ours)
				if theirs == ours {
					if strings.Contains(page, "\n| "+trap.what+" |") {
						t.Errorf("the page says that they differ on %s, but both say: %s", trap.what, ours)
					}
					return
				}
				if !strings.Contains(page, "\n"+row) {
					t.Errorf("the page does not say\n%s", row)
				}
			})
		}
	}
}

// spring sends what the trap is made of, and returns what came of it.
func (x trap) spring(t *testing.T, addr string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))

	fields := map[string]string{
		"Host": addr, "Upgrade": "websocket", "Connection": "Upgrade",
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	}
	for name, value := range x.fields {
		fields[name] = value
	}
	request := "GET / HTTP/1.1\r\n"
	for name, value := range fields {
		request += name + ": " + value + "\r\n"
	}
	if _, err := conn.Write(append([]byte(request+"\r\n"), x.together...)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return cutOff(t, err)
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Sprintf("refused with %d", resp.StatusCode)
	}
	if x.together == nil && x.after == nil {
		return "accepted"
	}
	if _, err := conn.Write(x.after); err != nil {
		return cutOff(t, err)
	}
	return first(t, r)
}

// first says what the first frame is that came back.
func first(t *testing.T, r io.Reader) string {
	t.Helper()
	f, err := ws.ReadFrame(r)
	switch {
	case err != nil:
		return cutOff(t, err)
	case f.Header.OpCode != ws.OpClose && string(f.Payload) == "early":
		return "received"
	case f.Header.OpCode != ws.OpClose && string(f.Payload) == "late":
		return "lost"
	case f.Header.OpCode != ws.OpClose:
		return "echoed"
	case len(f.Payload) == 0:
		return "answered without a code"
	}
	code, _, err := ws.ParseClose(f.Payload)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("closed with %d", code)
}

// cutOff says what an error of the connection is. A server that does not answer has
// not cut it off.
func cutOff(t *testing.T, err error) string {
	t.Helper()
	if os.IsTimeout(err) {
		t.Fatal(err)
	}
	return "cut off"
}
