package httpx

import "strconv"

// AppendRequestLine appends the first line of an HTTP/1.1 request to dst. It
// returns dst as it was and a [*SyntaxError] if method is not a token or target
// does not pass [IsTarget].
func AppendRequestLine[M, T text](dst []byte, method M, target T) ([]byte, error) {
	if !IsToken(method) {
		return dst, syntaxError("method", method)
	}
	if !IsTarget(target) {
		return dst, syntaxError("target", target)
	}
	dst = append(dst, method...)
	dst = append(dst, ' ')
	dst = append(dst, target...)
	return append(dst, " HTTP/1.1\r\n"...), nil
}

// AppendStatusLine appends the first line of an HTTP/1.1 response to dst. It
// returns dst as it was and a [*SyntaxError] if status is not from 100 to 999 or
// reason holds a control other than HTAB. The reason may be empty.
func AppendStatusLine[R text](dst []byte, status int, reason R) ([]byte, error) {
	if status < 100 || status > 999 {
		return dst, syntaxError("status", strconv.Itoa(status))
	}
	if span(reason, fieldText) != len(reason) {
		return dst, syntaxError("reason", reason)
	}
	dst = append(dst, "HTTP/1.1 "...)
	dst = strconv.AppendInt(dst, int64(status), 10)
	dst = append(dst, ' ')
	dst = append(dst, reason...)
	return append(dst, "\r\n"...), nil
}

// AppendField appends a field line to dst. It returns dst as it was and a
// [*SyntaxError] if name is not a token or value does not pass [IsFieldValue]: no
// value can begin another line.
func AppendField[N, V text](dst []byte, name N, value V) ([]byte, error) {
	if !IsToken(name) {
		return dst, syntaxError("field name", name)
	}
	if !IsFieldValue(value) {
		return dst, syntaxError("field value", value)
	}
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, "\r\n"...), nil
}

// AppendEnd appends the empty line that ends a head to dst.
func AppendEnd(dst []byte) []byte {
	return append(dst, "\r\n"...)
}

// AppendParam appends a parameter, "; name=value", to dst. The value is
// written as it is if it is a token, and as a quoted-string otherwise. It
// returns dst as it was and a [*SyntaxError] if name is not a token or value
// cannot be quoted (see [AppendQuoted]).
func AppendParam[N, V text](dst []byte, name N, value V) ([]byte, error) {
	out, err := AppendParamName(dst, name)
	if err != nil {
		return dst, err
	}
	out = append(out, '=')
	if IsToken(value) {
		return append(out, value...), nil
	}
	if out, err = AppendQuoted(out, value); err != nil {
		return dst, err
	}
	return out, nil
}

// AppendParamName appends a parameter without a value, "; name", to dst. It
// returns dst as it was and a [*SyntaxError] if name is not a token.
func AppendParamName[N text](dst []byte, name N) ([]byte, error) {
	if !IsToken(name) {
		return dst, syntaxError("parameter", name)
	}
	dst = append(dst, "; "...)
	return append(dst, name...), nil
}
