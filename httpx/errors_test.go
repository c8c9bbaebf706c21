package httpx_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
)

func TestErrorTextNamesPartAndValue(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{&httpx.SyntaxError{Part: "field name", Value: "foo "}, `httpx: bad field name "foo "`},
		{&httpx.SyntaxError{Part: "line end", Value: "a\n"}, `httpx: bad line end "a\n"`},
		{&httpx.LimitError{Part: "line", Limit: 16384}, "httpx: line exceeds limit of 16384"},
		{httpx.ErrShort, "httpx: head is not complete"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestErrorsAreFoundByIsAndAs(t *testing.T) {
	var status interface{ StatusCode() int }
	tests := []struct {
		err      error
		sentinel error
		status   int
	}{
		{&httpx.SyntaxError{Part: "host"}, httpx.ErrSyntax, 400},
		{&httpx.LimitError{Part: "head", Limit: 1}, httpx.ErrLimit, 431},
	}
	for _, tt := range tests {
		if !errors.Is(tt.err, tt.sentinel) {
			t.Errorf("errors.Is(%v, %v) is false", tt.err, tt.sentinel)
		}
		if !errors.As(tt.err, &status) || status.StatusCode() != tt.status {
			t.Errorf("%v: no status %d", tt.err, tt.status)
		}
	}
	if errors.Is(tests[0].err, httpx.ErrLimit) || errors.Is(tests[1].err, httpx.ErrSyntax) {
		t.Error("the two kinds of error are not distinct")
	}
}

func TestErrorValueIsCutAndCopied(t *testing.T) {
	name := []byte(strings.Repeat("a", 100) + " ")
	_, err := httpx.AppendField(nil, name, "v")
	name[0] = 'X'
	var syntax *httpx.SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("got error %v, want a *SyntaxError", err)
	}
	if want := strings.Repeat("a", 64); syntax.Value != want {
		t.Errorf("got value %q, want %q", syntax.Value, want)
	}
}
