package serve_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

// RFC 6455, 5.5.1: "When sending a Close frame in response, the endpoint
// typically echos the status code it received."
func TestTheCloseCodeComesBack(t *testing.T) { eachWay(t, testTheCloseCodeComesBack) }

func testTheCloseCodeComesBack(t *testing.T, o serve.Options) {
	s := start(t, o)
	for _, code := range []ws.StatusCode{
		1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
	} {
		for _, reason := range []string{"", "why 👋", strings.Repeat("é", 61)} {
			p := s.connect(t)
			p.send(closing(code, reason))
			p.want(fmt.Sprint(code), ws.OpClose, ws.AppendClose(nil, code, reason))
			p.wantEnd(fmt.Sprint(code))
		}
	}
	p := s.connect(t)
	p.send(masked(ws.OpClose, true, ""))
	p.want("close without a code", ws.OpClose, nil)
	p.wantEnd("close without a code")
}

func TestWhatBreaksARuleIsClosedWithItsCode(t *testing.T) {
	eachWay(t, testWhatBreaksARuleIsClosedWithItsCode)
}

func testWhatBreaksARuleIsClosedWithItsCode(t *testing.T, o serve.Options) {
	bad := func(f wstest.BadFrame) []byte {
		if f.LengthBytes == 0 {
			f.LengthBytes, f.Length = 1, uint64(len(f.Payload))
		}
		return f.Append(nil)
	}
	o.MaxMessage = 1000
	for _, c := range []struct {
		name string
		in   []byte
		code ws.StatusCode
	}{
		{"unmasked frame", bad(wstest.BadFrame{Fin: true, OpCode: 1, Payload: []byte("Hello")}), 1002},
		{"RSV1", bad(wstest.BadFrame{Fin: true, Rsv: 4, OpCode: 1, Masked: true}), 1002},
		{"RSV2", bad(wstest.BadFrame{Fin: true, Rsv: 2, OpCode: 1, Masked: true}), 1002},
		{"RSV3", bad(wstest.BadFrame{Fin: true, Rsv: 1, OpCode: 1, Masked: true}), 1002},
		{"reserved opcode 3", bad(wstest.BadFrame{Fin: true, OpCode: 3, Masked: true}), 1002},
		{"reserved opcode 7", bad(wstest.BadFrame{Fin: true, OpCode: 7, Masked: true}), 1002},
		{"reserved opcode 11", bad(wstest.BadFrame{Fin: true, OpCode: 11, Masked: true}), 1002},
		{"reserved opcode 15", bad(wstest.BadFrame{Fin: true, OpCode: 15, Masked: true}), 1002},
		{"length not minimal", bad(wstest.BadFrame{Fin: true, OpCode: 1, Masked: true, Length: 5, LengthBytes: 2}), 1002},
		{"length over 63 bits", bad(wstest.BadFrame{Fin: true, OpCode: 1, Masked: true, Length: 1 << 63, LengthBytes: 8}), 1002},
		{"fragmented ping", masked(ws.OpPing, false, ""), 1002},
		{"ping of 126 bytes", masked(ws.OpPing, true, strings.Repeat("x", 126)), 1002},
		{"continuation of nothing", masked(ws.OpContinuation, true, ""), 1002},
		{"message inside a message", join(masked(ws.OpText, false, ""), masked(ws.OpText, true, "")), 1002},
		{"close with one byte", masked(ws.OpClose, true, "x"), 1002},
		{"close with 999", closing(999, ""), 1002},
		{"close with 1004", closing(1004, ""), 1002},
		{"close with 1005", masked(ws.OpClose, true, "\x03\xed"), 1002},
		{"close with 1006", closing(1006, ""), 1002},
		{"close with 1015", closing(1015, ""), 1002},
		{"close with 1016", closing(1016, ""), 1002},
		{"close with 2999", closing(2999, ""), 1002},
		{"close with 5000", closing(5000, ""), 1002},
		{"close reason not UTF-8", masked(ws.OpClose, true, "\x03\xe8\xff"), 1007},
		{"text not UTF-8", masked(ws.OpText, true, "\xc0\xaf"), 1007},
		{"text with a surrogate", masked(ws.OpText, true, "\xed\xa0\x80"), 1007},
		{"text that ends inside a character", masked(ws.OpText, true, "\xe4\xb8"), 1007},
		{"text not UTF-8 before its end", masked(ws.OpText, false, "\xff"), 1007},
		{"message of 1001 bytes", masked(ws.OpBinary, true, strings.Repeat("x", 1001)), 1009},
		{"message of 1001 bytes in fragments", join(
			masked(ws.OpBinary, false, strings.Repeat("x", 1000)), masked(ws.OpContinuation, true, "x")), 1009},
		{"declared length of an exabyte", bad(wstest.BadFrame{Fin: true, OpCode: 2, Masked: true, Length: 1 << 60, LengthBytes: 8}), 1009},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, o)
			p := s.connect(t)
			// The rest makes a reset of a server that closes with bytes
			// unread, and an echo of one that goes on behind the fault.
			rest := masked(ws.OpText, true, "and so on")
			p.send(join(masked(ws.OpText, true, "before"), c.in, []byte(strings.Repeat(string(rest), 10_000))))
			p.want("what came before", ws.OpText, []byte("before"))
			reason := ":" // as in all texts of ws.ProtocolError
			if c.code == ws.StatusMessageTooBig {
				reason = "message is over the limit"
			}
			p.wantClose("the fault", c.code, reason)
		})
	}
}

func TestNothingIsAnsweredBehindAClose(t *testing.T) { eachWay(t, testNothingIsAnsweredBehindAClose) }

func testNothingIsAnsweredBehindAClose(t *testing.T, o serve.Options) {
	p := start(t, o).connect(t)
	p.send(join(closing(1000, "first"), masked(ws.OpText, true, "late"), masked(ws.OpPing, true, ""), closing(1001, "second")))
	p.wantClose("the first close", 1000, "first")
}

func TestAMessageAtTheLimitComesBack(t *testing.T) { eachWay(t, testAMessageAtTheLimitComesBack) }

func testAMessageAtTheLimitComesBack(t *testing.T, o serve.Options) {
	o.MaxMessage = 1000
	p := start(t, o).connect(t)
	payload := strings.Repeat("x", 1000)
	p.send(join(masked(ws.OpText, true, payload), masked(ws.OpText, false, payload), masked(ws.OpContinuation, true, "")))
	p.want("in one frame", ws.OpText, []byte(payload))
	p.want("in two frames", ws.OpText, []byte(payload))
}

func TestWithoutALimitAMessageMayBeLongerThanTheDefault(t *testing.T) {
	eachWay(t, testWithoutALimitAMessageMayBeLongerThanTheDefault)
}

func testWithoutALimitAMessageMayBeLongerThanTheDefault(t *testing.T, o serve.Options) {
	o.MaxMessage = 0
	p := start(t, o).connect(t)
	payload := strings.Repeat("x", int(serve.Default().MaxMessage)+1)
	p.send(masked(ws.OpText, true, payload))
	h, err := ws.ReadHeader(p)
	if err != nil || h.Length != int64(len(payload)) {
		t.Errorf("header %+v, error %v; want %d bytes", h, err, len(payload))
	}
}
