package connect

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTheHistoryIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "wirews", "history")
	h, err := loadHistory(path)
	if err != nil || h.Len() != 0 {
		t.Fatalf("%d lines, error %v", h.Len(), err)
	}
	for _, line := range []string{"one", "two", "two", "", " secret", "three"} {
		h.Add(line)
	}
	again, err := loadHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []*history{h, again} {
		if h.Len() != 3 || h.At(0) != "three" || h.At(2) != "one" {
			t.Errorf("lines are %q", h.lines)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v; want that of something private", info.Mode(), err)
	}
}

func TestTheHistoryIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var all []string
	for i := range 2*maxHistory + 1 {
		all = append(all, fmt.Sprint("line ", i))
	}
	if err := os.WriteFile(path, []byte(strings.Join(all, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := loadHistory(path)
	if err != nil || !slices.Equal(h.lines, all[maxHistory+1:]) {
		t.Errorf("%d lines, error %v; want the latest %d", h.Len(), err, maxHistory)
	}
	if short, err := os.ReadFile(path); err != nil || strings.Count(string(short), "\n") != maxHistory {
		t.Errorf("the file has %d lines, error %v; want it shortened", strings.Count(string(short), "\n"), err)
	}
	h.Add("new")
	if h.Len() != maxHistory || h.At(0) != "new" {
		t.Errorf("%d lines, the latest %q", h.Len(), h.At(0))
	}
}

func TestTheHistoryIsInTheStateDirectory(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	for state, want := range map[string]string{
		"":         filepath.Join(home, ".local", "state", "wirews", "history"),
		"relative": filepath.Join(home, ".local", "state", "wirews", "history"),
		"/state":   "/state/wirews/history",
	} {
		t.Setenv("XDG_STATE_HOME", state)
		if got, err := HistoryFile(); got != want || err != nil {
			t.Errorf("XDG_STATE_HOME=%q: %q, error %v; want %q", state, got, err, want)
		}
	}
}
