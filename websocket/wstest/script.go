package wstest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
)

// Script is a peer that does what a test tells it, right or wrong, and ends the test
// if it receives anything else than what was expected. It is either side of a
// connection, and has one goroutine.
type Script struct {
	// Conn carries the connection. It may be used to do what a Script cannot,
	// but what has been received may be in the Script's buffer.
	Conn net.Conn

	// Patience is how long each call may take. Zero: 30 seconds. It is for peers
	// that hang; a test in a bubble of testing/synctest that expects something
	// later needs a longer one, which costs no time.
	Patience time.Duration

	t        testing.TB
	side     ws.State
	received *bufio.Reader
	alone    bool   // not in the goroutine of the test
	failed   func() // called when a script that is alone has failed
}

// NewScript returns a peer on conn that is the client, for ws.StateClientSide, or
// the server, for ws.StateServerSide. conn is closed when the test ends.
func NewScript(t testing.TB, conn net.Conn, side ws.State) *Script {
	t.Cleanup(func() { conn.Close() })
	return newScript(t, conn, side)
}

func newScript(t testing.TB, conn net.Conn, side ws.State) *Script {
	return &Script{Conn: conn, t: t, side: side, received: bufio.NewReader(conn)}
}

// Send sends the pieces, all of them by one Write.
func (s *Script) Send(pieces ...Piece) {
	s.t.Helper()
	var b []byte
	for _, piece := range pieces {
		var err error
		if b, err = piece.appendTo(b, s.side); err != nil {
			s.failf("%v", err)
		}
	}
	s.bound()
	if n, err := s.Conn.Write(b); err != nil {
		s.failf("sending %s: %d of %d bytes were taken: %v", names(pieces), n, len(b), err)
	}
}

// Expect reads until it has received the pieces, one after the other, and ends the
// test if something else comes.
func (s *Script) Expect(pieces ...Piece) {
	s.t.Helper()
	s.bound()
	for i, piece := range pieces {
		if err := piece.expect(s.received, s.other()); err != nil {
			s.failf("want %v%s: %v", piece, after(pieces[:i]), err)
		}
	}
}

// Next reads the next frame, whatever it is. Its Masking is Masked or Unmasked.
func (s *Script) Next() Frame {
	s.t.Helper()
	s.bound()
	f, err := readFrame(s.received)
	if err != nil {
		s.failf("want a frame: got %v", err)
	}
	return f
}

// ExpectEOF expects the orderly end of what the other side sends.
func (s *Script) ExpectEOF() {
	s.t.Helper()
	if err := s.end(); err != io.EOF {
		s.failf("want the end: got %v", err)
	}
}

// ExpectEnd expects the end of what the other side sends, orderly or not: TCP resets
// the connection of a peer that was sending when it was closed.
func (s *Script) ExpectEnd() {
	s.t.Helper()
	if err := s.end(); errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, new(unexpected)) {
		s.failf("want the end: got %v", err)
	}
}

// unexpected is what came in place of an end.
type unexpected string

func (u unexpected) Error() string { return string(u) }

// end reads the end, and returns its error.
func (s *Script) end() error {
	s.bound()
	return s.nothing()
}

// nothing returns the error that comes before anything else, or what comes.
func (s *Script) nothing() error {
	_, err := s.received.Peek(1)
	if err != nil {
		return err
	}
	if f, err := readFrame(s.received); err == nil {
		return unexpected(f.String())
	}
	b, _ := s.received.Peek(s.received.Buffered())
	return unexpected(fmt.Sprintf("what is no frame, with %q at its end", b))
}

// ExpectSilence expects that the other side sends nothing for so long, and does not
// end. It is for bubbles of testing/synctest, where that costs no time and does not
// depend on how busy the machine is.
func (s *Script) ExpectSilence(d time.Duration) {
	s.t.Helper()
	s.Conn.SetDeadline(time.Now().Add(d))
	if err := s.nothing(); !errors.Is(err, os.ErrDeadlineExceeded) {
		s.failf("want silence for %v: got %v", d, err)
	}
}

// Upgrade does the opening handshake of a client, with further lines in the request,
// and expects that the server takes it. It returns the response.
func (s *Script) Upgrade(target string, lines ...string) *http.Response {
	s.t.Helper()
	r := Request(target).With(lines...)
	s.Send(r)
	resp := s.ExpectResponse(http.StatusSwitchingProtocols)
	sent := strings.NewReader(string(r.Bytes()))
	parsed, err := http.ReadRequest(bufio.NewReader(sent))
	if err != nil {
		s.failf("the lines %q make no request: %v", lines, err)
	}
	if got, want := resp.Header.Get("Sec-WebSocket-Accept"), AcceptKey(parsed.Header.Get("Sec-WebSocket-Key")); got != want {
		s.failf("got Sec-WebSocket-Accept: %q, want %q", got, want)
	}
	return resp
}

// ExpectResponse expects a response with that status. Its body has been read, and
// need not be closed.
func (s *Script) ExpectResponse(status int) *http.Response {
	s.t.Helper()
	s.bound()
	resp, err := http.ReadResponse(s.received, nil)
	if err != nil {
		s.failf("want a response with status %d: got %v", status, err)
	}
	var body []byte
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, err = io.ReadAll(resp.Body)
	}
	if err != nil || resp.StatusCode != status {
		s.failf("want status %d: got %s with %q, error %v", status, resp.Status, body, err)
	}
	resp.Body = io.NopCloser(strings.NewReader(string(body)))
	return resp
}

// AcceptUpgrade does the opening handshake of a server: it expects a request, and
// answers it with the right response and further lines. It returns the request.
func (s *Script) AcceptUpgrade(lines ...string) *http.Request {
	s.t.Helper()
	r := s.ExpectRequest()
	s.Send(Response(r).With(lines...))
	return r
}

// ExpectRequest expects a request, whatever it asks for. A body it may have is left
// to the caller.
func (s *Script) ExpectRequest() *http.Request {
	s.t.Helper()
	s.bound()
	r, err := http.ReadRequest(s.received)
	if err != nil {
		s.failf("want a request: got %v", err)
	}
	return r
}

// CloseWrite ends what this side sends. What the other one sends can still be
// expected.
func (s *Script) CloseWrite() {
	s.t.Helper()
	half, ok := s.Conn.(interface{ CloseWrite() error })
	if !ok {
		s.failf("CloseWrite: a %T cannot be closed half", s.Conn)
	}
	if err := half.CloseWrite(); err != nil {
		s.failf("%v", err)
	}
}

// Close closes the connection, in an orderly manner as far as the transport goes.
func (s *Script) Close() {
	s.t.Helper()
	if err := s.Conn.Close(); err != nil {
		s.failf("%v", err)
	}
}

// Reset ends the connection at once, as a peer that has crashed. What is on its way
// may be lost.
func (s *Script) Reset() { reset(s.Conn) }

// reset closes a connection in the least orderly way that it has.
func reset(conn net.Conn) {
	switch conn := conn.(type) {
	case interface{ Reset() error }:
		conn.Reset()
	case interface{ SetLinger(sec int) error }:
		conn.SetLinger(0)
	}
	conn.Close()
}

// bound bounds the call that begins.
func (s *Script) bound() {
	d := s.Patience
	if d == 0 {
		d = patience
	}
	s.Conn.SetDeadline(time.Now().Add(d))
}

// other is the side of the peer.
func (s *Script) other() ws.State {
	if s.side.ClientSide() {
		return ws.StateServerSide
	}
	return ws.StateClientSide
}

// failf ends the test, or the goroutine of the script with the test failed.
func (s *Script) failf(format string, args ...any) {
	s.t.Helper()
	if !s.alone {
		s.t.Fatalf("script: "+format, args...)
	}
	s.t.Errorf("script: "+format, args...)
	s.failed()
	runtime.Goexit()
}

func names(pieces []Piece) string {
	var names []string
	for _, piece := range pieces {
		names = append(names, fmt.Sprint(piece))
	}
	return strings.Join(names, ", ")
}

// after says which of the expected pieces have come.
func after(pieces []Piece) string {
	if len(pieces) == 0 {
		return ""
	}
	return " after " + names(pieces)
}
