package httpx_test

import (
	"strings"
	"testing"

	"github.com/wirews/wirews/httpx"
)

func TestCharacterSetsForEachByte(t *testing.T) {
	for c := range 256 {
		b := byte(c)
		s := "x" + string([]byte{b}) + "x"
		if got, want := httpx.IsToken(s), isTchar(b); got != want {
			t.Errorf("IsToken(%q) = %v, want %v", s, got, want)
		}
		if got, want := httpx.IsTarget(s), isVchar(b); got != want {
			t.Errorf("IsTarget(%q) = %v, want %v", s, got, want)
		}
		if got, want := httpx.IsFieldValue(s), isFieldText(b); got != want {
			t.Errorf("IsFieldValue(%q) = %v, want %v", s, got, want)
		}
	}
}

func TestEmptyIsNoTokenAndNoTargetButAFieldValue(t *testing.T) {
	if httpx.IsToken("") || httpx.IsToken([]byte(nil)) {
		t.Error("empty is a token")
	}
	if httpx.IsTarget("") {
		t.Error("empty is a target")
	}
	if !httpx.IsFieldValue("") {
		t.Error("empty is no field value")
	}
}

func TestIsFieldValueRefusesWhitespaceAtItsEnds(t *testing.T) {
	for _, v := range []string{" a", "a ", "\ta", "a\t", " ", "\t"} {
		if httpx.IsFieldValue(v) {
			t.Errorf("IsFieldValue(%q) = true", v)
		}
	}
	if !httpx.IsFieldValue("a \t b") {
		t.Error("whitespace within a value is refused")
	}
}

// Values are checked in words: each byte at each place of one, in each
// neighbourhood that could disturb its verdict.
func TestFieldValueOfParsedLineForEachByteAtEachPlace(t *testing.T) {
	for _, fill := range []string{"x", "\t", " ", "~", "\x80", "\xff"} {
		for size := range 20 {
			for at := range size {
				value := []byte("x" + strings.Repeat(fill, size) + "x")
				for c := range 256 {
					value[1+at] = byte(c)
					line := []byte("N: " + string(value) + "\r\n")
					fields, err := httpx.ParseFields(line, nil)
					if got, want := err == nil, isFieldText(byte(c)); got != want {
						t.Fatalf("ParseFields(%q): error %v, want valid = %v", line, err, want)
					}
					if err == nil && string(fields[0].Value) != string(value) {
						t.Fatalf("got value %q, want %q", fields[0].Value, value)
					}
				}
			}
		}
	}
}

func TestEqualFoldIsAboutASCIIOnly(t *testing.T) {
	tests := []struct {
		v, s string
		want bool
	}{
		{"", "", true},
		{"Upgrade", "uPGRADE", true},
		{"Upgrade", "Upgrad", false},
		{"a", "b", false},
		{"[", "{", false}, // differ in the bit that letters' cases differ in
		{"@", "`", false},
		{"\xe4", "\xc4", false},
		{"\u212a", "k", false}, // Kelvin sign
		{"\u212a", "\u212a", true},
	}
	for _, tt := range tests {
		if got := httpx.EqualFold(tt.v, tt.s); got != tt.want {
			t.Errorf("EqualFold(%q, %q) = %v, want %v", tt.v, tt.s, got, tt.want)
		}
		if got := httpx.EqualFold([]byte(tt.s), tt.v); got != tt.want {
			t.Errorf("EqualFold(%q, %q) = %v, want %v", tt.s, tt.v, got, tt.want)
		}
	}
}

func TestChecksDoNotAllocate(t *testing.T) {
	b := []byte("websocket")
	wantAllocs(t, 0, func() {
		_ = httpx.IsToken(b) && httpx.IsFieldValue(b) && httpx.IsTarget(b) &&
			httpx.IsHost(b) && httpx.EqualFold(b, "WebSocket")
	})
}
