package ws_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// #136: status, reason and header are there, and found through wrapping.
func TestConnectionRejectedErrorIssue136IsFoundThroughWrapping(t *testing.T) {
	h := ws.HandshakeHeaderString("Retry-After: 5\r\n")
	err := ws.RejectConnectionError(ws.RejectionStatus(503), ws.RejectionReason("full"), ws.RejectionHeader(h))
	var r *ws.ConnectionRejectedError
	if !errors.As(fmt.Errorf("a: %w", fmt.Errorf("b: %w", err)), &r) {
		t.Fatal("not found")
	}
	if r.Status != 503 || r.StatusCode() != 503 || r.Reason != "full" || r.Header != ws.HandshakeHeader(h) {
		t.Errorf("got %+v", r)
	}
}

func TestConnectionRejectedErrorText(t *testing.T) {
	for want, err := range map[string]error{
		"ws: connection rejected with status 0":   ws.RejectConnectionError(),
		"ws: connection rejected with status 403": ws.RejectConnectionError(ws.RejectionStatus(403)),
		"ws: full":      ws.RejectConnectionError(ws.RejectionReason("full")),
		`ws: no: "a\n"`: &ws.ConnectionRejectedError{Reason: "no", Value: "a\n"},
	} {
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// #184: "bad "Connection" header" alone does not tell what a proxy has made of
// it.
func TestRulesIssue184CarryTheOffendingValue(t *testing.T) {
	_, _, err := upgrade(ws.Upgrader{}, good.Replace("Connection", "close"))
	if !strings.HasSuffix(err.Error(), `: "close"`) || !errors.Is(err, ws.ErrHandshakeBadConnection) {
		t.Errorf("got %v", err)
	}
	_, _, err = upgrade(ws.Upgrader{}, good.Replace("Connection", strings.Repeat("x", 5000)))
	if r := rejected(t, err); r.Value != strings.Repeat("x", 64) {
		t.Errorf("got %d bytes", len(r.Value))
	}
	_, _, err = upgrade(ws.Upgrader{}, good.With("X : y"))
	if r := rejected(t, err); r.Value != "X " || !strings.Contains(err.Error(), `bad field name "X "`) {
		t.Errorf("got %q in %v", r.Value, err)
	}
	var syntax *httpx.SyntaxError
	if !errors.As(err, &syntax) || !errors.Is(err, ws.ErrMalformedRequest) {
		t.Errorf("got %v, want the cause and the rule", err)
	}
}

func TestRulesAreNotChangedByTheirUse(t *testing.T) {
	upgrade(ws.Upgrader{}, good.Replace("Connection", "close"))
	for _, rule := range []error{ws.ErrHandshakeBadConnection, ws.ErrMalformedRequest, ws.ErrHandshakeUpgradeRequired} {
		if r := rejected(t, rule); r.Value != "" || r.Err != nil {
			t.Errorf("got %+v", r)
		}
	}
}

func TestRulesHaveTheirStatus(t *testing.T) {
	for rule, want := range map[error]int{
		ws.ErrMalformedRequest:              400,
		ws.ErrHandshakeBadProtocol:          505,
		ws.ErrHandshakeBadMethod:            405,
		ws.ErrHandshakeBadHost:              400,
		ws.ErrHandshakeBadUpgrade:           400,
		ws.ErrHandshakeBadConnection:        400,
		ws.ErrHandshakeBadSecKey:            400,
		ws.ErrHandshakeBadSecVersion:        400,
		ws.ErrHandshakeUpgradeRequired:      426,
		ws.ErrHandshakeBadBody:              400,
		ws.ErrHandshakeEarlyData:            400,
		ws.ErrHandshakeBadOrigin:            403,
		ws.ErrHandshakeHTTP2:                501,
		ws.ErrNotHijacker:                   500,
		ws.ErrHandshakeBadResponse:          500,
		ws.ErrHandshakeHeadTooLarge:         431,
		ws.RejectConnectionError():          0,
		fmt.Errorf("%w", ws.ErrNotHijacker): 500,
	} {
		if got := rejected(t, errors.Join(errors.New("ws: x"), rule)).StatusCode(); got != want {
			t.Errorf("%v: got %d, want %d", rule, got, want)
		}
	}
}

func TestRefusalsRepeatNoSecret(t *testing.T) {
	for _, line := range []string{"Cookie: sid=s3cret\x01", "cookie: sid=s3cret\n", "Authorization: Bearer s3cret\rx"} {
		_, _, err := upgrade(ws.Upgrader{}, good.With(line))
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", line, err)
		}
	}
	for _, line := range []string{
		"GET /chat?token=s3cret#x HTTP/1.1", "GET /chat?token=s3cret\x01 HTTP/1.1", "GET /chat?token=s3cret HTTP/1.1\n", "GET /chat#s3cret HTTP/1.1",
		"GET /chat?token=s3cret", "GET http:/chat?token=s3cret HTTP/1.1", "GET http://a b/?s3cret HTTP/1.1",
	} {
		_, rest, _ := strings.Cut(string(good.Bytes()), "\r\n")
		_, err := ws.Upgrade(wstest.NewConn([]byte(line + "\r\n" + rest)))
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", line, err)
		}
	}
}
