package ws_test

import (
	"testing"

	"github.com/wirews/wirews/ws"
)

// RFC 6455, section 5.2: %x0 continuation, %x1 text, %x2 binary, %x3-7
// reserved, %x8 close, %x9 ping, %xA pong, %xB-F reserved.
func TestOpCodesOfTheRFC(t *testing.T) {
	for _, tt := range []struct {
		op      ws.OpCode
		name    string
		control bool
	}{
		{ws.OpContinuation, "continuation", false},
		{ws.OpText, "text", false},
		{ws.OpBinary, "binary", false},
		{0x3, "reserved", false},
		{0x4, "reserved", false},
		{0x5, "reserved", false},
		{0x6, "reserved", false},
		{0x7, "reserved", false},
		{ws.OpClose, "close", true},
		{ws.OpPing, "ping", true},
		{ws.OpPong, "pong", true},
		{0xb, "reserved", true},
		{0xc, "reserved", true},
		{0xd, "reserved", true},
		{0xe, "reserved", true},
		{0xf, "reserved", true},
	} {
		if got := tt.op.String(); got != tt.name {
			t.Errorf("OpCode(%#x).String() = %q, want %q", byte(tt.op), got, tt.name)
		}
		if got := tt.op.IsControl(); got != tt.control {
			t.Errorf("OpCode(%#x).IsControl() = %v, want %v", byte(tt.op), got, tt.control)
		}
		if got := tt.op.IsData(); got == tt.control {
			t.Errorf("OpCode(%#x).IsData() = %v, want %v", byte(tt.op), got, !tt.control)
		}
		if got, want := tt.op.IsReserved(), tt.name == "reserved"; got != want {
			t.Errorf("OpCode(%#x).IsReserved() = %v, want %v", byte(tt.op), got, want)
		}
	}
}

func TestOpCodesOverFourBitsAreReserved(t *testing.T) {
	for op := 0x10; op <= 0xff; op++ {
		if !ws.OpCode(op).IsReserved() {
			t.Errorf("OpCode(%#x) is not reserved", op)
		}
	}
}
