package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
	"github.com/wirews/wirews/ws"
)

var users = Users{"sesame": "Ali", "shibboleth": "Gilead"}

// expectStatus fails unless err is a refusal with that status.
func expectStatus(t *testing.T, err error, status int) {
	t.Helper()
	var refused *ws.ResponseError
	if !errors.As(err, &refused) || refused.Status != status {
		t.Errorf("got %v, want status %d", err, status)
	}
}

func expectGreeting(t *testing.T, c *websocket.Conn, user string) {
	t.Helper()
	if _, p, err := c.Read(t.Context()); err != nil || string(p) != "Hello, "+user {
		t.Errorf("got %q, %v, want a greeting of %s", p, err, user)
	}
}

func TestTokensInTheHandshake(t *testing.T) {
	for _, test := range []struct{ name, path, field, value, user string }{
		{"a cookie", "/cookie", "Cookie", "session=sesame", "Ali"},
		{"a cookie of nobody", "/cookie", "Cookie", "session=please", ""},
		{"another cookie", "/cookie", "Cookie", "taste=sesame", ""},
		{"no cookie", "/cookie", "", "", ""},
		{"a token", "/header", "Authorization", "Bearer shibboleth", "Gilead"},
		{"a token of nobody", "/header", "Authorization", "Bearer sibboleth", ""},
		{"another scheme", "/header", "Authorization", "Basic shibboleth", ""},
		{"no token", "/header", "", "", ""},
		{"a subprotocol", "/subprotocol", "", "chat,token.sesame", "Ali"},
		{"a subprotocol of nobody", "/subprotocol", "", "chat,token.please", ""},
		{"a subprotocol without a token", "/subprotocol", "", "chat", ""},
		{"no subprotocol", "/subprotocol", "", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := wstest.Serve(t, NewHandler(users))
			opts := s.Options(&websocket.DialOptions{HTTPHeader: http.Header{}})
			if test.field != "" {
				opts.HTTPHeader.Set(test.field, test.value)
			} else if test.value != "" {
				opts.Subprotocols = strings.Split(test.value, ",")
			}
			c, _, err := websocket.Dial(t.Context(), s.URL+test.path, opts)
			if test.user == "" {
				expectStatus(t, err, http.StatusUnauthorized)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			if opts.Subprotocols != nil && c.Subprotocol() != "chat" {
				t.Errorf("the subprotocol is %q", c.Subprotocol())
			}
			expectGreeting(t, c, test.user)
		})
	}
}

func TestLoginAndLogout(t *testing.T) {
	s := wstest.Serve(t, NewHandler(users))
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := s.Client()
	client.Jar = jar
	page := strings.Replace(s.URL, "ws://", "http://", 1)
	post := func(path string, form url.Values, status int) {
		t.Helper()
		resp, err := client.PostForm(page+path, form)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Body.Close(); resp.StatusCode != status {
			t.Errorf("%s: status %d, want %d", path, resp.StatusCode, status)
		}
	}
	post("/login", url.Values{"token": {"please"}}, http.StatusUnauthorized)
	post("/login", url.Values{"token": {"sesame"}}, http.StatusOK)

	opts := &websocket.DialOptions{HTTPClient: client, HTTPHeader: http.Header{"Origin": {"https://example.com"}}}
	_, _, err = websocket.Dial(t.Context(), s.URL+"/cookie", opts)
	expectStatus(t, err, http.StatusForbidden) // the page of another site, with the cookie

	opts.HTTPHeader.Set("Origin", page)
	c, _, err := websocket.Dial(t.Context(), s.URL+"/cookie", opts)
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	expectGreeting(t, c, "Ali")
	post("/logout", nil, http.StatusOK)
	if _, _, err := c.Read(t.Context()); websocket.CloseStatus(err) != loggedOut {
		t.Errorf("the connection of a user who has logged out: %v", err)
	}
	_, _, err = websocket.Dial(t.Context(), s.URL+"/cookie", opts)
	expectStatus(t, err, http.StatusUnauthorized)
}

func TestTheFirstMessage(t *testing.T) {
	for _, test := range []struct {
		name, message, user string
		code                websocket.StatusCode
	}{
		{"a token", `{"Token":"sesame"}`, "Ali", 0},
		{"a token of nobody", `{"Token":"please"}`, "", websocket.StatusPolicyViolation},
		{"something else", `"sesame"`, "", websocket.StatusInvalidFramePayloadData},
		{"too long", `{"Token":"` + strings.Repeat("x", 1<<10) + `"}`, "", websocket.StatusMessageTooBig},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := wstest.Serve(t, NewHandler(users))
			c := s.Dial("/message", nil)
			if err := c.Write(t.Context(), websocket.MessageText, []byte(test.message)); err != nil {
				t.Fatal(err)
			}
			if test.user != "" {
				expectGreeting(t, c, test.user)
				return
			}
			if _, _, err := c.Read(t.Context()); websocket.CloseStatus(err) != test.code {
				t.Errorf("got %v, want %v", err, test.code)
			}
		})
	}
}

func TestSilenceForFiveSecondsIsAnAnswerToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := wstest.Serve(t, NewHandler(users))
		c := s.Dial("/message", nil)
		start := time.Now()
		_, _, err := c.Read(context.Background())
		if websocket.CloseStatus(err) != websocket.StatusPolicyViolation || time.Since(start) != 5*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestOriginsThatMayConnect(t *testing.T) {
	for _, test := range []struct {
		opts          *websocket.AcceptOptions
		query, origin string
		allowed       bool
	}{
		{nil, "", "", true},
		{nil, "", "same", true},
		{nil, "", "https://app.example.com", false},
		{otherHosts, "", "same", true},
		{otherHosts, "", "https://app.example.com", true},
		{otherHosts, "", "http://app.example.com", false},
		{otherHosts, "", "https://app.example.com.evil.example", false},
		{otherHosts, "", "https://a.example.org", true},
		{otherHosts, "", "https://example.org", false},
		{otherHosts, "", "null", false},
		{byTable, "?tenant=ann", "https://ann.example.com", true},
		{byTable, "?tenant=ann", "https://bob.example.com", false},
		{byTable, "?tenant=evil.example/", "https://evil.example/.example.com", false},
		{byTable, "?tenant=ann", "same", false},
		{byTable, "", "", true}, // no browser
	} {
		s := wstest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c, err := websocket.Accept(w, r, test.opts); err == nil {
				c.CloseNow()
			}
		}))
		header := http.Header{}
		if test.origin == "same" {
			header.Set("Origin", strings.Replace(s.URL, "ws://", "http://", 1))
		} else if test.origin != "" {
			header.Set("Origin", test.origin)
		}
		c, _, err := websocket.Dial(t.Context(), s.URL+"/"+test.query, s.Options(&websocket.DialOptions{HTTPHeader: header}))
		if test.allowed != (err == nil) {
			t.Errorf("%s, origin %q: %v", test.query, test.origin, err)
		}
		if err == nil {
			c.CloseNow()
		} else {
			expectStatus(t, err, http.StatusForbidden)
		}
	}
}
