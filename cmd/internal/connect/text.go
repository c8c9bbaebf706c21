package connect

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const shownBytes = 64 // of a binary payload

// Printable returns s so that a terminal shows it and obeys nothing in it:
// what cannot be printed is escaped as in Go, but for line ends and tabs.
func Printable(s string) string {
	plain := func(r rune) bool { return r == '\n' || r == '\t' || unicode.IsPrint(r) }
	if utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case plain(r):
			b.WriteRune(r)
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[n:]
	}
	return b.String()
}

// hexText returns the beginning of p in hex, in groups of a byte.
func hexText(p []byte) string {
	if len(p) > shownBytes {
		return fmt.Sprintf("% x … and %d bytes more", p[:shownBytes], len(p)-shownBytes)
	}
	return fmt.Sprintf("% x", p)
}

// parseHex reads bytes in hex; white space, colons and commas may stand
// between them.
func parseHex(s string) ([]byte, error) {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == ':' || r == ',' {
			return -1
		}
		return r
	}, s)
	p, err := hex.DecodeString(digits)
	if err != nil {
		return nil, fmt.Errorf("%q is no hex: %w", s, err)
	}
	return p, nil
}

func firstLine(p []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(p), []byte("\n"))
	return string(line)
}
