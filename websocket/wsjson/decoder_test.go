package wsjson

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// as is what a message is unmarshalled into.
type as struct {
	X, Y int
	S    string
	Raw  json.RawMessage
	Any  any
}

var samples = []string{
	`{"X":1,"Y":-2}`, ` { "X" : 1 } `, "{}\n", `null`, `12`, ` 12 `, `"x"`, `true`, `[]`, `[1,[2,[3]]]`, `{"S":"[{\"\\"}`,
	`{"Raw":{"a":[1]},"Any":[1.5,"\u00e9",null,{"b":9007199254740993}]}`, `{"Z":1}`,
	``, ` `, `{`, `{"X":}`, `{"X":1`, `{"X":1}}`, `{"X":1} x`, `12 34`, `12]`, `"abc`, `"\`, `nul`, `{"X":"a"}`, `  {"X":"a"}`, `{"Raw":[}`, `[[[[`, `]]]]`,
	strings.Repeat("[", 10_001), strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000),
}

// same holds decode against json.Unmarshal: values, errors and their offsets.
func same(t *testing.T, p []byte) {
	t.Helper()
	for range 2 { // by a decoder that may be new, and by one that was given back
		var got, want as
		var gotAny, wantAny any
		for _, into := range []struct{ got, want any }{{&got, &want}, {&gotAny, &wantAny}} {
			err, wanted := decode(p, into.got, options{}), json.Unmarshal(p, into.want)
			if !reflect.DeepEqual(err, wanted) && !sameType(err, wanted) {
				t.Errorf("%.40q: %v, want %v", p, err, wanted)
			}
			if wanted == nil && !reflect.DeepEqual(into.got, into.want) {
				t.Errorf("%.40q: %v, want %v", p, into.got, into.want)
			}
		}
	}
}

// sameType compares errors of values whose type does not fit: a decoder of Go 1.27
// counts offsets without the spaces in front of a message.
func sameType(err, wanted error) bool {
	a, aOK := errors.AsType[*json.UnmarshalTypeError](err)
	b, bOK := errors.AsType[*json.UnmarshalTypeError](wanted)
	return aOK && bOK && a.Error() == b.Error()
}

func TestDecodeIsUnmarshal(t *testing.T) {
	for _, p := range samples {
		same(t, []byte(p))
	}
}

func FuzzDecodeIsUnmarshal(f *testing.F) {
	for _, p := range samples {
		f.Add([]byte(p))
	}
	f.Fuzz(same)
}

// Options of one Codec are not those of another whose decoders are used in between.
func TestOptionsStayWithTheirDecoder(t *testing.T) {
	unknown, number := []byte(`{"Z":1}`), []byte(`{"Any":9007199254740993}`)
	for range 3 {
		for o := range decoders {
			var v as
			if err := decode(unknown, &v, o); (err != nil) != o.disallowUnknownFields {
				t.Errorf("%+v: an unknown field: %v", o, err)
			}
			if err := decode(number, &v, o); err != nil {
				t.Error(o, err)
			}
			if n, ok := v.Any.(json.Number); ok != o.useNumber || ok && n != "9007199254740993" {
				t.Errorf("%+v: %T", o, v.Any)
			}
		}
	}
}

// What was read does not change with the next message.
func TestValuesHoldNoMemoryOfTheDecoder(t *testing.T) {
	var first, second as
	if err := decode([]byte(`{"S":"one","Raw":{"a":"one"},"Any":["one"]}`), &first, options{}); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if err := decode([]byte(`{"S":"two","Raw":{"a":"two"},"Any":["two"]}`), &second, options{}); err != nil {
			t.Fatal(err)
		}
	}
	if first.S != "one" || string(first.Raw) != `{"a":"one"}` || first.Any.([]any)[0] != "one" {
		t.Errorf("%+v", first)
	}
}

// A panic of a method of the value does not give a decoder back that is in the middle
// of something.
func TestAPanicOfTheValueLeavesNothingToOthers(t *testing.T) {
	func() {
		defer func() { recover() }()
		decode([]byte(`{"X":1}`), new(panics), options{})
	}()
	same(t, []byte(`{"X":2}`))
}

type panics struct{}

func (*panics) UnmarshalJSON([]byte) error { panic("of the value") }

// What the message before had after its value must not count in offsets.
func TestDecodersForgetWhatWasBehindAMessage(t *testing.T) {
	for range 3 {
		var v as
		if err := decode([]byte("{\"X\":1}\n  "), &v, options{}); err != nil {
			t.Fatal(err)
		}
		var got, want as
		err, wanted := decode([]byte(`{"X":"a"}`), &got, options{}), json.Unmarshal([]byte(`{"X":"a"}`), &want)
		if !reflect.DeepEqual(err, wanted) {
			t.Errorf("%#v, want %#v", err, wanted)
		}
	}
}
