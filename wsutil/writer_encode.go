package wsutil

import (
	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// encodeAtOnce is how many bytes of a long Write are encoded to one fragment, so
// that it needs no more memory than that.
const encodeAtOnce = 64 << 10

// configs are those of a server and of a client, as Senders take them.
var configs = [2]wsproto.Config{{State: ws.StateServerSide}, {State: ws.StateClientSide}}

// newSender returns what makes the frames of messages that e does not decline, of
// the endpoint s.
func newSender(s ws.State, e wsproto.Encoder) wsproto.Sender {
	if s.ClientSide() {
		return wsproto.Sender{Config: &configs[1], Encoder: e}
	}
	return wsproto.Sender{Config: &configs[0], Encoder: e}
}

// SetEncoder makes messages leave as e encodes them; nil ends that. Frames are
// what e makes of the bytes that would have been one: a fragment of which it
// holds back everything does not leave, the last frame always does, and a long
// Write is cut into fragments of what it makes of 64 KiB. If the
// first frame that leaves is the last, e is told how long the message is. What
// e declines leaves as it is, as do control frames. [ErrMessageBegun] keeps
// messages from being dropped half-way: the next may refer to what e was given.
//
// It is to be called between messages. ResetOp keeps e, Reset and [PutWriter] do
// not. e must not be used by another [Writer] while a message is open.
func (w *Writer) SetEncoder(e wsproto.Encoder) {
	w.sender, w.asked = newSender(w.state, e), false
}

// begun reports whether something of the message has left, or has been given to
// the Encoder.
func (w *Writer) begun() bool {
	return w.frags > 0 || w.sender.Encodes() || w.sender.Err() != nil
}

// encodes reports whether the next frame, of n bytes, is to be encoded. It asks
// the Encoder in front of the first one.
func (w *Writer) encodes(fin bool, n int) bool {
	if !w.asked && w.frags == 0 {
		size := int64(-1)
		if fin {
			size = int64(n)
		}
		w.asked = true
		w.sender.BeginMessage(w.op, size) // its error: op begins no message
	}
	return w.sender.Encodes()
}

// atOnce returns what of a long p to write as one fragment.
func (w *Writer) atOnce(p []byte) []byte {
	if w.sender.Encoder == nil {
		return p
	}
	return p[:min(len(p), encodeAtOnce)]
}

// writeEncoded writes what the Encoder makes of p, which stays as it is, if it
// is anything or the end of the message.
func (w *Writer) writeEncoded(p []byte, fin bool) error {
	b := borrow()
	defer b.giveBack()
	var err error
	if b.p, err = w.sender.AppendFragment(b.p, p, fin); err != nil || len(b.p) == 0 {
		return err
	}
	w.frags++
	if err := w.setBits(b.p); err != nil {
		return err
	}
	_, err = checkedio.Write(w.dest, b.p)
	return err
}

// setBits lets the extensions set their RSV bits in the header of a frame.
func (w *Writer) setBits(frame []byte) error {
	if len(w.extensions) == 0 {
		return nil
	}
	h, _, err := ws.ParseHeader(frame)
	if err != nil {
		return err
	}
	h, err = w.extended(ws.Header{Fin: h.Fin, Rsv: h.Rsv, OpCode: h.OpCode, Length: h.Length})
	frame[0] = frame[0]&^0x70 | h.Rsv&7<<4
	return err
}
