// Package gorilla holds compat/gorilla and docs/migrating-from-gorilla.md against
// github.com/gorilla/websocket: the same programs are built with both.
package gorilla

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const theirs, ours = "github.com/gorilla/websocket", "github.com/wirews/wirews/compat/gorilla"

var pagePath = filepath.Join("..", "..", "docs", "migrating-from-gorilla.md")

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// run builds a program of Go files and returns what it prints.
func run(t *testing.T, files ...string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "program")
	if out, err := exec.Command("go", append([]string{"build", "-o", bin}, files...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(bin).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// migrated returns copies of files with the import path of ours.
func migrated(t *testing.T, files ...string) (copies []string) {
	dir := t.TempDir()
	for _, f := range files {
		text := strings.ReplaceAll(read(t, f), `"`+theirs+`"`, `"`+ours+`"`)
		to := filepath.Join(dir, filepath.Base(f))
		if err := os.WriteFile(to, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, to)
	}
	return copies
}

const (
	accept     = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" // RFC 6455, section 1.3
	noTakeover = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
)

// differences are the lines that program behaviour prints with each of the libraries
// where they are not the same. The page gives the reasons.
var differences = []struct{ name, theirs, ours string }{
	{"text that is not UTF-8", "<nil>", "another error"},
	{"close code 1006", "<nil>", "another error"},
	{"close message of one byte", `close 1005 ""`, "another error"},
	{"reason that is not UTF-8", "another error 03ea", "another error 03ef"},
	{"length that is not minimal", "<nil>", "another error"},
	{"read limit and compression", "1000 <nil>", "20 websocket: read limit exceeded"},
	{"JSON that cannot be encoded, on the wire", "81", "82"},
	{"concurrent writers", "panic", "no panic"},
	{"server that accepts with context takeover", "another error", "<nil>"},
	{"server that lists more in Upgrade", "<nil>", "websocket: bad handshake"},
	{"version 12", "HandshakeError 400", "HandshakeError 426"},
	{"request with a body", "another error no response", "HandshakeError 400"},
	{"subprotocol that nobody has asked for", "subprotocol own 101 " + accept + " own", "subprotocol  101 " + accept},
	{"plain POST", "HandshakeError 400", "HandshakeError 405"},
	{"offer that is malformed", "subprotocol  101 " + accept, "HandshakeError 400"},
	{"server_max_window_bits=9", "subprotocol  101 " + accept + "  " + noTakeover, "subprotocol  101 " + accept + "  " + noTakeover + "; server_max_window_bits=9"},
	{"offer that is not valid", "subprotocol  101 " + accept + "  " + noTakeover, "subprotocol  101 " + accept},
	{"proxy over TLS", "false", "true"},
}

func TestProgramsBehaveAlike(t *testing.T) {
	files, err := filepath.Glob("behaviour/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	want := strings.Split(run(t, files...), "\n")
	got := strings.Split(run(t, migrated(t, files...)...), "\n")
	if len(want) != len(got) || len(want) < 100 {
		t.Fatalf("%d lines with theirs, %d with ours", len(want), len(got))
	}
	seen := 0
	for i := range want {
		if want[i] == got[i] {
			continue
		}
		known := false
		for _, d := range differences {
			known = known || want[i] == d.name+": "+d.theirs && got[i] == d.name+": "+d.ours
		}
		if seen++; !known {
			t.Errorf("line %d\ntheirs: %s\nours:   %s", i+1, want[i], got[i])
		}
	}
	if seen != len(differences) {
		t.Errorf("%d differences, want %d", seen, len(differences))
	}
}

// TestThePageShowsTheProgram: before on theirs and on ours, and after, it says the same.
func TestThePageShowsTheProgram(t *testing.T) {
	const want = "room has heard: I am one\nclosed: true\nroom has heard: I am two\nclosed: true\n"
	page := read(t, pagePath)
	for _, name := range []string{"before", "after"} {
		if !strings.Contains(page, "```go\n"+read(t, name+"/main.go")+"```") {
			t.Errorf("the page does not show the program %q as it is", name)
		}
	}
	for name, files := range map[string][]string{
		"before": {"before/main.go"}, "after": {"after/main.go"}, "with the import path of ours": migrated(t, "before/main.go"),
	} {
		if got := run(t, files...); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestThePageNamesEverything that is exported, but for constants.
func TestThePageNamesEverything(t *testing.T) {
	page := read(t, pagePath)
	out, err := exec.Command("go", "doc", "-short", theirs).Output()
	if err != nil {
		t.Fatal(err)
	}
	methods, err := exec.Command("go", "doc", theirs+".Conn").Output()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(out) + string(methods)) {
		line, name := strings.TrimSpace(line), ""
		if _, method, ok := strings.Cut(line, "func (c *Conn) "); ok {
			name = "Conn." + method
		} else if what, rest, _ := strings.Cut(line, " "); what == "func" || what == "type" || what == "var" {
			name = rest
		}
		if end := strings.IndexAny(name, "( ="); end > 0 {
			name = name[:end]
		}
		if name == "" {
			continue
		}
		if n++; !strings.Contains(page, "`"+name+"`") {
			t.Errorf("the page does not speak of %s", name)
		}
	}
	if n < 40 {
		t.Errorf("%d identifiers: has it been read?", n)
	}
}

// TestThePageHasEachDifference that the programs show, as a row with its reason.
func TestThePageHasEachDifference(t *testing.T) {
	_, rows, _ := strings.Cut(read(t, pagePath), "## What is different")
	rows, _, _ = strings.Cut(rows, "\n## ")
	if n := strings.Count(rows, "\n| ") - 1; n < len(differences) {
		t.Errorf("%d rows for %d differences", n, len(differences))
	}
}
