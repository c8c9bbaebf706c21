package wstest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	badpeer "github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// Frame is a frame, right or wrong (RFC 6455, section 5.2). TextFrame and its kin
// make right ones, whose fields can be changed:
//
//	f := wstest.TextFrame("hello")
//	f.RSV = 2 // a bit that nobody has negotiated
//	script.Send(f)
type Frame struct {
	OpCode  ws.OpCode
	Payload []byte // as it is before it is masked

	// More says that this is not the last frame of its message: FIN is not set.
	More bool

	// RSV are the bits RSV1, RSV2 and RSV3, as 4, 2 and 1.
	RSV byte

	// Masking is whether the payload is masked. Zero: as it has to be for the side
	// that sends it.
	Masking Masking

	// Length is what the header says of the length of the payload, in bytes, true
	// or not. Zero: the truth. It is for sending: frames that were received are
	// right in that.
	Length uint64

	// LengthBytes is how many bytes the header has for a length in the extended
	// form: 2 or 8, or 1 for none. Zero: as few as will do. It is for sending.
	LengthBytes int
}

// Masking is whether a frame is masked.
type Masking uint8

const (
	MaskedBySide Masking = iota // as section 5.1 wants it: by clients, and by nobody else
	Masked
	Unmasked
)

// TextFrame returns a text message of one frame.
func TextFrame(s string) Frame { return Frame{OpCode: ws.OpText, Payload: []byte(s)} }

// BinaryFrame returns a binary message of one frame. It keeps p.
func BinaryFrame(p []byte) Frame { return Frame{OpCode: ws.OpBinary, Payload: p} }

// ContinuationFrame returns the last frame of a fragmented message. (The first one
// is a TextFrame or BinaryFrame with More.)
func ContinuationFrame(s string) Frame {
	return Frame{OpCode: ws.OpContinuation, Payload: []byte(s)}
}

// PingFrame returns a ping.
func PingFrame(s string) Frame { return Frame{OpCode: ws.OpPing, Payload: []byte(s)} }

// PongFrame returns a pong.
func PongFrame(s string) Frame { return Frame{OpCode: ws.OpPong, Payload: []byte(s)} }

// CloseFrame returns a close frame with a code, which need not be one that may be
// sent, and a reason. As what a Script expects, one without a reason stands for one
// with any, since reasons are for people.
func CloseFrame(code websocket.StatusCode, reason ...string) Frame {
	p := binary.BigEndian.AppendUint16(nil, uint16(code))
	return Frame{OpCode: ws.OpClose, Payload: append(p, strings.Join(reason, "")...)}
}

// EmptyCloseFrame returns a close frame without a code, which is right.
func EmptyCloseFrame() Frame { return Frame{OpCode: ws.OpClose} }

// maskingKey is that of all frames, from the examples of section 5.7.
var maskingKey = [4]byte{0x37, 0xfa, 0x21, 0x3d}

// maskedBy reports whether the frame of a side is masked.
func (f Frame) maskedBy(side ws.State) bool {
	if f.Masking == MaskedBySide {
		return side.ClientSide()
	}
	return f.Masking == Masked
}

func (f Frame) appendTo(dst []byte, side ws.State) ([]byte, error) {
	bad := badpeer.BadFrame{
		Fin: !f.More, Rsv: f.RSV, OpCode: byte(f.OpCode),
		Length: f.Length, LengthBytes: f.LengthBytes, Payload: f.Payload,
	}
	if bad.Length == 0 {
		bad.Length = uint64(len(f.Payload))
	}
	if bad.LengthBytes == 0 {
		bad.LengthBytes = lengthBytes(bad.Length)
	}
	if f.maskedBy(side) {
		bad.Masked, bad.Mask = true, maskingKey
		bad.Payload = bytes.Clone(f.Payload)
		ws.Cipher(bad.Payload, maskingKey, 0)
	}
	return bad.Append(dst), nil
}

// lengthBytes returns how many bytes a length needs.
func lengthBytes(length uint64) int {
	switch {
	case length < 126:
		return 1
	case length < 1<<16:
		return 2
	}
	return 8
}

// maxPayload is how long a frame may be that is read, in bytes.
const maxPayload = 1 << 28

// readFrame reads a frame. What it says of masking is what has been found.
func readFrame(from io.Reader) (f Frame, err error) {
	h, err := ws.ReadHeader(from)
	if err != nil {
		return f, err
	}
	if h.Length > maxPayload {
		return f, fmt.Errorf("a frame of %d bytes, which is too long to be read at once", h.Length)
	}
	f = Frame{OpCode: h.OpCode, More: !h.Fin, RSV: h.Rsv, Masking: Unmasked, Payload: make([]byte, h.Length)}
	if n, err := io.ReadFull(from, f.Payload); err != nil {
		return f, fmt.Errorf("%w after %d of %d bytes of payload", err, n, h.Length)
	}
	if h.Masked {
		f.Masking = Masked
		ws.Cipher(f.Payload, h.Mask, 0)
	}
	return f, nil
}

func (f Frame) expect(from io.Reader, other ws.State) error {
	got, err := readFrame(from)
	if err != nil {
		return fmt.Errorf("got %w", err)
	}
	if got.maskedBy(other) == (Frame{}).maskedBy(other) {
		got.Masking = MaskedBySide // nothing to speak of
	}
	if f.matches(got, other) {
		return nil
	}
	return errors.New("got " + got.String())
}

func (f Frame) matches(got Frame, other ws.State) bool {
	same := bytes.Equal(f.Payload, got.Payload)
	if f.OpCode == ws.OpClose && len(f.Payload) == 2 {
		same = bytes.HasPrefix(got.Payload, f.Payload)
	}
	return same && f.OpCode == got.OpCode && f.More == got.More && f.RSV&7 == got.RSV && f.maskedBy(other) == got.maskedBy(other)
}

var opNames = map[ws.OpCode]string{
	ws.OpContinuation: "continuation frame", ws.OpText: "text frame", ws.OpBinary: "binary frame",
	ws.OpClose: "close frame", ws.OpPing: "ping", ws.OpPong: "pong",
}

// shown is how many bytes of a payload String shows.
const shown = 64

// String describes the frame in a line, as failures of a Script do.
func (f Frame) String() string {
	var b strings.Builder
	if name, ok := opNames[f.OpCode]; ok {
		b.WriteString(name)
	} else {
		fmt.Fprintf(&b, "frame with opcode %#x", byte(f.OpCode))
	}
	p := f.Payload
	if f.OpCode == ws.OpClose && len(p) >= 2 {
		fmt.Fprintf(&b, " %d", binary.BigEndian.Uint16(p))
		p = p[2:]
	}
	switch {
	case len(p) > shown:
		fmt.Fprintf(&b, " of %d bytes %q...", len(p), p[:shown])
	case len(p) > 0:
		fmt.Fprintf(&b, " %q", p)
	case f.OpCode != ws.OpClose:
		b.WriteString(" without payload")
	}
	if f.More {
		b.WriteString(", not final")
	}
	if f.RSV != 0 {
		fmt.Fprintf(&b, ", RSV bits %03b", f.RSV&7)
	}
	switch f.Masking {
	case Masked:
		b.WriteString(", masked")
	case Unmasked:
		b.WriteString(", unmasked")
	}
	return b.String()
}
