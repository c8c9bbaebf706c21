package httpx_test

import (
	"testing"

	"github.com/wirews/wirews/httpx"
)

func TestAppendUnquoted(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", ``, ``},
		{"plain", `abc`, `abc`},
		{"H3: escape within", `a\b`, `ab`},
		{"H3: escaped backslash", `\\`, `\`},
		{"H3: escaped backslash and quote", `\\\"`, `\"`},
		{"escaped quote", `a\"b`, `a"b`},
		{"single backslash at the end", `a\`, `a\`},
	}
	for _, tt := range tests {
		if got := string(httpx.AppendUnquoted([]byte("dst "), []byte(tt.in))); got != "dst "+tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, "dst "+tt.want)
		}
	}
}

func TestAppendQuoted(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", ``, `""`},
		{"plain", `a b,c;d`, `"a b,c;d"`},
		{"H2: backslash", `v\`, `"v\\"`},
		{"quote", `a"b`, `"a\"b"`},
		{"H1: tab", "a\tb", "\"a\tb\""},
		{"obs-text", "\xc3\xa9", "\"\xc3\xa9\""},
	}
	for _, tt := range tests {
		got, err := httpx.AppendQuoted([]byte("dst "), tt.in)
		if string(got) != "dst "+tt.want || err != nil {
			t.Errorf("%s: got %q, %v; want %q", tt.name, got, err, "dst "+tt.want)
		}
	}
}

func TestAppendQuotedRefusesWhatCannotBeQuoted_H2(t *testing.T) {
	for c := range 256 {
		v := "a" + string([]byte{byte(c)}) + "b"
		got, err := httpx.AppendQuoted([]byte("dst"), v)
		if isFieldText(byte(c)) {
			if err != nil {
				t.Errorf("AppendQuoted(%q): %v", v, err)
			}
			continue
		}
		wantSyntaxError(t, err, "quoted string")
		if string(got) != "dst" {
			t.Errorf("AppendQuoted(%q) with an error leaves %q", v, got)
		}
	}
}

// Each byte, escaped or not, survives the way through the wire.
func TestQuotedRoundTrip(t *testing.T) {
	for a := range 256 {
		for _, b := range []byte{'x', '"', '\\', ',', ';'} {
			v := string([]byte{byte(a), b})
			quoted, err := httpx.AppendQuoted([]byte("x;p="), v)
			if err != nil {
				continue
			}
			item, err := httpx.ParseItem(quoted)
			if err != nil {
				t.Fatalf("ParseItem(%q): %v", quoted, err)
			}
			p, rest, ok := httpx.NextParam(item.Params)
			if got := string(httpx.AppendUnquoted(nil, p.Value)); got != v || !ok || !p.Quoted || len(rest) != 0 {
				t.Fatalf("%q comes back as %q", v, got)
			}
		}
	}
}
