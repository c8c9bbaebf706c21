package ws

import "strconv"

// StatusCode is a close code: why a connection was closed (RFC 6455, section
// 7.4).
type StatusCode uint16

// The close codes in IANA's WebSocket Close Code Number Registry.
const (
	StatusNormalClosure           StatusCode = 1000
	StatusGoingAway               StatusCode = 1001
	StatusProtocolError           StatusCode = 1002
	StatusUnsupportedData         StatusCode = 1003
	StatusNoMeaningYet            StatusCode = 1004 // reserved, never sent
	StatusNoStatusRcvd            StatusCode = 1005 // stands for a close frame without a code, never sent
	StatusAbnormalClosure         StatusCode = 1006 // stands for a connection that ended without a close frame, never sent
	StatusInvalidFramePayloadData StatusCode = 1007
	StatusPolicyViolation         StatusCode = 1008
	StatusMessageTooBig           StatusCode = 1009
	StatusMandatoryExt            StatusCode = 1010
	StatusInternalServerError     StatusCode = 1011
	StatusServiceRestart          StatusCode = 1012
	StatusTryAgainLater           StatusCode = 1013
	StatusBadGateway              StatusCode = 1014
	StatusTLSHandshake            StatusCode = 1015 // stands for a failed TLS handshake, never sent

	StatusUnauthorized StatusCode = 3000
	StatusForbidden    StatusCode = 3003
	StatusTimeout      StatusCode = 3008
)

// String returns IANA's description of s, or its number.
func (s StatusCode) String() string {
	switch s {
	case StatusNormalClosure:
		return "Normal Closure"
	case StatusGoingAway:
		return "Going Away"
	case StatusProtocolError:
		return "Protocol error"
	case StatusUnsupportedData:
		return "Unsupported Data"
	case StatusNoMeaningYet:
		return "Reserved"
	case StatusNoStatusRcvd:
		return "No Status Rcvd"
	case StatusAbnormalClosure:
		return "Abnormal Closure"
	case StatusInvalidFramePayloadData:
		return "Invalid frame payload data"
	case StatusPolicyViolation:
		return "Policy Violation"
	case StatusMessageTooBig:
		return "Message Too Big"
	case StatusMandatoryExt:
		return "Mandatory Ext."
	case StatusInternalServerError:
		return "Internal Error"
	case StatusServiceRestart:
		return "Service Restart"
	case StatusTryAgainLater:
		return "Try Again Later"
	case StatusBadGateway:
		return "Bad Gateway"
	case StatusTLSHandshake:
		return "TLS handshake"
	case StatusUnauthorized:
		return "Unauthorized"
	case StatusForbidden:
		return "Forbidden"
	case StatusTimeout:
		return "Timeout"
	}
	return strconv.Itoa(int(s))
}

// Empty reports whether s is 0, the code of a close frame without one.
func (s StatusCode) Empty() bool { return s == 0 }

// In reports whether s lies in r, its ends included.
func (s StatusCode) In(r StatusCodeRange) bool { return r.Min <= s && s <= r.Max }

// IsNotUsed reports whether s lies below 1000 (RFC 6455, section 7.4.2).
func (s StatusCode) IsNotUsed() bool { return s < 1000 }

// IsProtocolSpec reports whether s lies in 1000 to 2999, the codes that RFC
// 6455, its revisions and its extensions define.
func (s StatusCode) IsProtocolSpec() bool { return 1000 <= s && s < 3000 }

// IsApplicationSpec reports whether s lies in 3000 to 3999, the codes that
// libraries, frameworks and applications register with IANA.
func (s StatusCode) IsApplicationSpec() bool { return 3000 <= s && s < 4000 }

// IsPrivateSpec reports whether s lies in 4000 to 4999, the codes that
// applications agree on among themselves.
func (s StatusCode) IsPrivateSpec() bool { return 4000 <= s && s < 5000 }

// IsProtocolDefined reports whether s is one of the codes from 1000 to 1015
// that have a meaning: all of them but 1004.
func (s StatusCode) IsProtocolDefined() bool {
	return StatusNormalClosure <= s && s <= StatusTLSHandshake && s != StatusNoMeaningYet
}

// IsProtocolReserved reports whether s is a code that stands for something in
// an API and is never sent: 1005, 1006 and 1015 (RFC 6455, section 7.4.1).
func (s StatusCode) IsProtocolReserved() bool {
	return s == StatusNoStatusRcvd || s == StatusAbnormalClosure || s == StatusTLSHandshake
}
