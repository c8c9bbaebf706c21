package ws

import (
	"encoding/binary"
	"unicode/utf8"
)

// maxCloseReason is what the code leaves of a control frame's payload.
const maxCloseReason = MaxControlFramePayloadSize - 2

// AppendClose appends the payload of a close frame to dst: code, then reason
// (RFC 6455, section 5.5.1). A reason that does not fit is cut at a rune, and
// at its first byte that is not UTF-8, so that the peer never has to fail the
// connection over it. Code 0 and [StatusNoStatusRcvd] append nothing: the close
// frame without a code. Whether code may be sent is for [CheckCloseFrameData]
// to say.
func AppendClose(dst []byte, code StatusCode, reason string) []byte {
	if code == 0 || code == StatusNoStatusRcvd {
		return dst
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(code))
	return append(dst, cutReason(reason)...)
}

// cutReason returns the longest prefix of reason that is UTF-8 and fits.
func cutReason(reason string) string {
	n := 0
	for n < len(reason) {
		r, size := utf8.DecodeRuneInString(reason[n:])
		if (r == utf8.RuneError && size == 1) || n+size > maxCloseReason {
			break
		}
		n += size
	}
	return reason[:n]
}

// ParseClose parses the payload of a received close frame and checks it. The
// code is [StatusNoStatusRcvd] if the payload is empty (RFC 6455, section
// 7.1.5); reason aliases p. The errors are those of [CheckCloseFrameData] and
// [ErrProtocolCloseLength].
func ParseClose(p []byte) (code StatusCode, reason []byte, err error) {
	switch len(p) {
	case 0:
		return StatusNoStatusRcvd, nil, nil
	case 1:
		return 0, nil, ErrProtocolCloseLength
	}
	code, reason = StatusCode(binary.BigEndian.Uint16(p)), p[2:]
	if err := checkCloseCode(code); err != nil {
		return code, reason, err
	}
	if !utf8.Valid(reason) {
		return code, reason, ErrProtocolInvalidUTF8
	}
	return code, reason, nil
}

// CheckCloseFrameData checks the code and the reason of a close frame: the
// code has to be one that may be sent, registered or private, and the reason
// UTF-8. The errors are [ErrProtocolStatusCodeNotInUse],
// [ErrProtocolStatusCodeApplicationLevel], [ErrProtocolStatusCodeNoMeaning],
// [ErrProtocolStatusCodeUnknown] and [ErrProtocolInvalidUTF8]. A close frame with
// an empty payload has neither and is not to be checked; see [ParseClose].
func CheckCloseFrameData(code StatusCode, reason string) error {
	if err := checkCloseCode(code); err != nil {
		return err
	}
	if !utf8.ValidString(reason) {
		return ErrProtocolInvalidUTF8
	}
	return nil
}

func checkCloseCode(code StatusCode) error {
	switch {
	case code < 1000 || 5000 <= code:
		return ErrProtocolStatusCodeNotInUse
	case code.IsProtocolReserved():
		return ErrProtocolStatusCodeApplicationLevel
	case code == StatusNoMeaningYet:
		return ErrProtocolStatusCodeNoMeaning
	case code.IsProtocolSpec() && !code.IsProtocolDefined():
		return ErrProtocolStatusCodeUnknown
	}
	return nil
}

// ParseCloseFrameData returns the code and a copy of the reason of a close
// frame's payload, unchecked; code 0 if the payload is shorter than a code.
// [ParseClose] also checks them.
func ParseCloseFrameData(payload []byte) (code StatusCode, reason string) {
	if len(payload) < 2 {
		return 0, ""
	}
	return StatusCode(binary.BigEndian.Uint16(payload)), string(payload[2:])
}

// NewCloseFrameBody returns the payload of a close frame in memory of its
// own; see [AppendClose].
func NewCloseFrameBody(code StatusCode, reason string) []byte {
	return AppendClose(nil, code, reason)
}

// PutCloseFrameBody puts code and reason into p as the payload of a close
// frame, uncut and unchecked. It panics if p is shorter than 2+len(reason).
func PutCloseFrameBody(p []byte, code StatusCode, reason string) {
	_ = p[1+len(reason)]
	binary.BigEndian.PutUint16(p, uint16(code))
	copy(p[2:], reason)
}
