package wsutil_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// sent is a connection on which a client has sent the frames.
func sent(frames ...[]byte) *bytes.Buffer { return bytes.NewBuffer(join(frames...)) }

func ExampleReadClientData() {
	conn := sent(clientFrame(ws.OpText, true, "Hello"))
	p, op, err := wsutil.ReadClientData(conn)
	fmt.Printf("%s %q %v\n", op, p, err)
	// Output: text "Hello" <nil>
}

func ExampleReadClientData_violation() {
	var answer bytes.Buffer
	conn := readWriter{sent(clientFrame(ws.OpText, true, "caf\xe9")), &answer}
	_, _, err := wsutil.ReadClientData(conn)
	fmt.Println(err)
	f, _ := ws.ReadFrame(&answer)
	code, reason := ws.ParseCloseFrameData(f.Payload)
	fmt.Println(f.Header.OpCode, uint16(code), reason)
	// Output:
	// ws: text is not valid UTF-8
	// close 1007 ws: text is not valid UTF-8
}

func ExampleReadClientText() {
	conn := sent(clientFrame(ws.OpBinary, true, "\x00"), clientFrame(ws.OpText, true, "Hello"))
	p, err := wsutil.ReadClientText(conn)
	fmt.Printf("%s %v\n", p, err)
	// Output: Hello <nil>
}

func ExampleReadServerData() {
	conn := bytes.NewBuffer(unhex("81 05 48656c6c6f")) // RFC 6455, 5.7
	p, op, err := wsutil.ReadServerData(conn)
	fmt.Printf("%s %q %v\n", op, p, err)
	// Output: text "Hello" <nil>
}

func ExampleReadAppend() {
	conn := sent(clientFrame(ws.OpText, true, "one"), clientFrame(ws.OpText, true, "two"))
	var buf []byte // for all messages
	for {
		p, op, err := wsutil.ReadAppend(buf[:0], conn, ws.StateServerSide)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %q\n", op, p)
		buf = p
	}
	// Output:
	// text "one"
	// text "two"
	// EOF
}

func ExampleReadClientMessage() {
	conn := sent(clientFrame(ws.OpText, false, "Hel"), clientFrame(ws.OpPing, true, "?"), clientFrame(ws.OpContinuation, true, "lo"))
	var answers bytes.Buffer
	msgs, err := wsutil.ReadClientMessage(conn, nil)
	for _, msg := range msgs {
		fmt.Printf("%s %q\n", msg.OpCode, msg.Payload)
		if msg.OpCode.IsControl() {
			wsutil.HandleClientControlMessage(&answers, msg)
		}
	}
	fmt.Printf("%v %q\n", err, answers.Bytes())
	// Output:
	// ping "?"
	// text "Hello"
	// <nil> "\x8a\x01?"
}

func ExampleWriteServerText() {
	var conn bytes.Buffer
	wsutil.WriteServerText(&conn, []byte("Hello"))
	fmt.Printf("% x\n", conn.Bytes())
	// Output: 81 05 48 65 6c 6c 6f
}

func ExampleWriteClientMessage() {
	var conn bytes.Buffer
	wsutil.WriteClientMessage(&conn, ws.OpPing, []byte("Hello"))
	f, _ := ws.ReadFrame(&conn)
	fmt.Println(f.Header.OpCode, f.Header.Masked)
	fmt.Printf("%s\n", ws.UnmaskFrame(f).Payload)
	// Output:
	// ping true
	// Hello
}

func ExampleWriteMessageContext() {
	_, conn := net.Pipe()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	// The peer does not read.
	err := wsutil.WriteMessageContext(ctx, conn, ws.StateServerSide, ws.OpText, []byte("Hello"))
	fmt.Println(err)
	// Output: context deadline exceeded
}

func ExampleReader() {
	conn := sent(
		clientFrame(ws.OpPing, true, "?"),
		clientFrame(ws.OpText, false, "Hel"),
		clientFrame(ws.OpPing, true, "!"),
		clientFrame(ws.OpContinuation, true, "lo"))
	var answers bytes.Buffer
	control := wsutil.ControlFrameHandler(&answers, ws.StateServerSide)
	r := wsutil.Reader{Source: conn, State: ws.StateServerSide, CheckUTF8: true, OnIntermediate: control}
	for {
		h, err := r.NextFrame()
		if err != nil {
			fmt.Println(err)
			break
		}
		if h.OpCode.IsControl() {
			control(h, &r)
			continue
		}
		p, err := io.ReadAll(&r)
		fmt.Printf("%s %q %v\n", h.OpCode, p, err)
	}
	fmt.Printf("%q\n", answers.Bytes())
	// Output:
	// text "Hello" <nil>
	// EOF
	// "\x8a\x01?\x8a\x01!"
}

func ExampleReader_Discard() {
	r := wsutil.NewServerSideReader(sent(clientFrame(ws.OpBinary, true, "not wanted"), clientFrame(ws.OpText, true, "wanted")))
	for {
		h, err := r.NextFrame()
		if err != nil {
			return
		}
		if h.OpCode == ws.OpBinary {
			r.Discard()
			continue
		}
		p, _ := io.ReadAll(r)
		fmt.Printf("%s\n", p)
	}
	// Output: wanted
}

func ExampleDefaultReader() {
	r := wsutil.DefaultReader(sent(clientFrame(ws.OpText, true, "\xff")), ws.StateServerSide)
	r.NextFrame()
	_, err := io.ReadAll(r)
	fmt.Println(err, r.MaxMessageSize)
	// Output: ws: text is not valid UTF-8 33554432
}

func ExampleNextReader() {
	conn := sent(clientFrame(ws.OpText, false, "Hel"), clientFrame(ws.OpContinuation, true, "lo"))
	h, r, err := wsutil.NextReader(conn, ws.StateServerSide)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := io.ReadAll(r)
	fmt.Printf("%s %q %v\n", h.OpCode, p, err)
	// Output: text "Hello" <nil>
}

func ExampleRecvExtensionFunc() {
	// An extension that owns RSV1 and says so by taking it away.
	compressed := false
	extension := wsutil.RecvExtensionFunc(func(h ws.Header) (ws.Header, error) {
		if h.OpCode.IsData() && h.OpCode != ws.OpContinuation {
			compressed = h.Rsv1()
			h.Rsv &^= ws.Rsv(true, false, false)
		}
		return h, nil
	})
	r := wsutil.Reader{
		Source:     sent(rsvFrame(ws.StateServerSide, 4, ws.OpText, true, "\xf2\x48\xcd")),
		State:      ws.StateServerSide | ws.StateExtended,
		Extensions: []wsutil.RecvExtension{extension},
	}
	h, err := r.NextFrame()
	fmt.Println(h.Rsv, compressed, err)
	// Output: 0 true <nil>
}

func ExampleSendExtensionFunc() {
	var conn bytes.Buffer
	w := wsutil.NewWriter(&conn, ws.StateServerSide, ws.OpText)
	w.SetExtensions(wsutil.SendExtensionFunc(func(h ws.Header) (ws.Header, error) {
		h.Rsv = ws.Rsv(h.OpCode != ws.OpContinuation, false, false)
		return h, nil
	}))
	w.Write([]byte("x"))
	w.Flush()
	fmt.Printf("% x\n", conn.Bytes())
	// Output: c1 01 78
}

func ExampleWriter() {
	var conn bytes.Buffer
	w := wsutil.NewWriterSize(&conn, ws.StateServerSide, ws.OpText, 5)
	io.WriteString(w, "Hello, ")
	io.WriteString(w, "world")
	w.Flush()
	p, _, _ := wsutil.ReadServerData(&conn)
	fmt.Printf("%s\n", p)
	// Output: Hello, world
}

func ExampleWriter_DisableFlush() {
	var conn bytes.Buffer
	w := wsutil.NewWriterSize(&conn, ws.StateServerSide, ws.OpText, 5)
	w.DisableFlush()
	io.Copy(w, strings.NewReader("one frame"))
	w.Flush()
	fmt.Printf("%q\n", conn.Bytes())
	// Output: "\x81\tone frame"
}

func ExampleWriter_FlushFragment() {
	var conn bytes.Buffer
	w := wsutil.NewWriter(&conn, ws.StateServerSide, ws.OpText)
	io.WriteString(w, "now")
	w.FlushFragment()
	io.WriteString(w, "then")
	w.Flush()
	fmt.Printf("%q\n", conn.Bytes())
	// Output: "\x01\x03now\x80\x04then"
}

func ExampleSharedWriter() {
	var conn bytes.Buffer
	shared := wsutil.NewSharedWriter(&conn, ws.StateServerSide)
	shared.Message(ws.OpText, func(w *wsutil.Writer) error {
		io.WriteString(w, "long")
		w.FlushFragment()
		// Any goroutine may do this meanwhile:
		shared.WriteControl(ws.OpPing, nil)
		_, err := io.WriteString(w, "er")
		return err
	})
	shared.WriteMessage(ws.OpText, []byte("next"))
	fmt.Printf("%q\n", conn.Bytes())
	// Output: "\x01\x04long\x89\x00\x80\x02er\x81\x04next"
}

func ExampleControlHandler() {
	conn := bytes.NewBuffer(clientFrame(ws.OpPing, true, "?"))
	h, _ := ws.ReadHeader(conn)
	var answer bytes.Buffer
	err := wsutil.ControlHandler{Src: conn, Dst: &answer, State: ws.StateServerSide}.Handle(h)
	fmt.Printf("%q %v\n", answer.Bytes(), err)
	// Output: "\x8a\x01?" <nil>
}

func ExampleCloseState() {
	var conn bytes.Buffer
	var closing wsutil.CloseState
	// We close.
	if closing.Begin() {
		wsutil.WriteServerMessage(&conn, ws.OpClose, ws.NewCloseFrameBody(ws.StatusGoingAway, ""))
	}
	conn.Reset()
	// The peer's answer is not answered.
	answer := ws.NewCloseFrameBody(ws.StatusGoingAway, "")
	h := ws.Header{Fin: true, OpCode: ws.OpClose, Length: int64(len(answer))}
	err := wsutil.ControlHandler{Src: bytes.NewReader(answer), Dst: &conn, State: ws.StateServerSide, Close: &closing}.Handle(h)
	fmt.Println(err, conn.Len())
	// Output: wsutil: peer closed the connection with 1001 0
}

func ExampleHandleControlMessage() {
	var conn bytes.Buffer
	err := wsutil.HandleControlMessage(&conn, ws.StateServerSide, wsutil.Message{OpCode: ws.OpClose, Payload: ws.NewCloseFrameBody(1000, "bye")})
	fmt.Printf("%q %v\n", conn.Bytes(), err)
	// Output: "\x88\x02\x03\xe8" wsutil: peer closed the connection with 1000 "bye"
}

func ExampleSetMaxMessageSize() {
	defer wsutil.SetMaxMessageSize(wsutil.MaxMessageSize())
	wsutil.SetMaxMessageSize(4)
	conn := sent(clientFrame(ws.OpText, true, "Hello"))
	_, _, err := wsutil.ReadClientData(conn)
	fmt.Println(err == wsutil.ErrMessageTooLarge)
	// Output: true
}
