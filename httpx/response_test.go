package httpx_test

import (
	"testing"

	"github.com/wirews/wirews/httpx"
)

func TestParseStatusLine(t *testing.T) {
	tests := []struct {
		name   string
		line   string
		status int
		reason string
		part   string // of the error, "" for none
	}{
		{"with reason", "HTTP/1.1 101 Switching Protocols", 101, "Switching Protocols", ""},
		{"with empty reason", "HTTP/1.1 200 ", 200, "", ""},
		{"W21: without reason and its space", "HTTP/1.1 101", 101, "", ""},
		{"lowest status", "HTTP/1.1 100", 100, "", ""},
		{"highest status", "HTTP/1.1 999", 999, "", ""},
		{"HTTP/1.0", "HTTP/1.0 404 Not Found", 404, "Not Found", ""},
		{"tab and obs-text in the reason", "HTTP/1.1 200 \tn\xf6 ", 200, "\tn\xf6 ", ""},

		{"W20: one digit and more", "HTTP/1.1 0:1 x", 0, "", "status"},
		{"W20: 2^64+101", "HTTP/1.1 18446744073709551717 x", 0, "", "status"},
		{"W20: bytes behind 9", "HTTP/1.1 1:1 x", 0, "", "status"},
		{"two digits", "HTTP/1.1 10 x", 0, "", "status"},
		{"two digits alone", "HTTP/1.1 10", 0, "", "status line"},
		{"four digits", "HTTP/1.1 1010", 0, "", "status"},
		{"below 100", "HTTP/1.1 099 x", 0, "", "status"},
		{"sign", "HTTP/1.1 +10 x", 0, "", "status"},
		{"no status", "HTTP/1.1", 0, "", "status line"},
		{"two spaces", "HTTP/1.1  101 x", 0, "", "status"},
		{"tab before the reason", "HTTP/1.1 101\tx", 0, "", "status"},
		{"tab before the status", "HTTP/1.1\t101 x", 0, "", "status line"},
		{"W20: version digit", "HTTP/1.? 101 x", 0, "", "version"},
		{"lower case version", "http/1.1 101 x", 0, "", "version"},
		{"long version", "HTTP/1.10 101 x", 0, "", "status line"},
		{"NUL in the reason", "HTTP/1.1 101 a\x00b", 0, "", "reason"},
		{"LF in the reason", "HTTP/1.1 101 a\nb", 0, "", "reason"},
		{"DEL in the reason", "HTTP/1.1 101 a\x7fb", 0, "", "reason"},
		{"nothing", "", 0, "", "status line"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := httpx.ParseResponse([]byte(tt.line+"\r\nA: b\r\n\r\n"), nil)
			if tt.part != "" {
				wantSyntaxError(t, err, tt.part)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.Status != tt.status || string(r.Reason) != tt.reason || len(r.Fields) != 1 {
				t.Errorf("got %d %q with %d fields", r.Status, r.Reason, len(r.Fields))
			}
		})
	}
}

func TestParseResponseOfAnUpgrade(t *testing.T) {
	r, err := httpx.ParseResponse([]byte(upgradeResponse), nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Version != (httpx.Version{Major: 1, Minor: 1}) || r.Status != 101 || len(r.Fields) != 4 {
		t.Errorf("got %v %d with %d fields", r.Version, r.Status, len(r.Fields))
	}
}

func TestParseResponseRefusesEachTruncationAndMore(t *testing.T) {
	for n := range len(upgradeResponse) {
		r, err := httpx.ParseResponse([]byte(upgradeResponse[:n]), nil)
		if err == nil || r.Status != 0 || r.Fields != nil {
			t.Fatalf("the first %d bytes: got %v, %v; want an error and nothing else", n, r, err)
		}
	}
	_, err := httpx.ParseResponse([]byte(upgradeResponse+"x"), nil)
	wantSyntaxError(t, err, "line end")
}

func TestParseResponseDoesNotAllocate(t *testing.T) {
	head := []byte(upgradeResponse)
	storage := make(httpx.Fields, 0, 4)
	wantAllocs(t, 0, func() {
		if _, err := httpx.ParseResponse(head, storage); err != nil {
			t.Error(err)
		}
	})
}
