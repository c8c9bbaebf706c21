package connect

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/exit"
)

// What a conversation leaves behind, its trace, a recording and what a terminal shows of
// the URL, has neither the query nor what the user logs in with.
func TestNoSecretIsShownOrRecorded(t *testing.T) {
	u := *startServer(t, "/echo")
	u.User, u.RawQuery = url.UserPassword("me", "s3cret"), "token=s3cret"
	for name, login := range map[string]func(o *Options){
		"basic":  func(o *Options) { o.UserInfo = u.User },
		"bearer": func(o *Options) { o.Header.Set("Authorization", "Bearer s3cret") },
		"cookie": func(o *Options) { o.Header.Set("Cookie", "session=s3cret") },
	} {
		t.Run(name, func(t *testing.T) {
			var trace, recording bytes.Buffer
			o := Default()
			o.Verbose, o.Record, o.Pipe.Messages, o.Pipe.Count = true, &recording, []string{"hi"}, 1
			login(&o)
			err := Pipe(t.Context(), &u, o, strings.NewReader(""), new(bytes.Buffer), &trace)
			wantOutcome(t, name, err, exit.OK)
			// The request line is shown as it was sent: that is what the trace is for.
			shown := strings.Replace(trace.String(), "GET /echo?token=s3cret ", "", 1)
			if strings.Contains(shown, "s3cret") || strings.Contains(shown, "czNjcmV0") || !strings.Contains(shown, "not shown") {
				t.Errorf("trace\n%s", shown)
			}
			if strings.Contains(recording.String(), "s3cret") {
				t.Errorf("recording\n%s", recording.String())
			}
		})
	}
	p := sit(t, t.Context(), &u, Default())
	p.types("/quit\r")
	p.ends(exit.OK)
	if all, _ := p.screen.wait(); strings.Contains(all, "s3cret") {
		t.Errorf("the terminal shows %q", all)
	}
}

func TestLinesOfHeadsAreShownWithoutSecrets(t *testing.T) {
	for line, want := range map[string]string{
		"GET / HTTP/1.1":                    "GET / HTTP/1.1",
		"Host: example.com:80":              "Host: example.com:80",
		"authorization: Basic bWU6c2VjcmV0": "authorization: Basic (12 bytes, not shown)",
		"Authorization: bare":               "Authorization: (4 bytes, not shown)",
		"Proxy-Authorization:  Bearer x":    "Proxy-Authorization: Bearer (1 bytes, not shown)",
		"Cookie: a=b; c=d":                  "Cookie: (8 bytes, not shown)",
		"set-cookie: a=b":                   "set-cookie: (3 bytes, not shown)",
	} {
		if got := withoutSecret(line); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}
