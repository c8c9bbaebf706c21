package httpx_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
)

// request is what Scanner.Request has to say.
type request struct {
	httpx.Request
	n   int
	err error
}

// inTwoSteps is what Scanner.Request is documented to be.
func inTwoSteps(in []byte, lim httpx.Limits) (r request) {
	var s httpx.Scanner
	if r.n, r.err = s.Scan(in, lim); r.err == nil {
		r.Request, r.err = httpx.ParseRequest(in[:r.n], nil)
	}
	return r
}

// inOneStep feeds in as it grows to each of ends, until Request decides.
func inOneStep(in []byte, lim httpx.Limits, ends ...int) (r request) {
	var s httpx.Scanner
	var scratch httpx.Scratch
	for _, end := range ends {
		if r.Request, r.n, r.err = s.Request(in[:end:end], lim, &scratch); r.err != httpx.ErrShort {
			break
		}
	}
	return r
}

func (r request) String() string { return fmt.Sprintf("%q, %d, %v", r.Request, r.n, r.err) }

func (r request) same(other request) bool {
	return r.String() == other.String() && reflect.DeepEqual(r.err, other.err)
}

// requestHeads are besides those of the scanner's test.
var requestHeads = []string{
	"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.0\r\n\r\n",
	"GET / HTTP/1.0\r\nHost: a b\r\n\r\n",
	"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /\t HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST / HTTP/1.1\r\nhOST: [::1]:80\r\n\r\n",
	"GET / HTTP/1.1\r\n\r\n",
	"GET / HTTP/1.1\r\nHost:\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\n: no name\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nspace : b\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nfolded: b\r\n c\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX:  \t\x80\xff~\tb \t \r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: b\nc\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n",
	"\r\n\r\n", "\r\n\r\n\r\n", "G\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n\r\n",
}

func TestRequestIsScanAndParse(t *testing.T) {
	inputs := append([]string{chromeRequest}, requestHeads...)
	for _, tt := range heads {
		inputs = append(inputs, tt.in)
	}
	for _, in := range inputs {
		// More fields than a head of that size has marks for, and fewer.
		for _, more := range []int{0, 3, 40, 200} {
			head := []byte(strings.Replace(in, "\r\n", "\r\n"+strings.Repeat("X-More: and more\r\n", more), 1))
			for _, lim := range []httpx.Limits{
				{}, {Head: -1, Line: -1, Fields: -1}, {Head: len(head)}, {Head: len(head) - 1},
				{Line: 30}, {Line: len(head)}, {Fields: 1}, {Fields: more + 1}, {Fields: more + 2},
			} {
				want := inTwoSteps(head, lim)
				if got := inOneStep(head, lim, len(head)); !got.same(want) {
					t.Fatalf("%q with %+v: got %v, want %v", head, lim, got, want)
				}
			}
		}
	}
}

// TestRequestEveryByteOfAHead puts bytes of each kind everywhere.
func TestRequestEveryByteOfAHead(t *testing.T) {
	for i := range chromeRequest {
		head := []byte(chromeRequest)
		for _, c := range []byte("\x00\t\n\r \"#:A_~\x7f\x80\xff") {
			head[i] = c
			if got, want := inOneStep(head, httpx.Limits{}, len(head)), inTwoSteps(head, httpx.Limits{}); !got.same(want) {
				t.Fatalf("%q: got %v, want %v", head, got, want)
			}
		}
	}
}

func TestRequestEverySplit(t *testing.T) {
	want := inTwoSteps([]byte(chromeRequest), httpx.Limits{})
	for split := range len(chromeRequest) + 1 {
		if got := inOneStep([]byte(chromeRequest), httpx.Limits{}, split, len(chromeRequest)); !got.same(want) {
			t.Fatalf("split at %d: got %v, want %v", split, got, want)
		}
	}
}

func TestRequestUsesTheScratchAgain(t *testing.T) {
	head := []byte(chromeRequest)
	var scratch httpx.Scratch
	for _, in := range []string{chromeRequest, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", chromeRequest} {
		var s httpx.Scanner
		r, n, err := s.Request([]byte(in), httpx.Limits{}, &scratch)
		if got, want := (request{r, n, err}), inTwoSteps([]byte(in), httpx.Limits{}); !got.same(want) {
			t.Fatalf("got %v, want %v", got, want)
		}
		if len(scratch.Fields) != len(r.Fields) {
			t.Errorf("the scratch has %d fields, the request %d", len(scratch.Fields), len(r.Fields))
		}
	}
	wantAllocs(t, 0, func() {
		var s httpx.Scanner
		s.Request(head, httpx.Limits{}, &scratch)
	})
}

// FuzzRequest: one pass over a whole head comes to the same as two, and as any
// pieces.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(chromeRequest), 100, 0, 0, 0)
	for _, in := range requestHeads {
		f.Add([]byte(in), len(in)/2, 0, 0, 0)
	}
	for _, tt := range heads {
		f.Add([]byte(tt.in), len(tt.in)/2, tt.lim.Head, tt.lim.Line, tt.lim.Fields)
	}
	f.Fuzz(func(t *testing.T, in []byte, split, head, line, fields int) {
		lim := httpx.Limits{Head: head, Line: line, Fields: fields}
		want := inTwoSteps(in, lim)
		if got := inOneStep(in, lim, len(in)); !got.same(want) {
			t.Fatalf("%q: got %v, want %v", in, got, want)
		}
		if 0 <= split && split <= len(in) {
			if got := inOneStep(in, lim, split, len(in)); !got.same(want) {
				t.Fatalf("%q split at %d: got %v, want %v", in, split, got, want)
			}
		}
		if whole := append(bytes.TrimRight(in, "\r\n"), "\r\n\r\n"...); !inOneStep(whole, lim, len(whole)).same(inTwoSteps(whole, lim)) {
			t.Fatalf("%q: got %v, want %v", whole, inOneStep(whole, lim, len(whole)), inTwoSteps(whole, lim))
		}
	})
}

func BenchmarkRequest(b *testing.B) {
	head := []byte(chromeRequest)
	var scratch httpx.Scratch
	b.SetBytes(int64(len(head)))
	b.ReportAllocs()
	for b.Loop() {
		var s httpx.Scanner
		if _, _, err := s.Request(head, httpx.Limits{}, &scratch); err != nil {
			b.Fatal(err)
		}
	}
}
