package httpx

import (
	"bytes"
	"math"

	"github.com/wirews/wirews/internal/redact"
)

// Request is the head of a request. Its slices alias the bytes it was parsed
// from.
type Request struct {
	Method  []byte // a token; methods are case-sensitive
	Target  []byte // visible ASCII, not empty; not parsed any further
	Version Version
	Fields  Fields
}

// ParseRequest parses the head of a request (RFC 9112, 3), which ends with
// its empty line: head[:n] with the n of Scan. The fields are appended to
// fields[:0]; nothing is allocated when its capacity suffices. The Request is
// valid as long as neither head nor fields is used again.
//
// From HTTP/1.1 on a request must have exactly one Host field, before that at
// most one, and it must be valid (see [CheckHost]). [Limits] are Scan's concern.
// The error is a [*SyntaxError]; the Request is zero then.
func ParseRequest(head []byte, fields Fields) (Request, error) {
	r, rest, err := parseRequest(head, fields, math.MaxInt)
	if err == nil {
		err = checkEnd(rest)
	}
	if err == nil {
		err = checkRequestHost(&r)
	}
	if err != nil {
		return Request{}, err
	}
	return r, nil
}

// parseRequest parses the request line and up to max field lines. What stands
// after them is rest.
func parseRequest(b []byte, fields Fields, max int) (r Request, rest []byte, err error) {
	line, rest, err := cutLine(b)
	if err != nil {
		return Request{}, nil, err
	}
	if err = r.parseLine(line); err != nil {
		return Request{}, nil, err
	}
	r.Fields, rest, err = parseFieldLines(rest, fields, max)
	return r, rest, err
}

// parseLine parses method SP request-target SP HTTP-version.
func (r *Request) parseLine(line []byte) error {
	const get, version = "GET ", " HTTP/1.1" // of nearly all requests that ask for an upgrade
	if n := len(line) - len(version); n > len(get) && string(line[:len(get)]) == get && string(line[n:]) == version && IsTarget(line[len(get):n]) {
		r.Method, r.Target, r.Version = line[:len(get)-1], line[len(get):n], Version{1, 1}
		return nil
	}
	space := bytes.IndexByte(line, ' ')
	if space < 0 {
		return syntaxError("request line", redact.Target(line))
	}
	tail := line[space+1:]
	r.Method = line[:space]
	if space = bytes.IndexByte(tail, ' '); space < 0 {
		return syntaxError("request line", redact.Target(line))
	}
	r.Target = tail[:space]
	v, ok := parseVersion(tail[space+1:])
	r.Version = v
	switch {
	case !IsToken(r.Method):
		return syntaxError("method", r.Method)
	case !IsTarget(r.Target):
		return syntaxError("target", redact.Target(r.Target))
	case !ok:
		return syntaxError("version", redact.Target(tail[space+1:]))
	}
	return nil
}

// Host returns the host that the request is for, with its port if it has one:
// that of a target in absolute form, whatever the Host field says then (RFC 9112,
// 3.2.2), and else the value of Host. It aliases the head. It is nil if there is
// neither; what a target holds is not checked, see [IsHost].
func (r *Request) Host() []byte {
	if _, host, ok := CutTarget(r.Target); ok {
		return host
	}
	host, _ := r.Fields.First("Host")
	return host
}

// CutTarget returns the scheme and the authority of a target in absolute form
// (RFC 9112, 3.2.2), as it stands in "GET http://example.com:8080/chat HTTP/1.1".
// It checks neither, and aliases target. For the other forms ok is false.
func CutTarget(target []byte) (scheme, authority []byte, ok bool) {
	if len(target) == 0 || target[0] == '/' {
		return nil, nil, false
	}
	scheme, authority, ok = bytes.Cut(target, []byte("://"))
	if !ok || bytes.ContainsAny(scheme, "/?#") {
		return nil, nil, false
	}
	if i := bytes.IndexAny(authority, "/?#"); i >= 0 {
		authority = authority[:i]
	}
	return scheme, authority, true
}

// checkRequestHost applies CheckHost where RFC 9112, 3.2 does.
func checkRequestHost(r *Request) error {
	if !r.Version.AtLeast(1, 1) && r.Fields.Count("Host") == 0 {
		return nil
	}
	_, err := CheckHost(r.Fields)
	return err
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
