package wsutil_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// messages writes m as result does.
func messages(m []wsutil.Message) (res result) {
	for _, msg := range m {
		res.add(msg.OpCode, msg.Payload)
	}
	return res
}

// #86, #131, #111: pings and pongs can be seen, each by a call of its own.
func TestReadMessageReturnsControlFrames(t *testing.T) {
	for side, s := range sides {
		in := join(
			peerFrame(s, ws.OpPing, true, "1"),
			peerFrame(s, ws.OpText, false, "Hel"),
			peerFrame(s, ws.OpPong, true, "2"),
			peerFrame(s, ws.OpPing, true, ""),
			peerFrame(s, ws.OpContinuation, true, "lo"),
			peerFrame(s, ws.OpBinary, true, ""),
			peerFrame(s, ws.OpClose, true, closeBody(1000, "bye")))
		read := wsutil.ReadClientMessage
		if s.ClientSide() {
			read = wsutil.ReadServerMessage
		}
		for name, pieces := range wstest.Splits(in) {
			conn := script(pieces)
			var m []wsutil.Message
			for _, want := range []int{1, 4, 5, 6} {
				var err error
				if m, err = read(conn, m); err != nil || len(m) != want {
					t.Fatalf("%s, %s: got %d messages, %v, want %d", side, name, len(m), err, want)
				}
			}
			if _, err := read(conn, nil); err != io.EOF || conn.Writes != 0 {
				t.Errorf("%s, %s: %v in the end, %d writes", side, name, err, conn.Writes)
			}
			wantResult(t, messages(m), nil, "ping:1", "pong:2", "ping:", "text:Hello", "binary:", "close:1000:bye")
		}
	}
}

func TestReadMessageU16HoldsFewControlFrames(t *testing.T) {
	m, err := wsutil.ReadClientMessage(bytes.NewReader(floodOfPings(ws.StateServerSide, 100000)), nil)
	if err != wsutil.ErrTooManyControls || len(m) != wsproto.DefaultMaxControls {
		t.Errorf("U16: got %d messages, %v", len(m), err)
	}
	m, err = wsutil.ReadClientMessage(bytes.NewReader(floodOfPings(ws.StateServerSide, wsproto.DefaultMaxControls)), nil)
	if err != nil || len(m) != wsproto.DefaultMaxControls+1 || string(m[len(m)-1].Payload) != "ab" {
		t.Errorf("U16: got %d messages, %v", len(m), err)
	}
}

func TestReadMessageU15EndsWithACloseFrame(t *testing.T) {
	in := join(
		clientFrame(ws.OpText, false, "Hel"),
		clientFrame(ws.OpPing, true, ""),
		clientFrame(ws.OpClose, true, closeBody(1000, "")),
		clientFrame(ws.OpContinuation, true, "lo"))
	m, err := wsutil.ReadClientMessage(bytes.NewReader(in), nil)
	wantResult(t, messages(m), nil, "ping:", "close:1000:")
	if err != nil {
		t.Errorf("U15: got %v", err)
	}
}

func TestReadMessageFails(t *testing.T) {
	whole := join(
		clientFrame(ws.OpText, false, "Hel"),
		clientFrame(ws.OpPing, true, "p"),
		clientFrame(ws.OpContinuation, true, "lo"))
	pinged := len(clientFrame(ws.OpText, false, "Hel")) + len(clientFrame(ws.OpPing, true, "p"))
	for n := range whole {
		want := io.ErrUnexpectedEOF
		if n == 0 {
			want = io.EOF
		}
		m, err := wsutil.ReadClientMessage(bytes.NewReader(whole[:n]), nil)
		if err != want || (len(m) == 1) != (n >= pinged) {
			t.Errorf("U8: %d bytes: got %d messages, %v, want %v", n, len(m), err, want)
		}
	}
	if _, err := wsutil.ReadServerMessage(bytes.NewReader(whole), nil); err != ws.ErrProtocolMaskUnexpected {
		t.Errorf("got %v", err)
	}
}

// RFC 6455, section 8.1: a peer that sends text that is not UTF-8 is told at the
// first bad byte, even inside of a frame.
func TestReadDataFindsWrongTextBeforeTheFrameIsComplete(t *testing.T) {
	for side, s := range sides {
		frame := peerFrame(s, ws.OpText, true, "κόσμε\xf4\x90\x80\x80edited")
		bad := len(frame) - len("\x80\x80edited")
		for split := 1; split < bad; split++ {
			conn := struct {
				io.Reader
				io.Writer
			}{
				io.MultiReader(bytes.NewReader(frame[:split]), bytes.NewReader(frame[split:bad]), iotest.ErrReader(errors.New("read on"))),
				new(bytes.Buffer),
			}
			if _, _, err := wsutil.ReadData(conn, s); err != ws.ErrProtocolInvalidUTF8 {
				t.Fatalf("%s, first %d bytes: %v, want ws.ErrProtocolInvalidUTF8", side, split, err)
			}
		}
	}
}
