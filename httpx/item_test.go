package httpx_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
)

// showItem writes an Item as name|param|param=value|param="value".
func showItem(item httpx.Item) string {
	parts := []string{string(item.Name)}
	rest := item.Params
	for {
		p, next, ok := httpx.NextParam(rest)
		if !ok {
			return strings.Join(parts, "|")
		}
		s := string(p.Name)
		switch {
		case p.Quoted:
			s += fmt.Sprintf(`="%s"`, p.Value)
		case p.HasValue:
			s += "=" + string(p.Value)
		}
		parts, rest = append(parts, s), next
	}
}

func TestParseItem(t *testing.T) {
	tests := []struct {
		name string
		elem string
		want string // as showItem writes it
		part string
	}{
		{"name", "foo", "foo", ""},
		// RFC 6455, 9.1 and RFC 7692, 7.1.
		{"RFC 6455 example", "deflate-stream", "deflate-stream", ""},
		{"parameter", "permessage-deflate; client_max_window_bits", "permessage-deflate|client_max_window_bits", ""},
		{"parameters", "permessage-deflate; server_max_window_bits=10; a", "permessage-deflate|server_max_window_bits=10|a", ""},
		{"quoted value", `permessage-deflate; server_max_window_bits="10"`, `permessage-deflate|server_max_window_bits="10"`, ""},
		{"no whitespace", "foo;a=1;b;c=2", "foo|a=1|b|c=2", ""},
		{"H1: tabs", "foo\t;\ta=1\t;b", "foo|a=1|b", ""},
		{"the same twice", "foo;a=1;a=2", "foo|a=1|a=2", ""},
		{"empty quoted value", `foo;a=""`, `foo|a=""`, ""},
		{"semicolon in quotes", `foo;a="b;c=d";e`, `foo|a="b;c=d"|e`, ""},
		{"H3: escapes stay in", `foo;a="b\"\\"`, `foo|a="b\"\\"`, ""},

		{"nothing", "", "", "token"},
		{"no name", ";a", "", "token"},
		{"H4: two words", "foo bar; a=1", "", "parameter"},
		{"H4: no value", "foo; a=", "", "parameter"},
		{"H4: no parameter", "foo;", "", "parameter"},
		{"H4: no parameter but whitespace", "foo; ", "", "parameter"},
		{"no parameter between", "foo;;a", "", "parameter"},
		{"no parameter name", "foo;=a", "", "parameter"},
		{"whitespace before =", "foo;a =1", "", "parameter"},
		{"whitespace behind =", "foo;a= 1", "", "parameter"},
		{"whitespace behind the name", "foo ", "", "token"},
		{"whitespace behind a parameter", "foo;a ", "", "parameter"},
		{"whitespace before", " foo", "", "token"},
		{"two values", "foo;a=1=2", "", "parameter"},
		{"words behind a value", "foo;a=1 b", "", "parameter"},
		{"token behind quotes", `foo;a="b"c`, "", "parameter"},
		{"unterminated", `foo;a="b`, "", "parameter"},
		{"H3: unterminated by an escape", `foo;a="v\"`, "", "parameter"},
		{"H2: LF in quotes", "foo;a=\"b\r\nc\"", "", "parameter"},
		{"comma", "foo,bar", "", "parameter"},
		{"quoted name", `"foo"`, "", "token"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			item, err := httpx.ParseItem([]byte(tt.elem))
			if tt.part != "" {
				wantSyntaxError(t, err, tt.part)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := showItem(item); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseItemOfEachTruncation(t *testing.T) {
	const elem = `foo ; a ; b=1 ; c="x\"y;,"`
	valid := map[string]bool{"f": true, "fo": true, "foo": true, "foo ; a": true, "foo ; a ; b": true, "foo ; a ; b=1": true, "foo ; a ; b=1 ; c": true, elem: true}
	for n := range len(elem) + 1 {
		if _, err := httpx.ParseItem([]byte(elem[:n])); (err == nil) != valid[elem[:n]] {
			t.Errorf("ParseItem(%q): error %v, want valid = %v", elem[:n], err, valid[elem[:n]])
		}
	}
}

func TestNextParamOfInvalidTextIsNotOK(t *testing.T) {
	for _, s := range []string{"", "a", ";", "; ", ";=", ";a=", ";a=\"", ";a ", " ;a"} {
		if p, rest, ok := httpx.NextParam([]byte(s)); ok || rest != nil || p.Name != nil {
			t.Errorf("NextParam(%q) = %v, %q, %v", s, p, rest, ok)
		}
	}
}

func TestItemsDoNotAllocate(t *testing.T) {
	elem := []byte(`permessage-deflate; client_max_window_bits; server_max_window_bits="10"`)
	wantAllocs(t, 0, func() {
		item, err := httpx.ParseItem(elem)
		if err != nil {
			t.Error(err)
		}
		n := 0
		for _, rest, ok := httpx.NextParam(item.Params); ok; _, rest, ok = httpx.NextParam(rest) {
			n++
		}
		if n != 2 {
			t.Errorf("got %d parameters, want 2", n)
		}
	})
}
