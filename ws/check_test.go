package ws_test

import (
	"testing"

	"github.com/wirews/wirews/ws"
)

func TestCheckHeader(t *testing.T) {
	const (
		server     = ws.StateServerSide
		client     = ws.StateClientSide
		extended   = ws.StateExtended
		fragmented = ws.StateFragmented
	)
	text := ws.Header{Fin: true, OpCode: ws.OpText}
	for _, tt := range []struct {
		name  string
		wire  string // the header in hex
		state ws.State
		want  error
	}{
		{"text to a client", "8100", client, nil},
		{"text to a server", "8180 01020304", server, nil},
		{"first fragment", "0100", client, nil},
		{"last fragment", "8000", client | fragmented, nil},
		{"middle fragment", "0000", client | fragmented, nil},
		{"ping between fragments", "8900", client | fragmented, nil},
		{"pong between fragments", "8a00", client | fragmented, nil},
		{"close between fragments", "8800", client | fragmented, nil},
		{"longest control payload", "897d", client, nil},

		// 5.2: "If an unknown opcode is received, the receiving endpoint MUST
		// _Fail the WebSocket Connection_."
		{"opcode 3", "8300", client, ws.ErrProtocolOpCodeReserved},
		{"opcode 7", "8700", client, ws.ErrProtocolOpCodeReserved},
		{"opcode 0xb", "8b00", client, ws.ErrProtocolOpCodeReserved},
		{"opcode 0xf", "8f00", client, ws.ErrProtocolOpCodeReserved},

		// 5.5: "All control frames MUST have a payload length of 125 bytes or
		// less and MUST NOT be fragmented."
		{"ping of 126 bytes", "897e 007e", client, ws.ErrProtocolControlPayloadOverflow},
		{"close of 65536 bytes", "887f 0000000000010000", client, ws.ErrProtocolControlPayloadOverflow},
		{"fragmented ping", "0900", client, ws.ErrProtocolControlNotFinal},
		{"fragmented pong", "0a00", client, ws.ErrProtocolControlNotFinal},
		{"fragmented close", "0800", client, ws.ErrProtocolControlNotFinal},

		// 5.2: "MUST be 0 unless an extension is negotiated that defines
		// meanings for non-zero values."
		{"RSV1", "c100", client, ws.ErrProtocolNonZeroRsv},
		{"RSV2", "a100", client, ws.ErrProtocolNonZeroRsv},
		{"RSV3", "9100", client, ws.ErrProtocolNonZeroRsv},
		{"RSV1 with an extension", "c100", client | extended, nil},
		{"RSV3 with an extension", "9100", client | extended, nil},

		// 5.1: "The server MUST close the connection upon receiving a frame
		// that is not masked."
		{"unmasked to a server", "8100", server, ws.ErrProtocolMaskRequired},
		{"W9: CompiledPing of a client", "8900", server, ws.ErrProtocolMaskRequired},
		// 5.1: "A client MUST close a connection if it detects a masked
		// frame."
		{"masked to a client", "8180 01020304", client, ws.ErrProtocolMaskUnexpected},
		{"masked to neither", "8180 01020304", 0, nil},
		{"unmasked to neither", "8100", 0, nil},

		// 5.4: "The fragments of one message MUST NOT be interleaved between
		// the fragments of another message".
		{"text inside a fragmented message", "8100", client | fragmented, ws.ErrProtocolContinuationExpected},
		{"binary inside a fragmented message", "0200", client | fragmented, ws.ErrProtocolContinuationExpected},
		{"continuation of nothing", "8000", client, ws.ErrProtocolContinuationUnexpected},
		{"unfinished continuation of nothing", "0000", client, ws.ErrProtocolContinuationUnexpected},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, _, err := ws.ParseHeader(unhex(tt.wire))
			if err != nil {
				t.Fatal(err)
			}
			if got := ws.CheckHeader(h, tt.state); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}

	for op := 0x10; op <= 0xff; op++ {
		h := text
		h.OpCode = ws.OpCode(op)
		if got := ws.CheckHeader(h, client); got != ws.ErrProtocolOpCodeReserved {
			t.Errorf("W4: opcode %#x: got %v, want %v", op, got, ws.ErrProtocolOpCodeReserved)
		}
	}
}

func TestStateBits(t *testing.T) {
	bits := []struct {
		state ws.State
		is    func(ws.State) bool
	}{
		{ws.StateServerSide, ws.State.ServerSide},
		{ws.StateClientSide, ws.State.ClientSide},
		{ws.StateExtended, ws.State.Extended},
		{ws.StateFragmented, ws.State.Fragmented},
	}
	for s := ws.State(0); s < 16; s++ {
		for i, bit := range bits {
			want := s>>i&1 == 1
			if bit.is(s) != want || s.Is(bit.state) != want {
				t.Errorf("state %04b, bit %d: methods say %v and %v", s, i, bit.is(s), s.Is(bit.state))
			}
			if set := s.Set(bit.state); !bit.is(set) || set&^bit.state != s&^bit.state {
				t.Errorf("state %04b, bit %d: Set gives %04b", s, i, set)
			}
			if cleared := s.Clear(bit.state); bit.is(cleared) || cleared != s&^bit.state {
				t.Errorf("state %04b, bit %d: Clear gives %04b", s, i, cleared)
			}
		}
	}
}

func TestCheckHeaderDoesNotAllocate(t *testing.T) {
	good := ws.Header{Fin: true, OpCode: ws.OpText, Masked: true}
	bad := ws.Header{Fin: true, OpCode: ws.OpText}
	wantAllocs(t, 0, func() {
		if ws.CheckHeader(good, ws.StateServerSide) != nil || ws.CheckHeader(bad, ws.StateServerSide) == nil {
			t.Fatal("wrong verdict")
		}
	})
}
