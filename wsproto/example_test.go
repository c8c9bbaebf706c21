package wsproto_test

import (
	"fmt"
	"io"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// An echo server's whole treatment of received bytes: what to send is appended
// to out, whoever does the I/O.
func ExampleReceiver() {
	var recv wsproto.Receiver
	var message wsproto.Assembler

	receive := func(out, b []byte) ([]byte, error) {
		for {
			ev, n, err := recv.Next(b, nil)
			if err == ws.ErrShort {
				return out, nil
			}
			if err != nil {
				body := ws.AppendClose(nil, wsproto.CloseCode(err), "")
				return ws.AppendFrame(out, ws.NewCloseFrame(body)), err
			}
			b = b[n:]
			switch ev.Op {
			case ws.OpPing:
				out = ws.AppendFrame(out, ws.NewPongFrame(ev.Payload))
			case ws.OpClose:
				return ws.AppendFrame(out, ws.NewCloseFrame(ev.Payload)), io.EOF
			case ws.OpText, ws.OpBinary:
				if m, done := message.Add(ev); done {
					out = ws.AppendFrame(out, ws.NewFrame(ev.Op, true, m))
				}
			}
		}
	}

	key := [4]byte{1, 2, 3, 4}
	in := ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewFrame(ws.OpText, false, []byte("Hel")), key))
	in = ws.AppendFrame(in, ws.MaskFrameWith(ws.NewPingFrame([]byte("?")), key))
	in = ws.AppendFrame(in, ws.MaskFrameWith(ws.NewFrame(ws.OpContinuation, true, []byte("lo")), key))

	out, err := receive(nil, in[:10]) // as the network happens to cut it
	fmt.Printf("%q %v\n", out, err)
	out, err = receive(nil, in[10:])
	fmt.Printf("%q %v\n", out, err)
	out, err = receive(nil, ws.MustCompileFrame(ws.NewTextFrame([]byte("not masked"))))
	fmt.Printf("%x %v\n", out, err)
	// Output:
	// "" <nil>
	// "\x8a\x01?\x81\x05Hello" <nil>
	// 880203ea ws: frame of a client is not masked
}

func ExampleFrameReader() {
	var r wsproto.FrameReader
	b := []byte("\x82\x0bhello world")
	for _, part := range [][]byte{b[:6], b[6:]} {
		for {
			p, n, err := r.Next(part)
			if err == ws.ErrShort {
				break
			}
			part = part[n:]
			fmt.Printf("%v: %q, %d bytes to come\n", p.Header.OpCode, p.Payload, p.Remaining())
		}
	}
	// Output:
	// binary: "hell", 7 bytes to come
	// binary: "o world", 0 bytes to come
}

func ExampleAssembler() {
	var a wsproto.Assembler
	_, done := a.Add(wsproto.Event{Op: ws.OpText, First: true, Payload: []byte("in ")})
	fmt.Println(done)
	m, done := a.Add(wsproto.Event{Op: ws.OpText, Last: true, Payload: []byte("pieces")})
	fmt.Printf("%q %v\n", m, done)
	// Output:
	// false
	// "in pieces" true
}

func ExampleCloseCode() {
	for _, err := range []error{ws.ErrProtocolMaskRequired, ws.ErrProtocolInvalidUTF8, wsproto.ErrMessageTooLarge, io.EOF} {
		fmt.Println(uint16(wsproto.CloseCode(err)), err)
	}
	// Output:
	// 1002 ws: frame of a client is not masked
	// 1007 ws: text is not valid UTF-8
	// 1009 wsproto: message is over the limit; raise Limits.Message, or Limits.Decoded for what is compressed
	// 1006 EOF
}

func ExampleConfig() {
	config := wsproto.Config{Limits: wsproto.Limits{Message: 1 << 20}}
	recv := wsproto.Receiver{Config: &config}

	// A header that declares 2 MiB is enough; nothing waits for the payload.
	_, _, err := recv.Next([]byte{0x82, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0, 1, 2, 3, 4}, nil)
	fmt.Println(err)
	// Output: ws: frame payload is over the limit; raise it or read the payload in pieces
}
