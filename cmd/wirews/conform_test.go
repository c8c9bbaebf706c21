package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func TestConformJudgesAServer(t *testing.T) {
	url := "ws" + strings.TrimPrefix(startServe(t).url, "http") + "echo"
	dir := t.TempDir()
	expected := filepath.Join(dir, "expected.csv")
	if err := os.WriteFile(expected, []byte("7.13.*, INFORMATIONAL, INFORMATIONAL\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(dir, "report")
	status, stdout, stderr := run(t, "conform", "--patience", "20", "--cases", "1.1.*,7.*", "--exclude", "7.1.6", "--agent", "ours", "--report", report, "--expect", expected, url)
	if status != 0 || stdout != "ours: 44 cases, 42 OK, 2 INFORMATIONAL\n" {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
	if want := "ours: section 1, framing: 8 cases, 8 OK\n"; !strings.Contains(stderr, want) {
		t.Errorf("stderr is %q, want %q in it", stderr, want)
	}
	var index map[string]map[string]struct{ Behavior string }
	b, err := os.ReadFile(filepath.Join(report, "index.json"))
	if err != nil || json.Unmarshal(b, &index) != nil || index["ours"]["1.1.1"].Behavior != "OK" {
		t.Errorf("index.json: %s, %v", b, err)
	}
	if _, err := os.Stat(filepath.Join(report, "index.html")); err != nil {
		t.Error(err)
	}
	status, stdout, stderr = run(t, "conform", "--patience", "20", "--cases", "7.1.1,7.1.6", "--expect", expected, url)
	if status != 8 || !strings.Contains(stdout, "7.1.6: got INFORMATIONAL") || !strings.Contains(stderr, "1 of 2 results differ from "+expected) {
		t.Errorf("a difference: status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

func TestConformSaysWhatSpeaksAgainstAServer(t *testing.T) {
	url := "ws" + strings.TrimPrefix(startServe(t, "--max-message", "100").url, "http") + "echo"
	status, stdout, stderr := run(t, "conform", "--patience", "20", "--cases", "1.1.1,1.1.2", url)
	if status != 8 || !strings.Contains(stdout, "1.1.2: FAILED") || strings.Contains(stdout, "1.1.1") || !strings.Contains(stderr, "1 of 2 results speak against it") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

func TestConformSaysOnceThatAServerCannotBeReached(t *testing.T) {
	for _, url := range []string{"ws://" + wstest.FreeAddr(t).String(), "wss" + strings.TrimPrefix(startServe(t).url, "http")} {
		status, stdout, stderr := run(t, "conform", url)
		if status != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "the server cannot be reached") {
			t.Errorf("%s: status %d, stdout %q, stderr %q, want one line", url, status, stdout, stderr)
		}
	}
}

func TestConformSaysOnceThatTheHandshakeIsRefused(t *testing.T) {
	url := "ws" + strings.TrimPrefix(startServe(t).url, "http") + "nothing"
	status, stdout, stderr := run(t, "conform", url)
	if status != 3 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "404") {
		t.Errorf("status %d, stdout %q, stderr %q, want one line with 404", status, stdout, stderr)
	}
}

// A case that is silent for long is under way when the interrupt comes, and one
// that is not is done.
func TestAnInterruptedConformReportsWhatWasDone(t *testing.T) {
	url := "ws" + strings.TrimPrefix(startServe(t).url, "http") + "echo"
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	dir := t.TempDir()
	junit := filepath.Join(dir, "junit.xml")
	cmd := command(ctx, "conform", "--parallel", "1", "--cases", "10.*,12.*", "--agent", "it", "--report", dir, "--junit", junit, url)
	var stdout strings.Builder
	cmd.Stdout = &stdout
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	lines.Scan() // section 10 is done
	cmd.Process.Signal(os.Interrupt)
	last := ""
	for lines.Scan() {
		last = lines.Text()
	}
	cmd.Wait()
	if status := cmd.ProcessState.ExitCode(); status != 130 || !strings.Contains(last, "interrupted after ") {
		t.Errorf("status %d, last line %q", status, last)
	}
	for _, name := range []string{filepath.Join(dir, "index.json"), filepath.Join(dir, "index.html"), junit} {
		if b, err := os.ReadFile(name); err != nil || !strings.Contains(string(b), "10.1.1") {
			t.Errorf("%s: %v, want case 10.1.1 in it", name, err)
		}
	}
	if !strings.HasPrefix(stdout.String(), "it: ") {
		t.Errorf("stdout %q", stdout.String())
	}
}

// A refusal of another version should name the one that is known (RFC 6455,
// 4.2.2), which is what 20.1.18 wants to see.
func TestConformNamesWhatIsNotStrict(t *testing.T) {
	url := "ws://" + answering(t, "HTTP/1.1 400 Bad Request\r\n\r\n")
	status, stdout, stderr := run(t, "conform", "--cases", "20.1.*", "--agent", "it", url)
	if want := "it: 26 cases, 25 OK, 1 NON-STRICT\n  NON-STRICT, which is allowed: 20.1.18\n"; status != 0 || stdout != want {
		t.Errorf("status %d, stdout %q, stderr %q; want %q", status, stdout, stderr, want)
	}
}

func TestConformJudgesAClient(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := command(ctx, "conform", "--patience", "20", "--listen", "127.0.0.1:0", "--cases", "2.*", "--once")
	var stdout strings.Builder
	cmd.Stdout = &stdout
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	lines.Scan()
	url, ok := strings.CutPrefix(lines.Text(), "listening on ")
	if !ok {
		t.Fatalf("first line is %q", lines.Text())
	}
	for _, path := range []string{"/runCase?case=1&agent=me", "/runCase?case=2&agent=me", "/updateReports?agent=me"} {
		echo(t, url+path)
	}
	for lines.Scan() {
	}
	if err := cmd.Wait(); err != nil || stdout.String() != "me: 2 cases, 2 OK\n" {
		t.Errorf("%v, stdout %q", err, stdout.String())
	}
}

// echo sends back what comes.
func echo(t *testing.T, url string) {
	t.Helper()
	conn, _, _, err := ws.Dial(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for {
		p, op, err := wsutil.ReadServerData(conn)
		if err != nil || wsutil.WriteClientMessage(conn, op, p) != nil {
			return
		}
	}
}

func TestConformListsAndExplains(t *testing.T) {
	status, stdout, _ := run(t, "conform", "--list", "--cases", "original")
	if n := strings.Count(stdout, "\n  "); status != 0 || n != 517 {
		t.Errorf("status %d, %d cases, want 517", status, n)
	}
	status, stdout, _ = run(t, "conform", "--explain", "7.9.1")
	if status != 0 || !strings.Contains(stdout, "close frame, code 0") || !strings.Contains(stdout, "RFC 6455, 7.4") {
		t.Errorf("status %d, stdout %q", status, stdout)
	}
}

func TestConformRefusesWhatMakesNoSense(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"conform"}, "give conform one of"},
		{[]string{"conform", "--list", "ws://localhost/"}, "give conform one of"},
		{[]string{"conform", "ftp://localhost/"}, `"ftp://localhost/"`},
		{[]string{"conform", "--cases", "77.*", "ws://localhost/"}, `"77.*" fits no case`},
		{[]string{"conform", "--expect", "/nowhere", "ws://localhost/"}, "/nowhere"},
		{[]string{"conform", "--explain", "99.1"}, `"99.1"`},
		{[]string{"conform", "-H", "nothing", "ws://localhost/"}, `"nothing"`},
	} {
		status, _, stderr := run(t, c.args...)
		if status != 1 || !strings.HasPrefix(stderr, "wirews: ") || !strings.Contains(stderr, c.want) {
			t.Errorf("%q: status %d, stderr %q, want %q in it", c.args, status, stderr, c.want)
		}
	}
}
