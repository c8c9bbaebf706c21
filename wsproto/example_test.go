package wsproto_test

import (
	"fmt"
	"io"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// The receiving half alone: what a peer has sent, whole or in pieces.
func ExampleReceiver() {
	var recv wsproto.Receiver

	key := [4]byte{1, 2, 3, 4}
	in := ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewTextFrame([]byte("Hello")), key))
	in = ws.AppendFrame(in, ws.MaskFrameWith(ws.NewCloseFrame(ws.NewCloseFrameBody(1000, "bye")), key))

	for _, b := range [][]byte{in[:8], in[8:]} { // as the network happens to cut it
		for {
			ev, n, err := recv.Next(b, nil)
			b = b[n:]
			if err == ws.ErrShort {
				break
			}
			if err != nil {
				fmt.Println(err)
				return
			}
			if ev.Op == ws.OpClose {
				fmt.Printf("close %d %s\n", ev.Code(), ev.Reason())
				continue
			}
			fmt.Printf("%v %q, last: %v\n", ev.Op, ev.Payload, ev.Last)
		}
	}
	// Output:
	// text "He", last: false
	// text "llo", last: true
	// close 1000 bye
	// EOF
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

// A loop's whole treatment of a connection, for an echo server: what to send is
// appended to out, whoever does the I/O.
func ExampleConn() {
	conn := wsproto.NewConn(nil, nil)
	var message wsproto.Assembler

	receive := func(out, in []byte, now time.Duration) []byte {
		for {
			ev, n, err := conn.Next(in, nil)
			out = conn.AppendAnswer(out, ev, err, now)
			if err != nil {
				return out // ws.ErrShort: more is needed
			}
			in = in[n:]
			if ev.Op.IsControl() {
				continue
			}
			if m, done := message.Add(ev); done {
				out, _ = conn.AppendMessage(out, ev.Op, m)
			}
		}
	}

	key := [4]byte{1, 2, 3, 4}
	in := ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewFrame(ws.OpText, false, []byte("Hel")), key))
	in = ws.AppendFrame(in, ws.MaskFrameWith(ws.NewPingFrame([]byte("?")), key))
	in = ws.AppendFrame(in, ws.MaskFrameWith(ws.NewFrame(ws.OpContinuation, true, []byte("lo")), key))
	in = ws.AppendFrame(in, ws.MaskFrameWith(ws.NewCloseFrame(ws.NewCloseFrameBody(1000, "bye")), key))

	fmt.Printf("%q\n", receive(nil, in[:10], 0)) // as the network happens to cut it
	fmt.Printf("%q\n", receive(nil, in[10:], time.Minute))
	at, _ := conn.Deadline()
	fmt.Println(conn.Phase(time.Minute), "until", at)
	// Output:
	// ""
	// "\x8a\x01?\x81\x05Hello\x88\x02\x03\xe8"
	// shut until 1m5s
}

// A timer for each connection, or one look at all of them once in a while.
func ExampleSender_Deadline() {
	now := 10 * time.Second // by the loop's clock
	conn := wsproto.NewConn(&wsproto.Config{CloseTimeout: 2 * time.Second}, nil)
	out, _ := conn.AppendClose(nil, ws.StatusGoingAway, "restart", now)
	fmt.Printf("%q %v\n", out, conn.Phase(now))

	if at, ok := conn.Deadline(); ok {
		fmt.Println("wait", at-now)
	}
	fmt.Println(conn.Phase(12 * time.Second))
	// Output:
	// "\x88\t\x03\xe9restart" closing
	// wait 2s
	// over
}

// A client masks what it sends. Its keys come from ws.NewMask; this one is
// known, for the example.
func ExampleSender() {
	config := wsproto.Config{State: ws.StateClientSide, Mask: func() [4]byte { return [4]byte{1, 2, 3, 4} }}
	s := wsproto.Sender{Config: &config}
	out, err := s.AppendMessage(nil, ws.OpText, []byte("Hi"))
	fmt.Printf("% x %v\n", out, err)
	// Output: 81 82 01 02 03 04 49 6b <nil>
}

// A message that comes about piece by piece, with a ping in between.
func ExampleSender_AppendFragment() {
	var s wsproto.Sender
	err := s.BeginMessage(ws.OpText, -1)
	out, _ := s.AppendFragment(nil, []byte("Hel"), false)
	out, _ = s.AppendPing(out, nil)
	out, _ = s.AppendFragment(out, []byte("lo"), true)
	fmt.Printf("%q %v\n", out, err)
	// Output: "\x01\x03Hel\x89\x00\x80\x02lo" <nil>
}

// What two goroutines do with one connection: the reader takes the writer's
// lock only for what has to be answered.
func ExampleSender_AppendAnswer() {
	conn := wsproto.NewConn(nil, nil)
	received := ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewPingFrame([]byte("?")), [4]byte{1, 2, 3, 4}))

	ev, _, err := conn.Next(received, nil) // the reader's half
	if ev.Op.IsControl() || err != nil && err != ws.ErrShort {
		// lock
		out := conn.AppendAnswer(nil, ev, err, 0) // the writer's half
		// write out, unlock
		fmt.Printf("%q\n", out)
	}
	// Output: "\x8a\x01?"
}

// One frame for many connections.
func ExampleSender_AppendPrepared() {
	news := ws.AppendFrame(nil, ws.NewTextFrame([]byte("news")))
	for _, config := range []*wsproto.Config{
		{State: ws.StateServerSide},
		{State: ws.StateClientSide, Mask: func() [4]byte { return [4]byte{1, 2, 3, 4} }},
	} {
		conn := wsproto.NewConn(config, nil)
		out, err := conn.AppendPrepared(nil, news)
		fmt.Printf("% x %v\n", out, err)
	}
	// Output:
	// 81 04 6e 65 77 73 <nil>
	// 81 84 01 02 03 04 6f 67 74 77 <nil>
}
