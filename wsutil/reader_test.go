package wsutil_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// sessionCase is what a peer sends to the endpoint s, and what it comes to.
type sessionCase struct {
	name   string
	in     func(s ws.State) []byte
	err    error
	events []string
}

var sessionCases = []sessionCase{
	{
		name: "RFC 6455, 5.7: a single-frame text message",
		in:   func(s ws.State) []byte { return peerFrame(s, ws.OpText, true, "Hello") },
		err:  io.EOF, events: []string{"text:Hello"},
	},
	{
		name: "RFC 6455, 5.7: a fragmented text message",
		in: func(s ws.State) []byte {
			return join(peerFrame(s, ws.OpText, false, "Hel"), peerFrame(s, ws.OpContinuation, true, "lo"))
		},
		err: io.EOF, events: []string{"text:Hello"},
	},
	{
		name: "#66, #182, #72, #46: fragments with control frames between them",
		in: func(s ws.State) []byte {
			return join(
				peerFrame(s, ws.OpPing, true, "before"),
				peerFrame(s, ws.OpText, false, "Hel"),
				peerFrame(s, ws.OpPing, true, ""),
				peerFrame(s, ws.OpContinuation, false, ""),
				peerFrame(s, ws.OpPong, true, "inside"),
				peerFrame(s, ws.OpPing, true, "inside"),
				peerFrame(s, ws.OpContinuation, true, "lo"),
				peerFrame(s, ws.OpPong, true, "after"),
				peerFrame(s, ws.OpBinary, true, "\xff"))
		},
		err:    io.EOF,
		events: []string{"ping:before", "ping:", "pong:inside", "ping:inside", "text:Hello", "pong:after", "binary:\xff"},
	},
	{
		name: "empty messages and empty fragments",
		in: func(s ws.State) []byte {
			return join(
				peerFrame(s, ws.OpText, true, ""),
				peerFrame(s, ws.OpBinary, false, ""),
				peerFrame(s, ws.OpContinuation, false, ""),
				peerFrame(s, ws.OpContinuation, true, ""),
				peerFrame(s, ws.OpText, true, "x"))
		},
		err: io.EOF, events: []string{"text:", "binary:", "text:x"},
	},
	{
		name: "text with runes cut by fragments",
		in: func(s ws.State) []byte {
			return join(
				peerFrame(s, ws.OpText, false, "\u00e9\xe2"),
				peerFrame(s, ws.OpContinuation, false, "\x82"),
				peerFrame(s, ws.OpPing, true, "\xff"),
				peerFrame(s, ws.OpContinuation, true, "\xac!"))
		},
		err: io.EOF, events: []string{"ping:\xff", "text:\u00e9\u20ac!"},
	},
	{
		name: "U15: what follows a close frame is not read",
		in: func(s ws.State) []byte {
			return join(
				peerFrame(s, ws.OpText, true, "last"),
				peerFrame(s, ws.OpClose, true, closeBody(1001, "bye")),
				peerFrame(s, ws.OpText, true, "late"))
		},
		err: io.EOF, events: []string{"text:last", "close:1001:bye"},
	},
	{
		name: "16-bit length",
		in:   func(s ws.State) []byte { return peerFrame(s, ws.OpBinary, true, strings.Repeat("x", 126)) },
		err:  io.EOF, events: []string{"binary:" + strings.Repeat("x", 126)},
	},
	{
		name: "unfinished message",
		in:   func(s ws.State) []byte { return peerFrame(s, ws.OpText, false, "Hel") },
		err:  io.ErrUnexpectedEOF, events: []string{"open:Hel"},
	},
	{
		name: "new message inside of a fragmented one",
		in: func(s ws.State) []byte {
			return join(peerFrame(s, ws.OpText, false, "Hel"), peerFrame(s, ws.OpText, true, "lo"))
		},
		err: ws.ErrProtocolContinuationExpected, events: []string{"open:Hel"},
	},
	{
		name: "continuation of nothing",
		in: func(s ws.State) []byte {
			return join(peerFrame(s, ws.OpText, true, "a"), peerFrame(s, ws.OpContinuation, true, "b"))
		},
		err: ws.ErrProtocolContinuationUnexpected, events: []string{"text:a"},
	},
	{
		name: "U9: RSV bit without an extension",
		in:   func(s ws.State) []byte { return rsvFrame(s, 4, ws.OpText, true, "a") },
		err:  ws.ErrProtocolNonZeroRsv,
	},
	{
		name: "fragmented ping",
		in:   func(s ws.State) []byte { return peerFrame(s, ws.OpPing, false, "a") },
		err:  ws.ErrProtocolControlNotFinal,
	},
	{
		name: "reserved opcode",
		in:   func(s ws.State) []byte { return peerFrame(s, 3, true, "a") },
		err:  ws.ErrProtocolOpCodeReserved,
	},
	{
		name: "W12: length not in its shortest form",
		in: func(s ws.State) []byte {
			f := wstest.BadFrame{Fin: true, OpCode: 1, Masked: s.ServerSide(), Length: 5, LengthBytes: 2, Payload: []byte("Hello")}
			return join(f.Append(nil), peerFrame(s, ws.OpText, true, "x"))
		},
		err: ws.ErrHeaderLengthNotMinimal,
	},
	{
		name: "length with its most significant bit set",
		in: func(s ws.State) []byte {
			f := wstest.BadFrame{Fin: true, OpCode: 1, Masked: s.ServerSide(), Length: 1 << 63, LengthBytes: 8}
			return join(f.Append(nil), peerFrame(s, ws.OpText, true, "x"))
		},
		err: ws.ErrHeaderLengthMSB,
	},
	{
		name: "text that is not UTF-8",
		in:   func(s ws.State) []byte { return peerFrame(s, ws.OpText, true, "ab\xffcd") },
		err:  wsutil.ErrInvalidUTF8, events: []string{"open:ab"},
	},
	{
		name: "bad byte in the second fragment",
		in: func(s ws.State) []byte {
			return join(peerFrame(s, ws.OpText, false, "a\xe2"), peerFrame(s, ws.OpContinuation, true, "\x82("))
		},
		err: wsutil.ErrInvalidUTF8, events: []string{"open:a\xe2\x82"},
	},
	{
		name: "text that ends inside a rune",
		in:   func(s ws.State) []byte { return peerFrame(s, ws.OpText, true, "ab\xc3") },
		err:  wsutil.ErrInvalidUTF8, events: []string{"open:ab"},
	},
	{
		name: "text that ends inside a rune by an empty fragment",
		in: func(s ws.State) []byte {
			return join(peerFrame(s, ws.OpText, false, "ab\xc3"), peerFrame(s, ws.OpContinuation, true, ""))
		},
		err: wsutil.ErrInvalidUTF8, events: []string{"open:ab\xc3"},
	},
}

func TestReaderReadsSessionsHoweverTheyCome(t *testing.T) {
	reads := map[string]func(io.Reader) ([]byte, error){
		"io.ReadAll": io.ReadAll,
		"io.Copy":    readCopy,
		"byte":       readSmall(1),
		"3 bytes":    readSmall(3),
	}
	for side, s := range sides {
		for _, tt := range sessionCases {
			for way, read := range reads {
				for cut, source := range sources(tt.in(s)) {
					t.Run(fmt.Sprintf("%s/%s/%s/%s", side, tt.name, way, cut), func(t *testing.T) {
						r := &wsutil.Reader{Source: source, State: s, CheckUTF8: true}
						wantResult(t, session(r, read), tt.err, tt.events...)
						if _, err := r.NextFrame(); !errors.Is(err, tt.err) {
							t.Errorf("NextFrame after that: got %v, want %v", err, tt.err)
						}
					})
				}
			}
		}
	}
}

func TestReaderReadsFromABufferedSource(t *testing.T) {
	for side, s := range sides {
		for _, tt := range sessionCases {
			in := tt.in(s)
			for cut, pieces := range wstest.Splits(in) {
				t.Run(fmt.Sprintf("%s/%s/%s", side, tt.name, cut), func(t *testing.T) {
					source := bufio.NewReaderSize(script(pieces), 16)
					r := &wsutil.Reader{Source: source, State: s, CheckUTF8: true}
					wantResult(t, session(r, io.ReadAll), tt.err, tt.events...)
				})
			}
		}
	}
}

// U8: io.EOF stands for a truncated stream only between messages.
func TestReaderU8TellsTheEndFromATruncation(t *testing.T) {
	for side, s := range sides {
		for _, tt := range sessionCases {
			in := tt.in(s)
			for n := range in {
				t.Run(fmt.Sprintf("U8/%s/%s/%d bytes", side, tt.name, n), func(t *testing.T) {
					want := receive(in[:n], configOf(&wsutil.Reader{State: s, CheckUTF8: true}))
					for _, source := range []io.Reader{
						bytes.NewReader(in[:n]),
						bufio.NewReader(bytes.NewReader(in[:n])),
						iotest.DataErrReader(bytes.NewReader(in[:n])),
					} {
						r := &wsutil.Reader{Source: source, State: s, CheckUTF8: true}
						wantResult(t, session(r, io.ReadAll), want.err, want.events...)
					}
				})
			}
		}
	}
}

func TestReaderReadBeforeNextFrame(t *testing.T) {
	r := wsutil.NewServerSideReader(bytes.NewReader(clientFrame(ws.OpText, true, "a")))
	if _, err := r.Read(make([]byte, 1)); err != wsutil.ErrNoFrameAdvance {
		t.Errorf("got %v", err)
	}
	wantResult(t, session(r, io.ReadAll), io.EOF, "text:a")
	if _, err := r.Read(make([]byte, 1)); err != wsutil.ErrNoFrameAdvance {
		t.Errorf("after the message: got %v", err)
	}
}

// A json.Decoder, or whatever does not ask again after the last byte, must
// find the end of a message with it.
func TestReaderGivesEOFWithTheLastByte(t *testing.T) {
	r := wsutil.NewServerSideReader(bytes.NewReader(join(
		clientFrame(ws.OpText, false, "ab"), clientFrame(ws.OpContinuation, true, "c"))))
	r.NextFrame()
	for i, want := range []error{nil, nil, io.EOF} {
		var p [1]byte
		if n, err := r.Read(p[:]); n != 1 || p[0] != "abc"[i] || err != want {
			t.Errorf("Read %d: got %d, %q, %v", i, n, p, err)
		}
	}
}

// #39: one decoder for all messages.
func TestReaderFeedsAPersistentJSONDecoder(t *testing.T) {
	in := join(
		clientFrame(ws.OpText, false, `{"n":`),
		clientFrame(ws.OpPing, true, ""),
		clientFrame(ws.OpContinuation, true, `1}`),
		clientFrame(ws.OpText, true, "{\"n\":2}\n  "),
		clientFrame(ws.OpText, true, `{"n":3}`))
	for name, source := range sources(in) {
		r := wsutil.NewServerSideReader(source)
		dec := json.NewDecoder(r)
		for want := 1; want <= 3; want++ {
			if _, err := r.NextFrame(); err != nil {
				t.Fatalf("#39: %s: %v", name, err)
			}
			var v struct{ N int }
			if err := dec.Decode(&v); err != nil || v.N != want {
				t.Fatalf("#39: %s: got %d, %v, want %d", name, v.N, err, want)
			}
		}
		if _, err := r.NextFrame(); err != io.EOF {
			t.Errorf("#39: %s: %v in the end", name, err)
		}
	}
}

func TestReaderReadsNothingBehindAMessage(t *testing.T) {
	for side, s := range sides {
		for _, size := range []int{0, 1, 125, 126, 65535, 65536} {
			frame := peerFrame(s, ws.OpBinary, true, string(pattern(size)))
			src := bytes.NewReader(join(frame, []byte("behind it")))
			r := wsutil.NewReader(src, s)
			if _, err := r.NextFrame(); err != nil {
				t.Fatal(err)
			}
			if p, err := io.ReadAll(r); !bytes.Equal(p, pattern(size)) || err != nil {
				t.Errorf("%s, %d: got %d bytes, %v", side, size, len(p), err)
			}
			if left := src.Len(); left != len("behind it") {
				t.Errorf("%s, %d: %d bytes left", side, size, left)
			}
		}
	}
}

func TestReaderTakesAsFewReadsAsABufferAllows(t *testing.T) {
	var in []byte
	for range 16 {
		in = append(in, clientFrame(ws.OpText, true, "Hello")...)
	}
	conn := wstest.NewConn(in)
	got := session(wsutil.NewServerSideReader(bufio.NewReader(conn)), io.ReadAll)
	if len(got.events) != 16 || conn.Reads != 2 {
		t.Errorf("got %d messages by %d reads, want 16 by one, and one for the end", len(got.events), conn.Reads)
	}
}

func TestReaderNextReader(t *testing.T) {
	in := join(
		clientFrame(ws.OpText, false, "Hel"),
		clientFrame(ws.OpPing, true, "skipped"),
		clientFrame(ws.OpContinuation, true, "lo"),
		clientFrame(ws.OpPing, true, "ping"))
	src := bytes.NewReader(in)
	for _, want := range []string{"text:Hello", "ping:ping"} {
		h, r, err := wsutil.NextReader(src, ws.StateServerSide)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := io.ReadAll(r); fmt.Sprintf("%v:%s", h.OpCode, p) != want || err != nil {
			t.Errorf("got %v:%s, %v, want %s", h.OpCode, p, err, want)
		}
	}
	if _, r, err := wsutil.NextReader(src, ws.StateServerSide); r != nil || err != io.EOF {
		t.Errorf("got %v, %v in the end", r, err)
	}
}

func TestReaderDefaultGoesByTheSettings(t *testing.T) {
	r := wsutil.DefaultReader(nil, ws.StateClientSide)
	if r.State != ws.StateClientSide || !r.CheckUTF8 || r.MaxFrameSize != 0 || r.MaxMessageSize != 32<<20 {
		t.Errorf("got %+v", r)
	}
}

func TestReaderDoesNotAllocate(t *testing.T) {
	in := join(
		clientFrame(ws.OpText, false, "Hel"),
		clientFrame(ws.OpPing, true, "p"),
		clientFrame(ws.OpContinuation, true, "lo"))
	src := bytes.NewReader(nil)
	for name, source := range map[string]io.Reader{"plain": src, "bufio": bufio.NewReaderSize(src, 64)} {
		r := &wsutil.Reader{Source: source, State: ws.StateServerSide, CheckUTF8: true}
		r.OnIntermediate = wsutil.ControlFrameHandler(io.Discard, ws.StateServerSide)
		buf := make([]byte, 8)
		t.Run(name, func(t *testing.T) {
			wantAllocs(t, 0, func() {
				src.Reset(in)
				if _, err := r.NextFrame(); err != nil {
					t.Fatal(err)
				}
				for {
					_, err := r.Read(buf)
					if err == io.EOF {
						return
					}
					if err != nil {
						t.Fatal(err)
					}
				}
			})
		})
	}
}
