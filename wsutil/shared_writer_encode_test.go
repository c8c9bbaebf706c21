package wsutil_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func TestSharedWriterEncodes(t *testing.T) {
	for side, s := range sides {
		var out countingWriter
		shared := wsutil.NewSharedWriter(&out, s)
		shared.SetEncoder(&runs{})
		for _, err := range []error{
			shared.WriteMessage(ws.OpText, []byte("aaaa")),
			shared.WriteMessage(ws.OpText, []byte("abc")), // declined
			shared.WriteMessage(ws.OpPing, []byte("pppp")),
			shared.Message(ws.OpBinary, func(w *wsutil.Writer) error {
				w.WriteThrough([]byte("aab"))
				if err := shared.WriteControl(ws.OpPing, []byte("qqqq")); err != nil {
					return err
				}
				_, err := w.Write([]byte("bb"))
				return err
			}),
			shared.Message(ws.OpText, func(w *wsutil.Writer) error { _, err := w.Write([]byte("last")); return err }),
		} {
			if err != nil {
				t.Errorf("%s: %v", side, err)
			}
		}
		all := join(out.Writes...)
		wantResult(t, receivedDecoded(s, all, &runs{}), io.EOF,
			"text:aaaa", "text:abc", "ping:pppp", "ping:qqqq", "binary:aabbb", "text:last")
		if got := shape(frames(t, s, all)); got != "text 2 text 3 ping 4 binary 2+ ping 4 continuation 2 text 8" {
			t.Errorf("%s: sent %s", side, got)
		}
	}
}

func TestSharedWriterAfterAMessageThatWasEncodedInPart(t *testing.T) {
	stop := errors.New("stop")
	for _, tt := range []struct {
		name string
		do   func(s *wsutil.SharedWriter) error
		want error
		next error // of the next message
	}{
		{"nothing was encoded", func(s *wsutil.SharedWriter) error {
			return s.Message(ws.OpText, func(w *wsutil.Writer) error { w.Write([]byte("dropped")); return stop })
		}, stop, nil},
		{"it was held back", func(s *wsutil.SharedWriter) error {
			return s.Message(ws.OpText, func(w *wsutil.Writer) error { w.WriteThrough([]byte("a")); return stop })
		}, stop, stop},
		{"it was dropped", func(s *wsutil.SharedWriter) error {
			return s.Message(ws.OpText, func(w *wsutil.Writer) error {
				w.WriteThrough([]byte("a"))
				w.ResetOp(ws.OpText)
				return nil
			})
		}, wsutil.ErrMessageBegun, wsutil.ErrMessageBegun},
		{"the Encoder failed in Message", func(s *wsutil.SharedWriter) error {
			return s.Message(ws.OpText, func(w *wsutil.Writer) error { _, err := w.Write([]byte("aa!aa")); return err })
		}, errRefuse, errRefuse},
		{"the Encoder failed in WriteMessage", func(s *wsutil.SharedWriter) error {
			return s.WriteMessage(ws.OpText, []byte("aa!aa"))
		}, errRefuse, errRefuse},
	} {
		var out bytes.Buffer
		shared := wsutil.NewSharedWriter(&out, ws.StateServerSide)
		shared.SetEncoder(&runs{refuse: "!"})
		if err := tt.do(shared); err != tt.want {
			t.Errorf("%s: got %v", tt.name, err)
		}
		if err := shared.WriteMessage(ws.OpText, []byte("next")); err != tt.next {
			t.Errorf("%s: the next message: %v", tt.name, err)
		}
		if err := shared.WriteControl(ws.OpPing, nil); err != nil {
			t.Errorf("%s: control frame: %v", tt.name, err)
		}
	}
}

// A frame that begins no message has no bits of an extension (RFC 6455, 5.4 and
// RFC 7692, 6).
func TestContinuationsAreNotEncoded(t *testing.T) {
	p := []byte("aaaaaaaa")
	want := string(ws.AppendFrame(nil, ws.NewFrame(ws.OpContinuation, true, p)))
	for name, write := range map[string]func(io.ReadWriter) error{
		"SharedWriter": func(conn io.ReadWriter) error {
			s := wsutil.NewSharedWriter(conn, ws.StateServerSide)
			s.SetEncoder(&runs{})
			return s.WriteMessage(ws.OpContinuation, p)
		},
		"Writer": func(conn io.ReadWriter) error {
			w := wsutil.NewWriter(conn, ws.StateServerSide, ws.OpContinuation)
			w.SetEncoder(&runs{})
			w.Write(p)
			return w.Flush()
		},
	} {
		var conn bytes.Buffer
		if err := write(&conn); err != nil || conn.String() != want {
			t.Errorf("%s: %x, %v", name, conn.Bytes(), err)
		}
	}
}

func TestSharedWriterEncodesForManyGoroutines(t *testing.T) {
	client, server := pipe(t)
	shared := wsutil.NewSharedWriter(client, ws.StateClientSide)
	shared.SetEncoder(&runs{})
	const writers, each = 4, 50
	done := make(chan error, writers)
	for i := range writers {
		go func() {
			var err error
			p := []byte(strings.Repeat(string(rune('a'+i)), 10+i))
			for k := 0; k < each && err == nil; k++ {
				switch k % 3 {
				case 0:
					err = shared.WriteMessage(ws.OpText, p)
				case 1:
					err = shared.WriteControl(ws.OpPong, p)
				default:
					err = shared.Message(ws.OpText, func(w *wsutil.Writer) error {
						w.WriteThrough(p[:5])
						_, err := w.Write(p[5:])
						return err
					})
				}
			}
			done <- err
		}()
	}
	go func() {
		for range writers {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		client.Close()
	}()
	counts := map[string]int{}
	r := &wsutil.Reader{Source: server, State: ws.StateServerSide, CheckUTF8: true, Decoder: &runs{}}
	for {
		p, _, err := r.ReadAppend(nil)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		counts[string(p)]++
	}
	for i := range writers {
		if n := counts[strings.Repeat(string(rune('a'+i)), 10+i)]; n != each-(each+1)/3 || len(counts) != writers {
			t.Errorf("writer %d: %d of its messages have come", i, n)
		}
	}
}

func TestSharedWriterEncodesWithoutAllocating(t *testing.T) {
	shared := wsutil.NewSharedWriter(io.Discard, ws.StateClientSide)
	shared.SetEncoder(&runs{})
	p := make([]byte, 1000)
	f := func(w *wsutil.Writer) error { _, err := w.Write(p); return err }
	wantAllocs(t, 0, func() {
		shared.WriteMessage(ws.OpBinary, p)
		shared.Message(ws.OpBinary, f)
	})
}
