package connect

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
)

const shownBytes = 64 // of a binary payload

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
