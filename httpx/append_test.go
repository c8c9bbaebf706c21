package httpx_test

import (
	"testing"

	"github.com/wirews/wirews/httpx"
)

func TestAppendedRequestIsParsed(t *testing.T) {
	b, err := httpx.AppendRequestLine(nil, "GET", []byte("/chat?a=b"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range [][2]string{{"Host", "example.com"}, {"Empty", ""}, {"X", "a \t \xff"}} {
		if b, err = httpx.AppendField(b, f[0], []byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	b = httpx.AppendEnd(b)
	want := "GET /chat?a=b HTTP/1.1\r\nHost: example.com\r\nEmpty: \r\nX: a \t \xff\r\n\r\n"
	if string(b) != want {
		t.Fatalf("got %q, want %q", b, want)
	}
	var s httpx.Scanner
	if n, err := s.Scan(b, httpx.Limits{}); n != len(b) || err != nil {
		t.Fatalf("Scan = %d, %v", n, err)
	}
	r, err := httpx.ParseRequest(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	if string(r.Method) != "GET" || string(r.Target) != "/chat?a=b" || len(r.Fields) != 3 ||
		string(r.Fields[2].Value) != "a \t \xff" {
		t.Errorf("got %q", r)
	}
}

func TestAppendedResponseIsParsed(t *testing.T) {
	for _, reason := range []string{"", "Switching Protocols", "a\tb\xff"} {
		b, err := httpx.AppendStatusLine([]byte(nil), 101, reason)
		if err != nil {
			t.Fatal(err)
		}
		r, err := httpx.ParseResponse(httpx.AppendEnd(b), nil)
		if err != nil || r.Status != 101 || string(r.Reason) != reason {
			t.Errorf("got %d %q, %v; want reason %q", r.Status, r.Reason, err, reason)
		}
	}
}

func TestAppendParam(t *testing.T) {
	tests := []struct{ name, value, want string }{
		{"token", "10", "; p=10"},
		{"empty", "", `; p=""`},
		{"space", "a b", `; p="a b"`},
		{"H2: backslash", `v\`, `; p="v\\"`},
		{"quote", `a"b`, `; p="a\"b"`},
	}
	for _, tt := range tests {
		got, err := httpx.AppendParam([]byte("x"), "p", tt.value)
		if string(got) != "x"+tt.want || err != nil {
			t.Errorf("%s: got %q, %v; want %q", tt.name, got, err, "x"+tt.want)
		}
	}
	if got, err := httpx.AppendParamName([]byte("x"), []byte("p")); string(got) != "x; p" || err != nil {
		t.Errorf("AppendParamName: got %q, %v", got, err)
	}
}

// H2: nothing that is written can begin another line or another element.
func TestAppendRefusesInjection_H2(t *testing.T) {
	tests := []struct {
		name string
		part string
		add  func(dst []byte) ([]byte, error)
	}{
		{"CRLF in a value", "field value", func(dst []byte) ([]byte, error) { return httpx.AppendField(dst, "A", "b\r\nC: d") }},
		{"LF in a value", "field value", func(dst []byte) ([]byte, error) { return httpx.AppendField(dst, "A", "b\nC: d") }},
		{"CR at the end of a value", "field value", func(dst []byte) ([]byte, error) { return httpx.AppendField(dst, "A", "b\r") }},
		{"NUL in a value", "field value", func(dst []byte) ([]byte, error) { return httpx.AppendField(dst, "A", "b\x00") }},
		{"space at the end of a value", "field value", func(dst []byte) ([]byte, error) { return httpx.AppendField(dst, "A", "b ") }},
		{"colon in a name", "field name", func(dst []byte) ([]byte, error) { return httpx.AppendField(dst, "A: b", "c") }},
		{"CRLF in a name", "field name", func(dst []byte) ([]byte, error) { return httpx.AppendField(dst, "A\r\nB", "c") }},
		{"empty name", "field name", func(dst []byte) ([]byte, error) { return httpx.AppendField(dst, "", "c") }},
		{"space in a method", "method", func(dst []byte) ([]byte, error) { return httpx.AppendRequestLine(dst, "GET /", "/") }},
		{"empty method", "method", func(dst []byte) ([]byte, error) { return httpx.AppendRequestLine(dst, "", "/") }},
		{"space in a target", "target", func(dst []byte) ([]byte, error) { return httpx.AppendRequestLine(dst, "GET", "/ HTTP/1.1") }},
		{"CRLF in a target", "target", func(dst []byte) ([]byte, error) { return httpx.AppendRequestLine(dst, "GET", "/\r\n") }},
		{"empty target", "target", func(dst []byte) ([]byte, error) { return httpx.AppendRequestLine(dst, "GET", "") }},
		{"CRLF in a reason", "reason", func(dst []byte) ([]byte, error) { return httpx.AppendStatusLine(dst, 400, "a\r\nb") }},
		{"status 99", "status", func(dst []byte) ([]byte, error) { return httpx.AppendStatusLine(dst, 99, "") }},
		{"status 1000", "status", func(dst []byte) ([]byte, error) { return httpx.AppendStatusLine(dst, 1000, "") }},
		{"status -1", "status", func(dst []byte) ([]byte, error) { return httpx.AppendStatusLine(dst, -1, "") }},
		{"CRLF in a parameter", "quoted string", func(dst []byte) ([]byte, error) { return httpx.AppendParam(dst, "a", "b\r\nC: d") }},
		{"space in a parameter name", "parameter", func(dst []byte) ([]byte, error) { return httpx.AppendParam(dst, "a b", "c") }},
		{"semicolon in a parameter name", "parameter", func(dst []byte) ([]byte, error) { return httpx.AppendParamName(dst, "a;b") }},
		{"CRLF in quotes", "quoted string", func(dst []byte) ([]byte, error) { return httpx.AppendQuoted(dst, "\r\n") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.add([]byte("dst"))
			wantSyntaxError(t, err, tt.part)
			if string(got) != "dst" {
				t.Errorf("dst comes back as %q", got)
			}
		})
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 256)
	target, value := []byte("/chat"), "a b"
	wantAllocs(t, 0, func() {
		b, _ := httpx.AppendRequestLine(dst, "GET", target)
		b, _ = httpx.AppendStatusLine(b, 101, "Switching Protocols")
		b, _ = httpx.AppendField(b, "Host", value)
		b, _ = httpx.AppendParam(b, "a", value)
		b = httpx.AppendUnquoted(httpx.AppendEnd(b), target)
		if len(b) == 0 {
			t.Error("nothing appended")
		}
	})
}
