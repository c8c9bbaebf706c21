package connect

import (
	"net/http"
	"strings"
	"testing"
)

func TestURLs(t *testing.T) {
	for in, want := range map[string]string{
		"ws://host/path?q":   "ws://host/path?q",
		"wss://host:1":       "wss://host:1",
		"http://host":        "ws://host",
		"https://u:p@host/":  "wss://u:p@host/",
		"localhost:8080/e":   "ws://localhost:8080/e",
		"[::1]:80":           "ws://[::1]:80",
		"WS://host":          "ws://host",
		"example.com/a?b=:/": "ws://example.com/a?b=:/",
	} {
		if u, err := ParseURL(in); err != nil || u.String() != want {
			t.Errorf("%q: %v, error %v; want %q", in, u, err, want)
		}
	}
	for in, word := range map[string]string{
		"":               "names no host",
		"ws://":          "names no host",
		"ws:///path":     "names no host",
		"ftp://host":     `scheme "ftp"`,
		"ws://host#frag": "fragment",
		"ws://[":         "no URL",
		"ws://h:port":    "no URL",
		"ws://host/%zz":  "no URL",
	} {
		if u, err := ParseURL(in); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%q: %v, error %v; want %q in it", in, u, err, word)
		}
	}
}

func TestHeadersThatAreNone(t *testing.T) {
	for _, line := range []string{"", "no colon", ": value", " : value"} {
		if err := AddHeader(make(http.Header), line); err == nil {
			t.Errorf("%q was taken", line)
		}
	}
}

func TestAURLInAQuery(t *testing.T) {
	for in, want := range map[string]string{
		"localhost:8080/e?next=http://x/": "ws://localhost:8080/e?next=http://x/",
		"example.com/a://b":               "ws://example.com/a://b",
	} {
		if u, err := ParseURL(in); err != nil || u.String() != want {
			t.Errorf("%q: %v, error %v; want %q", in, u, err, want)
		}
	}
}
