package httpx_test

import (
	"errors"
	"testing"

	"github.com/wirews/wirews/httpx"
)

// wantSyntaxError fails the test unless err is a *SyntaxError for part.
func wantSyntaxError(t *testing.T, err error, part string) {
	t.Helper()
	var syntax *httpx.SyntaxError
	if !errors.As(err, &syntax) || !errors.Is(err, httpx.ErrSyntax) {
		t.Fatalf("got error %v, want a *SyntaxError for %q", err, part)
	}
	if syntax.Part != part {
		t.Fatalf("got %v, want a *SyntaxError for %q", err, part)
	}
	if len(syntax.Value) > 64 {
		t.Fatalf("error carries %d bytes, want at most 64", len(syntax.Value))
	}
}

// wantAllocs fails the test unless f allocates want times.
func wantAllocs(t *testing.T, want float64, f func()) {
	t.Helper()
	if raceEnabled {
		return
	}
	if got := testing.AllocsPerRun(100, f); got != want {
		t.Errorf("got %v allocations, want %v", got, want)
	}
}

// naive character sets, as the RFCs spell them, one byte at a time.

func isTchar(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	for _, x := range []byte("!#$%&'*+-.^_`|~") {
		if c == x {
			return true
		}
	}
	return false
}

func isVchar(c byte) bool { return 0x21 <= c && c <= 0x7e }

func isFieldText(c byte) bool { return c == '\t' || c == ' ' || isVchar(c) || c >= 0x80 }
