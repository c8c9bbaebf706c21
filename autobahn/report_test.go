package autobahn_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/autobahn"
)

func someResults() []*autobahn.Result {
	return []*autobahn.Result{
		{
			Case: "7.1.1", Agent: "My Agent/1.0", Behavior: autobahn.OK, BehaviorClose: autobahn.WrongCode, Why: "the peer closed with 1001",
			Duration: 1500 * time.Microsecond, Received: []string{"text <script>alert(1)</script>"},
			Closing:  autobahn.Closing{First: "fuzzer", Clean: true, LocalCode: 1000, RemoteCode: 1001},
			Response: "HTTP/1.1 101 Switching Protocols\r\n\r\n",
			Wire:     []autobahn.WireEntry{{At: 0.1, What: "sent", Frame: "text, length 12", Hex: "48656c6c6f", Size: 12}},
		},
		{Case: "1.1.1", Agent: "My Agent/1.0", Behavior: autobahn.Failed, BehaviorClose: autobahn.Failed, Why: "no handshake"},
	}
}

func TestReportHasTheFormOfTheOriginal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "reports", "clients")
	report := autobahn.Report{Results: someResults(), Role: autobahn.ServerRole}
	if err := report.Write(dir); err != nil {
		t.Fatal(err)
	}
	var index map[string]map[string]map[string]any
	read(t, dir, "index.json", &index)
	got := index["My Agent/1.0"]["7.1.1"]
	for key, want := range map[string]any{
		"behavior": "OK", "behaviorClose": "WRONG CODE", "duration": 1.0, "remoteCloseCode": 1001.0, "reportfile": "my_agent_1_0_case_7_1_1.json",
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	if code, there := index["My Agent/1.0"]["1.1.1"]["remoteCloseCode"]; !there || code != nil {
		t.Errorf("code of a peer that sent none: %v, want null", code)
	}
	var one map[string]any
	read(t, dir, "my_agent_1_0_case_7_1_1.json", &one)
	for key, want := range map[string]any{
		"agent": "My Agent/1.0", "id": "7.1.1", "isServer": true, "wasClean": true, "closedByMe": true, "remoteCloseCode": 1001.0, "result": "the peer closed with 1001",
	} {
		if one[key] != want {
			t.Errorf("%s is %v, want %v", key, one[key], want)
		}
	}
}

func read(t *testing.T, dir, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func TestPageNeedsNothingAndRunsNothingOfThePeer(t *testing.T) {
	var b strings.Builder
	report := autobahn.Report{Results: someResults(), Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	if err := report.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, word := range []string{"My Agent/1.0", "7.1.1", "WRONG CODE", "2026-01-02T03:04:05Z", "48656c6c6f", "RFC 6455, 5.5.1", "to be the first to close, with 1000 once everything has come"} {
		if !strings.Contains(page, word) && !strings.Contains(page, strings.ReplaceAll(word, "/", `\/`)) {
			t.Errorf("%q is missing", word)
		}
	}
	if strings.Contains(page, "<script>alert") {
		t.Error("what the peer has sent is markup in the page")
	}
	for _, outside := range []string{`src="`, `href="`, "@import", "url("} {
		if strings.Contains(page, outside) {
			t.Errorf("the page refers to other files: %q", outside)
		}
	}
}
