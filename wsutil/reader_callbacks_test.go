package wsutil_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func TestReaderOnContinuation(t *testing.T) {
	in := join(
		clientFrame(ws.OpText, false, "Hel"),
		clientFrame(ws.OpPing, true, ""),
		clientFrame(ws.OpContinuation, false, "XY\u20ac"),
		clientFrame(ws.OpContinuation, true, "lo"),
		clientFrame(ws.OpText, true, "single"))
	for take := range 5 {
		for name, source := range sources(in) {
			var seen []string
			r := &wsutil.Reader{Source: source, State: ws.StateServerSide, CheckUTF8: true}
			r.OnContinuation = func(h ws.Header, payload io.Reader) error {
				if h.Fin {
					return nil
				}
				p, err := io.ReadAll(io.LimitReader(payload, int64(take)))
				seen = append(seen, string(p))
				return err
			}
			got := session(r, io.ReadAll)
			rest := "XY\u20ac"[take:]
			wantResult(t, got, io.EOF, "ping:", "text:Hel"+rest+"lo", "text:single")
			if want := []string{"XY\u20ac"[:take]}; fmt.Sprint(seen) != fmt.Sprint(want) {
				t.Errorf("%s: the callback read %q, want %q", name, seen, want)
			}
		}
	}
	t.Run("its error", func(t *testing.T) {
		stop := errors.New("stop")
		r := wsutil.NewServerSideReader(bytes.NewReader(in))
		r.OnContinuation = func(ws.Header, io.Reader) error { return stop }
		r.NextFrame()
		if p, err := io.ReadAll(r); string(p) != "Hel" || err != stop {
			t.Errorf("got %q, %v", p, err)
		}
	})
}

func TestReaderOnIntermediateNeedNotRead(t *testing.T) {
	in := join(
		clientFrame(ws.OpText, false, "a"),
		clientFrame(ws.OpPing, true, "left unread"),
		clientFrame(ws.OpContinuation, true, "b"))
	stop := errors.New("stop")
	for take := range 12 {
		for _, fail := range []error{nil, stop} {
			r := wsutil.NewServerSideReader(bytes.NewReader(in))
			r.OnIntermediate = func(h ws.Header, payload io.Reader) error {
				p := make([]byte, take)
				if _, err := io.ReadFull(payload, p); err != nil || string(p) != "left unread"[:take] {
					t.Errorf("got %q, %v", p, err)
				}
				return fail
			}
			r.NextFrame()
			p, err := io.ReadAll(r)
			if err != fail {
				t.Fatalf("got %v", err)
			}
			// The error of a callback is the callback's: reading goes on.
			rest, err := io.ReadAll(r)
			if fail == nil {
				err = nil // the message has ended
			}
			if string(p)+string(rest) != "ab" || err != nil {
				t.Errorf("got %q and %q, %v", p, rest, err)
			}
		}
	}
}

func TestReaderAnswersControlFramesBetweenMessages(t *testing.T) {
	// The callback of a Reader serves frames that NextFrame returns too.
	in := join(clientFrame(ws.OpPing, true, ""), clientFrame(ws.OpPing, true, "ping"), clientFrame(ws.OpText, true, "a"))
	for name, source := range sources(in) {
		var answers bytes.Buffer
		handle := wsutil.ControlFrameHandler(&answers, ws.StateServerSide)
		r := wsutil.NewServerSideReader(source)
		for range 2 {
			h, err := r.NextFrame()
			if err == nil {
				err = handle(h, r)
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		wantResult(t, session(r, io.ReadAll), io.EOF, "text:a")
		wantResult(t, received(ws.StateServerSide, answers.Bytes()), io.EOF, "pong:", "pong:ping")
	}
}

func TestReaderU11GetsPastManyControlFrames(t *testing.T) {
	const many = 300 // bufio and io give up after 100 empty reads
	var in []byte
	in = append(in, clientFrame(ws.OpText, false, "a")...)
	for range many {
		in = append(in, clientFrame(ws.OpPing, true, "p")...)
		in = append(in, clientFrame(ws.OpContinuation, false, "")...)
	}
	in = append(in, clientFrame(ws.OpContinuation, true, "b")...)

	for name, read := range map[string]func(io.Reader) ([]byte, error){
		"U11: io.ReadAll": io.ReadAll,
		"U11: bufio":      func(r io.Reader) ([]byte, error) { return io.ReadAll(bufio.NewReader(r)) },
		"U11: bufio.ReadString": func(r io.Reader) ([]byte, error) {
			s, err := bufio.NewReader(r).ReadString('b')
			return []byte(s), err
		},
	} {
		pings := 0
		r := wsutil.NewServerSideReader(bytes.NewReader(in))
		r.OnIntermediate = func(ws.Header, io.Reader) error { pings++; return nil }
		if _, err := r.NextFrame(); err != nil {
			t.Fatal(err)
		}
		if p, err := read(r); string(p) != "ab" || err != nil || pings != many {
			t.Errorf("%s: got %q, %v, %d pings", name, p, err, pings)
		}
	}
}
