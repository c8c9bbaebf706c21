package redact_test

import (
	"testing"

	"github.com/wirews/wirews/internal/redact"
)

func TestTarget(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"/chat":                        "/chat",
		"/chat?token=s3cret":           "/chat?",
		"/chat#s3cret":                 "/chat#",
		"/?a#b":                        "/?",
		"GET /?token=s3cret HTTP/1.1x": "GET /?",
	} {
		if got := redact.Target(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
		if got := redact.Target([]byte(in)); string(got) != want {
			t.Errorf("bytes of %q: %q", in, got)
		}
	}
}

func TestField(t *testing.T) {
	for name, want := range map[string]bool{
		"Authorization": true, "authorization": true, "Proxy-Authorization": true, "COOKIE": true, "Set-Cookie": true,
		"Host": false, "": false, "Authorizations": false, "Cookie2": false,
	} {
		if got := redact.Field([]byte(name)); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestQuoted(t *testing.T) {
	for in, want := range map[string]string{
		"":                                     "",
		`no such host`:                         `no such host`,
		`parse "/%zz": invalid`:                `parse "/%zz": invalid`,
		`parse "http://ann:s3cret@[::1": x`:    `parse "...": x`,
		`a "b" "/?token=s3cret" c "d"`:         `a "b" "..." c "d"`,
		`"https://h/?a=\"s3cret"`:              `"..."`,
		`an end that is missing: "http://ann@`: `an end that is missing: "http://ann@`,
	} {
		if got := redact.Quoted(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
