package httpx

// quotedSpan returns the size of the quoted-string (RFC 9110, 5.6.4) that b
// begins with, both quotes included, or 0 if there is none.
func quotedSpan(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			i++
			// quoted-pair = "\" ( HTAB / SP / VCHAR / obs-text )
			if i == len(b) || !fieldText.has(b[i]) {
				return 0
			}
		case !qdtext.has(c):
			return 0
		}
	}
	return 0
}

// AppendUnquoted appends v, which is what stands between the quotes of a
// quoted string, to dst with each quoted-pair replaced by the byte that it
// stands for. A single backslash at the end, which no quoted string has, is
// kept.
func AppendUnquoted(dst, v []byte) []byte {
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+1 < len(v) {
			i++
		}
		dst = append(dst, v[i])
	}
	return dst
}

// AppendQuoted appends v to dst as a quoted-string, quotes and backslashes
// escaped. It returns dst as it was and a [*SyntaxError] if v holds a byte that
// a quoted-string cannot: a control other than HTAB, such as CR, LF or NUL.
func AppendQuoted[T text](dst []byte, v T) ([]byte, error) {
	if span(v, fieldText) != len(v) {
		return dst, syntaxError("quoted string", v)
	}
	dst = append(dst, '"')
	for i := range len(v) {
		if v[i] == '"' || v[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, v[i])
	}
	return append(dst, '"'), nil
}
