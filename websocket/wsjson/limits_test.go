package wsjson

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
)

func TestDeeper(t *testing.T) {
	for _, tc := range []struct {
		p    string
		max  int
		at   int
		deep bool
	}{
		{``, 1, 0, false},
		{`1`, 1, 0, false},
		{`[]`, 1, 0, false},
		{`[[]]`, 1, 1, true},
		{`[[]]`, 2, 0, false},
		{`{"a":[{}]}`, 2, 6, true},
		{`{"a":[{}]}`, 3, 0, false},
		{`[[],[],{}]`, 2, 0, false},
		{`[[],[[]]]`, 2, 5, true},
		{`["[[["]`, 1, 0, false},
		{`["\"[[["]`, 1, 0, false},
		{`["\\",[]]`, 1, 6, true},
		{`["\\\"",[]]`, 1, 8, true},
		{`{"[":1}`, 1, 0, false},
		{`"[[[[`, 1, 0, false},
		{`"[[\`, 1, 0, false},
		{`[[[[`, 3, 3, true},
	} {
		if at, deep := deeper([]byte(tc.p), tc.max); at != tc.at || deep != tc.deep {
			t.Errorf("%s within %d: %v at %d, want %v at %d", tc.p, tc.max, deep, at, tc.deep, tc.at)
		}
	}
}

// depth is how deep JSON is nested, by the tokens of encoding/json.
func depth(p []byte) (deepest int) {
	d, depth := json.NewDecoder(bytes.NewReader(p)), 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			return deepest
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
			deepest = max(deepest, depth)
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
	}
}

// Whatever is JSON is found deeper than its depth less one, and not deeper than its
// depth; what is no JSON does no harm.
func FuzzDeeper(f *testing.F) {
	for _, p := range samples {
		f.Add([]byte(p))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		if !json.Valid(p) {
			if at, found := deeper(p, 1); found && (at >= len(p) || p[at] != '[' && p[at] != '{') {
				t.Errorf("%q at %d", p, at)
			}
			return
		}
		d := depth(p)
		if _, found := deeper(p, d); found {
			t.Errorf("%q is deeper than %d", p, d)
		}
		if _, found := deeper(p, d-1); !found && d > 0 {
			t.Errorf("%q is not deeper than %d", p, d-1)
		}
	})
}
