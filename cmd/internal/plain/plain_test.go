package plain_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wirews/wirews/cmd/internal/plain"
)

// vectors are what may come, and what Line makes of it.
var vectors = map[string]string{
	"":                               "",
	"prose, 世界 👋 é":                  "prose, 世界 👋 é",
	`a\b "c"`:                        `a\b "c"`,
	"\x00\x07\x1b[31m\r\x7f":         `\x00\x07\x1b[31m\x0d\x7f`, // C0 and DEL
	"one\ntwo\tthree":                `one\ntwo\tthree`,
	"\u0080\u009b31mred\u009f":       `\u0080\u009b31mred\u009f`, // C1
	"\x80\x9b31m\x9f":                `\x80\x9b31m\x9f`,          // C1, raw
	"\xc2":                           `\xc2`,
	"\xed\xa0\x80\xff":               `\xed\xa0\x80\xff`,
	"\ufffd":                         "\ufffd",
	"\u202e\u202a\u2066\u2069\u200f": `\u202e\u202a\u2066\u2069\u200f`, // bidirectional
	"\u061c\ufeff\u00ad":             `\u061c\ufeff\u00ad`,
	"\u2028\u2029":                   `\u2028\u2029`,
	"\U000e0041":                     `\U000e0041`, // a tag
	"\u00a0\u3000":                   "\u00a0\u3000",
	"👩\u200d🚀 می\u200cخواهم":         "👩\u200d🚀 می\u200cخواهم", // joiners
	"e\u0301 ❤\ufe0f":                "e\u0301 ❤\ufe0f",
}

func TestWhatATerminalWouldObeyIsEscaped(t *testing.T) {
	for s, want := range vectors {
		if got := plain.Line(s); got != want || plain.Line(got) != want {
			t.Errorf("Line(%q) is %q, want %q", s, got, want)
		}
		want = strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(want)
		if got := plain.Text(s); got != want || plain.Text(got) != want {
			t.Errorf("Text(%q) is %q, want %q", s, got, want)
		}
	}
}

func TestJSONKeepsItsValues(t *testing.T) {
	for s := range vectors {
		var b strings.Builder
		e := json.NewEncoder(plain.JSON(&b))
		e.SetIndent("", "\t")
		if err := e.Encode([]string{s}); err != nil {
			t.Fatal(err)
		}
		if plain.Text(b.String()) != b.String() {
			t.Errorf("%q has become %q", s, b.String())
		}
		var got []string
		want := s
		if !utf8.ValidString(s) {
			want = string([]rune(s)) // as encoding/json has it
		}
		if err := json.Unmarshal([]byte(b.String()), &got); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%q has come back as %q, %v", s, got, err)
		}
	}
}
