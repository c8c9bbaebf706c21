package ws

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/wirews/wirews/httpx"
)

// maxErrorBody is how much of the body of a refusal a ResponseError keeps.
const maxErrorBody = 1024

// StatusError is the HTTP status of a server that did not answer with 101.
type StatusError int

// Error returns a text with the status.
func (s StatusError) Error() string {
	return "ws: server answered the handshake with HTTP status " + strconv.Itoa(int(s))
}

// ResponseError is what a server answered instead of 101. Find it, or just
// its [StatusError], with errors.As; errors.Is finds [ErrHandshakeBadStatus].
type ResponseError struct {
	Status int
	Reason string
	// Header are the fields of the response, in memory of their own.
	Header httpx.Fields
	// Body is the beginning of the response's content, at most 1,024 bytes.
	// It is empty when the error comes from ClientHandshake, which sees only
	// heads, and when Dialer.OnStatusError has been given the response.
	Body []byte
}

func newResponseError(resp *httpx.Response) *ResponseError {
	return &ResponseError{Status: resp.Status, Reason: string(resp.Reason), Header: resp.Fields.Clone()}
}

// Error returns a text with the status, the reason and the first line of the
// body.
func (e *ResponseError) Error() string {
	s := StatusError(e.Status).Error()
	if e.Reason != "" {
		s += " " + strconv.Quote(e.Reason[:min(len(e.Reason), 64)])
	}
	line, _, _ := bytes.Cut(e.Body, []byte("\n"))
	if line = bytes.TrimRight(line, "\r"); len(line) > 0 {
		s += ": " + strconv.Quote(string(cut(line)))
	}
	return s
}

// Unwrap returns the [StatusError] and [ErrHandshakeBadStatus].
func (e *ResponseError) Unwrap() []error {
	return []error{StatusError(e.Status), ErrHandshakeBadStatus}
}

// readBody reads the beginning of the content from r, at whose start it
// stands, and no further than it goes (RFC 9112, section 6.3). A content that
// ends early or a connection that fails leaves what has come.
func (e *ResponseError) readBody(r io.Reader) {
	if !hasContent(e.Status) {
		return
	}
	body := make([]byte, maxErrorBody)
	if e.Header.HasToken("Transfer-Encoding", "chunked") {
		e.Body = readChunks(body[:0], r)
		return
	}
	if v, ok := e.Header.First("Content-Length"); ok {
		if n, err := httpx.ParseUint(v, maxErrorBody); err == nil {
			body = body[:n]
		}
	}
	n, _ := io.ReadFull(r, body)
	e.Body = body[:n]
}

// readChunks appends chunks (RFC 9112, section 7.1) to dst until its room is
// full, the last one has come, or something is wrong.
func readChunks(dst []byte, r io.Reader) []byte {
	for len(dst) < cap(dst) {
		size, err := readChunkSize(r)
		if size == 0 || err != nil {
			return dst
		}
		room := min(size, cap(dst)-len(dst))
		n, err := io.ReadFull(r, dst[len(dst):len(dst)+room])
		dst = dst[:len(dst)+n]
		var crlf [2]byte
		if err != nil || room < size {
			return dst
		}
		if _, err = io.ReadFull(r, crlf[:]); err != nil {
			return dst
		}
	}
	return dst
}

var errChunk = errors.New("ws: malformed chunk")

// readChunkSize reads a chunk's first line, its extensions included.
func readChunkSize(r io.Reader) (int, error) {
	line := make([]byte, 0, 64)
	for {
		var b [1]byte
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return 0, err
		}
		if b[0] == '\n' {
			break
		}
		if len(line) == cap(line) {
			return 0, errChunk
		}
		line = append(line, b[0])
	}
	digits, _, _ := bytes.Cut(bytes.TrimRight(line, "\r"), []byte(";"))
	size, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 31)
	return int(size), err
}
