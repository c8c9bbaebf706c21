package ws_test

import (
	"bufio"
	"bytes"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// read has net/http read a response; ok is false for what it refuses itself.
func read(in []byte) (resp *http.Response, ok bool) {
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(in)), nil)
	return resp, err == nil
}

func TestCheckHTTPKeepsTheSameRulesAsNext(t *testing.T) {
	checked := 0
	for _, c := range slices.Concat(goodResponses, badResponses) {
		if strings.Contains(c.name, "interim") || strings.Contains(c.name, "W19") || c.name == "HTTP/2.0 and 200" {
			continue // how a head is written is net/http's affair, and so are interim responses
		}
		t.Run(c.name, func(t *testing.T) {
			h, in := started(t, &asking, c.in)
			resp, ok := read(in)
			if !ok {
				return
			}
			checked++
			hs, err := h.CheckHTTP(resp)
			want, _, wantErr := h.Next(in)
			if !errors.Is(err, c.rule) || !reflect.DeepEqual(hs, want) || (err == nil) != (wantErr == nil) {
				t.Errorf("got %+v, %v; want %+v, %v", hs, err, want, wantErr)
			}
		})
	}
	if checked < 30 {
		t.Errorf("net/http has read %d responses", checked)
	}
}

func TestCheckHTTPOfARefusal(t *testing.T) {
	for name, c := range map[string]struct {
		resp   http.Response
		reason string
	}{
		"nothing but the status": {http.Response{StatusCode: 403}, ""},
		"from the wire":          {http.Response{StatusCode: 403, Status: "403 Go away", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"X-Why": {"a", "b"}}}, "Go away"},
		"HTTP/2":                 {http.Response{StatusCode: 403, Status: "403 Forbidden", ProtoMajor: 2, Header: http.Header{"X-Why": {"a", "b"}}}, "Forbidden"},
		"HTTP/1.0":               {http.Response{StatusCode: 403, Status: "403 ", ProtoMajor: 1}, ""},
		"control in a value":     {http.Response{StatusCode: 403, Header: http.Header{"X-Why": {"a\x00b"}}}, ""},
	} {
		h, _ := started(t, nil, "")
		_, err := h.CheckHTTP(&c.resp)
		refusal, ok := errors.AsType[*ws.ResponseError](err)
		if !ok || refusal.Status != 403 || refusal.Reason != c.reason || !errors.Is(err, ws.StatusError(403)) {
			t.Errorf("%s: got %#v", name, err)
			continue
		}
		if got := refusal.Header.Count("X-Why"); got != len(c.resp.Header["X-Why"]) {
			t.Errorf("%s: header %q", name, refusal.Header)
		}
	}
}

func TestCheckHTTPKeepsTheLimits(t *testing.T) {
	d := ws.Dialer{Limits: httpx.Limits{Line: 100}}
	h, in := started(t, &d, good101("X: "+strings.Repeat("y", 97)))
	resp, _ := read(in)
	if _, err := h.CheckHTTP(resp); err != nil {
		t.Error(err)
	}
	resp.Header.Set("X", strings.Repeat("y", 98))
	limit := new(httpx.LimitError)
	if _, err := h.CheckHTTP(resp); !errors.As(err, &limit) || limit.Part != "line" || limit.Limit != 100 {
		t.Errorf("got %v", err)
	}
}

func TestCheckStream(t *testing.T) {
	answer := func(status int, fields ...string) *http.Response {
		resp := &http.Response{StatusCode: status, ProtoMajor: 2, Header: make(http.Header)}
		for i := 0; i < len(fields); i += 2 {
			resp.Header.Add(fields[i], fields[i+1])
		}
		return resp
	}
	for _, c := range []struct {
		name     string
		resp     *http.Response
		protocol string
		rule     error
	}{
		{"nothing", answer(200), "", nil},
		{"another success", answer(204), "", nil},
		{"a subprotocol", answer(200, "Sec-Websocket-Protocol", asking.Protocols[0]), asking.Protocols[0], nil},
		{"another one", answer(200, "Sec-Websocket-Protocol", "other"), "", ws.ErrHandshakeBadSubProtocol},
		{"an extension that was not offered", answer(200, "Sec-Websocket-Extensions", "other"), "", ws.ErrHandshakeBadExtensions},
		{"a control in a value", answer(200, "X", "a\x00b"), "", ws.ErrMalformedResponse},
		{"a refusal", answer(403), "", ws.StatusError(403)},
		{"the status of HTTP/1.1", answer(101), "", ws.StatusError(101)},
	} {
		h, _ := started(t, &asking, "")
		hs, err := h.CheckStream(c.resp)
		if hs.Protocol != c.protocol || !errors.Is(err, c.rule) {
			t.Errorf("%s: %+v, %v; want %q, %v", c.name, hs, err, c.protocol, c.rule)
		}
	}
}
