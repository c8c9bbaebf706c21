package wsutil

import (
	"io"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/ws"
)

// WriteMessage writes a message in one frame with one Write, masked if s is a
// client's; p stays as it is. It allocates nothing for payloads up to 2 MiB,
// nor for a server's on a *net.TCPConn. On a net.Conn the frame of another
// goroutine never lands inside this one; see [SharedWriter] for messages of
// several frames. No extension encodes it: [Writer], SharedWriter and [Stream] take
// one.
func WriteMessage(w io.Writer, s ws.State, op ws.OpCode, p []byte) error {
	return writeFrame(w, s, ws.Header{Fin: true, OpCode: op}, p)
}

// writeFrame writes h and p as the endpoint s.
func writeFrame(w io.Writer, s ws.State, h ws.Header, p []byte) error {
	h.Length = int64(len(p))
	if !s.ClientSide() {
		return ws.WriteFrame(w, ws.Frame{Header: h, Payload: p})
	}
	h.Masked, h.Mask = true, ws.NewMask()
	b := borrow()
	b.p = ws.AppendHeader(b.p, h)
	b.p = ws.AppendCipher(b.p, p, h.Mask, 0)
	_, err := checkedio.Write(w, b.p)
	b.giveBack()
	return err
}
