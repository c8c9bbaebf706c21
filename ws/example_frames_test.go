package ws_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"github.com/wirews/wirews/ws"
)

func ExampleParseHeader() {
	received := []byte{0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}

	_, n, err := ws.ParseHeader(received[:3])
	fmt.Println(err == ws.ErrShort, "- at least", n, "bytes are needed")

	h, n, err := ws.ParseHeader(received)
	if err != nil {
		panic(err)
	}
	payload := received[n : n+int(h.Length)]
	ws.Cipher(payload, h.Mask, 0)
	fmt.Printf("%v, fin %v: %s\n", h.OpCode, h.Fin, payload)
	// Output:
	// true - at least 6 bytes are needed
	// text, fin true: Hello
}

// A loop that keeps its Header spares a copy for each frame.
func ExampleHeader_Parse() {
	received := []byte{0x81, 0x02, 'H', 'i', 0x82, 0x01, 0xff}

	var h ws.Header
	for len(received) > 0 {
		n, err := h.Parse(received)
		if err != nil {
			panic(err)
		}
		payload := received[n:][:h.Length]
		fmt.Printf("%v %q\n", h.OpCode, payload)
		received = received[n+len(payload):]
	}
	// Output:
	// text "Hi"
	// binary "\xff"
}

func ExampleAppendHeader() {
	payload := []byte("Hello")
	h := ws.Header{Fin: true, OpCode: ws.OpText, Length: int64(len(payload))}

	out := make([]byte, 0, 64)
	out = ws.AppendHeader(out, h)
	out = append(out, payload...)
	fmt.Printf("% x\n", out)
	// Output: 81 05 48 65 6c 6c 6f
}

func ExampleAppendFrame() {
	// Many frames into one buffer leave in one write.
	var out []byte
	for _, text := range []string{"Hello", "World"} {
		out = ws.AppendFrame(out, ws.NewTextFrame([]byte(text)))
	}
	fmt.Printf("%q\n", out)
	// Output: "\x81\x05Hello\x81\x05World"
}

func ExampleAppendCipher() {
	// A client masks while it copies; its own bytes stay as they are.
	payload := []byte("Hello")
	h := ws.Header{
		Fin:    true,
		OpCode: ws.OpText,
		Masked: true,
		Mask:   [4]byte{0x37, 0xfa, 0x21, 0x3d}, // ws.NewMask() for a real frame
		Length: int64(len(payload)),
	}
	out := ws.AppendHeader(nil, h)
	out = ws.AppendCipher(out, payload, h.Mask, 0)
	fmt.Printf("% x %s\n", out, payload)
	// Output: 81 85 37 fa 21 3d 7f 9f 4d 51 58 Hello
}

func ExampleCipher() {
	// A payload that comes in pieces is unmasked piece by piece.
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	first, rest := []byte{0x7f, 0x9f, 0x4d}, []byte{0x51, 0x58}
	ws.Cipher(first, key, 0)
	ws.Cipher(rest, key, len(first))
	fmt.Printf("%s%s\n", first, rest)
	// Output: Hello
}

func ExampleReadFrame() {
	conn := bytes.NewReader([]byte("\x81\x05Hello"))
	f, err := ws.ReadFrame(conn)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%v: %s\n", f.Header.OpCode, f.Payload)
	// Output: text: Hello
}

func ExampleReadFrameBuffer() {
	conn := bytes.NewReader([]byte("\x81\x05Hello\x82\x7f\x00\x00\x00\x00\x40\x00\x00\x00"))

	buf := make([]byte, 4096)
	f, err := ws.ReadFrameBuffer(conn, buf, 1<<20)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%v: %s\n", f.Header.OpCode, f.Payload)

	// The next frame announces 1 GiB. Nothing is allocated for it.
	f, err = ws.ReadFrameBuffer(conn, buf, 1<<20)
	var limit ws.LimitError
	if errors.As(err, &limit) {
		fmt.Printf("%d bytes: close with %d\n", f.Header.Length, limit.StatusCode())
	}
	// Output:
	// text: Hello
	// 1073741824 bytes: close with 1009
}

func ExampleReadHeader() {
	conn := bytes.NewReader([]byte("\x89\x02hi"))
	h, err := ws.ReadHeader(conn)
	if err != nil {
		panic(err)
	}
	fmt.Println(h.OpCode, h.Length)
	// Output: ping 2
}

func ExampleWriteFrame() {
	var conn bytes.Buffer
	if err := ws.WriteFrame(&conn, ws.NewTextFrame([]byte("Hello"))); err != nil {
		panic(err)
	}
	fmt.Printf("%q\n", conn.Bytes())
	// Output: "\x81\x05Hello"
}

func ExampleWriteHeader() {
	h := ws.Header{Fin: true, OpCode: ws.OpPong}
	if err := ws.WriteHeader(hexWriter{}, h); err != nil {
		panic(err)
	}
	h.Length = -1
	fmt.Println(ws.WriteHeader(hexWriter{}, h))
	// Output:
	// 8a 00
	// ws: Header.Length is negative
}

type hexWriter struct{}

func (hexWriter) Write(p []byte) (int, error) {
	fmt.Fprintf(os.Stdout, "% x\n", p)
	return len(p), nil
}

func ExampleHeaderSize() {
	fmt.Println(ws.HeaderSize(ws.Header{Length: 125}))
	fmt.Println(ws.HeaderSize(ws.Header{Length: 126, Masked: true}))
	// Output:
	// 2
	// 8
}

func ExampleCheckHeader() {
	// A server receives a frame that is not masked.
	h, _, err := ws.ParseHeader([]byte("\x81\x05Hello"))
	if err != nil {
		panic(err)
	}
	err = ws.CheckHeader(h, ws.StateServerSide)
	var violation ws.ProtocolError
	if errors.As(err, &violation) {
		fmt.Println(violation, "- close with", uint16(violation.StatusCode()))
	}
	// Output: ws: frame of a client is not masked - close with 1002
}

func ExampleParseClose() {
	code, reason, err := ws.ParseClose([]byte("\x03\xe9maintenance"))
	fmt.Printf("%d %v, %q, %v\n", uint16(code), code, reason, err)

	_, _, err = ws.ParseClose([]byte{0x03, 0xee})
	fmt.Println(err)
	// Output:
	// 1001 Going Away, "maintenance", <nil>
	// ws: close code that is never sent: 1005, 1006 or 1015
}

func ExampleAppendClose() {
	payload := ws.AppendClose(nil, ws.StatusGoingAway, "maintenance")
	fmt.Printf("%q\n", ws.AppendFrame(nil, ws.NewCloseFrame(payload)))
	// Output: "\x88\r\x03\xe9maintenance"
}

func ExampleCheckCloseFrameData() {
	fmt.Println(ws.CheckCloseFrameData(ws.StatusServiceRestart, "back soon"))
	fmt.Println(ws.CheckCloseFrameData(5000, ""))
	// Output:
	// <nil>
	// ws: close code outside 1000 to 4999
}

func ExampleMaskFrameInPlace() {
	payload := []byte("Hello")
	// The frame to send is the one returned.
	f := ws.MaskFrameInPlace(ws.NewTextFrame(payload))
	fmt.Println("masked:", f.Header.Masked)

	f = ws.UnmaskFrameInPlace(f)
	fmt.Printf("%s\n", payload)
	// Output:
	// masked: true
	// Hello
}

func ExampleCompileFrame() {
	// One encoding for many connections of a server.
	wire, err := ws.CompileFrame(ws.NewTextFrame([]byte("Hello")))
	if err != nil {
		panic(err)
	}
	fmt.Printf("%q\n", wire)
	// Output: "\x81\x05Hello"
}

func ExampleStatusCode() {
	fmt.Println(ws.StatusServiceRestart, uint16(ws.StatusServiceRestart))
	fmt.Println(ws.StatusCode(4000).IsPrivateSpec())
	// Output:
	// Service Restart 1012
	// true
}
