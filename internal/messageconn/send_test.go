package messageconn_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/internal/messageconn"
	"github.com/wirews/wirews/ws"
)

// frames returns the bytes of frames of a client.
func frames(all ...ws.Frame) (b []byte) {
	for _, f := range all {
		b = ws.AppendFrame(b, ws.MaskFrame(f))
	}
	return b
}

// script is a message of one frame, one of three, a control frame inside one, and the end.
func script(t testing.TB) []byte {
	// RFC 6455, 5.7: a single-frame masked text message (contains "Hello")
	hello, err := hex.DecodeString("818537fa213d7f9f4d5158")
	if err != nil {
		t.Fatal(err)
	}
	return append(hello, frames(
		ws.NewFrame(ws.OpBinary, false, []byte{1, 2, 3}), ws.NewFrame(ws.OpContinuation, false, nil), ws.NewFrame(ws.OpContinuation, true, []byte{4}),
		ws.NewTextFrame(nil),
		ws.NewFrame(ws.OpText, false, nil), ws.NewFrame(ws.OpContinuation, true, []byte("ä")),
		ws.NewCloseFrame(ws.NewCloseFrameBody(3001, "done")),
		ws.NewTextFrame([]byte("after the end")),
	)...)
}

func TestFramesBecomeMessages(t *testing.T) {
	all := script(t)
	want := []string{`1 "Hello"`, `2 "\x01\x02\x03\x04"`, `1 ""`, `1 "ä"`, `close 3001 "done"`}
	for cut := range len(all) + 1 {
		s, c := newConn()
		for _, p := range [][]byte{all[:cut], all[cut:]} {
			before := bytes.Clone(p)
			if n, err := c.Write(p); n != len(p) || err != nil {
				t.Fatalf("cut at %d: %d, %v", cut, n, err)
			}
			if !bytes.Equal(p, before) {
				t.Fatal("Write has changed what it was given")
			}
		}
		if got := s.heard(); !slices.Equal(got, want) {
			t.Fatalf("cut at %d: %q, want %q", cut, got, want)
		}
	}
}

func TestWriteWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newConn()
		message := frames(ws.NewTextFrame([]byte("x")))
		s.buffers(messageconn.MaxBuffered)
		if n, err := c.Write(message); n != len(message) || err != nil {
			t.Errorf("with room: %d, %v", n, err)
		}
		s.buffers(messageconn.MaxBuffered + 1)
		c.SetWriteDeadline(time.Now().Add(time.Second))
		begun := time.Now()
		if n, err := c.Write(message); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begun) != time.Second {
			t.Errorf("without room: %d, %v after %v", n, err, time.Since(begun))
		}
		c.SetWriteDeadline(time.Time{})
		time.AfterFunc(time.Minute, func() { s.buffers(0) })
		begun = time.Now()
		if n, err := c.Write(message); n != len(message) || err != nil || time.Since(begun).Round(time.Second) != time.Minute {
			t.Errorf("once there is: %d, %v after %v", n, err, time.Since(begun))
		}
		s.buffers(messageconn.MaxBuffered + 1)
		if _, err := c.Write(frames(ws.NewCloseFrame(nil))); err != nil {
			t.Errorf("a close frame has no need to wait: %v", err)
		}
		if got := s.heard(); !slices.Equal(got, []string{`1 "x"`, `1 "x"`, `close 1005 ""`}) {
			t.Error(got)
		}
	})
}

func TestAPageSendsFewCloseCodes(t *testing.T) {
	for code, want := range map[ws.StatusCode]string{
		1000: `close 1000 "why"`, 3000: `close 3000 "why"`, 4999: `close 4999 "why"`,
		1001: `close 1005 ""`, 1009: `close 1005 ""`, 1011: `close 1005 ""`,
	} {
		s, c := newConn()
		if _, err := c.Write(frames(ws.NewCloseFrame(ws.NewCloseFrameBody(code, "why")))); err != nil {
			t.Errorf("%d: %v", code, err)
		}
		if got := s.heard(); !slices.Equal(got, []string{want}) {
			t.Errorf("%d: %q", code, got)
		}
		sent := want != `close 1005 ""`
		if err := c.CheckClose(code); sent != (err == nil) || !sent && !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("CheckClose(%d): %v", code, err)
		}
	}
	if err := new(messageconn.Conn).CheckClose(ws.StatusNoStatusRcvd); err != nil {
		t.Errorf("no code: %v", err)
	}
}

func TestWhatCannotBeSentIsTheEndOfWriting(t *testing.T) {
	broken := errors.New("out of memory")
	for name, tt := range map[string]struct {
		broken error // of the socket
		frame  ws.Frame
		want   error
	}{
		"text that is not UTF-8":    {frame: ws.NewTextFrame([]byte("\xff")), want: messageconn.ErrText},
		"what the socket refuses":   {frame: ws.NewBinaryFrame([]byte("x")), broken: broken, want: broken},
		"a ping":                    {frame: ws.NewPingFrame(nil), want: errors.ErrUnsupported},
		"a close frame of one byte": {frame: ws.NewCloseFrame([]byte{3}), want: ws.ErrProtocolCloseLength},
	} {
		s, c := newConn()
		s.broken = tt.broken
		if _, err := c.Write(frames(tt.frame)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if tt.frame.Header.OpCode.IsData() && !slices.Equal(s.heard(), []string{`close 1005 ""`}) {
			t.Errorf("%s: %q: the peer is to see that nothing more comes", name, s.heard())
		}
	}
}

// FuzzFramesBecomeMessages: however the bytes of frames are cut, the socket is told the
// same.
func FuzzFramesBecomeMessages(f *testing.F) {
	f.Add(script(f), 7)
	f.Add(frames(ws.NewPingFrame([]byte("p"))), 1)
	f.Add([]byte{0x81, 0xff, 0xff}, 2)
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		cut = min(max(cut, 0), len(b))
		var told [2]string
		for i, parts := range [][][]byte{{b}, {b[:cut], b[cut:]}} {
			s, c := newConn()
			var err error
			for _, p := range parts {
				if err == nil {
					_, err = c.Write(p)
				}
			}
			told[i] = fmt.Sprint(s.heard(), err)
		}
		if told[0] != told[1] {
			t.Errorf("%s\nand cut at %d\n%s", told[0], cut, told[1])
		}
	})
}
