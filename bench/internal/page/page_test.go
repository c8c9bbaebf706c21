package page

import (
	"os"
	"path/filepath"
	"testing"
)

const two = "<!-- begin: a -->\nfirst\n<!-- end: a -->\n\n<!-- begin: b -->\nsecond\n<!-- end: b -->\n"

func TestAPartIsReplacedAndTheOthersStay(t *testing.T) {
	for _, c := range []struct{ name, page, part, text, want string }{
		{"a new page", "", "a", "first\n", "<!-- begin: a -->\nfirst\n<!-- end: a -->\n"},
		{"one more part", "<!-- begin: a -->\nfirst\n<!-- end: a -->\n", "b", "second\n", two},
		{"the first of two", two, "a", "new\n", "<!-- begin: a -->\nnew\n<!-- end: a -->\n\n<!-- begin: b -->\nsecond\n<!-- end: b -->\n"},
		{"the last of two", two, "b", "new\n", "<!-- begin: a -->\nfirst\n<!-- end: a -->\n\n<!-- begin: b -->\nnew\n<!-- end: b -->\n"},
		{"the same again", two, "b", "second\n", two},
	} {
		got := Put(c.page, c.part, c.text)
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if text, ok := Get(got, c.part); text != c.text || !ok {
			t.Errorf("%s: got the part %q, %v", c.name, text, ok)
		}
	}
	if text, ok := Get(two, "c"); ok {
		t.Errorf("a part that is not there is %q", text)
	}
}

func TestAPartIsWrittenIntoAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	for _, part := range [][2]string{{"a", "old\n"}, {"b", "second\n"}, {"a", "first\n"}} {
		if err := Write(file, part[0], part[1]); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != two {
		t.Errorf("got %q, %v; want %q", b, err, two)
	}
}
