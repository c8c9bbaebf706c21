package wsutil

import (
	"bytes"
	"io"
	"sync/atomic"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// CloseState remembers for one connection that a close frame was sent: there
// must not be a second one (RFC 6455, section 5.5.1). The zero value is a
// connection on which none was. It is safe for concurrent use; a nil
// *CloseState remembers nothing.
type CloseState struct{ sent atomic.Bool }

// Begin reports whether a close frame may be sent, and remembers that it is.
// Code that sends one without a [ControlHandler] calls it first.
func (c *CloseState) Begin() bool { return c == nil || c.sent.CompareAndSwap(false, true) }

// Sent reports whether Begin was called.
func (c *CloseState) Sent() bool { return c != nil && c.sent.Load() }

// ControlHandler does what RFC 6455, section 5.5, demands on a control frame:
// it reads the payload and writes the answer, one frame by one Write.
type ControlHandler struct {
	Src   io.Reader // the payload; nothing after it is read
	Dst   io.Writer // for the answer
	State ws.State  // which endpoint this is

	// DisableSrcCiphering says that what Src yields is unmasked already.
	DisableSrcCiphering bool

	// Close, if set, sees to it that a close frame which is the answer to ours
	// is not answered again.
	Close *CloseState
}

// Handle handles the frame of h, whose header [ws.CheckHeader] has found right.
// The error is nil for pings and pongs, a [ClosedError] for a close frame that
// has been answered, one that has a ClosedError and that of Dst in it if the
// answer could not be written, a ws.ProtocolError for one that breaks the rules and has
// been answered with the code for that, [ErrNotControlFrame] for other opcodes,
// io.ErrUnexpectedEOF if Src ends too early, or one of Src or Dst.
func (c ControlHandler) Handle(h ws.Header) error {
	switch h.OpCode {
	case ws.OpPing:
		return c.HandlePing(h)
	case ws.OpPong:
		return c.HandlePong(h)
	case ws.OpClose:
		return c.HandleClose(h)
	}
	return ErrNotControlFrame
}

// HandlePing answers a ping with a pong of the same payload.
func (c ControlHandler) HandlePing(h ws.Header) error {
	b := borrow()
	defer b.giveBack()
	p, err := c.payload(b, h)
	if err != nil {
		return err
	}
	return WriteMessage(c.Dst, c.State, ws.OpPong, p)
}

// HandlePong reads a pong and drops it.
func (c ControlHandler) HandlePong(h ws.Header) error {
	b := borrow()
	defer b.giveBack()
	_, err := c.payload(b, h)
	return err
}

// HandleClose answers a close frame with its own code; see Handle.
func (c ControlHandler) HandleClose(h ws.Header) error {
	b := borrow()
	defer b.giveBack()
	p, err := c.payload(b, h)
	if err != nil {
		return err
	}
	code, reason, err := ws.ParseClose(p)
	if err != nil {
		closeWith(c.Dst, c.State, c.Close, err)
		return err
	}
	closed := ClosedError{Code: code, Reason: string(reason)}
	if c.Close.Begin() {
		// 5.5.1: "the endpoint typically echos the status code it received."
		err = WriteMessage(c.Dst, c.State, ws.OpClose, p[:min(len(p), 2)])
	}
	return closed.beside(err)
}

// payload reads the payload into b, and nothing after it.
func (c ControlHandler) payload(b *buffer, h ws.Header) ([]byte, error) {
	if h.Length > ws.MaxControlFramePayloadSize {
		return nil, ws.ErrProtocolControlPayloadOverflow
	}
	p := b.p[:h.Length]
	if len(p) == 0 {
		return p, nil
	}
	if _, err := checkedio.ReadFull(c.Src, p); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if h.Masked && !c.DisableSrcCiphering {
		ws.Cipher(p, h.Mask, 0)
	}
	return p, nil
}

// closeWith tells the peer which rule it has broken, unless a close frame was
// sent before. An error of the transport, for which CloseCode has 1006 or
// 1011, is not the peer's, and its text not for the peer. The error that
// counts is the caller's; if the peer does not take the frame, there is
// nothing to add.
func closeWith(w io.Writer, s ws.State, c *CloseState, err error) {
	code := wsproto.CloseCode(err)
	if code == ws.StatusAbnormalClosure || code == ws.StatusInternalServerError || !c.Begin() {
		return
	}
	var body [ws.MaxControlFramePayloadSize]byte
	WriteMessage(w, s, ws.OpClose, ws.AppendClose(body[:0], code, wsproto.CloseReason(err)))
}

// ControlFrameHandler returns a [ControlHandler] for payload that is unmasked
// already, as Reader's OnIntermediate is given it.
func ControlFrameHandler(w io.Writer, state ws.State) FrameHandlerFunc {
	return func(h ws.Header, r io.Reader) error {
		return ControlHandler{Src: r, Dst: w, State: state, DisableSrcCiphering: true}.Handle(h)
	}
}

// HandleControlMessage handles a control frame that ReadMessage has returned;
// see [ControlHandler.Handle].
func HandleControlMessage(conn io.Writer, state ws.State, msg Message) error {
	h := ws.Header{Fin: true, OpCode: msg.OpCode, Length: int64(len(msg.Payload))}
	return ControlFrameHandler(conn, state)(h, bytes.NewReader(msg.Payload))
}
