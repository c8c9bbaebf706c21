package plain

import (
	"net/url"
	"testing"
)

func TestAURLIsShownWithoutSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"ws://host:8080/echo":                       "ws://host:8080/echo",
		"wss://user:s3cret@host/a%2Fb?token=s3cret": "wss://host/a%2Fb",
		"ws://host":            "ws://host",
		"ws://[::1]:80/?a=b#c": "ws://[::1]:80/",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := URL(u); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
