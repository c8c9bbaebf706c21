package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// newRunsStream is NewStream with the extension runs.
func newRunsStream(conn io.ReadWriter, s ws.State, size int) *wsutil.Stream {
	c := wsutil.NewStream(conn, s, size)
	c.SetExtension(&runs{})
	return c
}

func TestStreamEncodes(t *testing.T) {
	for side, s := range sides {
		conn := &counted{}
		c := newRunsStream(conn, s, 0)
		var want []string
		for i, p := range []string{
			"aaaa", "abc", "", strings.Repeat("x", 30), // shorter than what it is made of
			strings.Repeat("ab", 40), strings.Repeat("ab", 40_000), // longer
			strings.Repeat("y", 100_000), string(pattern(5000)),
		} {
			op := ws.OpText + ws.OpCode(i&1)
			if op == ws.OpText && i == 7 {
				op = ws.OpBinary
			}
			sent := []byte(p)
			if err := c.WriteMessage(op, sent); err != nil {
				t.Fatal(err)
			}
			if string(sent) != p {
				t.Fatalf("%s: the caller's bytes have changed", side)
			}
			want = append(want, fmt.Sprintf("%v:%s", op, p))
		}
		c.WriteMessage(ws.OpPing, []byte("pppp"))
		if err := c.Flush(); err != nil {
			t.Fatal(err)
		}
		got := receivedDecoded(s, join(conn.writes...), &runs{})
		wantResult(t, got, io.EOF, append(want, "ping:pppp")...)
		for i, h := range frames(t, s, join(conn.writes...)) {
			if encoded := h.Rsv == runsBit; encoded != (i != 1 && i != 2 && i != 8) {
				t.Errorf("%s: message %d: %+v", side, i, h)
			}
		}
	}
}

func TestStreamDecodesSessionsInAnyCuts(t *testing.T) {
	for _, tt := range decodeCases {
		for side, s := range sides {
			in := tt.in(s)
			for _, size := range []int{1, 2, 7, 100, 4096} {
				t.Run(fmt.Sprintf("%s/%s/%d", tt.name, side, size), func(t *testing.T) {
					streamLikeReceiver(t, in, s, size, runsDecoder)
					for n := range in {
						streamLikeReceiver(t, in[:n], s, size, runsDecoder)
					}
				})
			}
		}
	}
}

func TestStreamDecodesLongMessages(t *testing.T) {
	x := &runs{}
	long := strings.Repeat("a", 70_000) + strings.Repeat("b", 511)
	in := join(
		runsFrames(x, ws.StateServerSide, ws.OpBinary, long, 100, 101),
		runsFrames(x, ws.StateServerSide, ws.OpText, "Hello"),
		clientFrame(ws.OpBinary, false, long), clientFrame(ws.OpContinuation, true, "plain"),
		runsFrames(x, ws.StateServerSide, ws.OpText, "Hello"))
	c := newRunsStream(&counted{reads: [][]byte{in}}, ws.StateServerSide, 0)
	for i, want := range []string{long, "Hello", long + "plain", "Hello"} {
		if p, _, err := c.ReadMessage(); string(p) != want || err != nil {
			t.Errorf("message %d: got %d bytes, %v", i, len(p), err)
		}
	}
	if _, _, err := c.ReadMessage(); err != io.EOF {
		t.Error(err)
	}
}

func TestStreamLimitsWhatComesOutOfTheDecoder_F3(t *testing.T) {
	defer wsutil.SetMaxMessageSize(wsutil.MaxMessageSize())
	in := rsvFrame(ws.StateServerSide, runsBit, ws.OpBinary, true, strings.Repeat("\xffz", 4))
	for _, limit := range []int64{1, 254, 255, 256, 511, 512, 513, 1019} {
		wsutil.SetMaxMessageSize(limit)
		conn := &counted{reads: [][]byte{bytes.Clone(in)}}
		if p, _, err := newRunsStream(conn, ws.StateServerSide, 0).ReadMessage(); err != wsutil.ErrMessageTooLarge || p != nil {
			t.Errorf("F3: limit %d: got %d bytes, %v", limit, len(p), err)
		}
		got := received(ws.StateServerSide, join(conn.writes...)).events
		if len(got) != 1 || !strings.HasPrefix(got[0], "close:1009:") {
			t.Errorf("F3: limit %d: the peer was sent %q", limit, got)
		}
	}
	wsutil.SetMaxMessageSize(1020)
	conn := &counted{reads: [][]byte{bytes.Clone(in)}}
	if p, _, err := newRunsStream(conn, ws.StateServerSide, 0).ReadMessage(); len(p) != 1020 || err != nil {
		t.Errorf("a message as long as the limit: got %d bytes, %v", len(p), err)
	}
}

// What is not encoded is returned as it lies in the buffer, and sent as it is.
func TestStreamDoesNotCopyPlainMessages(t *testing.T) {
	in := clientFrame(ws.OpBinary, true, "plain")
	source := &aliasing{in: in}
	c := newRunsStream(source, ws.StateServerSide, 0)
	p, _, err := c.ReadMessage()
	if string(p) != "plain" || err != nil {
		t.Fatalf("%q, %v", p, err)
	}
	if &p[0] != &source.read[6] {
		t.Error("the message was copied")
	}
}

// aliasing remembers the buffer that it was read into.
type aliasing struct{ in, read []byte }

func (a *aliasing) Read(p []byte) (int, error) {
	a.read = p
	return copy(p, a.in), nil
}

func (a *aliasing) Write(p []byte) (int, error) { return len(p), nil }

func TestStreamDecodesOnAfterADeadline(t *testing.T) {
	in := join(
		rsvFrame(ws.StateServerSide, runsBit, ws.OpText, false, "\x02a\x03"),
		clientFrame(ws.OpContinuation, true, "b\x04e"))
	for n := range in {
		c := newRunsStream(struct {
			io.Reader
			io.Writer
		}{&stopping{bytes.NewReader(in), n}, io.Discard}, ws.StateServerSide, 0)
		_, _, err := c.ReadMessage()
		if !isTimeout(err) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
		if p, _, err := c.ReadMessage(); string(p) != "aaaaacccc" || err != nil {
			t.Errorf("stopped after %d bytes: got %q, %v", n, p, err)
		}
	}
}

func TestStreamTellsThePeerThatItsEncoderFailed(t *testing.T) {
	conn := &counted{}
	c := wsutil.NewStream(conn, ws.StateServerSide, 0)
	c.SetExtension(&runs{refuse: "!"})
	c.WriteMessage(ws.OpText, []byte("aaaa"))
	for range 2 {
		if err := c.WriteMessage(ws.OpText, []byte("aa!a")); err != errRefuse {
			t.Errorf("WriteMessage: %v", err)
		}
	}
	if _, _, err := c.ReadMessage(); err != errRefuse {
		t.Errorf("ReadMessage: %v", err)
	}
	wantResult(t, receivedDecoded(ws.StateServerSide, join(conn.writes...), &runs{}), io.EOF, "text:aaaa", "close:1011:")
}

func TestStreamWithoutItsExtensionAgain(t *testing.T) {
	in := rsvFrame(ws.StateServerSide, runsBit, ws.OpText, true, "\x01a")
	conn := &counted{reads: [][]byte{in}}
	c := newRunsStream(conn, ws.StateServerSide, 0)
	c.SetExtension(nil)
	c.WriteMessage(ws.OpText, []byte("aaaa"))
	if _, _, err := c.ReadMessage(); err != ws.ErrProtocolNonZeroRsv {
		t.Errorf("got %v", err)
	}
	if got := received(ws.StateServerSide, join(conn.writes...)).events; len(got) != 2 || got[0] != "text:aaaa" {
		t.Errorf("sent %q", got)
	}
}

func TestStreamWithAnExtensionDoesNotAllocate(t *testing.T) {
	in := join(
		rsvFrame(ws.StateServerSide, runsBit, ws.OpBinary, false, "\x0aa\x14"),
		clientFrame(ws.OpContinuation, true, "b"),
		clientFrame(ws.OpText, true, "a text"))
	x := &runs{}
	c := wsutil.NewStream(&loopback{data: in}, ws.StateServerSide, 0)
	c.SetExtension(x)
	wantAllocs(t, 0, func() {
		for range 2 {
			p, op, err := c.ReadMessage()
			if err == nil {
				err = c.WriteMessage(op, p)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestStreamsWithAnExtensionTalkToEachOther(t *testing.T) {
	client, server := tcpPair(t)
	done := make(chan error, 1)
	go func() {
		done <- echoStream(newRunsStream(server, ws.StateServerSide, 0))
	}()
	c := newRunsStream(client, ws.StateClientSide, 0)
	for i := range 100 {
		want := strings.Repeat("x", i*i) + fmt.Sprint(i)
		if err := c.WriteMessage(ws.OpText, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if p, op, err := c.ReadMessage(); string(p) != want || op != ws.OpText || err != nil {
			t.Fatalf("message %d: got %.100q, %v", i, p, err)
		}
	}
	c.Close(ws.StatusNormalClosure, "")
	var closed wsutil.ClosedError
	if _, _, err := c.ReadMessage(); !errors.As(err, &closed) {
		t.Error(err)
	}
	if err := <-done; !errors.As(err, &closed) {
		t.Errorf("the server ended with %v", err)
	}
}
