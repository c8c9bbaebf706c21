// Package page keeps the parts of docs/performance.md apart: each command that
// measures writes one of them, and leaves the others as they are.
package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Put returns page with the part of this name replaced by text, or with a new
// part at its end. The name is the command that makes the part.
func Put(page, name, text string) string {
	begin, end := marks(name)
	part := begin + "\n" + text + end
	before, rest, ok := strings.Cut(page, begin)
	if ok {
		if _, after, ok := strings.Cut(rest, end); ok {
			return before + part + after
		}
	}
	if page != "" {
		page += "\n"
	}
	return page + part + "\n"
}

// Get returns the part of this name.
func Get(page, name string) (text string, ok bool) {
	begin, end := marks(name)
	if _, text, ok = strings.Cut(page, begin+"\n"); ok {
		text, _, ok = strings.Cut(text, end)
	}
	return text, ok
}

func marks(name string) (begin, end string) {
	return fmt.Sprintf("<!-- begin: %s -->", name), fmt.Sprintf("<!-- end: %s -->", name)
}

// Write puts a part into a file. One that is not there, or is no regular file
// such as /dev/stdout, gets that part alone.
func Write(file, name, text string) error {
	var old string
	if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
		b, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			return err
		}
		old = string(b)
	}
	return os.WriteFile(filepath.Clean(file), []byte(Put(old, name, text)), 0o666)
}
