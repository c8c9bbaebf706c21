package httpx_test

import (
	"bytes"
	"testing"

	"github.com/wirews/wirews/httpx"
)

// FuzzScanner: the result does not depend on how the input is split, and lies
// within the input and the limits.
func FuzzScanner(f *testing.F) {
	for _, tt := range heads {
		f.Add([]byte(tt.in), len(tt.in)/2, 1, tt.lim.Head, tt.lim.Line, tt.lim.Fields)
	}
	f.Fuzz(func(t *testing.T, in []byte, split, step, head, line, fields int) {
		lim := httpx.Limits{Head: head, Line: line, Fields: fields}
		want := scanPieces(in, lim, len(in))
		if n := want.n; n > len(in) || (want.err == nil) != (n > 0) || head > 0 && n > head {
			t.Fatalf("got %d, %v for %d bytes with %+v", n, want.err, len(in), lim)
		}
		if want.err == nil && !bytes.HasSuffix(in[:want.n], []byte("\r\n\r\n")) {
			t.Fatalf("head %q does not end with an empty line", in[:want.n])
		}
		if split < 0 || split > len(in) || step < 1 {
			return
		}
		if got := scanPieces(in, lim, split, len(in)); !sameResult(got, want) {
			t.Fatalf("split at %d: got %v, want %v", split, got, want)
		}
		var ends []int
		for end := 0; end < len(in); end += min(step, len(in)) {
			ends = append(ends, end)
		}
		if got := scanPieces(in, lim, append(ends, len(in))...); !sameResult(got, want) {
			t.Fatalf("in steps of %d: got %v, want %v", step, got, want)
		}
	})
}

// FuzzItem: what a list splits into is valid or refused, and what is valid
// comes back when it is written and parsed again.
func FuzzItem(f *testing.F) {
	for _, s := range []string{
		"", "foo", "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame",
		`foo; a=1; b="2"; c`, `foo;a="b\"\\,;"`, "a,\tb\t, ,c", `foo bar; a=1`, `foo; a=`, `foo;`, `"a\`, "\"a\r\n\"",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, list []byte) {
		for elem, rest, err := httpx.NextElement(list); elem != nil; elem, rest, err = httpx.NextElement(rest) {
			if err != nil || len(elem) == 0 || len(rest) >= len(list) {
				t.Fatalf("NextElement(%q) = %q, %q, %v", list, elem, rest, err)
			}
			token, _, err := httpx.NextToken(elem)
			if (err == nil) != httpx.IsToken(elem) || err == nil && !bytes.Equal(token, elem) {
				t.Fatalf("NextToken(%q) = %q, %v", elem, token, err)
			}
			if item, err := httpx.ParseItem(elem); err == nil {
				checkItemRoundTrip(t, item)
			}
		}
	})
}

func checkItemRoundTrip(t *testing.T, item httpx.Item) {
	t.Helper()
	if !httpx.IsToken(item.Name) {
		t.Fatalf("name %q is not a token", item.Name)
	}
	written := bytes.Clone(item.Name)
	var values [][]byte
	for rest := item.Params; len(rest) > 0; {
		p, next, ok := httpx.NextParam(rest)
		if !ok {
			t.Fatalf("NextParam(%q) fails on an Item", rest)
		}
		value, err := p.Value, error(nil)
		if p.Quoted {
			value = httpx.AppendUnquoted(nil, p.Value)
		}
		if p.HasValue {
			written, err = httpx.AppendParam(written, p.Name, value)
		} else {
			written, err = httpx.AppendParamName(written, p.Name)
		}
		if err != nil {
			t.Fatalf("parameter %q=%q cannot be written: %v", p.Name, value, err)
		}
		values, rest = append(values, p.Name, value), next
	}
	elem, rest, err := httpx.NextElement(written)
	if !bytes.Equal(elem, written) || len(rest) != 0 || err != nil {
		t.Fatalf("%q is not one element: %q, %v", written, elem, err)
	}
	again, err := httpx.ParseItem(written)
	if err != nil {
		t.Fatal(err)
	}
	for params := again.Params; len(params) > 0; values = values[2:] {
		p, next, _ := httpx.NextParam(params)
		if value := httpx.AppendUnquoted(nil, p.Value); !bytes.Equal(p.Name, values[0]) || !bytes.Equal(value, values[1]) {
			t.Fatalf("%q=%q comes back as %q=%q", values[0], values[1], p.Name, value)
		}
		params = next
	}
	if len(values) != 0 {
		t.Fatalf("parameters %q got lost", values)
	}
}
