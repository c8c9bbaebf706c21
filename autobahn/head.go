package autobahn

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// maxHead bounds the head of a request or response, in bytes.
const maxHead = 64 << 10

// head is the head of an HTTP/1.1 message (RFC 9112).
type head struct {
	start  string // the first line
	fields []field
	raw    string
}

type field struct{ name, value string }

// values returns the values of all fields with that name, in order.
func (h head) values(name string) (all []string) {
	for _, f := range h.fields {
		if strings.EqualFold(f.name, name) {
			all = append(all, f.value)
		}
	}
	return all
}

// one returns the value of the field that must be there exactly once.
func (h head) one(name string) (string, error) {
	all := h.values(name)
	if len(all) != 1 {
		return "", fmt.Errorf("autobahn: field %s is there %d times, want once", name, len(all))
	}
	return all[0], nil
}

// has reports whether a list of tokens, perhaps in several fields, has that one.
func (h head) has(name, token string) bool {
	for item := range strings.SplitSeq(strings.Join(h.values(name), ","), ",") {
		if strings.EqualFold(strings.Trim(item, " \t"), token) {
			return true
		}
	}
	return false
}

// readHead reads a head from r, and returns what was read after it. In an
// error case raw is what has arrived.
func readHead(r io.Reader) (h head, rest []byte, err error) { return readHeadUpTo(r, maxHead) }

func readHeadUpTo(r io.Reader, limit int) (h head, rest []byte, err error) {
	var all []byte
	for buf := make([]byte, 4096); ; {
		n, err := r.Read(buf)
		all = append(all, buf[:n]...)
		// The end may have begun in what came before.
		from := max(0, len(all)-n-3)
		if i := bytes.Index(all[from:], []byte("\r\n\r\n")); i >= 0 {
			i += from
			h, err := parseHead(string(all[:i]))
			h.raw = string(all[:i+4])
			return h, all[i+4:], err
		}
		if err == io.EOF && len(all) > 0 {
			err = io.ErrUnexpectedEOF
		}
		if err == nil && len(all) > limit {
			err = fmt.Errorf("autobahn: head is longer than %d bytes", limit)
		}
		if err != nil {
			return head{raw: string(all)}, nil, err
		}
	}
}

// parseHead parses lines that CRLF separates.
func parseHead(s string) (h head, err error) {
	lines := strings.Split(s, "\r\n")
	h.start = lines[0]
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || strings.ContainsAny(line, "\r\n\x00") || strings.ContainsAny(name, " \t") {
			return h, fmt.Errorf("autobahn: malformed field line %q", line)
		}
		h.fields = append(h.fields, field{name, strings.Trim(value, " \t")})
	}
	return h, nil
}
