package httpx_test

import (
	"slices"
	"testing"

	"github.com/wirews/wirews/httpx"
)

// walk collects what next finds in list, up to an error.
func walk(list string, next func([]byte) (elem, rest []byte, err error)) (got []string, err error) {
	rest := []byte(list)
	for {
		var elem []byte
		if elem, rest, err = next(rest); elem == nil {
			return got, err
		}
		got = append(got, string(elem))
	}
}

func TestNextElement(t *testing.T) {
	tests := []struct {
		name string
		list string
		want []string
		part string
	}{
		{"empty", "", nil, ""},
		{"whitespace and commas only", " ,\t, ,", nil, ""},
		{"one", "a", []string{"a"}, ""},
		{"several", "a, b,c ,d", []string{"a", "b", "c", "d"}, ""},
		// RFC 9110, 5.6.1.2: the examples for 1#example-list.
		{"RFC example 1", "foo,bar", []string{"foo", "bar"}, ""},
		{"RFC example 2", "foo ,bar,", []string{"foo", "bar"}, ""},
		{"RFC example 3", "foo , ,bar,charlie", []string{"foo", "bar", "charlie"}, ""},
		{"RFC example 4", ",   ,", nil, ""},
		{"H1: tabs around", "a,\tb\t,\t\tc", []string{"a", "b", "c"}, ""},
		{"space within", "a b, c", []string{"a b", "c"}, ""},
		{"comma in quotes", `a="b,c", d`, []string{`a="b,c"`, "d"}, ""},
		{"H3: escaped quote", `a="b\",c", d`, []string{`a="b\",c"`, "d"}, ""},
		{"H3: escaped backslash ends the quotes", `a="b\\", c"`, []string{`a="b\\"`}, "quoted string"},
		{"H3: escaped backslash and then a list", `"\\",c`, []string{`"\\"`, "c"}, ""},
		{"unterminated", `a, "b, c`, []string{"a"}, "quoted string"},
		{"quote alone", `"`, nil, "quoted string"},
		{"backslash at the end", `"a\`, nil, "quoted string"},
		{"escaped quote at the end", `"a\"`, nil, "quoted string"},
		{"control in quotes", "\"a\x01\"", nil, "quoted string"},
		{"H2: LF in quotes", "\"a\nb\"", nil, "quoted string"},
		{"H2: escaped CR", "\"a\\\rb\"", nil, "quoted string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := walk(tt.list, httpx.NextElement)
			if tt.part != "" {
				wantSyntaxError(t, err, tt.part)
			} else if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNextToken(t *testing.T) {
	tests := []struct {
		name string
		list string
		want []string
		ok   bool
	}{
		{"empty", "", nil, true},
		{"tokens", "chat, superchat", []string{"chat", "superchat"}, true},
		{"H1: behind a tab", "keep-alive,\tUpgrade", []string{"keep-alive", "Upgrade"}, true},
		{"W35: slash", "v1/chat", nil, false},
		{"W35: two words", "a, b c", []string{"a"}, false},
		{"W35: separated by a tab", "a\tb", nil, false},
		{"H4: parameter", "foo; a=1", nil, false},
		{"quoted", `"a"`, nil, false},
		{"unterminated", `"a`, nil, false},
		{"not ASCII", "caf\xc3\xa9", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := walk(tt.list, httpx.NextToken)
			if (err == nil) != tt.ok || !slices.Equal(got, tt.want) {
				t.Errorf("got %q, %v; want %q, valid = %v", got, err, tt.want, tt.ok)
			}
		})
	}
}

func TestListsDoNotAllocate(t *testing.T) {
	list := []byte(`chat, superchat,,mqtt`)
	wantAllocs(t, 0, func() {
		n := 0
		for token, rest, _ := httpx.NextToken(list); token != nil; token, rest, _ = httpx.NextToken(rest) {
			n++
		}
		if n != 3 {
			t.Errorf("got %d tokens, want 3", n)
		}
	})
}
