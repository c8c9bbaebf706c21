package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

func TestWriteMessageWritesOneFrameByOneWrite(t *testing.T) {
	for side, s := range sides {
		for _, n := range []int{0, 1, 125, 126, 65535, 65536, 1 << 20} {
			p := pattern(n)
			conn := wstest.NewConn()
			if err := wsutil.WriteMessage(conn, s, ws.OpBinary, p); err != nil || conn.Writes != 1 {
				t.Errorf("%s, %d: %v, %d writes", side, n, err, conn.Writes)
			}
			wantMessage(t, s, conn.Written, p)
			if !bytes.Equal(p, pattern(n)) {
				t.Errorf("%s, %d: the caller's bytes have changed", side, n)
			}
		}
	}
}

func TestWriteMessageReturnsTheErrorOfTheConnection(t *testing.T) {
	broken := errors.New("broken")
	for side, s := range sides {
		if err := wsutil.WriteMessage(&wstest.Conn{WriteErr: broken}, s, ws.OpText, []byte("a")); err != broken {
			t.Errorf("%s: got %v", side, err)
		}
	}
}

func TestWriteFamilies(t *testing.T) {
	for _, tt := range []struct {
		name  string
		state ws.State
		write func(w io.Writer, p []byte) error
		want  string
	}{
		{"WriteServerText", ws.StateServerSide, wsutil.WriteServerText, "text:a"},
		{"WriteServerBinary", ws.StateServerSide, wsutil.WriteServerBinary, "binary:a"},
		{"WriteClientText", ws.StateClientSide, wsutil.WriteClientText, "text:a"},
		{"WriteClientBinary", ws.StateClientSide, wsutil.WriteClientBinary, "binary:a"},
		{"WriteServerMessage", ws.StateServerSide, func(w io.Writer, p []byte) error { return wsutil.WriteServerMessage(w, ws.OpPing, p) }, "ping:a"},
		{"WriteClientMessage", ws.StateClientSide, func(w io.Writer, p []byte) error { return wsutil.WriteClientMessage(w, ws.OpPong, p) }, "pong:a"},
	} {
		var out bytes.Buffer
		if err := tt.write(&out, []byte("a")); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		wantResult(t, received(tt.state, out.Bytes()), io.EOF, tt.want)
	}
}

func TestReadFamilies(t *testing.T) {
	for _, tt := range []struct {
		name  string
		state ws.State
		read  func(rw io.ReadWriter) ([]byte, ws.OpCode, error)
	}{
		{"ReadClientData", ws.StateServerSide, wsutil.ReadClientData},
		{"ReadServerData", ws.StateClientSide, wsutil.ReadServerData},
	} {
		p, op, err := tt.read(wstest.NewConn(peerFrame(tt.state, ws.OpText, true, "a")))
		if string(p) != "a" || op != ws.OpText || err != nil {
			t.Errorf("%s: got %q, %v, %v", tt.name, p, op, err)
		}
	}
}

func TestWriteMessageDoesNotAllocate(t *testing.T) {
	for side, s := range sides {
		for _, n := range []int{0, 5, 125, 126, 4096, 60000, 64 << 10} {
			p := pattern(n)
			t.Run(fmt.Sprintf("U18/%s/%d", side, n), func(t *testing.T) {
				wantAllocs(t, 0, func() { wsutil.WriteMessage(io.Discard, s, ws.OpBinary, p) })
			})
		}
	}
}

func TestWriteMessageOnTCPDoesNotAllocate(t *testing.T) {
	peer, conn := tcpPair(t)
	go io.Copy(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{peer})
	for side, s := range sides {
		for _, n := range []int{5, 4096, 64 << 10, 1 << 20} {
			if s.ClientSide() && n > 64<<10 {
				continue // its masked copy is too large to be kept
			}
			p := pattern(n)
			t.Run(fmt.Sprintf("U18/%s/%d", side, n), func(t *testing.T) {
				wantAllocs(t, 0, func() {
					if err := wsutil.WriteMessage(conn, s, ws.OpBinary, p); err != nil {
						t.Fatal(err)
					}
				})
			})
		}
	}
}
