package websocket

import "strconv"

// MessageType is the type of a message (RFC 6455, section 5.6).
type MessageType int

// The types of messages. The values are the opcodes of their frames.
const (
	// MessageText is text in UTF-8.
	MessageText MessageType = iota + 1
	// MessageBinary is anything else.
	MessageBinary
)

// String returns the name of the constant.
func (i MessageType) String() string {
	switch i {
	case MessageText:
		return "MessageText"
	case MessageBinary:
		return "MessageBinary"
	}
	return "MessageType(" + strconv.Itoa(int(i)) + ")"
}

// StatusCode is a close code: why a connection was closed (RFC 6455, section
// 7.4). 3000 to 3999 are for libraries and frameworks, 4000 to 4999 for
// whatever an application wants.
type StatusCode int

// The close codes that IANA has registered for the protocol itself.
const (
	StatusNormalClosure   StatusCode = 1000
	StatusGoingAway       StatusCode = 1001
	StatusProtocolError   StatusCode = 1002
	StatusUnsupportedData StatusCode = 1003

	// StatusNoStatusRcvd stands for a close frame without a code.
	StatusNoStatusRcvd StatusCode = 1005
	// StatusAbnormalClosure stands for an end without a close frame.
	StatusAbnormalClosure StatusCode = 1006

	StatusInvalidFramePayloadData StatusCode = 1007
	StatusPolicyViolation         StatusCode = 1008
	StatusMessageTooBig           StatusCode = 1009
	StatusMandatoryExtension      StatusCode = 1010
	StatusInternalError           StatusCode = 1011
	StatusServiceRestart          StatusCode = 1012
	StatusTryAgainLater           StatusCode = 1013
	StatusBadGateway              StatusCode = 1014

	// StatusTLSHandshake stands for a TLS handshake that has failed.
	StatusTLSHandshake StatusCode = 1015
)

var statusNames = map[StatusCode]string{
	StatusNormalClosure:           "StatusNormalClosure",
	StatusGoingAway:               "StatusGoingAway",
	StatusProtocolError:           "StatusProtocolError",
	StatusUnsupportedData:         "StatusUnsupportedData",
	StatusNoStatusRcvd:            "StatusNoStatusRcvd",
	StatusAbnormalClosure:         "StatusAbnormalClosure",
	StatusInvalidFramePayloadData: "StatusInvalidFramePayloadData",
	StatusPolicyViolation:         "StatusPolicyViolation",
	StatusMessageTooBig:           "StatusMessageTooBig",
	StatusMandatoryExtension:      "StatusMandatoryExtension",
	StatusInternalError:           "StatusInternalError",
	StatusServiceRestart:          "StatusServiceRestart",
	StatusTryAgainLater:           "StatusTryAgainLater",
	StatusBadGateway:              "StatusBadGateway",
	StatusTLSHandshake:            "StatusTLSHandshake",
}

// String returns the name of the constant, or the number.
func (i StatusCode) String() string {
	if name, ok := statusNames[i]; ok {
		return name
	}
	return "StatusCode(" + strconv.Itoa(int(i)) + ")"
}
