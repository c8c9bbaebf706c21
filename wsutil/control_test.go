package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// controlCase is a control frame and what a ControlHandler makes of it.
type controlCase struct {
	name    string
	op      ws.OpCode
	payload string
	err     error
	answer  []string
}

var longest = strings.Repeat("p", 125)

var controlCases = []controlCase{
	{"ping", ws.OpPing, "Hello", nil, []string{"pong:Hello"}},
	{"empty ping", ws.OpPing, "", nil, []string{"pong:"}},
	{"longest ping", ws.OpPing, longest, nil, []string{"pong:" + longest}},
	{"pong", ws.OpPong, "Hello", nil, nil},
	{"empty pong", ws.OpPong, "", nil, nil},
	{"longest pong", ws.OpPong, longest, nil, nil},
	{"U1: close", ws.OpClose, closeBody(1000, "bye"), wsutil.ClosedError{Code: 1000, Reason: "bye"}, []string{"close:1000:"}},
	{"close without a code", ws.OpClose, "", wsutil.ClosedError{Code: 1005}, []string{"close:1005:"}},
	{"W7: close 1012", ws.OpClose, closeBody(1012, ""), wsutil.ClosedError{Code: 1012}, []string{"close:1012:"}},
	{"private code", ws.OpClose, closeBody(4999, ""), wsutil.ClosedError{Code: 4999}, []string{"close:4999:"}},
	{"close with one byte", ws.OpClose, "\x03", ws.ErrProtocolCloseLength, []string{"close:1002:" + ws.ErrProtocolCloseLength.Error()}},
	{"W8: close 999", ws.OpClose, "\x03\xe7", ws.ErrProtocolStatusCodeNotInUse, []string{"close:1002:" + ws.ErrProtocolStatusCodeNotInUse.Error()}},
	{"W8: close 5000", ws.OpClose, "\x13\x88", ws.ErrProtocolStatusCodeNotInUse, []string{"close:1002:" + ws.ErrProtocolStatusCodeNotInUse.Error()}},
	{"close 1005", ws.OpClose, "\x03\xed", ws.ErrProtocolStatusCodeApplicationLevel, []string{"close:1002:" + ws.ErrProtocolStatusCodeApplicationLevel.Error()}},
	{"close 1004", ws.OpClose, "\x03\xec", ws.ErrProtocolStatusCodeNoMeaning, []string{"close:1002:" + ws.ErrProtocolStatusCodeNoMeaning.Error()}},
	{"close 2000", ws.OpClose, "\x07\xd0", ws.ErrProtocolStatusCodeUnknown, []string{"close:1002:" + ws.ErrProtocolStatusCodeUnknown.Error()}},
	{"U14: reason is not UTF-8", ws.OpClose, "\x03\xe8\xff", ws.ErrProtocolInvalidUTF8, []string{"close:1007:" + ws.ErrProtocolInvalidUTF8.Error()}},
}

func TestControlHandlerAnswers(t *testing.T) {
	for side, s := range sides {
		for _, tt := range controlCases {
			frame := peerFrame(s, tt.op, true, tt.payload)
			h, n, err := ws.ParseHeader(frame)
			if err != nil {
				t.Fatal(err)
			}
			// U2: what follows the frame is not for the handler.
			for name, pieces := range wstest.Splits(join(frame[n:], []byte("behind"))) {
				src := script(pieces)
				var out countingWriter
				c := wsutil.ControlHandler{Src: src, Dst: &out, State: s}
				if err := c.Handle(h); err != tt.err {
					t.Errorf("%s, %s, %s: got %v, want %v", side, tt.name, name, err, tt.err)
				}
				if rest, _ := io.ReadAll(src); string(rest) != "behind" {
					t.Errorf("U2: %s, %s, %s: left %q", side, tt.name, name, rest)
				}
				if len(out.Writes) != len(tt.answer) {
					t.Errorf("%s, %s, %s: %d writes", side, tt.name, name, len(out.Writes))
				}
				wantResult(t, received(s, bytes.Join(out.Writes, nil)), io.EOF, tt.answer...)
			}
		}
	}
}

// countingWriter keeps what each Write brought.
type countingWriter struct{ Writes [][]byte }

func (c *countingWriter) Write(p []byte) (int, error) {
	c.Writes = append(c.Writes, bytes.Clone(p))
	return len(p), nil
}

func TestControlHandlerFailsOnTruncatedPayload(t *testing.T) {
	for _, tt := range controlCases {
		h := ws.Header{Fin: true, OpCode: tt.op, Length: int64(len(tt.payload))}
		for n := range len(tt.payload) {
			for _, src := range []io.Reader{strings.NewReader(tt.payload[:n]), iotest.DataErrReader(strings.NewReader(tt.payload[:n]))} {
				var out bytes.Buffer
				c := wsutil.ControlHandler{Src: src, Dst: &out, State: ws.StateServerSide}
				if err := c.Handle(h); err != io.ErrUnexpectedEOF || out.Len() > 0 {
					t.Errorf("%s, %d bytes: got %v, answered %q", tt.name, n, err, out.Bytes())
				}
			}
		}
	}
}

func TestControlHandlerErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, op := range []ws.OpCode{ws.OpPing, ws.OpPong, ws.OpClose} {
		h := ws.Header{Fin: true, OpCode: op, Length: 2}
		c := wsutil.ControlHandler{Src: iotest.ErrReader(broken), Dst: io.Discard}
		if err := c.Handle(h); err != broken {
			t.Errorf("%v: Src: got %v", op, err)
		}
		c = wsutil.ControlHandler{Src: strings.NewReader("\x03\xe8"), Dst: &wstest.Conn{WriteErr: broken}}
		if err := c.Handle(h); op != ws.OpPong && !errors.Is(err, broken) {
			t.Errorf("%v: Dst: got %v", op, err)
		}
		h.Length = 126
		if err := c.Handle(h); err != ws.ErrProtocolControlPayloadOverflow {
			t.Errorf("%v: 126 bytes: got %v", op, err)
		}
	}
	for _, op := range []ws.OpCode{ws.OpContinuation, ws.OpText, ws.OpBinary, 0xb} {
		if err := (wsutil.ControlHandler{}).Handle(ws.Header{Fin: true, OpCode: op}); err != wsutil.ErrNotControlFrame {
			t.Errorf("%v: got %v", op, err)
		}
	}
}

func TestControlHandlerDisableSrcCiphering(t *testing.T) {
	h := ws.Header{Fin: true, OpCode: ws.OpPing, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: 5}
	var out bytes.Buffer
	c := wsutil.ControlHandler{Src: strings.NewReader("Hello"), Dst: &out, State: ws.StateServerSide, DisableSrcCiphering: true}
	if err := c.Handle(h); err != nil {
		t.Fatal(err)
	}
	wantResult(t, received(ws.StateServerSide, out.Bytes()), io.EOF, "pong:Hello")
}

// U15: the answer to our close frame is not answered again.
func TestControlHandlerU15KnowsThatACloseFrameWasSent(t *testing.T) {
	body := closeBody(1001, "bye")
	h := ws.Header{Fin: true, OpCode: ws.OpClose, Length: int64(len(body))}
	for _, tt := range []struct {
		name  string
		state *wsutil.CloseState
		begun bool
		want  []string
	}{
		{"U15: no state", nil, false, []string{"close:1001:", "close:1001:"}},
		{"U15: peer began", new(wsutil.CloseState), false, []string{"close:1001:"}},
		{"U15: we began", new(wsutil.CloseState), true, nil},
	} {
		var sent [][]byte
		if tt.begun && !tt.state.Begin() {
			t.Errorf("%s: Begin is false", tt.name)
		}
		for range 2 {
			var out bytes.Buffer
			c := wsutil.ControlHandler{Src: strings.NewReader(body), Dst: &out, State: ws.StateServerSide, Close: tt.state}
			if err := c.Handle(h); err != (wsutil.ClosedError{Code: 1001, Reason: "bye"}) {
				t.Errorf("%s: got %v", tt.name, err)
			}
			sent = append(sent, out.Bytes())
		}
		var got []string
		for _, b := range sent {
			got = append(got, received(ws.StateServerSide, b).events...)
		}
		if fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: sent %q, want %q", tt.name, got, tt.want)
		}
	}
	t.Run("U15: bad close frame after ours", func(t *testing.T) {
		state := new(wsutil.CloseState)
		state.Begin()
		var out bytes.Buffer
		c := wsutil.ControlHandler{Src: strings.NewReader("\x03"), Dst: &out, Close: state}
		if err := c.Handle(ws.Header{Fin: true, OpCode: ws.OpClose, Length: 1}); err != ws.ErrProtocolCloseLength || out.Len() > 0 {
			t.Errorf("got %v, sent %q", err, out.Bytes())
		}
	})
}

func TestCloseState(t *testing.T) {
	var none *wsutil.CloseState
	if none.Sent() || !none.Begin() || !none.Begin() || none.Sent() {
		t.Error("a nil CloseState remembers")
	}
	var state wsutil.CloseState
	if state.Sent() {
		t.Error("zero value: sent")
	}
	var began, wg = make(chan bool, 8), sync.WaitGroup{}
	for range cap(began) {
		wg.Go(func() { began <- state.Begin() })
	}
	wg.Wait()
	first := 0
	for range cap(began) {
		if <-began {
			first++
		}
	}
	if first != 1 || !state.Sent() {
		t.Errorf("%d of %d may send a close frame", first, cap(began))
	}
}

// #94, #144: closing with a code and a reason, and both sides end with 1000.
func TestCloseHandshake(t *testing.T) {
	client, server := pipe(t)
	type end struct {
		err error
		p   []byte
	}
	ends := make(chan end)
	go func() {
		p, _, err := wsutil.ReadClientData(server)
		ends <- end{err, p}
		server.Close()
	}()
	var state wsutil.CloseState
	state.Begin()
	if err := wsutil.WriteClientMessage(client, ws.OpClose, ws.NewCloseFrameBody(1000, "done")); err != nil {
		t.Fatal(err)
	}
	r := wsutil.NewClientSideReader(client)
	h, err := r.NextFrame()
	if err != nil {
		t.Fatal(err)
	}
	err = wsutil.ControlHandler{Src: r, Dst: client, State: ws.StateClientSide, Close: &state}.Handle(h)
	if err != (wsutil.ClosedError{Code: 1000}) {
		t.Errorf("#94: the client got %v", err)
	}
	if e := <-ends; e.err != (wsutil.ClosedError{Code: 1000, Reason: "done"}) || e.p != nil {
		t.Errorf("#144: the server got %v, %q", e.err, e.p)
	}
}

func TestHandleControlMessage(t *testing.T) {
	for side, s := range sides {
		handle := wsutil.HandleClientControlMessage
		if s.ClientSide() {
			handle = wsutil.HandleServerControlMessage
		}
		for _, tt := range controlCases {
			var out bytes.Buffer
			if err := handle(&out, wsutil.Message{OpCode: tt.op, Payload: []byte(tt.payload)}); err != tt.err {
				t.Errorf("%s, %s: got %v, want %v", side, tt.name, err, tt.err)
			}
			wantResult(t, received(s, out.Bytes()), io.EOF, tt.answer...)
		}
		if err := handle(nil, wsutil.Message{OpCode: ws.OpText}); err != wsutil.ErrNotControlFrame {
			t.Errorf("%s: text: got %v", side, err)
		}
	}
}

// The client's payload is masked in a copy: U1 was a frame that said it was
// not masked and was.
func TestControlAnswersDoNotAllocate(t *testing.T) {
	for side, s := range sides {
		for _, tt := range controlCases[:6] {
			h := ws.Header{Fin: true, OpCode: tt.op, Length: int64(len(tt.payload))}
			src := &replay{in: []byte(tt.payload)}
			t.Run(side+"/"+tt.name, func(t *testing.T) {
				wantAllocs(t, 0, func() {
					src.at = 0
					if err := (wsutil.ControlHandler{Src: src, Dst: src, State: s}).Handle(h); err != nil {
						t.Fatal(err)
					}
				})
			})
		}
	}
}

func TestClosedErrorText(t *testing.T) {
	for _, tt := range []struct {
		err  wsutil.ClosedError
		want string
	}{
		{wsutil.ClosedError{Code: 1000}, "wsutil: peer closed the connection with 1000"},
		{wsutil.ClosedError{Code: 1001, Reason: "a\nb"}, `wsutil: peer closed the connection with 1001 "a\nb"`},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// The peer has closed and is gone: its code counts, and what could not be sent
// is told beside it.
func TestTheCodeOfThePeerIsKeptWhenItsCloseFrameCannotBeAnswered(t *testing.T) {
	broken := errors.New("broken")
	in := clientFrame(ws.OpClose, true, "\x03\xf0policy")
	for name, read := range map[string]func(rw io.ReadWriter) error{
		"ReadClientData": func(rw io.ReadWriter) error { _, _, err := wsutil.ReadClientData(rw); return err },
		"Stream": func(rw io.ReadWriter) error {
			_, _, err := wsutil.NewStream(rw, ws.StateServerSide, 0).ReadMessage()
			return err
		},
	} {
		conn := wstest.NewConn(in)
		conn.WriteErr = broken
		err := read(conn)
		closed, ok := errors.AsType[wsutil.ClosedError](err)
		if !ok || closed.Code != ws.StatusPolicyViolation || closed.Reason != "policy" || !errors.Is(err, broken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
