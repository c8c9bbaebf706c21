package connect

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
)

const maxHistory = 1000 // lines

// history is the lines that were typed, kept in a file if it has a path. It is
// a term.History.
type history struct {
	path  string
	lines []string // oldest first
}

// HistoryFile returns where the history is kept: in the user's state directory,
// as the XDG Base Directory Specification has it.
func HistoryFile() (string, error) {
	dir := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) { // a relative one is to be ignored
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "wirews", "history"), nil
}

// loadHistory reads the latest lines of the file at path, and shortens it when
// it has become long. An empty path is a history that is not kept.
func loadHistory(path string) (*history, error) {
	h := &history{path: path}
	if path == "" {
		return h, nil
	}
	all, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return h, os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err != nil {
		return h, err
	}
	for line := range bytes.Lines(all) {
		h.lines = append(h.lines, strings.TrimSuffix(string(line), "\n"))
	}
	if n := len(h.lines); n > maxHistory {
		h.lines = h.lines[n-maxHistory:]
		if n > 2*maxHistory {
			return h, os.WriteFile(path, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600)
		}
	}
	return h, nil
}

// Add keeps line, unless it repeats the one before, is empty, or begins with a
// space, which is how a person keeps it out. A file that cannot be written is
// no reason to interrupt a conversation.
func (h *history) Add(line string) {
	if line == "" || line[0] == ' ' || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	if len(h.lines) > maxHistory {
		h.lines = h.lines[1:]
	}
	if h.path == "" {
		return
	}
	if f, err := os.OpenFile(h.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
		f.WriteString(line + "\n")
		f.Close()
	}
}

func (h *history) Len() int { return len(h.lines) }

// At counts from the latest line.
func (h *history) At(i int) string { return h.lines[len(h.lines)-1-i] }
