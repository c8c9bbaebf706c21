package httpx

import "strconv"

// Error is the type of this package's constant errors. Constants cannot be
// reassigned, compare with == and never allocate.
type Error string

// Error returns the text of e, which begins with "httpx: ".
func (e Error) Error() string { return string(e) }

const (
	// ErrShort says that the input is a proper prefix of a head: call again
	// with more bytes. It is returned bare, so that == finds it.
	ErrShort = Error("httpx: head is not complete")

	// ErrSyntax is what every *SyntaxError unwraps to.
	ErrSyntax = Error("httpx: syntax error")

	// ErrLimit is what every *LimitError unwraps to.
	ErrLimit = Error("httpx: limit exceeded")
)

// maxErrorValue bounds how much of a peer's bytes an error carries.
const maxErrorValue = 64

// SyntaxError is returned, as a pointer, for bytes that break a rule of
// RFC 9110 or RFC 9112. It holds a copy of the bytes, not an alias.
type SyntaxError struct {
	// Part names the broken rule: "start line", "request line", "method",
	// "target", "version", "status line", "status", "reason", "field name",
	// "field value", "line end", "host", "quoted string", "token",
	// "parameter" or "number".
	Part string

	// Value is the offending text, cut to 64 bytes.
	Value string
}

// Error returns a text such as `httpx: bad field name "foo "`.
func (e *SyntaxError) Error() string {
	return "httpx: bad " + e.Part + " " + strconv.Quote(e.Value)
}

// Unwrap returns [ErrSyntax].
func (e *SyntaxError) Unwrap() error { return ErrSyntax }

// StatusCode returns 400, the status of a response to such a request.
func (e *SyntaxError) StatusCode() int { return 400 }

// LimitError is returned, as a pointer, for a head that exceeds its [Limits].
type LimitError struct {
	// Part names the field of Limits in lower case: "head", "line" or "fields".
	Part string

	// Limit is the limit that was in force: bytes, or lines for "fields".
	Limit int
}

// Error returns a text such as `httpx: line exceeds limit of 16384`.
func (e *LimitError) Error() string {
	return "httpx: " + e.Part + " exceeds limit of " + strconv.Itoa(e.Limit)
}

// Unwrap returns [ErrLimit].
func (e *LimitError) Unwrap() error { return ErrLimit }

// StatusCode returns 431, the status of a response to such a request
// (RFC 6585, 5). It is 431 for a long request line too, where 414 would be
// possible: a [Scanner] does not know whether it scans requests.
func (e *LimitError) StatusCode() int { return 431 }

// syntaxError copies what it keeps of v, which usually aliases a buffer that
// the caller uses again.
func syntaxError[T text](part string, v T) error {
	return &SyntaxError{Part: part, Value: string(v[:min(len(v), maxErrorValue)])}
}
