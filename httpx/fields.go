package httpx

import (
	"bytes"
	"iter"
	"math"
	"slices"

	"github.com/wirews/wirews/internal/redact"
)

// Field is one field line (RFC 9112, 5). Its slices alias what was parsed.
type Field struct {
	Name  []byte // a token, in the case that was received
	Value []byte // without the whitespace around it; may be empty
}

// Fields are the field lines of a message in the order of the wire. Names are
// compared without regard to case (RFC 9110, 5.1).
type Fields []Field

// First returns the value of the first field line with that name, and whether
// there is one. The value aliases what was parsed.
func (f Fields) First(name string) (value []byte, ok bool) {
	for i := range f {
		if EqualFold(f[i].Name, name) {
			return f[i].Value, true
		}
	}
	return nil, false
}

// Values returns the values of all field lines with that name, in order. They
// alias what was parsed. Ranging over it does not allocate.
func (f Fields) Values(name string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := range f {
			if EqualFold(f[i].Name, name) && !yield(f[i].Value) {
				return
			}
		}
	}
}

// Count returns the number of field lines with that name.
func (f Fields) Count(name string) int {
	n := 0
	for i := range f {
		if EqualFold(f[i].Name, name) {
			n++
		}
	}
	return n
}

// HasToken reports whether token is an element of the comma list that all
// field lines with that name make up together (RFC 9110, 5.3). Elements are
// compared as a whole, without regard to the case of ASCII letters. In a line
// with an unterminated quoted string, only what stands before it counts.
func (f Fields) HasToken(name, token string) bool {
	for i := range f {
		if !EqualFold(f[i].Name, name) {
			continue
		}
		elem, rest, _ := NextElement(f[i].Value)
		for ; elem != nil; elem, rest, _ = NextElement(rest) {
			if EqualFold(elem, token) {
				return true
			}
		}
	}
	return false
}

// ParseFields parses field lines, each of which ends with CRLF, with no empty
// line after them: what somebody wants to put into a head. They are appended
// to fields[:0], and alias b. The error is a [*SyntaxError]; the [Fields] are nil
// then.
func ParseFields(b []byte, fields Fields) (Fields, error) {
	fields, rest, err := parseFieldLines(b, fields, math.MaxInt)
	if err == nil && len(rest) > 0 {
		err = syntaxError("line end", rest)
	}
	if err != nil {
		return nil, err
	}
	return fields, nil
}

// parseFieldSection parses field lines and the empty line at the end of b.
func parseFieldSection(b []byte, fields Fields) (Fields, error) {
	fields, rest, err := parseFieldLines(b, fields, math.MaxInt)
	if err == nil {
		err = checkEnd(rest)
	}
	if err != nil {
		return nil, err
	}
	return fields, nil
}

// checkEnd checks that what stands after the field lines is the empty line.
func checkEnd(rest []byte) error {
	if string(rest) != "\r\n" {
		return syntaxError("line end", rest)
	}
	return nil
}

// parseFieldLines parses field lines, max at most, up to the end of b or to a
// line that begins with CR.
func parseFieldLines(b []byte, fields Fields, max int) (f Fields, rest []byte, err error) {
	fields = fields[:0]
	for len(b) > 0 && b[0] != '\r' {
		if len(fields) == max {
			return nil, nil, &LimitError{Part: "fields", Limit: max}
		}
		// The name's end is also the only place where the colon may stand:
		// RFC 9112, 5.1 refuses whitespace between them, and 5.2 lines that
		// begin with it.
		colon := span(b, tchar)
		if colon == 0 || colon == len(b) || b[colon] != ':' {
			return nil, nil, fieldNameError(b)
		}
		value := trimOWSLeft(b[colon+1:])
		end := fieldTextSpan(value)
		if len(value)-end < 2 || value[end] != '\r' || value[end+1] != '\n' {
			return nil, nil, fieldValueError(b[:colon], value, end)
		}
		// Filled in place: appending a Field that was built on the stack stalls
		// on store forwarding, a tenth of the time of a whole head.
		if len(fields) == cap(fields) {
			fields = slices.Grow(fields, 1)
		}
		fields = fields[:len(fields)+1]
		f := &fields[len(fields)-1]
		f.Name, f.Value = b[:colon], trimOWSRight(value[:end])
		b = value[end+2:]
	}
	return fields, b, nil
}

// fieldNameError shows what stands before the colon, or the line if it has
// none.
func fieldNameError(b []byte) error {
	if i := bytes.IndexAny(b, "\r\n"); i >= 0 {
		b = b[:i]
	}
	name, _, _ := bytes.Cut(b, []byte{':'})
	return syntaxError("field name", name)
}

// fieldValueError shows the value with the byte at end, where its text stopped, or
// only that byte.
func fieldValueError(name, value []byte, end int) error {
	part := "field value"
	if end == len(value) || value[end] == '\r' || value[end] == '\n' {
		part = "line end"
	}
	last := min(end+1, len(value))
	if redact.Field(name) {
		return syntaxError(part, value[max(0, last-1):last])
	}
	return syntaxError(part, value[max(0, last-maxErrorValue):last])
}
