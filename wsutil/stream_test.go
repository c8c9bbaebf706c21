package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// counted is a connection that yields the given reads and counts the writes.
type counted struct {
	reads  [][]byte
	nread  int
	writes [][]byte
}

func (c *counted) Read(p []byte) (int, error) {
	c.nread++
	if len(c.reads) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.reads[0])
	if c.reads[0] = c.reads[0][n:]; len(c.reads[0]) == 0 {
		c.reads = c.reads[1:]
	}
	return n, nil
}

func (c *counted) Write(p []byte) (int, error) {
	c.writes = append(c.writes, bytes.Clone(p))
	return len(p), nil
}

func echoStream(c *wsutil.Stream) error {
	for {
		p, op, err := c.ReadMessage()
		if err == nil {
			err = c.WriteMessage(op, p)
		}
		if err != nil {
			return err
		}
	}
}

func TestStreamAnswersManyFramesByOneWrite(t *testing.T) {
	var in []byte
	var want string
	for i := range 16 {
		s := fmt.Sprintf("message %d", i)
		in = append(in, clientFrame(ws.OpText, true, s)...)
		want += string(ws.MustCompileFrame(ws.NewTextFrame([]byte(s))))
	}
	in = append(in, clientFrame(ws.OpPing, true, "?")...)
	want += "\x8a\x01?"
	conn := &counted{reads: [][]byte{in}}
	if err := echoStream(wsutil.NewStream(conn, ws.StateServerSide, 0)); err != io.EOF {
		t.Fatal(err)
	}
	if conn.nread != 2 || len(conn.writes) != 1 || string(conn.writes[0]) != want {
		t.Errorf("%d reads, %d writes: %q", conn.nread, len(conn.writes), conn.writes)
	}
}

func TestStreamSessionsInAnyCuts(t *testing.T) {
	long := strings.Repeat("0123456789", 20000)
	session := bytes.Join([][]byte{
		clientFrame(ws.OpText, false, "Hel"), clientFrame(ws.OpPing, true, "?"), clientFrame(ws.OpContinuation, true, "lo"),
		clientFrame(ws.OpBinary, true, long), clientFrame(ws.OpBinary, true, ""),
		clientFrame(ws.OpClose, true, "\x03\xe8bye"), clientFrame(ws.OpText, true, "U15: late"),
	}, nil)
	want := "\x8a\x01?\x81\x05Hello" + string(ws.MustCompileFrame(ws.NewBinaryFrame([]byte(long)))) + "\x82\x00\x88\x02\x03\xe8"
	for _, size := range []int{1, 7, 100, 1 << 20} {
		conn := &counted{}
		for rest := session; len(rest) > 0; {
			n := min(size, len(rest))
			conn.reads, rest = append(conn.reads, rest[:n]), rest[n:]
		}
		s := wsutil.NewStream(conn, ws.StateServerSide, 64)
		err := echoStream(s)
		var closed wsutil.ClosedError
		if !errors.As(err, &closed) || closed.Code != 1000 || closed.Reason != "bye" {
			t.Errorf("cuts of %d: %v", size, err)
		}
		if got := string(bytes.Join(conn.writes, nil)); got != want {
			t.Errorf("cuts of %d: wrote %d bytes, want %d", size, len(got), len(want))
		}
		if _, _, again := s.ReadMessage(); again != err {
			t.Errorf("cuts of %d: after %v: %v", size, err, again)
		}
	}
}

func TestStreamTellsThePeerWhatItDidWrong(t *testing.T) {
	for _, tc := range []struct {
		in   []byte
		code ws.StatusCode
		err  error
	}{
		{[]byte{0x81, 0x00}, 1002, ws.ErrProtocolMaskRequired},
		{clientFrame(ws.OpText, true, "\xff"), 1007, wsutil.ErrInvalidUTF8},
		{append([]byte{0x82, 0xff}, "\x00\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"...), 1009, wsutil.ErrMessageTooLarge},
	} {
		conn := &counted{reads: [][]byte{append(clientFrame(ws.OpText, true, "good"), tc.in...)}}
		s := wsutil.NewStream(conn, ws.StateServerSide, 0)
		if err := echoStream(s); err != tc.err {
			t.Errorf("U13: %v, want %v", err, tc.err)
		}
		// The echo of the good message and the close frame leave together.
		if len(conn.writes) != 1 || !strings.HasPrefix(string(conn.writes[0]), "\x81\x04good\x88") {
			t.Fatalf("U13: wrote %q", conn.writes)
		}
		f, err := ws.ReadFrame(bytes.NewReader(conn.writes[0][6:]))
		if code, _ := ws.ParseCloseFrameData(f.Payload); err != nil || code != tc.code {
			t.Errorf("U13: close frame with %d, want %d (%v)", code, tc.code, err)
		}
		if err := s.WriteMessage(ws.OpText, nil); err != tc.err {
			t.Errorf("writing after it: %v", err)
		}
	}
}

func TestStreamsTalkToEachOtherOverTCP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			defer conn.Close()
			err = echoStream(wsutil.NewStream(conn, ws.StateServerSide, 0))
		}
		served <- err
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := wsutil.NewStream(conn, ws.StateClientSide, 0)
	for _, n := range []int{0, 1, 125, 126, 4096, 4097, 65535, 65536, 1 << 20} {
		p := []byte(strings.Repeat("x", n))
		if err := c.WriteMessage(ws.OpBinary, p); err != nil {
			t.Fatal(err)
		}
		got, op, err := c.ReadMessage()
		if err != nil || op != ws.OpBinary || !bytes.Equal(got, p) {
			t.Fatalf("%d bytes: %d came back, %v, %v", n, len(got), op, err)
		}
	}
	if err := c.Close(4000, "enough"); err != nil {
		t.Fatal(err)
	}
	if err := c.WriteMessage(ws.OpText, nil); err != net.ErrClosed {
		t.Errorf("message behind the close frame: %v", err)
	}
	var closed wsutil.ClosedError
	if _, _, err := c.ReadMessage(); !errors.As(err, &closed) || closed.Code != 4000 {
		t.Errorf("U15: the answer to our close frame: %v", err)
	}
	if err := <-served; !errors.As(err, &closed) || closed.Reason != "enough" {
		t.Errorf("the server ended with %v", err)
	}
}

// failing is a connection that cannot be written to.
type failing struct{ io.Reader }

var errBroken = errors.New("broken")

func (failing) Write([]byte) (int, error) { return 0, errBroken }

func TestStreamKeepsTheErrorOfAWrite(t *testing.T) {
	s := wsutil.NewStream(failing{bytes.NewReader(clientFrame(ws.OpText, true, "a"))}, ws.StateServerSide, 0)
	if err := echoStream(s); err != errBroken {
		t.Errorf("%v", err)
	}
	if _, _, err := s.ReadMessage(); err != errBroken {
		t.Errorf("reading after it: %v", err)
	}
}

// stalling is a connection whose reads yield nothing, or fail, before they
// yield data.
type stalling struct {
	empty int
	err   error
	data  []byte
}

func (c *stalling) Read(p []byte) (int, error) {
	if c.empty > 0 {
		c.empty--
		return 0, nil
	}
	if err := c.err; err != nil {
		c.err = nil
		return 0, err
	}
	n := copy(p, c.data)
	c.data = c.data[n:]
	return n, nil
}

func (c *stalling) Write(p []byte) (int, error) { return len(p), nil }

func TestStreamReadsOnAfterADeadline(t *testing.T) {
	s := wsutil.NewStream(&stalling{empty: 3, err: os.ErrDeadlineExceeded, data: clientFrame(ws.OpText, true, "late")}, ws.StateServerSide, 0)
	if _, _, err := s.ReadMessage(); err != os.ErrDeadlineExceeded {
		t.Errorf("got %v", err)
	}
	if p, _, err := s.ReadMessage(); string(p) != "late" || err != nil {
		t.Errorf("after the deadline: %q, %v", p, err)
	}
	if _, _, err := s.ReadMessage(); err != io.ErrNoProgress {
		t.Errorf("from a reader that yields nothing: %v", err)
	}
}

func TestStreamDoesNotAllocate(t *testing.T) {
	in := append(clientFrame(ws.OpText, true, "a text"), clientFrame(ws.OpPing, true, "?")...)
	conn := &loopback{data: in}
	s := wsutil.NewStream(conn, ws.StateServerSide, 0)
	wantAllocs(t, 0, func() {
		p, op, err := s.ReadMessage()
		if err == nil {
			err = s.WriteMessage(op, p)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}

// loopback yields the same bytes over and over.
type loopback struct{ data []byte }

func (l *loopback) Read(p []byte) (int, error)  { return copy(p, l.data), nil }
func (l *loopback) Write(p []byte) (int, error) { return len(p), nil }

func ExampleStream() {
	// What one Read brings is answered by one Write.
	var in []byte
	for _, s := range []string{"one", "two", "three"} {
		in = append(in, clientFrame(ws.OpText, true, s)...)
	}
	conn := &counted{reads: [][]byte{in}}
	s := wsutil.NewStream(conn, ws.StateServerSide, 0)
	for {
		p, op, err := s.ReadMessage()
		if err != nil {
			fmt.Println(err)
			break
		}
		s.WriteMessage(op, p)
	}
	fmt.Printf("%q\n", conn.writes)
	// Output:
	// EOF
	// ["\x81\x03one\x81\x03two\x81\x05three"]
}

func BenchmarkStream(b *testing.B) {
	const batch = 16
	conn := &loopback{data: bytes.Repeat(clientFrame(ws.OpBinary, true, strings.Repeat("x", 128)), batch)}
	s := wsutil.NewStream(conn, ws.StateServerSide, 0)
	b.ReportAllocs()
	for b.Loop() {
		p, op, err := s.ReadMessage()
		if err == nil {
			err = s.WriteMessage(op, p)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// A code that cannot be sent is an error, and nothing of a close frame has left:
// another code can follow. 1000 is 03 e8 (RFC 6455, section 5.5.1).
func TestStreamRefusesACloseCodeThatCannotBeSent(t *testing.T) {
	c := &counted{}
	s := wsutil.NewStream(struct {
		io.Reader
		io.Writer
	}{c, c}, ws.StateServerSide, 0)
	for code, want := range map[ws.StatusCode]error{
		999:  ws.ErrProtocolStatusCodeNotInUse,
		5000: ws.ErrProtocolStatusCodeNotInUse,
		1004: ws.ErrProtocolStatusCodeNoMeaning,
		1006: ws.ErrProtocolStatusCodeApplicationLevel,
		1016: ws.ErrProtocolStatusCodeUnknown,
	} {
		if err := s.Close(code, "why"); !errors.Is(err, want) || !strings.Contains(err.Error(), fmt.Sprint(int(code))) {
			t.Errorf("%d: %v", code, err)
		}
	}
	if len(c.writes) > 0 {
		t.Errorf("written: %x", c.writes)
	}
	if err := s.Close(1000, ""); err != nil || len(c.writes) != 1 || string(c.writes[0]) != "\x88\x02\x03\xe8" {
		t.Errorf("%x, %v", c.writes, err)
	}
}
