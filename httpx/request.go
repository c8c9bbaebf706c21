package httpx

import "bytes"

// Request is the head of a request. Its slices alias the bytes it was parsed
// from.
type Request struct {
	Method  []byte // a token; methods are case-sensitive
	Target  []byte // visible ASCII, not empty; not parsed any further
	Version Version
	Fields  Fields
}

var space = []byte{' '}

// ParseRequest parses the head of a request (RFC 9112, 3), which ends with
// its empty line: head[:n] with the n of Scan. The fields are appended to
// fields[:0]; nothing is allocated when its capacity suffices. The Request is
// valid as long as neither head nor fields is used again.
//
// From HTTP/1.1 on a request must have exactly one Host field, before that at
// most one, and it must be valid (see CheckHost). Limits are Scan's concern.
// The error is a *SyntaxError; the Request is zero then.
func ParseRequest(head []byte, fields Fields) (Request, error) {
	line, rest, err := cutLine(head)
	if err != nil {
		return Request{}, err
	}
	method, tail, ok := bytes.Cut(line, space)
	target, version, ok2 := bytes.Cut(tail, space)
	v, ok3 := parseVersion(version)
	switch {
	case !ok || !ok2:
		return Request{}, syntaxError("request line", line)
	case !IsToken(method):
		return Request{}, syntaxError("method", method)
	case !IsTarget(target):
		return Request{}, syntaxError("target", target)
	case !ok3:
		return Request{}, syntaxError("version", version)
	}
	fields, err = parseFieldSection(rest, fields)
	if err != nil {
		return Request{}, err
	}
	if v.AtLeast(1, 1) || fields.Count("Host") > 0 {
		if _, err := CheckHost(fields); err != nil {
			return Request{}, err
		}
	}
	return Request{Method: method, Target: target, Version: v, Fields: fields}, nil
}

// cutLine cuts the first line, which ends with CRLF, from b. It may still hold
// a LF, which no rule for a line's text lets pass.
func cutLine(b []byte) (line, rest []byte, err error) {
	i := bytes.IndexByte(b, '\r')
	if i < 0 || i+1 == len(b) || b[i+1] != '\n' {
		return nil, nil, syntaxError("line end", b)
	}
	return b[:i], b[i+2:], nil
}
