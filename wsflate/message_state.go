package wsflate

import "github.com/wirews/wirews/ws"

// bit is RSV1, the "Per-Message Compressed" bit (RFC 7692, section 6).
const bit = 0x4

// ErrUnexpectedCompressionBit says that a control frame or a fragment after
// the first one has the compression bit set, or that it is set already where
// it is to be set (RFC 7692, section 6).
const ErrUnexpectedCompressionBit = ws.ProtocolError("wsflate: compression bit is set where it must not be")

// MessageState remembers whether the message that is being read or written is
// compressed: only its first frame says so. As a wsutil.RecvExtension and
// wsutil.SendExtension it takes the bit from the headers that a wsutil.Reader
// receives and sets it in those that a wsutil.Writer sends; what is to be done
// with the payload is left to the program. Reading and writing each need a
// MessageState of their own. The zero value is ready to use.
//
// Where nothing but the messages matters, a [Deflate] does all of it.
type MessageState struct {
	compressed bool
}

// SetCompressed says whether the next message that is written is compressed.
func (s *MessageState) SetCompressed(v bool) { s.compressed = v }

// IsCompressed reports whether the message is compressed.
func (s *MessageState) IsCompressed() bool { return s.compressed }

// UnsetBits takes the compression bit from h and remembers it, if h begins a
// message. The error is [ErrUnexpectedCompressionBit] if another frame has it.
func (s *MessageState) UnsetBits(h ws.Header) (ws.Header, error) {
	if beginsMessage(h) {
		s.compressed = h.Rsv&bit != 0
		h.Rsv &^= bit
		return h, nil
	}
	if h.Rsv&bit != 0 {
		return h, ErrUnexpectedCompressionBit
	}
	return h, nil
}

// SetBits sets the compression bit of h if h begins a message and
// SetCompressed has said so. The error is [ErrUnexpectedCompressionBit] if
// something has set it before.
func (s *MessageState) SetBits(h ws.Header) (ws.Header, error) {
	if h.Rsv&bit != 0 {
		return h, ErrUnexpectedCompressionBit
	}
	if s.compressed && beginsMessage(h) {
		h.Rsv |= bit
	}
	return h, nil
}

func beginsMessage(h ws.Header) bool {
	return h.OpCode == ws.OpText || h.OpCode == ws.OpBinary
}

// UnsetBit takes the compression bit from h and reports whether it was set.
// A fragment after the first one does not have it, also if the message is
// compressed: [MessageState] remembers. The error is [ErrUnexpectedCompressionBit].
func UnsetBit(h ws.Header) (_ ws.Header, wasSet bool, err error) {
	var s MessageState
	h, err = s.UnsetBits(h)
	return h, s.compressed, err
}

// SetBit sets the compression bit of h if h begins a message. The error is
// [ErrUnexpectedCompressionBit] if it is set already.
func SetBit(h ws.Header) (ws.Header, error) {
	s := MessageState{compressed: true}
	return s.SetBits(h)
}

// IsCompressed reports whether h has the compression bit; see [UnsetBit].
func IsCompressed(h ws.Header) (bool, error) {
	_, set, err := UnsetBit(h)
	return set, err
}
