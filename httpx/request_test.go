package httpx_test

import (
	"testing"

	"github.com/wirews/wirews/httpx"
)

func TestParseRequestOfABrowser(t *testing.T) {
	r, err := httpx.ParseRequest([]byte(chromeRequest), nil)
	if err != nil {
		t.Fatal(err)
	}
	if string(r.Method) != "GET" || string(r.Target) != "/chat?room=42" || r.Version != (httpx.Version{Major: 1, Minor: 1}) {
		t.Errorf("got request line %q %q %v", r.Method, r.Target, r.Version)
	}
	if len(r.Fields) != 14 {
		t.Errorf("got %d fields, want 14", len(r.Fields))
	}
	if last := r.Fields[13]; string(last.Name) != "Sec-WebSocket-Extensions" ||
		string(last.Value) != "permessage-deflate; client_max_window_bits" {
		t.Errorf("got last field %q: %q", last.Name, last.Value)
	}
}

func TestParseRequestLine(t *testing.T) {
	tests := []struct {
		name string
		line string
		part string // of the error, "" for none
	}{
		{"origin-form", "GET /a?b=c HTTP/1.1", ""},
		{"absolute-form", "GET http://example.com/ HTTP/1.1", ""},
		{"authority-form", "CONNECT example.com:80 HTTP/1.1", ""},
		{"asterisk-form", "OPTIONS * HTTP/1.1", ""},
		{"any token is a method", "!#$%&'*+-.^_`|~09azAZ / HTTP/1.1", ""},
		{"any version of the right form", "GET / HTTP/1.9", ""},

		{"W14: method alone", "GET", "request line"},
		{"two words", "GET /", "request line"},
		{"nothing", "", "request line"},
		{"no method", " / HTTP/1.1", "method"},
		{"separator in the method", "G@T / HTTP/1.1", "method"},
		{"LF in the method", "G\nT / HTTP/1.1", "method"},
		{"tab instead of space", "GET\t/\tHTTP/1.1", "request line"},
		{"two spaces before the target", "GET  / HTTP/1.1", "target"},
		{"two spaces behind the target", "GET /  HTTP/1.1", "version"},
		{"space behind the version", "GET / HTTP/1.1 ", "version"},
		{"space in the target", "GET /a b HTTP/1.1", "version"},
		{"control in the target", "GET /\x00 HTTP/1.1", "target"},
		{"LF in the target", "GET /\n HTTP/1.1", "target"},
		{"DEL in the target", "GET /\x7f HTTP/1.1", "target"},
		{"not ASCII in the target", "GET /\xc3\xa9 HTTP/1.1", "target"},
		{"lower case version", "GET / http/1.1", "version"},
		{"W20: version digit behind 9", "GET / HTTP/1.?", "version"},
		{"W20: version digit before 0", "GET / HTTP//.1", "version"},
		{"version with two digits", "GET / HTTP/1.10", "version"},
		{"version without minor", "GET / HTTP/1", "version"},
		{"version with comma", "GET / HTTP/1,1", "version"},
		{"LF in the version", "GET / HTTP/1\n1", "version"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := httpx.ParseRequest([]byte(tt.line+"\r\nHost: a\r\n\r\n"), nil)
			if tt.part != "" {
				wantSyntaxError(t, err, tt.part)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestParseRequestDemandsOneHost(t *testing.T) {
	tests := []struct {
		name string
		head string
		ok   bool
	}{
		{"1.1 with Host", "GET / HTTP/1.1\r\nhOST: a\r\n\r\n", true},
		{"1.1 with empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", true},
		{"1.1 without Host", "GET / HTTP/1.1\r\n\r\n", false},
		{"W18: 1.1 with two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", false},
		{"W18: 1.1 with the same Host twice", "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nhost: a\r\n\r\n", false},
		{"W18: 1.1 with an empty Host and another", "GET / HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n", false},
		{"1.1 with a bad Host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", false},
		{"1.0 without Host", "GET / HTTP/1.0\r\n\r\n", true},
		{"1.0 with Host", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", true},
		{"W18: 1.0 with two Hosts", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", false},
		{"1.0 with a bad Host", "GET / HTTP/1.0\r\nHost: a/b\r\n\r\n", false},
		{"2.0 without Host", "PRI * HTTP/2.0\r\n\r\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := httpx.ParseRequest([]byte(tt.head), nil)
			if !tt.ok {
				wantSyntaxError(t, err, "host")
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestParseRequestRefusesEachTruncationAndMore(t *testing.T) {
	for n := range len(chromeRequest) {
		r, err := httpx.ParseRequest([]byte(chromeRequest[:n]), nil)
		if err == nil || r.Method != nil || r.Fields != nil {
			t.Fatalf("the first %d bytes: got %v, %v; want an error and nothing else", n, r, err)
		}
	}
	for _, more := range []string{"\r\n", "\n", "x", "A: b\r\n"} {
		_, err := httpx.ParseRequest([]byte(chromeRequest+more), nil)
		wantSyntaxError(t, err, "line end")
	}
}

func TestParseRequestUsesTheStorageItIsGiven(t *testing.T) {
	head := []byte(chromeRequest)
	storage := make(httpx.Fields, 3, 32)
	r, err := httpx.ParseRequest(head, storage)
	if err != nil {
		t.Fatal(err)
	}
	if &r.Fields[0] != &storage[0] {
		t.Error("fields do not stand in the storage given")
	}
	if &r.Method[0] != &head[0] {
		t.Error("method does not alias the head")
	}
	wantAllocs(t, 0, func() {
		if _, err := httpx.ParseRequest(head, storage); err != nil {
			t.Error(err)
		}
	})
}
