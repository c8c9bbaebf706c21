package connect

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
)

func TestAPipeShowsMessagesAsAskedFor(t *testing.T) {
	const object = `{"a":1,"b":"` + "\u009b" + `31m"}`
	for _, c := range []struct {
		name, sent string
		view       View
		want       string
	}{
		{"as it came", object, View{}, object + "\n"},
		{"formatted", object, View{JSON: true}, `{ "a": 1, "b": "\u009b31m" }` + "\n"},
		{"no JSON", "{a}", View{JSON: true}, "{a}\n"},
		{"a number", "1", View{JSON: true}, "1\n"},
		{"hex", "hé", View{Hex: true}, "text, 3 bytes\n00000000  68 c3 a9                                          |h..|\n"},
		{"nothing in hex", "", View{Hex: true}, "text, 0 bytes\n"},
	} {
		o := Default()
		o.View, o.Pipe.Messages, o.Pipe.Count = c.view, []string{c.sent}, 1
		var out strings.Builder
		err := Pipe(t.Context(), startServer(t, "/echo"), o, strings.NewReader(""), &out, nil)
		if wantOutcome(t, c.name, err, exit.OK); out.String() != c.want {
			t.Errorf("%s: %q, want %q", c.name, out.String(), c.want)
		}
	}
}

func TestATimestampIsBeforeEachMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(1500 * time.Millisecond)
		got, err := time.Parse(stampLayout+" ", View{Timestamps: true}.stamp())
		if err != nil || !got.Equal(time.Now()) {
			t.Errorf("%v, error %v, want %v", got, err, time.Now())
		}
	})
}

func TestJSONIsColouredAfterItWasMadeHarmless(t *testing.T) {
	text, ok := View{JSON: true, Colour: true}.formatted([]byte("[\"\u009b\"]"))
	if !ok || !strings.Contains(text, "\x1b[") || !strings.Contains(text, `\u009b`) || strings.Contains(text, "\u009b") {
		t.Errorf("%q, %t", text, ok)
	}
}

func TestNestedJSONIsNotSetInWithoutABound(t *testing.T) {
	p := []byte(strings.Repeat("[", 9000) + strings.Repeat("[],", 10) + "[]" + strings.Repeat("]", 9000))
	if text, ok := (View{JSON: true}).formatted(p); ok && len(text) > 64*len(p) {
		t.Errorf("%d bytes became %d", len(p), len(text))
	}
	if _, ok := (View{JSON: true}).formatted([]byte(strings.Repeat("[", 100) + strings.Repeat("]", 100))); !ok {
		t.Error("a message that is not nested deeply is not formatted")
	}
}
