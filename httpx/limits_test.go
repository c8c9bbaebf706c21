package httpx_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
)

// The limits count as for a head: lines without their CRLF, the head with all
// of them and the empty line.
func TestLimitsOfFieldsThatWereParsed(t *testing.T) {
	field := func(n int) httpx.Field {
		return httpx.Field{Name: []byte("X"), Value: []byte(strings.Repeat("y", n))}
	}
	for _, c := range []struct {
		name   string
		lim    httpx.Limits
		fields httpx.Fields
		part   string
	}{
		{"none", httpx.Limits{}, nil, ""},
		{"line", httpx.Limits{Line: 10}, httpx.Fields{field(7)}, ""},
		{"line, one more", httpx.Limits{Line: 10}, httpx.Fields{field(8)}, "line"},
		{"head", httpx.Limits{Head: 2 + 2*(3+7+2)}, httpx.Fields{field(7), field(7)}, ""},
		{"head, one more", httpx.Limits{Head: 2 + 2*(3+7+2)}, httpx.Fields{field(7), field(8)}, "head"},
		{"fields", httpx.Limits{Fields: 2}, httpx.Fields{field(1), field(1)}, ""},
		{"fields, one more", httpx.Limits{Fields: 2}, httpx.Fields{field(1), field(1), field(1)}, "fields"},
		{"default line", httpx.Limits{}, httpx.Fields{field(httpx.DefaultMaxLine - 2)}, "line"},
		{"no limit", httpx.Limits{Head: -1, Line: -1, Fields: -1}, make(httpx.Fields, 1000), ""},
	} {
		err := c.lim.Check(c.fields)
		limit, ok := errors.AsType[*httpx.LimitError](err)
		if ok != (c.part != "") || ok && limit.Part != c.part {
			t.Errorf("%s: %v, want %q", c.name, err, c.part)
		}
	}
}
