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
	out, err := exec.Command(bin).CombinedOutput()
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
