package connect

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/exit"
)

func TestRedirectsAreFollowedWhenAskedFor(t *testing.T) {
	there := startServer(t, "/echo")
	got := make(chan http.Header, 10)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header.Clone()
		w.Header().Set("Location", "http"+strings.TrimPrefix(there.String(), "ws"))
		w.WriteHeader(http.StatusTemporaryRedirect)
	}))
	t.Cleanup(other.Close)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got <- r.Header.Clone()
		w.Header().Set("Location", map[string]string{
			"/near": "/far", "/far": other.URL + "/x#part", "/loop": "loop", "/file": "file:///etc/passwd",
		}[r.URL.Path])
		w.WriteHeader(http.StatusFound)
	}))
	t.Cleanup(s.Close)
	for _, c := range []struct {
		path      string
		redirects int
		want      exit.Status
		words     string
		requests  string // who was told the password, as 1
	}{
		{"/near", 10, exit.OK, "", "110"},
		{"/near", 0, exit.Refused, "follow it by -L to ws://", "1"},
		{"/loop", 2, exit.Refused, "2 were followed", "111"},
		{"/file", 2, exit.Refused, "302", "1"},
		{"/none", 2, exit.Refused, "302", "1"},
	} {
		o := Default()
		o.Redirects, o.UserInfo = c.redirects, url.UserPassword("me", "secret")
		o.Header.Set("Cookie", "a=b")
		o.Pipe.Messages, o.Verbose = []string{"hi"}, true
		var out, trace bytes.Buffer
		err := Pipe(t.Context(), mustParse(t, "ws"+strings.TrimPrefix(s.URL, "http")+c.path), o, strings.NewReader(""), &out, &trace)
		if c.words == "" {
			wantOutcome(t, c.path, err, c.want)
		} else {
			wantOutcome(t, c.path, err, c.want, c.words)
		}
		requests := ""
		for len(got) > 0 {
			h := <-got
			told := "0"
			if h.Get("Authorization") != "" && h.Get("Cookie") != "" {
				told = "1"
			}
			requests += told
		}
		if requests != c.requests {
			t.Errorf("%s: credentials in the requests: %s, want %s", c.path, requests, c.requests)
		}
		if c.want == exit.OK && (out.String() != "hi\n" || strings.Count(trace.String(), "* redirected to ") != 3) {
			t.Errorf("%s: %q, shown %q", c.path, out.String(), trace.String())
		}
	}
}
