package websocket

import (
	"encoding/binary"

	"github.com/wirews/wirews/ws"
)

// The types of messages (RFC 6455, section 11.8).
const (
	TextMessage   = 1 // a text, in UTF-8
	BinaryMessage = 2
	CloseMessage  = 8  // see FormatCloseMessage
	PingMessage   = 9  // at most 125 bytes
	PongMessage   = 10 // at most 125 bytes
)

// The close codes of RFC 6455, section 7.4.1. CloseNoStatusReceived,
// CloseAbnormalClosure and CloseTLSHandshake are never sent: they stand for what
// a connection has ended with.
const (
	CloseNormalClosure           = 1000
	CloseGoingAway               = 1001
	CloseProtocolError           = 1002
	CloseUnsupportedData         = 1003
	CloseNoStatusReceived        = 1005
	CloseAbnormalClosure         = 1006
	CloseInvalidFramePayloadData = 1007
	ClosePolicyViolation         = 1008
	CloseMessageTooBig           = 1009
	CloseMandatoryExtension      = 1010
	CloseInternalServerErr       = 1011
	CloseServiceRestart          = 1012
	CloseTryAgainLater           = 1013
	CloseTLSHandshake            = 1015
)

// meanings are what the texts of errors call the close codes.
var meanings = map[int]string{
	CloseNormalClosure:           "normal",
	CloseGoingAway:               "going away",
	CloseProtocolError:           "protocol error",
	CloseUnsupportedData:         "unsupported data",
	CloseNoStatusReceived:        "no status",
	CloseAbnormalClosure:         "abnormal closure",
	CloseInvalidFramePayloadData: "invalid payload data",
	ClosePolicyViolation:         "policy violation",
	CloseMessageTooBig:           "message too big",
	CloseMandatoryExtension:      "mandatory extension missing",
	CloseInternalServerErr:       "internal server error",
	CloseServiceRestart:          "service restart",
	CloseTryAgainLater:           "try again later",
	CloseTLSHandshake:            "TLS handshake error",
}

// FormatCloseMessage returns the payload of a close message. It is empty, and not
// nil, for CloseNoStatusReceived. The text is not cut: one of more than 123 bytes
// makes a message that cannot be sent.
func FormatCloseMessage(closeCode int, text string) []byte {
	if closeCode == CloseNoStatusReceived {
		return []byte{}
	}
	return append(binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(text)), uint16(closeCode)), text...)
}

func isControl(messageType int) bool {
	return CloseMessage <= messageType && messageType <= PongMessage
}

func isData(messageType int) bool { return messageType == TextMessage || messageType == BinaryMessage }

// opcode returns the opcode of a message type: they have the same numbers.
func opcode(messageType int) ws.OpCode { return ws.OpCode(messageType) }
