package ws_test

import (
	"testing"

	"github.com/wirews/wirews/ws"
)

// IANA's WebSocket Close Code Number Registry.
func TestStatusCodesAreIANAs(t *testing.T) {
	for _, tt := range []struct {
		code   ws.StatusCode
		number int
		text   string
	}{
		{ws.StatusNormalClosure, 1000, "Normal Closure"},
		{ws.StatusGoingAway, 1001, "Going Away"},
		{ws.StatusProtocolError, 1002, "Protocol error"},
		{ws.StatusUnsupportedData, 1003, "Unsupported Data"},
		{ws.StatusNoMeaningYet, 1004, "Reserved"},
		{ws.StatusNoStatusRcvd, 1005, "No Status Rcvd"},
		{ws.StatusAbnormalClosure, 1006, "Abnormal Closure"},
		{ws.StatusInvalidFramePayloadData, 1007, "Invalid frame payload data"},
		{ws.StatusPolicyViolation, 1008, "Policy Violation"},
		{ws.StatusMessageTooBig, 1009, "Message Too Big"},
		{ws.StatusMandatoryExt, 1010, "Mandatory Ext."},
		{ws.StatusInternalServerError, 1011, "Internal Error"},
		{ws.StatusServiceRestart, 1012, "Service Restart"},
		{ws.StatusTryAgainLater, 1013, "Try Again Later"},
		{ws.StatusBadGateway, 1014, "Bad Gateway"},
		{ws.StatusTLSHandshake, 1015, "TLS handshake"},
		{ws.StatusUnauthorized, 3000, "Unauthorized"},
		{ws.StatusForbidden, 3003, "Forbidden"},
		{ws.StatusTimeout, 3008, "Timeout"},
		{0, 0, "0"},
		{1016, 1016, "1016"},
		{65535, 65535, "65535"},
	} {
		if int(tt.code) != tt.number {
			t.Errorf("%q is %d, want %d", tt.text, tt.code, tt.number)
		}
		if got := tt.code.String(); got != tt.text {
			t.Errorf("%d: got text %q, want %q", tt.code, got, tt.text)
		}
	}
}

// RFC 6455, section 7.4.2, divides the codes; every one of the 65536 is
// looked at.
func TestStatusCodeRanges(t *testing.T) {
	for i := range 1 << 16 {
		s := ws.StatusCode(i)
		for _, tt := range []struct {
			name      string
			got, want bool
		}{
			{"Empty", s.Empty(), i == 0},
			{"IsNotUsed", s.IsNotUsed(), i <= 999},
			{"IsProtocolSpec", s.IsProtocolSpec(), 1000 <= i && i <= 2999},
			{"IsApplicationSpec", s.IsApplicationSpec(), 3000 <= i && i <= 3999},
			{"IsPrivateSpec", s.IsPrivateSpec(), 4000 <= i && i <= 4999},
			{"IsProtocolDefined", s.IsProtocolDefined(), 1000 <= i && i <= 1015 && i != 1004},
			{"IsProtocolReserved", s.IsProtocolReserved(), i == 1005 || i == 1006 || i == 1015},
			{"In", s.In(ws.StatusCodeRange{Min: 1000, Max: 1003}), 1000 <= i && i <= 1003},
		} {
			if tt.got != tt.want {
				t.Errorf("%d: %s is %v, want %v", i, tt.name, tt.got, tt.want)
			}
		}
	}
}
