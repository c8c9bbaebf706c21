package wsjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
	"github.com/wirews/wirews/websocket/wstest"
)

// answer sends a message to a Codec, and returns the code of the close frame that the
// sender gets, -1 if it gets a message, and the error of the Codec.
func answer(t *testing.T, k wsjson.Codec, message string, v any) (code websocket.StatusCode, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, client := wstest.Pipe(t, nil, nil)
		if err := client.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
			t.Fatal(err)
		}
		go func() {
			if err = k.Read(t.Context(), server, v); err == nil {
				k.Write(t.Context(), server, v)
			}
		}()
		_, _, closed := client.Read(t.Context())
		code = websocket.CloseStatus(closed)
		synctest.Wait()
	})
	return code, err
}

func TestACodecRefusesWhatIsOverItsLimits(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, tc := range []struct {
		name    string
		codec   wsjson.Codec
		message string
		want    error
		code    websocket.StatusCode
	}{
		{"at the depth", wsjson.Codec{MaxDepth: 5}, deep(5), nil, -1},
		{"too deep", wsjson.Codec{MaxDepth: 5}, deep(6), &wsjson.DepthError{Max: 5, Offset: 5}, websocket.StatusPolicyViolation},
		{"a bomb", wsjson.Codec{MaxDepth: 64}, strings.Repeat("[", 32_000), &wsjson.DepthError{Max: 64, Offset: 64}, websocket.StatusPolicyViolation},
		{"a bomb of objects", wsjson.Codec{MaxDepth: 64}, strings.Repeat(`{"":`, 8_000), &wsjson.DepthError{Max: 64, Offset: 256}, websocket.StatusPolicyViolation},
		{"deep in a string", wsjson.Codec{MaxDepth: 1}, `["` + strings.Repeat("[", 100) + `"]`, nil, -1},
		{"deep without a limit", wsjson.Codec{}, deep(10_000), nil, -1},
		{"at the size", wsjson.Codec{MaxBytes: 10}, `"12345678"`, nil, -1},
		{"too long", wsjson.Codec{MaxBytes: 10}, `"123456789"`, &wsjson.SizeError{Max: 10, Size: 11}, websocket.StatusMessageTooBig},
		{"both", wsjson.Codec{MaxBytes: 10, MaxDepth: 1}, strings.Repeat("[", 11), &wsjson.SizeError{Max: 10, Size: 11}, websocket.StatusMessageTooBig},
	} {
		var v any
		code, err := answer(t, tc.codec, tc.message, &v)
		if code != tc.code {
			t.Errorf("%s: closed with %v, want %v", tc.name, code, tc.code)
		}
		if cause := errors.Unwrap(err); (err != nil || tc.want != nil) && (cause == nil || cause.Error() != tc.want.Error()) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
		if tooBig := errors.Is(err, websocket.ErrMessageTooBig); tooBig != (code == websocket.StatusMessageTooBig) {
			t.Errorf("%s: %v is ErrMessageTooBig: %v", tc.name, err, tooBig)
		}
		var other any
		if again := tc.codec.Unmarshal([]byte(tc.message), &other); (again == nil) != (err == nil) {
			t.Errorf("%s: Unmarshal: %v", tc.name, again)
		}
	}
}

// What encoding/json refuses closes the connection with 1007.
func TestACodecRefusesWhatIsNotForItsValue(t *testing.T) {
	var syntax *json.SyntaxError
	var value *json.UnmarshalTypeError
	for _, tc := range []struct {
		codec   wsjson.Codec
		message string
		as      any
	}{
		{wsjson.Codec{}, `{`, &syntax},
		{wsjson.Codec{}, ``, &syntax},
		{wsjson.Codec{}, `{} {}`, &syntax},
		{wsjson.Codec{}, strings.Repeat("[", 10_001), &syntax},
		{wsjson.Codec{MaxDepth: 5}, `]]]][[[[[[`, nil},
		{wsjson.Codec{}, `{"X":"one"}`, &value},
		{wsjson.Codec{DisallowUnknownFields: true}, `{"Z":1}`, nil},
	} {
		var p point
		code, err := answer(t, tc.codec, tc.message, &p)
		if err == nil || code != websocket.StatusInvalidFramePayloadData {
			t.Errorf("%.20q: %v, closed with %v", tc.message, err, code)
		}
		if tc.as != nil && !errors.As(err, tc.as) {
			t.Errorf("%.20q: %v is no %T", tc.message, err, tc.as)
		}
	}
}

// An integer of 64 bits survives a json.Number.
func TestUseNumber(t *testing.T) {
	var v any
	if _, err := answer(t, wsjson.Codec{UseNumber: true}, `[9007199254740993]`, &v); err != nil {
		t.Fatal(err)
	}
	if got := v.([]any)[0]; got != json.Number("9007199254740993") {
		t.Errorf("%T %v", got, got)
	}
}
