package wshub_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/wirews/wirews/wshub"
)

// A position travels in an application's protocol as a text.
func ExamplePosition() {
	type subscribe struct {
		Topic string
		After wshub.Position
	}
	p, _ := json.Marshal(subscribe{"cats", wshub.Position{Epoch: 1 << 60, Offset: 1234}})
	fmt.Printf("%s\n", p)
	var s subscribe
	err := json.Unmarshal(p, &s)
	fmt.Println(s.After.Offset, err)
	// Output:
	// {"Topic":"cats","After":"8rc4kbdvss1s.ya"}
	// 1234 <nil>
}

func ExampleParsePosition() {
	_, err := wshub.ParsePosition("12:34")
	fmt.Println(err)
	// Output: wshub: "12:34" is not a position, which is what Position.String returns
}

func TestPositionsAreTheirTexts(t *testing.T) {
	for _, tc := range []struct {
		p    wshub.Position
		text string
	}{
		{wshub.Position{}, ""},
		{wshub.Position{Epoch: 1}, "1.0"},
		{wshub.Position{Offset: 35}, "0.z"},
		{wshub.Position{Epoch: math.MaxUint64, Offset: math.MaxUint64}, "3w5e11264sgsf.3w5e11264sgsf"},
	} {
		if got := tc.p.String(); got != tc.text {
			t.Errorf("%+v is %q, want %q", tc.p, got, tc.text)
		}
		if got, err := wshub.ParsePosition(tc.text); got != tc.p || err != nil {
			t.Errorf("%q is %+v, %v", tc.text, got, err)
		}
		if tc.p.IsZero() != (tc.text == "") {
			t.Errorf("%+v is zero: %v", tc.p, tc.p.IsZero())
		}
	}
}

func TestWhatIsNoPosition(t *testing.T) {
	for _, s := range []string{".", "1", "1.", ".1", "0.0", "01.1", "1.01", "A.1", "+1.1", "1.-1", "1.1.1", " 1.1", "1.1 ", "1_0.1", "0x1.1", "3w5e11264sgsg.1"} {
		p, err := wshub.ParsePosition(s)
		if wrong, ok := errors.AsType[*wshub.PositionError](err); !ok || wrong.Text != s || !p.IsZero() {
			t.Errorf("%q is %+v, %v", s, p, err)
		}
	}
}

func FuzzPosition(f *testing.F) {
	f.Add("2n9c8z1q.1a", uint64(1), uint64(2))
	f.Add("", uint64(0), uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, s string, epoch, offset uint64) {
		p := wshub.Position{Epoch: epoch, Offset: offset}
		if got, err := wshub.ParsePosition(p.String()); got != p || err != nil {
			t.Errorf("%+v has come back as %+v, %v", p, got, err)
		}
		if got, err := wshub.ParsePosition(s); err == nil && got.String() != s {
			t.Errorf("%q has come back as %q", s, got)
		}
	})
}
