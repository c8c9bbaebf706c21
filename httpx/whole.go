package httpx

import (
	"bytes"
	"slices"

	"github.com/wirews/wirews/internal/headscan"
)

// Scratch is memory that [Scanner.Request] uses again for every head. The zero
// value is ready.
type Scratch struct {
	// Fields are those of the last request. They may be set before, to lend
	// their capacity.
	Fields Fields

	marks headscan.Marks
}

// Request is Scan and then [ParseRequest]: with a nil error, r is the request
// whose head is b[:n]. A head that has come whole and has nothing after it, as
// nearly all have, is read in one pass. r is valid as long as neither b nor
// scratch is used again. The error is one of Scan, and then n is 0, or of
// ParseRequest, and then n is what Scan has found.
func (s *Scanner) Request(b []byte, lim Limits, scratch *Scratch) (r Request, n int, err error) {
	if s.seen == 0 && bytes.HasSuffix(b, emptyLine) && r.parseWhole(b, lim.resolve(), scratch) {
		scratch.Fields = r.Fields
		return r, len(b), nil
	}
	if n, err = s.Scan(b, lim); err != nil {
		return Request{}, 0, err
	}
	if r, err = ParseRequest(b[:n], scratch.Fields); err == nil {
		scratch.Fields = r.Fields
	}
	return r, n, err
}

var emptyLine = []byte("\r\n\r\n")

// parseWhole parses a head that is b, keeps within the limits and has nothing
// to be said against it. Everything else it leaves to Scan and ParseRequest;
// FuzzRequest holds them against each other.
func (r *Request) parseWhole(b []byte, lim Limits, scratch *Scratch) (ok bool) {
	if len(b) > lim.Head || len(b) > lim.Line {
		return false
	}
	if headscan.Fast && len(b) <= headscan.MaxMarks {
		scratch.marks.Set(b)
		return r.parseMarked(b, &scratch.marks, scratch.Fields, lim.Fields)
	}
	var rest []byte
	var err error
	*r, rest, err = parseRequest(b, scratch.Fields, lim.Fields)
	return err == nil && len(rest) == 2 && checkRequestHost(r) == nil
}

// parseMarked is parseWhole for a head that was marked, and that ends with an
// empty line: so there is a mark after every place, and a line end in front of
// the last two bytes.
func (r *Request) parseMarked(b []byte, m *headscan.Marks, fields Fields, max int) (ok bool) {
	end := m.TextEnd(0)
	if b[end] != '\r' || b[end+1] != '\n' || r.parseLine(b[:end]) != nil {
		return false
	}
	hosts, host := 0, []byte(nil)
	fields = fields[:0]
	at := end + 2
	for b[at] != '\r' {
		colon := m.TokenEnd(at)
		if colon == at || b[colon] != ':' || len(fields) == max {
			return false
		}
		start := colon + 1
		for isOWS(b[start]) {
			start++
		}
		end = m.TextEnd(start)
		if b[end] != '\r' || b[end+1] != '\n' {
			return false
		}
		if len(fields) == cap(fields) {
			fields = slices.Grow(fields, 1)
		}
		fields = fields[:len(fields)+1]
		f := &fields[len(fields)-1] // in place, as parseFieldLines does
		f.Name, f.Value = b[at:colon], trimOWSRight(b[start:end])
		if EqualFold(f.Name, "Host") {
			hosts, host = hosts+1, f.Value
		}
		at = end + 2
	}
	r.Fields = fields
	hasHost := hosts == 1 && (len(host) == 0 || IsHost(host)) || hosts == 0 && !r.Version.AtLeast(1, 1)
	return at+2 == len(b) && hasHost
}
