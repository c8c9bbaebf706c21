package migration_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

func Example_handshakeErrors() {
	conn := arrived(strings.Replace(request(""), "keep-alive, Upgrade", "close", 1))
	_, err := ws.Upgrade(conn)
	if errors.Is(err, ws.ErrHandshakeBadConnection) { // was: err == ws.ErrHandshakeBadConnection
		fmt.Println("a proxy is in the way:", err)
	}
	var rejected *ws.ConnectionRejectedError // was: err.(*ws.ConnectionRejectedError)
	if errors.As(err, &rejected) {
		fmt.Println("answered with", rejected.Status)
	}
	// Output:
	// a proxy is in the way: ws: handshake error: "Connection" header without "Upgrade": "close"
	// answered with 400
}

func Example_dialErrors() {
	var err error = &ws.ResponseError{Status: 403, Reason: "Forbidden"}
	var status ws.StatusError // was: status, ok := err.(ws.StatusError)
	if errors.As(err, &status) {
		fmt.Println("refused with", int(status))
	}
	// Output: refused with 403
}

func Example_end() {
	conn, far := net.Pipe()
	go func() {
		far.Write([]byte(masked(ws.OpClose, true, "\x03\xe8bye")))
		ws.ReadFrame(far)
		far.Close()
	}()
	defer wsutil.End(conn, ws.StateServerSide) // was: defer conn.Close()
	_, _, err := wsutil.ReadClientData(conn)
	fmt.Println(err)
	// Output: wsutil: peer closed the connection with 1000 "bye"
}

func Example_serverHandshake() {
	var received []byte
	var handshake ws.ServerHandshake
	for _, piece := range strings.SplitAfter(request(""), "\n") {
		received = append(received, piece...)
		response, _, n, err := handshake.Next(nil, received)
		if err == ws.ErrShort {
			continue // more is needed; nothing has blocked
		}
		fmt.Printf("%.12s, %v bytes left, error %v\n", response, len(received)-n, err)
		break
	}
	// Output: HTTP/1.1 101, 0 bytes left, error <nil>
}

func Example_parseHeader() {
	b := []byte{0x81, 0x05, 'H', 'e', 'l', 'l', 'o'}
	h, n, err := ws.ParseHeader(b)
	fmt.Println(h.OpCode == ws.OpText, h.Length, n, err)
	_, n, err = ws.ParseHeader(b[:1])
	fmt.Println(n, err == ws.ErrShort)
	// Output:
	// true 5 2 <nil>
	// 2 true
}

func Example_readAppend() {
	conn := arrived(masked(ws.OpText, true, "one") + masked(ws.OpText, true, "two"))
	buf := make([]byte, 0, 1024)
	for range 2 {
		msg, _, err := wsutil.ReadAppend(buf[:0], conn, ws.StateServerSide)
		fmt.Printf("%s %v\n", msg, err)
	}
	// Output:
	// one <nil>
	// two <nil>
}

func Example_sharedWriter() {
	var conn bytes.Buffer
	shared := wsutil.NewSharedWriter(&conn, ws.StateServerSide)
	shared.Message(ws.OpText, func(w *wsutil.Writer) error {
		w.Write([]byte("a"))
		w.FlushFragment()
		shared.WriteControl(ws.OpPing, nil) // between the fragments
		_, err := w.Write([]byte("b"))
		return err
	})
	fmt.Printf("%x\n", conn.Bytes())
	// Output: 0101618900800162
}

func Example_contexts() {
	conn, far := net.Pipe()
	defer conn.Close()
	defer far.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		far.Write([]byte(masked(ws.OpText, true, "Hello")[:8])) // and no more
		cancel()
	}()
	_, _, err := wsutil.ReadDataContext(ctx, conn, ws.StateServerSide)
	fmt.Println(err)
	// Output: context canceled
}

func Example_limits() {
	r := wsutil.NewServerSideReader(arrived(masked(ws.OpText, true, "Hello")))
	r.MaxMessageSize = 4
	_, err := r.NextFrame()
	fmt.Println(err == wsutil.ErrMessageTooLarge, int(wsproto.CloseCode(err)))
	// Output: true 1009
}
