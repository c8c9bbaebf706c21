package httpx_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
)

// heads are inputs that Scan accepts, refuses or finds too short.
var heads = []struct {
	name string
	in   string
	lim  httpx.Limits
	part string // of the error; "short" for ErrShort, "" for none
	n    int    // 0: all of in
}{
	{name: "request", in: chromeRequest},
	{name: "response", in: upgradeResponse},
	{name: "no fields", in: "GET / HTTP/1.1\r\n\r\n"},
	{name: "bytes behind", in: "GET / HTTP/1.1\r\n\r\n\n\r\x81\x00", n: 18},
	{name: "empty", in: "", part: "short"},
	{name: "no empty line", in: "GET / HTTP/1.1\r\nA: b\r\n", part: "short"},

	{name: "first line empty", in: "\r\nGET / HTTP/1.1\r\n\r\n", part: "start line"},
	{name: "first byte LF", in: "\n", part: "start line"},
	{name: "first byte space", in: " GET / HTTP/1.1\r\n\r\n", part: "start line"},
	{name: "first byte of a TLS hello", in: "\x16\x03\x01", part: "start line"},

	{name: "W19: bare LF ends the first line", in: "GET / HTTP/1.1\nA: b\r\n\r\n", part: "line end"},
	{name: "W19: bare LF ends a field line", in: "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", part: "line end"},
	{name: "W19: bare LF as the empty line", in: "GET / HTTP/1.1\r\nA: b\r\n\n", part: "line end"},
	{name: "CR within a line", in: "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", part: "line end"},
	{name: "two CRs", in: "GET / HTTP/1.1\r\nA: b\r\r\n\r\n", part: "line end"},
	{name: "CR at the start of a line", in: "GET / HTTP/1.1\r\n\rA: b\r\n\r\n", part: "line end"},
	{name: "LF CR", in: "GET / HTTP/1.1\n\r\n\r", part: "line end"},
	{name: "LF before a CR", in: "GET /\nHTTP/1.1\r\n\r\n", part: "line end"},

	{name: "head at its limit", in: "GET / HTTP/1.1\r\n\r\n", lim: httpx.Limits{Head: 18}},
	{name: "W13: head above its limit", in: "GET / HTTP/1.1\r\n\r\n", lim: httpx.Limits{Head: 17}, part: "head"},
	{name: "head at its limit and not complete", in: "GET / HTTP/1.1\r\n", lim: httpx.Limits{Head: 16}, part: "head"},
	{name: "W13: endless head", in: "GET / HTTP/1.1\r\n" + strings.Repeat("A: b\r\n", 100), lim: httpx.Limits{Head: 100}, part: "head"},

	{name: "first line below its limit", in: "GET / HTTP/1.1\r\n\r\n", lim: httpx.Limits{Line: 15}},
	{name: "first line at its limit", in: "GET / HTTP/1.1\r\n\r\n", lim: httpx.Limits{Line: 14}},
	{name: "W13: first line above its limit", in: "GET / HTTP/1.1\r\n\r\n", lim: httpx.Limits{Line: 13}, part: "line"},
	{name: "field line at its limit", in: "G / H\r\nA: bcd\r\n\r\n", lim: httpx.Limits{Line: 6}},
	{name: "W13: field line above its limit", in: "G / H\r\nA: bcde\r\n\r\n", lim: httpx.Limits{Line: 6}, part: "line"},
	{name: "W13: endless line", in: "GET /" + strings.Repeat("a", 100), lim: httpx.Limits{Line: 50}, part: "line"},

	{name: "fields below their limit", in: "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n", lim: httpx.Limits{Fields: 3}},
	{name: "fields at their limit", in: "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n", lim: httpx.Limits{Fields: 2}},
	{name: "W13: fields above their limit", in: "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n", lim: httpx.Limits{Fields: 1}, part: "fields"},

	{name: "LF before the line's limit", in: "GET /\n" + strings.Repeat("a", 100), lim: httpx.Limits{Line: 50}, part: "line end"},
	{name: "LF behind the line's limit", in: strings.Repeat("a", 51) + "\n", lim: httpx.Limits{Line: 50}, part: "line"},
	{name: "LF at the head's limit", in: "GET / HTTP/1.1\r\na\n", lim: httpx.Limits{Head: 18}, part: "line end"},
	{name: "LF behind the head's limit", in: "GET / HTTP/1.1\r\na\n", lim: httpx.Limits{Head: 17}, part: "head"},
	{name: "both limits at the same byte", in: "GET / HTTP/1.1\r\n\r\n", lim: httpx.Limits{Line: 9, Head: 10}, part: "line"},
}

// result is what one or several calls of Scan come to.
type result struct {
	n   int
	err error
}

// scanPieces feeds in as it grows to each of ends, until Scan decides.
func scanPieces(in []byte, lim httpx.Limits, ends ...int) result {
	var s httpx.Scanner
	var r result
	for _, end := range ends {
		if r.n, r.err = s.Scan(in[:end:end], lim); r.err != httpx.ErrShort {
			break
		}
	}
	return r
}

func sameResult(a, b result) bool { return a.n == b.n && reflect.DeepEqual(a.err, b.err) }

func errorPart(err error) string {
	var syntax *httpx.SyntaxError
	var limit *httpx.LimitError
	switch {
	case err == nil:
		return ""
	case err == httpx.ErrShort:
		return "short"
	case errors.As(err, &syntax):
		return syntax.Part
	case errors.As(err, &limit):
		return limit.Part
	}
	return err.Error()
}

func TestScanFindsTheEndOrTheFault(t *testing.T) {
	for _, tt := range heads {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.n
			if tt.part == "" && want == 0 {
				want = len(tt.in)
			}
			got := scanPieces([]byte(tt.in), tt.lim, len(tt.in))
			if got.n != want || errorPart(got.err) != tt.part {
				t.Errorf("Scan = %d, %v; want %d and error %q", got.n, got.err, want, tt.part)
			}
		})
	}
}

func TestScanResultDoesNotDependOnSplits(t *testing.T) {
	for _, tt := range heads {
		t.Run(tt.name, func(t *testing.T) {
			in := []byte(tt.in)
			want := scanPieces(in, tt.lim, len(in))
			for i := range len(in) {
				if got := scanPieces(in, tt.lim, i, len(in)); !sameResult(got, want) {
					t.Fatalf("split at %d: got %v, want %v", i, got, want)
				}
				for j := i; j < min(len(in), i+40); j++ {
					if got := scanPieces(in, tt.lim, i, j, len(in)); !sameResult(got, want) {
						t.Fatalf("split at %d and %d: got %v, want %v", i, j, got, want)
					}
				}
			}
			var ends []int
			for i := range len(in) + 1 {
				ends = append(ends, i)
			}
			if got := scanPieces(in, tt.lim, ends...); !sameResult(got, want) {
				t.Fatalf("byte by byte: got %v, want %v", got, want)
			}
		})
	}
}

func TestScanOfEachTruncationIsShort(t *testing.T) {
	for _, in := range []string{chromeRequest, upgradeResponse} {
		for n := range len(in) {
			var s httpx.Scanner
			if got, err := s.Scan([]byte(in[:n]), httpx.Limits{}); got != 0 || err != httpx.ErrShort {
				t.Fatalf("Scan of the first %d bytes = %d, %v; want ErrShort", n, got, err)
			}
		}
	}
}

func TestScanDetectsTheFaultWithItsFirstByte(t *testing.T) {
	for _, tt := range heads {
		in := []byte(tt.in)
		want := scanPieces(in, tt.lim, len(in))
		if want.err == nil || want.err == httpx.ErrShort {
			continue
		}
		at := 0
		for scanPieces(in, tt.lim, at).err == httpx.ErrShort {
			at++
		}
		rest := bytes.Repeat([]byte("\r\n\r\n"), len(in))
		other := append(bytes.Clone(in[:at]), rest...)
		if got := scanPieces(other, tt.lim, len(other)); !sameResult(got, want) {
			t.Errorf("%s: another rest behind byte %d gives %v, want %v", tt.name, at, got, want)
		}
	}
}

func TestScanRepeatsItsResult(t *testing.T) {
	for _, tt := range heads {
		var s httpx.Scanner
		n, err := s.Scan([]byte(tt.in), tt.lim)
		again, err2 := s.Scan([]byte(tt.in), tt.lim)
		if !sameResult(result{n, err}, result{again, err2}) {
			t.Errorf("%s: got %d, %v and then %d, %v", tt.name, n, err, again, err2)
		}
	}
}

// W13: a peer who sends byte by byte costs linear time. All but the last of
// the bytes that Scan has seen are overwritten with what would be an error, so
// Scan looks at no more than two bytes a call.
func TestScanLooksAtABytesOnceForAByteByByteClient_W13(t *testing.T) {
	for _, in := range []string{chromeRequest, upgradeResponse, "GET / HTTP/1.1\r\n\r\n"} {
		var s httpx.Scanner
		for n := 1; n <= len(in); n++ {
			b := bytes.Repeat([]byte{'\n'}, n)
			first := max(0, n-2)
			copy(b[first:], in[first:n])
			got, err := s.Scan(b, httpx.Limits{})
			if n < len(in) && err != httpx.ErrShort {
				t.Fatalf("byte %d: got %d, %v; want ErrShort", n, got, err)
			}
			if n == len(in) && (got != n || err != nil) {
				t.Fatalf("got %d, %v; want %d", got, err, n)
			}
		}
	}
}

func TestScanLimitsDefaults_W13(t *testing.T) {
	const start = "GET / HTTP/1.1\r\n"
	head := func(size int) string {
		var b strings.Builder
		b.WriteString(start)
		for b.Len() < size-2 {
			line := min(size-2-b.Len(), 1000)
			if rest := size - 2 - b.Len() - line; rest > 0 && rest < 10 {
				line -= 10
			}
			b.WriteString("a: " + strings.Repeat("b", line-5) + "\r\n")
		}
		return b.String() + "\r\n"
	}
	tests := []struct {
		name string
		in   string
		part string
	}{
		{"head at n-1", head(httpx.DefaultMaxHead - 1), ""},
		{"head at n", head(httpx.DefaultMaxHead), ""},
		{"head at n+1", head(httpx.DefaultMaxHead + 1), "head"},
		{"line at n-1", start + strings.Repeat("a", httpx.DefaultMaxLine-1) + "\r\n\r\n", ""},
		{"line at n", start + strings.Repeat("a", httpx.DefaultMaxLine) + "\r\n\r\n", ""},
		{"line at n+1", start + strings.Repeat("a", httpx.DefaultMaxLine+1) + "\r\n\r\n", "line"},
		{"fields at n-1", start + strings.Repeat("a:\r\n", httpx.DefaultMaxFields-1) + "\r\n", ""},
		{"fields at n", start + strings.Repeat("a:\r\n", httpx.DefaultMaxFields) + "\r\n", ""},
		{"fields at n+1", start + strings.Repeat("a:\r\n", httpx.DefaultMaxFields+1) + "\r\n", "fields"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s httpx.Scanner
			if _, err := s.Scan([]byte(tt.in), httpx.Limits{}); errorPart(err) != tt.part {
				t.Errorf("got error %v, want %q", err, tt.part)
			}
			s = httpx.Scanner{}
			n, err := s.Scan([]byte(tt.in), httpx.Limits{Head: -1, Line: -1, Fields: -1})
			if n != len(tt.in) || err != nil {
				t.Errorf("without limits: got %d, %v; want %d", n, err, len(tt.in))
			}
		})
	}
}

func TestScanLimitErrorCarriesTheLimit(t *testing.T) {
	var s httpx.Scanner
	_, err := s.Scan([]byte("GET / HTTP/1.1\r\n"), httpx.Limits{Line: 5})
	var limit *httpx.LimitError
	if !errors.As(err, &limit) || limit.Limit != 5 || limit.StatusCode() != 431 {
		t.Errorf("got %v, want a *LimitError with limit 5 and status 431", err)
	}
}

func TestScanLineEndErrorShowsTheLineUpToTheFault(t *testing.T) {
	var s httpx.Scanner
	in := "GET / HTTP/1.1\r\n" + strings.Repeat("a", 100) + "\nrest"
	_, err := s.Scan([]byte(in), httpx.Limits{})
	var syntax *httpx.SyntaxError
	if !errors.As(err, &syntax) || syntax.Value != strings.Repeat("a", 63)+"\n" {
		t.Errorf("got %v, want the 64 bytes up to LF", err)
	}
}

func TestScanWithShrinkingInputDoesNotPanic(t *testing.T) {
	var s httpx.Scanner
	if _, err := s.Scan([]byte(chromeRequest[:100]), httpx.Limits{}); err != httpx.ErrShort {
		t.Fatal(err)
	}
	if _, err := s.Scan([]byte(chromeRequest[:10]), httpx.Limits{}); err != httpx.ErrShort {
		t.Errorf("got error %v, want ErrShort", err)
	}
}

func TestScannerIsAValue(t *testing.T) {
	in := []byte(chromeRequest)
	var s httpx.Scanner
	s.Scan(in[:300], httpx.Limits{})
	saved := s
	s.Scan(in, httpx.Limits{})
	if n, err := saved.Scan(in, httpx.Limits{}); n != len(in) || err != nil {
		t.Errorf("copy: got %d, %v; want %d", n, err, len(in))
	}
	s = httpx.Scanner{}
	if n, err := s.Scan([]byte(upgradeResponse), httpx.Limits{}); n != len(upgradeResponse) || err != nil {
		t.Errorf("after reset: got %d, %v; want %d", n, err, len(upgradeResponse))
	}
}

func TestScanDoesNotAllocate(t *testing.T) {
	in := []byte(chromeRequest)
	wantAllocs(t, 0, func() {
		var s httpx.Scanner
		s.Scan(in[:200], httpx.Limits{})
		s.Scan(in, httpx.Limits{})
	})
}
