// Package redact removes secrets from what errors show, since errors end in logs.
package redact

import (
	"bytes"
	"strconv"
	"strings"
)

// Target returns a request target, a request line or a URL up to its query or fragment,
// with the ? or # that shows that there is one. It aliases v.
func Target[T ~string | ~[]byte](v T) T {
	for i := range len(v) {
		if v[i] == '?' || v[i] == '#' {
			return v[:i+1]
		}
	}
	return v
}

// Field reports whether the value of a field is not to be shown: it is a credential (RFC
// 9110, section 11; RFC 6265).
func Field(name []byte) bool {
	for _, secret := range [...]string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"} {
		if bytes.EqualFold(name, []byte(secret)) {
			return true
		}
	}
	return false
}

// Quoted returns a text with "..." in the place of what it quotes as Go does, if that
// may be a URL with a user or a query.
func Quoted(text string) string {
	var b strings.Builder
	for {
		before, _, found := strings.Cut(text, `"`)
		b.WriteString(before)
		if text = text[len(before):]; !found {
			return b.String()
		}
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			quoted = text[:1]
		}
		if text = text[len(quoted):]; strings.ContainsAny(quoted, "@?") {
			quoted = `"..."`
		}
		b.WriteString(quoted)
	}
}
