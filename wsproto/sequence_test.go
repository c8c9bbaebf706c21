package wsproto_test

import (
	"fmt"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// The rules themselves are tested through Receiver; here is what a caller of
// Sequence alone sees.
func TestSequenceFollowsAMessage(t *testing.T) {
	var s wsproto.Sequence
	begin := func(op ws.OpCode, fin bool) {
		t.Helper()
		h := ws.Header{OpCode: op, Fin: fin, Length: 3}
		if err := s.Check(h, ws.StateClientSide, 0); err != nil {
			t.Fatal(err)
		}
		if err := s.Begin(h, wsproto.Limits{}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(op ws.OpCode, open bool) {
		t.Helper()
		if s.Op() != op || s.Open() != open {
			t.Errorf("%v, open %v; want %v, open %v", s.Op(), s.Open(), op, open)
		}
	}
	begin(text, false)
	want(text, true)
	begin(ping, true)
	want(text, true)
	begin(cont, true)
	want(text, false)
	begin(binary, true)
	want(binary, false)
	if err := s.Check(ws.Header{OpCode: cont}, ws.StateClientSide, 0); err != ws.ErrProtocolContinuationUnexpected {
		t.Error(err)
	}
}

func ExampleSequence() {
	var s wsproto.Sequence
	h := ws.Header{OpCode: ws.OpText, Fin: true, Length: 7}
	fmt.Println(s.Check(h, ws.StateClientSide, 0), s.Begin(h, wsproto.Limits{Message: 100}))
	n, err := s.Text([]byte("caf\xc3\xa9\xff!"))
	fmt.Println(n, err)
	// Output:
	// <nil> <nil>
	// 5 ws: text is not valid UTF-8
}
