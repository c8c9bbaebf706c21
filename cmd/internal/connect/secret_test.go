package connect

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, content string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHeadersComeFromAFile(t *testing.T) {
	h := make(http.Header)
	if err := AddHeader(h, "@"+write(t, "# for the test\n\nX-Token: a:b\r\nCookie:c\n")); err != nil || h.Get("X-Token") != "a:b" || h.Get("Cookie") != "c" {
		t.Errorf("%v, error %v", h, err)
	}
	for _, line := range []string{"@" + write(t, "secret\n"), "@/nowhere"} {
		if err := AddHeader(h, line); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), line[1:]) {
			t.Errorf("%s: %v, want an error with the name of the file only", line, err)
		}
	}
}

func TestATokenComesFromAFileOrTheEnvironment(t *testing.T) {
	t.Setenv("WIREWS_TOKEN", "env ")
	t.Setenv("WIREWS_EMPTY", "")
	for _, c := range []struct{ file, variable, want string }{
		{write(t, "abc\n"), "", "Bearer abc"},
		{"", "WIREWS_TOKEN", "Bearer env"},
		{write(t, "\n"), "", ""},
		{write(t, "two\nlines\n"), "", ""},
		{"/nowhere", "", ""},
		{"", "WIREWS_EMPTY", ""},
	} {
		got, err := Bearer(c.file, c.variable)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("file %q, variable %q: %q, error %v", c.file, c.variable, got, err)
		}
	}
}
