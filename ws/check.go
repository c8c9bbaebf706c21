package ws

// State is what [CheckHeader] has to know about the endpoint that received a
// header: bits to be combined. The zero value is an endpoint that is neither
// server nor client, so that masks are not checked.
type State uint8

// The bits of a State.
const (
	// StateServerSide: the endpoint is a server; it receives masked frames.
	StateServerSide State = 1 << iota
	// StateClientSide: the endpoint is a client; it receives unmasked frames.
	StateClientSide
	// StateExtended: an extension was negotiated that may own RSV bits.
	StateExtended
	// StateFragmented: a fragmented message has begun and not ended.
	StateFragmented
)

// Is reports whether s has any bit of v.
func (s State) Is(v State) bool { return s&v != 0 }

// Set returns s with the bits of v.
func (s State) Set(v State) State { return s | v }

// Clear returns s without the bits of v.
func (s State) Clear(v State) State { return s &^ v }

// ServerSide reports whether s has [StateServerSide].
func (s State) ServerSide() bool { return s.Is(StateServerSide) }

// ClientSide reports whether s has [StateClientSide].
func (s State) ClientSide() bool { return s.Is(StateClientSide) }

// Extended reports whether s has [StateExtended].
func (s State) Extended() bool { return s.Is(StateExtended) }

// Fragmented reports whether s has [StateFragmented].
func (s State) Fragmented() bool { return s.Is(StateFragmented) }

// CheckHeader checks a received header against the rules of RFC 6455 that
// need no more than s to be checked. The errors are ProtocolErrors.
func CheckHeader(h Header, s State) error {
	// 5.2: "If an unknown opcode is received, the receiving endpoint MUST
	// _Fail the WebSocket Connection_."
	if h.OpCode.IsReserved() {
		return ErrProtocolOpCodeReserved
	}
	// 5.5: "All control frames MUST have a payload length of 125 bytes or
	// less and MUST NOT be fragmented."
	if h.OpCode.IsControl() {
		if h.Length > MaxControlFramePayloadSize {
			return ErrProtocolControlPayloadOverflow
		}
		if !h.Fin {
			return ErrProtocolControlNotFinal
		}
	}
	switch {
	// 5.2: "MUST be 0 unless an extension is negotiated that defines meanings
	// for non-zero values."
	case h.Rsv != 0 && !s.Extended():
		return ErrProtocolNonZeroRsv

	// 5.1: "The server MUST close the connection upon receiving a frame that
	// is not masked." and "A client MUST close a connection if it detects a
	// masked frame."
	case s.ServerSide() && !h.Masked:
		return ErrProtocolMaskRequired
	case s.ClientSide() && h.Masked:
		return ErrProtocolMaskUnexpected

	// 5.4: "The fragments of one message MUST NOT be interleaved between the
	// fragments of another message".
	case s.Fragmented() && h.OpCode.IsData() && h.OpCode != OpContinuation:
		return ErrProtocolContinuationExpected
	case !s.Fragmented() && h.OpCode == OpContinuation:
		return ErrProtocolContinuationUnexpected
	}
	return nil
}
