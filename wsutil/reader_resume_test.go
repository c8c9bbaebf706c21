package wsutil_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func TestReaderTakesUpWhereADeadlineHasStoppedIt(t *testing.T) {
	in := join(
		clientFrame(ws.OpText, false, "\u00e9"),
		clientFrame(ws.OpPing, true, "p"),
		clientFrame(ws.OpContinuation, true, strings.Repeat("\u20ac", 50)),
		clientFrame(ws.OpBinary, true, "b"))
	for _, buffered := range []bool{false, true} {
		for n := range in {
			client, server := pipe(t)
			var source io.Reader = server
			if buffered {
				source = bufio.NewReader(server)
			}
			r := &wsutil.Reader{Source: source, State: ws.StateServerSide, CheckUTF8: true}
			var pings []string
			r.OnIntermediate = func(h ws.Header, src io.Reader) error {
				p, err := io.ReadAll(src)
				pings = append(pings, string(p))
				return err
			}
			var got []string
			var message []byte
			inside := false
			// step goes on until Source fails.
			step := func() error {
				for {
					if !inside {
						if _, err := r.NextFrame(); err != nil {
							return err
						}
						inside = true
					}
					var p [7]byte
					n, err := r.Read(p[:])
					message = append(message, p[:n]...)
					if err == io.EOF {
						got, message, inside = append(got, string(message)), nil, false
					} else if err != nil {
						return err
					}
				}
			}
			go func() {
				client.Write(in[:n])
				// All of it has been taken: the reader waits for more.
				server.SetReadDeadline(time.Unix(1, 0))
			}()
			if err := step(); !isTimeout(err) {
				t.Fatalf("after %d bytes: %v", n, err)
			}
			server.SetReadDeadline(time.Now().Add(patience))
			go func() {
				client.Write(in[n:])
				client.Close()
			}()
			if err := step(); err != io.EOF {
				t.Fatalf("after %d bytes, then all: %v", n, err)
			}
			if want := []string{"\u00e9" + strings.Repeat("\u20ac", 50), "b"}; fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("stopped after %d bytes: got %q", n, got)
			}
			client.Close()
		}
	}
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

// A message of which a part is lost must not be passed over in silence.
func TestReaderReadAppendKeepsADeadlineInsideOfAMessage(t *testing.T) {
	first, second := clientFrame(ws.OpText, true, "Hello"), clientFrame(ws.OpText, true, "next")
	for n := range first {
		client, server := pipe(t)
		r := wsutil.NewServerSideReader(server)
		go func() {
			if n > 0 {
				client.Write(first[:n])
			}
			server.SetReadDeadline(time.Unix(1, 0))
		}()
		if _, _, err := r.ReadAppend(nil); !isTimeout(err) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
		server.SetReadDeadline(time.Now().Add(patience))
		go func() {
			client.Write(first[n:])
			client.Write(second)
		}()
		p, _, err := r.ReadAppend(nil)
		if lost := n >= 6; lost != isTimeout(err) || (!lost && (string(p) != "Hello" || err != nil)) {
			t.Errorf("stopped after %d bytes: got %q, %v", n, p, err)
		}
		client.Close()
	}
}

func TestReaderReadsOfNoBytes(t *testing.T) {
	r := wsutil.NewServerSideReader(bytes.NewReader(join(
		clientFrame(ws.OpText, false, "a"), clientFrame(ws.OpPing, true, "p"), clientFrame(ws.OpContinuation, true, "b"))))
	r.OnIntermediate = func(_ ws.Header, src io.Reader) error {
		if n, err := src.Read(nil); n != 0 || err != nil {
			t.Errorf("ping: got %d, %v", n, err)
		}
		return nil
	}
	r.NextFrame()
	if n, err := r.Read(nil); n != 0 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if p, err := io.ReadAll(r); string(p) != "ab" || err != nil {
		t.Errorf("got %q, %v", p, err)
	}
}

func TestReaderU12NextFrameSkipsWhatWasNotRead(t *testing.T) {
	in := join(
		clientFrame(ws.OpText, true, "\x81\x00 payload like a header"),
		clientFrame(ws.OpPing, true, "ping"),
		clientFrame(ws.OpBinary, true, "second"),
		clientFrame(ws.OpClose, true, closeBody(1000, "")))
	for name, source := range sources(in) {
		r := wsutil.NewServerSideReader(source)
		var got []string
		for {
			h, err := r.NextFrame()
			if err != nil {
				if err != io.EOF {
					t.Errorf("U12: %s: %v", name, err)
				}
				break
			}
			var p [2]byte
			n, _ := io.ReadFull(r, p[:])
			got = append(got, fmt.Sprintf("%v:%s", h.OpCode, p[:n]))
		}
		if want := []string{"text:\x81\x00", "ping:pi", "binary:se", "close:\x03\xe8"}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("U12: %s: got %q, want %q", name, got, want)
		}
	}
}

func TestReaderDiscardsTheRestOfAMessage(t *testing.T) {
	in := join(
		clientFrame(ws.OpText, false, "first"),
		clientFrame(ws.OpPing, true, "p"),
		clientFrame(ws.OpContinuation, true, "more"),
		clientFrame(ws.OpBinary, true, "second"))
	for read := range len("firstmore") {
		for name, source := range sources(in) {
			var pings int
			r := wsutil.NewServerSideReader(source)
			r.OnIntermediate = func(ws.Header, io.Reader) error { pings++; return nil }
			if _, err := r.NextFrame(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(r, make([]byte, read)); err != nil {
				t.Fatal(err)
			}
			if err := r.Discard(); err != nil {
				t.Fatalf("%s: Discard: %v", name, err)
			}
			if err := r.Discard(); err != nil || pings != 1 {
				t.Fatalf("%s: Discard of nothing: %v; %d pings", name, err, pings)
			}
			wantResult(t, session(r, io.ReadAll), io.EOF, "binary:second")
		}
	}
}

func TestReaderU8DiscardFailsOnATruncatedMessage(t *testing.T) {
	whole := join(
		clientFrame(ws.OpText, false, "Hel"),
		clientFrame(ws.OpPing, true, "p"),
		clientFrame(ws.OpContinuation, true, "lo"))
	for n := 6; n <= len(whole); n++ {
		r := wsutil.NewServerSideReader(bytes.NewReader(whole[:n]))
		if _, err := r.NextFrame(); err != nil {
			t.Fatal(err)
		}
		want := io.ErrUnexpectedEOF
		if n == len(whole) {
			want = nil
		}
		if err := r.Discard(); err != want {
			t.Errorf("U8: %d of %d bytes: got %v, want %v", n, len(whole), err, want)
		}
	}
}
