package httpx_test

import (
	"slices"
	"testing"

	"github.com/wirews/wirews/httpx"
)

// parseFields parses lines that a test knows to be valid.
func parseFields(t testing.TB, lines string) httpx.Fields {
	t.Helper()
	fields, err := httpx.ParseFields([]byte(lines), nil)
	if err != nil {
		t.Fatal(err)
	}
	return fields
}

func TestParseFieldLine(t *testing.T) {
	tests := []struct {
		name  string
		line  string
		value string
		part  string // of the error, "" for none
	}{
		{"one space", "A: b\r\n", "b", ""},
		{"no space", "A:b\r\n", "b", ""},
		{"spaces and tabs around", "A:\t \tb c\t d \t\r\n", "b c\t d", ""},
		{"empty value", "A:\r\n", "", ""},
		{"whitespace only", "A: \t \r\n", "", ""},
		{"colons in the value", "A: ::1\r\n", "::1", ""},
		{"obs-text", "A: \x80\xff\r\n", "\x80\xff", ""},

		{"W19: space before the colon", "A : b\r\n", "", "field name"},
		{"W19: tab before the colon", "A\t: b\r\n", "", "field name"},
		{"W19: empty name", ": b\r\n", "", "field name"},
		{"W19: obs-fold with a colon", "A: b\r\n c: d\r\n", "", "field name"},
		{"W19: obs-fold without a colon", "A: b\r\n c\r\n", "", "field name"},
		{"W19: obs-fold with a tab", "A: b\r\n\tc: d\r\n", "", "field name"},
		{"W19: bare LF", "A: b\nC: d\r\n", "", "line end"},
		{"W19: bare LF at the end", "A: b\n", "", "line end"},
		{"W19: LF in the name", "A\nC: d\r\n", "", "field name"},
		{"bare CR", "A: b\rC: d\r\n", "", "line end"},
		{"two CRs", "A: b\r\r\n", "", "line end"},
		{"no colon", "A\r\n", "", "field name"},
		{"no colon and no line end", "A", "", "field name"},
		{"no line end", "A: b", "", "line end"},
		{"CR without LF at the end", "A: b\r", "", "line end"},
		{"separator in the name", "A(b): c\r\n", "", "field name"},
		{"not ASCII in the name", "\xc3\xa9: c\r\n", "", "field name"},
		{"NUL in the value", "A: b\x00c\r\n", "", "field value"},
		{"DEL in the value", "A: b\x7fc\r\n", "", "field value"},
		{"ESC in a long value", "A: 0123456789\x1b0123456789\r\n", "", "field value"},
		{"empty line behind", "A: b\r\n\r\n", "", "line end"},
		{"empty line alone", "\r\n", "", "line end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fields, err := httpx.ParseFields([]byte(tt.line), nil)
			if tt.part != "" {
				wantSyntaxError(t, err, tt.part)
				if fields != nil {
					t.Errorf("got fields %q with an error", fields)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(fields) != 1 || string(fields[0].Name) != "A" || string(fields[0].Value) != tt.value {
				t.Errorf("got %q, want value %q", fields, tt.value)
			}
		})
	}
}

// What is refused alone is refused within both kinds of head, too.
func TestFieldLineRulesHoldInHeads_W19(t *testing.T) {
	for _, line := range []string{"A : b\r\n", ": b\r\n", "A: b\r\n c: d\r\n", "A: b\nC: d\r\n", "A: b\x00\r\n"} {
		if _, err := httpx.ParseRequest([]byte("GET / HTTP/1.1\r\nHost: a\r\n"+line+"\r\n"), nil); err == nil {
			t.Errorf("request with %q is accepted", line)
		}
		if _, err := httpx.ParseResponse([]byte("HTTP/1.1 101\r\n"+line+"\r\n"), nil); err == nil {
			t.Errorf("response with %q is accepted", line)
		}
	}
}

func TestParseFieldsOfNothing(t *testing.T) {
	fields, err := httpx.ParseFields(nil, make(httpx.Fields, 2))
	if len(fields) != 0 || err != nil {
		t.Errorf("got %q, %v; want no fields", fields, err)
	}
}

func TestFieldsLookup(t *testing.T) {
	fields := parseFields(t, "Cookie: a\r\nX: 1\r\ncookie:  b\r\nCOOKIE:\r\n")
	if v, ok := fields.First("cooKie"); string(v) != "a" || !ok {
		t.Errorf("First = %q, %v", v, ok)
	}
	if v, ok := fields.First("Y"); v != nil || ok {
		t.Errorf("First of a missing name = %q, %v", v, ok)
	}
	if got := fields.Count("Cookie"); got != 3 {
		t.Errorf("Count = %d, want 3", got)
	}
	var got []string
	for v := range fields.Values("Cookie") {
		got = append(got, string(v))
	}
	if want := []string{"a", "b", ""}; !slices.Equal(got, want) {
		t.Errorf("Values = %q, want %q", got, want)
	}
	for v := range fields.Values("Cookie") {
		got = append(got[:0], string(v))
		break
	}
	if !slices.Equal(got, []string{"a"}) {
		t.Errorf("Values goes on after break: %q", got)
	}
}

func TestValueBehindTwoSpacesIsNotLost_H6(t *testing.T) {
	fields := parseFields(t, "Cookie:  a=b;  c=d\r\nX:\t \t1\r\n")
	if v, _ := fields.First("Cookie"); string(v) != "a=b;  c=d" {
		t.Errorf("got %q", v)
	}
	if v, _ := fields.First("X"); string(v) != "1" {
		t.Errorf("got %q", v)
	}
}

func TestHasToken(t *testing.T) {
	tests := []struct {
		name   string
		fields string
		want   bool
	}{
		{"alone", "Connection: upgrade\r\n", true},
		{"other case", "connection: UPGRADE\r\n", true},
		{"in a list", "Connection: keep-alive, Upgrade\r\n", true},
		{"W16: in the second of several lines", "Connection: keep-alive\r\nConnection: Upgrade\r\n", true},
		{"H1: behind a tab", "Connection: keep-alive,\tUpgrade\r\n", true},
		{"H1: tab before the comma", "Connection: keep-alive\t,Upgrade\t\r\n", true},
		{"empty elements", "Connection: ,, ,Upgrade,\r\n", true},
		{"behind a comma in quotes", "Connection: a=\"x,y\", upgrade\r\n", true},
		{"only within quotes", "Connection: a=\"x, upgrade, y\"\r\n", false},
		{"in quotes", "Connection: \"upgrade\"\r\n", false},
		{"part of a token", "Connection: upgrades, h2c-upgrade\r\n", false},
		{"first of two words", "Connection: upgrade now\r\n", false},
		{"with a parameter", "Connection: upgrade;a\r\n", false},
		{"another field", "Upgrade: upgrade\r\n", false},
		{"empty", "Connection:\r\n", false},
		{"before an unterminated quote", "Connection: upgrade, \"a\r\n", true},
		{"behind an unterminated quote", "Connection: \"a, upgrade\r\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := parseFields(t, tt.fields).HasToken("Connection", "upgrade"); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestFieldsDoNotAllocate(t *testing.T) {
	lines := []byte("Connection: keep-alive, Upgrade\r\nHost: a\r\nConnection: x\r\n")
	storage := make(httpx.Fields, 0, 3)
	wantAllocs(t, 0, func() {
		fields, err := httpx.ParseFields(lines, storage)
		if err != nil || !fields.HasToken("Connection", "x") || fields.Count("Connection") != 2 {
			t.Error("lookup failed")
		}
		n := 0
		for range fields.Values("Connection") {
			n++
		}
		if _, ok := fields.First("Host"); !ok || n != 2 {
			t.Error("lookup failed")
		}
	})
}
