package ws_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/ws"
)

// A head that somebody else has parsed is answered as ServerHandshake answers its
// bytes, whatever is wrong with it, and in whatever order its fields stand.
func TestAParsedRequestIsAnsweredAsItsBytes(t *testing.T) {
	tried := 0
	for _, tc := range slices.Concat(goodRequests, badRequests) {
		req, err := httpx.ParseRequest(tc.in, nil)
		if err != nil || len(req.Target) > 16<<10 {
			continue // it has not come to a handshake, or is over a limit that is not about fields
		}
		tried++
		for _, u := range []ws.Upgrader{{}, {
			Protocols: []string{"c"},
			Origin:    ws.SameOrigin,
			Header:    ws.HandshakeHeaderString("Server: x\r\n"),
			Negotiate: func(o httphead.Option) (httphead.Option, error) { return o, nil },
		}} {
			s := ws.ServerHandshake{Upgrader: &u}
			want, wantHs, _, wantErr := s.Next([]byte("before "), tc.in)
			for range 2 {
				got, hs, err := u.AppendResponse([]byte("before "), req)
				if !bytes.Equal(got, want) || !reflect.DeepEqual(hs, wantHs) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
					t.Errorf("%s: %q, %v, want %q, %v", tc.name, got, err, want, wantErr)
				}
				if !eachOnce(req.Fields) {
					break // their order means something
				}
				slices.Reverse(req.Fields)
			}
		}
	}
	if tried < 30 {
		t.Errorf("%d requests were tried", tried)
	}
}

// eachOnce reports whether each field is there once.
func eachOnce(fields httpx.Fields) bool {
	for _, f := range fields {
		if fields.Count(string(f.Name)) > 1 {
			return false
		}
	}
	return true
}

// What a parser lets through that is not as strict as httpx.
func TestAParsedRequestWithABadHost(t *testing.T) {
	for name, hosts := range map[string][]string{"none": nil, "two": {"a", "b"}, "a path": {"a/b"}, "empty": {""}} {
		req, err := httpx.ParseRequest(good.Bytes(), nil)
		if err != nil {
			t.Fatal(err)
		}
		fields := slices.DeleteFunc(slices.Clone(req.Fields), func(f httpx.Field) bool { return string(f.Name) == "Host" })
		for _, h := range hosts {
			fields = append(fields, httpx.Field{Name: []byte("Host"), Value: []byte(h)})
		}
		req.Fields = fields
		response, _, err := ws.Upgrader{}.AppendResponse(nil, req)
		if !errors.Is(err, ws.ErrHandshakeBadHost) {
			t.Errorf("%s: %v", name, err)
		}
		wantRefusal(t, response, 400)
	}
}

func TestAParsedRequestAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	req, err := httpx.ParseRequest(good.With("Origin: http://server.example.com").Bytes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	u := ws.Upgrader{Origin: ws.SameOrigin}
	var b []byte
	if n := testing.AllocsPerRun(100, func() {
		if b, _, err = u.AppendResponse(b[:0], req); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// Hertz lets a field without a name pass: it is refused, and nobody panics.
func TestAParsedRequestWithAFieldWithoutAName(t *testing.T) {
	req, err := httpx.ParseRequest(good.Bytes(), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Fields = append(req.Fields, httpx.Field{Value: []byte("x")})
	response, _, err := ws.Upgrader{OnHeader: func(_, _ []byte) error { return nil }}.AppendResponse(nil, req)
	if !errors.Is(err, ws.ErrMalformedRequest) {
		t.Errorf("got %v", err)
	}
	wantRefusal(t, response, 400)
	plain := httpx.Request{Method: req.Method, Target: req.Target, Version: req.Version, Fields: httpx.Fields{{Value: []byte("x")}}}
	if _, _, err := (ws.Upgrader{}).AppendResponse(nil, plain); err != ws.ErrNotWebSocket {
		t.Errorf("a plain request: got %v", err)
	}
}
