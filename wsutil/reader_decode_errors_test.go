package wsutil_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

func TestReaderFailsWhenWhatItSkipsCannotBeDecoded(t *testing.T) {
	in := join(rsvFrame(ws.StateServerSide, runsBit, ws.OpText, true, "\x01a\x00"), clientFrame(ws.OpText, true, "next"))
	for name, skip := range map[string]func(*wsutil.Reader) error{
		"Discard":   (*wsutil.Reader).Discard,
		"NextFrame": func(r *wsutil.Reader) error { _, err := r.NextFrame(); return err },
	} {
		r := &wsutil.Reader{Source: bytes.NewReader(in), State: ws.StateServerSide, Decoder: &runs{}}
		r.NextFrame()
		for range 2 {
			if err := skip(r); err != errRuns {
				t.Errorf("%s: got %v, want %v", name, err, errRuns)
			}
		}
	}
}

// stopping is a source that fails with a passed deadline once, after n bytes.
type stopping struct {
	io.Reader
	n int
}

func (s *stopping) Read(p []byte) (int, error) {
	if s.n == 0 {
		s.n = -1
		return 0, timeout{}
	}
	if s.n > 0 {
		p = p[:min(len(p), s.n)]
	}
	n, err := s.Reader.Read(p)
	if s.n > 0 {
		s.n -= n
	}
	return n, err
}

type timeout struct{}

func (timeout) Error() string   { return "deadline" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

func TestReaderDecodesOnAfterADeadline(t *testing.T) {
	x := &runs{}
	text := strings.Repeat("\u20ac", 7) + "aaaaaaaaaa"
	in := join(
		runsFrames(x, ws.StateServerSide, ws.OpText, text, 1, 8),
		clientFrame(ws.OpPing, true, "p"),
		runsFrames(x, ws.StateServerSide, ws.OpBinary, "bbbb"))
	for n := range in {
		for _, size := range []int{1, 7, 100} {
			source := &stopping{bytes.NewReader(in), n}
			r := &wsutil.Reader{Source: source, State: ws.StateServerSide, CheckUTF8: true, Decoder: &runs{}}
			var got, message []byte
			stops, inside := 0, false
			p := make([]byte, size)
			for {
				var err error
				if !inside {
					if _, err = r.NextFrame(); err == nil {
						inside = true
						continue
					}
				} else {
					var k int
					k, err = r.Read(p)
					message = append(message, p[:k]...)
					if err == io.EOF {
						got, message, inside, err = append(append(got, message...), '|'), nil, false, nil
					}
				}
				if isTimeout(err) {
					stops++
				} else if err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("stopped after %d bytes: %v", n, err)
				}
			}
			if want := text + "|p|bbbb|"; string(got) != want || stops != 1 {
				t.Fatalf("stopped %d times after %d bytes, Reads of %d: got %q", stops, n, size, got)
			}
		}
	}
	// The same while a message is skipped.
	for n := range in {
		r := &wsutil.Reader{Source: &stopping{bytes.NewReader(in), n}, State: ws.StateServerSide, Decoder: &runs{}}
		var ops []ws.OpCode
		for {
			h, err := r.NextFrame()
			if err == io.EOF {
				break
			}
			if err == nil && h.OpCode != ws.OpContinuation {
				ops = append(ops, h.OpCode)
			} else if err != nil && !isTimeout(err) {
				t.Fatalf("skipping, stopped after %d bytes: %v", n, err)
			}
		}
		if fmt.Sprint(ops) != "[text ping binary]" {
			t.Fatalf("skipping, stopped after %d bytes: got %v", n, ops)
		}
	}
}

func TestReaderDecoderErrors(t *testing.T) {
	in := rsvFrame(ws.StateServerSide, runsBit, ws.OpText, true, "\x01a")
	for name, tt := range map[string]struct {
		decoder wsproto.Decoder
		want    error
	}{
		"no progress": {&lazy{}, io.ErrNoProgress},
		"EOF":         {&ended{}, io.ErrUnexpectedEOF},
		"begin":       {&refusing{}, errRefuse},
	} {
		r := &wsutil.Reader{Source: bytes.NewReader(in), State: ws.StateServerSide, Decoder: tt.decoder}
		for range 2 {
			_, err := r.NextFrame()
			if err == nil {
				_, err = io.ReadAll(r)
			}
			if err != tt.want {
				t.Errorf("%s: got %v, want %v", name, err, tt.want)
			}
		}
		r = &wsutil.Reader{Source: bytes.NewReader(in), State: ws.StateServerSide, Decoder: tt.decoder}
		if p, _, err := r.ReadAppend([]byte("dst")); err != tt.want || string(p) != "dst" {
			t.Errorf("%s: ReadAppend returned %q, %v", name, p, err)
		}
	}
}

func TestReaderDecodingGivesUpASourceThatYieldsNothing(t *testing.T) {
	in := rsvFrame(ws.StateServerSide, runsBit, ws.OpText, true, "\x01a")
	r := &wsutil.Reader{Source: io.MultiReader(bytes.NewReader(in[:7]), neverReader{}), State: ws.StateServerSide, Decoder: &runs{}}
	if _, err := r.NextFrame(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 10)); err != io.ErrNoProgress {
		t.Errorf("got %v", err)
	}
}
