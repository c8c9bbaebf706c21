package httpx

import (
	"bytes"
	"math"

	"github.com/wirews/wirews/internal/redact"
)

// What a zero field of Limits stands for.
const (
	DefaultMaxHead   = 64 << 10 // bytes
	DefaultMaxLine   = 16 << 10 // bytes
	DefaultMaxFields = 128      // lines
)

// Limits bounds a message head. The zero value stands for the defaults; a
// negative field means no limit.
type Limits struct {
	// Head is the largest size of a head in bytes, its empty line included.
	Head int

	// Line is the largest size of one line in bytes, its CRLF not included.
	// It holds for the start line and for field lines.
	Line int

	// Fields is the largest number of field lines.
	Fields int
}

// Check applies the limits to fields that were parsed by somebody else, as if
// they stood in a head of nothing but them. The error is a [*LimitError].
func (l Limits) Check(fields Fields) error {
	l = l.resolve()
	if len(fields) > l.Fields {
		return &LimitError{Part: "fields", Limit: l.Fields}
	}
	head := len("\r\n")
	for i := range fields {
		line := len(fields[i].Name) + len(": ") + len(fields[i].Value)
		if line > l.Line {
			return &LimitError{Part: "line", Limit: l.Line}
		}
		if head += line + len("\r\n"); head > l.Head {
			return &LimitError{Part: "head", Limit: l.Head}
		}
	}
	return nil
}

func (l Limits) resolve() Limits {
	return Limits{
		Head:   limit(l.Head, DefaultMaxHead),
		Line:   limit(l.Line, DefaultMaxLine),
		Fields: limit(l.Fields, DefaultMaxFields),
	}
}

func limit(v, zero int) int {
	switch {
	case v == 0:
		return zero
	case v < 0:
		return math.MaxInt
	}
	return v
}

// Scanner finds the end of a message head in input that grows, and remembers
// where it stands. The zero value is ready; assigning Scanner{} resets it for
// the next head. It is a plain value: a copy is a saved state. It holds no
// bytes and must not be used by two goroutines at once.
type Scanner struct {
	lines int // complete lines
	line  int // where the current line begins
	seen  int // b[line:seen] holds no part of a line end
}

// Scan looks for the end of the head in b, which holds all bytes received so
// far and begins with the same ones as at the call before. It returns the size
// of the head in bytes, its empty line included; what stands after is not
// looked at. While the end has not arrived, the error is [ErrShort]: call again
// with more. Bytes are not looked at again, except for the last one, so that a
// peer who sends byte by byte costs linear time.
//
// It returns a [*SyntaxError] for a line that does not end with CRLF, for a CR
// without LF (RFC 9112, 2.2), and for a first byte that no head begins with,
// as soon as the offending byte is there; the lines are checked by
// [ParseRequest] and [ParseResponse]. It returns a [*LimitError] as soon as the head
// cannot stay within lim; so it never asks for more than lim.Head bytes. The
// result does not depend on how the input was split; n is 0 with each error.
func (s *Scanner) Scan(b []byte, lim Limits) (n int, err error) {
	lim = lim.resolve()
	// What stands after the limit must not decide anything: it may not have
	// arrived when the same head comes in pieces.
	b = b[:min(len(b), lim.Head)]
	if s.seen == 0 && len(b) > 0 && !tchar.has(b[0]) {
		// RFC 9112, 3 and 4: both kinds of start line begin with a token's byte.
		return 0, syntaxError("start line", b[:1])
	}
	for {
		n, err = s.scanLine(b, lim)
		if n != 0 || err != nil {
			break
		}
	}
	if err == ErrShort && len(b) == lim.Head {
		err = &LimitError{Part: "head", Limit: lim.Head}
	}
	return n, err
}

// scanLine moves to the next line of b. It returns n for the empty line that
// ends the head. With an error the state is such that Scan would find the same
// again.
func (s *Scanner) scanLine(b []byte, lim Limits) (n int, err error) {
	if s.seen >= len(b) {
		return 0, ErrShort
	}
	if s.seen == s.line && b[s.line] != '\r' && s.lines > lim.Fields {
		return 0, &LimitError{Part: "fields", Limit: lim.Fields}
	}
	// One byte more than the room, to see whether it is the line's CR.
	room := lim.Line - (s.seen - s.line)
	text := b[s.seen:]
	if len(text) > room {
		text = text[:room+1]
	}
	cr := bytes.IndexByte(text, '\r')
	if cr >= 0 {
		text = text[:cr]
	}
	if lf := bytes.IndexByte(text, '\n'); lf >= 0 {
		return 0, s.lineEndError(b, s.seen+lf)
	}
	if len(text) > room {
		return 0, &LimitError{Part: "line", Limit: lim.Line}
	}
	s.seen += len(text)
	if cr < 0 || s.seen+1 == len(b) {
		return 0, ErrShort
	}
	if b[s.seen+1] != '\n' {
		return 0, s.lineEndError(b, s.seen+1)
	}
	if s.seen == s.line {
		return s.seen + 2, nil
	}
	s.lines++
	s.line = s.seen + 2
	s.seen = s.line
	return 0, nil
}

// lineEndError shows the line as far as it had come with the byte at i, which
// is last, so that the same error results when nothing else has arrived yet. Of a
// line with a secret it shows only that byte.
func (s *Scanner) lineEndError(b []byte, i int) error {
	line := b[s.line : i+1]
	name, _, _ := bytes.Cut(line, []byte{':'})
	if redact.Field(name) || s.line == 0 && len(redact.Target(line)) < len(line) {
		line = b[i : i+1]
	}
	return syntaxError("line end", line[max(0, len(line)-maxErrorValue):])
}
