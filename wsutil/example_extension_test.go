package wsutil_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// The extension of these examples is runs, which sends pairs of a count and a
// byte in messages that have RSV1 set. It stands for what the handshake has
// agreed on.

func ExampleReader_decoder() {
	conn := sent(
		rsvFrame(ws.StateServerSide, runsBit, ws.OpText, false, "\x03a\x02"),
		clientFrame(ws.OpContinuation, true, "c"),
		clientFrame(ws.OpText, true, "plain"))
	r := wsutil.Reader{
		Source:         conn,
		State:          ws.StateServerSide,
		CheckUTF8:      true,
		MaxMessageSize: 1 << 20, // also of what is decoded
		Decoder:        &runs{},
	}
	for {
		h, err := r.NextFrame()
		if err != nil {
			break
		}
		p, err := io.ReadAll(&r)
		fmt.Printf("%q %v, RSV %d, %d bytes in the first frame\n", p, err, h.Rsv, h.Length)
	}
	// Output:
	// "aaabb" <nil>, RSV 0, 3 bytes in the first frame
	// "plain" <nil>, RSV 0, 5 bytes in the first frame
}

func ExampleWriter_SetEncoder() {
	var conn bytes.Buffer
	w := wsutil.NewWriter(&conn, ws.StateServerSide, ws.OpText)
	w.SetEncoder(&runs{})
	io.WriteString(w, strings.Repeat("z", 100))
	w.Flush()
	io.WriteString(w, "abc") // too short to be worth it
	w.Flush()
	fmt.Printf("%q\n", conn.Bytes())
	// Output: "\xc1\x02dz\x81\x03abc"
}

func ExampleStream_SetExtension() {
	in := rsvFrame(ws.StateServerSide, runsBit, ws.OpText, true, "\x05a")
	conn := &counted{reads: [][]byte{in}}
	s := wsutil.NewStream(conn, ws.StateServerSide, 0)
	s.SetExtension(&runs{})
	p, op, err := s.ReadMessage()
	fmt.Printf("%q %v\n", p, err)
	s.WriteMessage(op, bytes.ToUpper(p))
	s.Flush()
	fmt.Printf("%q\n", conn.writes)
	// Output:
	// "aaaaa" <nil>
	// ["\xc1\x02\x05A"]
}

func ExampleSharedWriter_SetEncoder() {
	var conn bytes.Buffer
	shared := wsutil.NewSharedWriter(&conn, ws.StateServerSide)
	shared.SetEncoder(&runs{})
	shared.WriteMessage(ws.OpText, []byte("aaaa"))
	shared.WriteControl(ws.OpPing, []byte("aaaa"))
	fmt.Printf("%q\n", conn.Bytes())
	// Output: "\xc1\x02\x04a\x89\x04aaaa"
}
