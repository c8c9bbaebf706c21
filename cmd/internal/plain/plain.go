// Package plain makes what a peer has sent fit for a terminal, which obeys
// control characters and, in many programs, lets some characters reorder the
// others.
package plain

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns s with everything escaped, as in Go, that is not a character to
// look at: control characters (C0, DEL and C1), format characters, among them
// those that set the direction of text, and bytes that are not UTF-8. Line ends
// and tabs stay. Text changes nothing in what it has returned.
func Text(s string) string {
	return escape(s, func(r rune) bool { return r == '\n' || r == '\t' || isPlain(r) })
}

// Line is Text for what has to stay on one line: line ends and tabs are escaped
// too.
func Line(s string) string { return escape(s, isPlain) }

// isPlain reports whether r may be shown. The two joiners have no width and do
// no harm, and scripts and emoji need them.
func isPlain(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	return unicode.IsGraphic(r) && r != '\u2028' && r != '\u2029' || r == nonJoiner || r == joiner
}

func escape(s string, plain func(rune) bool) string {
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
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[n:]
	}
	return b.String()
}

// JSON returns a writer of JSON, which escapes what Text does and encoding/json
// does not, such as C1. The values stay the same. Each write has to be of whole
// characters.
func JSON(w io.Writer) io.Writer { return jsonWriter{w} }

type jsonWriter struct{ w io.Writer }

func (j jsonWriter) Write(p []byte) (int, error) {
	var b strings.Builder
	for s := string(p); len(s) > 0; {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		// Control characters of ASCII stand between values only.
		case r < ' ' || isPlain(r) && !(r == utf8.RuneError && n == 1):
			b.WriteString(s[:n])
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[n:]
	}
	if _, err := io.WriteString(j.w, b.String()); err != nil {
		return 0, err
	}
	return len(p), nil
}
