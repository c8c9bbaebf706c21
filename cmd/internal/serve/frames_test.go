package serve_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
)

type toldFrames struct {
	Bytes          int
	Received, Sent []struct {
		Head, Mask, Wire, Payload string
		Fin, Rsv1                 bool
		OpCode                    byte
		Length                    int
	}
	Fault string
}

func (p peer) tale(what string) (told toldFrames) {
	p.t.Helper()
	if err := json.Unmarshal(p.text(what), &told); err != nil {
		p.t.Fatal(err)
	}
	return told
}

func TestFramesTellsHowAMessageTravels(t *testing.T) { eachWay(t, testFramesTellsHowAMessageTravels) }

func testFramesTellsHowAMessageTravels(t *testing.T, o serve.Options) {
	p := start(t, o).connectTo(t, "/frames")

	// RFC 6455, 5.7: "A single-frame masked text message", and the unmasked one.
	p.send([]byte{0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58})
	p.want("the echo", ws.OpText, []byte("Hello"))
	told := p.tale("the tale")
	if len(told.Received) != 1 || len(told.Sent) != 1 || told.Bytes != 5 {
		t.Fatalf("told %+v, want 5 bytes by one frame each way", told)
	}
	in, out := told.Received[0], told.Sent[0]
	if in.Head != "818537fa213d" || in.Mask != "37fa213d" || in.Wire != "7f9f4d5158" || in.Payload != "48656c6c6f" ||
		!in.Fin || in.Rsv1 || in.OpCode != 1 || in.Length != 5 {
		t.Errorf("received: told %+v", in)
	}
	if out.Head != "8105" || out.Mask != "" || out.Wire != "48656c6c6f" || out.Payload != out.Wire {
		t.Errorf("sent: told %+v", out)
	}

	// Two messages at once, the first in fragments with a ping between them.
	p.send(join(masked(ws.OpText, false, "Hel"), masked(ws.OpPing, true, "?"), masked(ws.OpContinuation, true, "lo"),
		masked(ws.OpBinary, true, strings.Repeat("x", 300))))
	var opcodes []byte
	var shown int
	for range 2 {
		for { // the pong comes whenever it likes
			f, err := ws.ReadFrame(p)
			if err != nil {
				t.Fatal(err)
			}
			if f.Header.OpCode != ws.OpPong {
				break
			}
		}
		for _, f := range p.tale("a tale").Received {
			opcodes, shown = append(opcodes, f.OpCode), len(f.Payload)/2
		}
	}
	if want := []byte{1, 9, 0, 2}; !bytes.Equal(opcodes, want) || shown != 256 {
		t.Errorf("opcodes %v, %d bytes of the last payload; want %v and 256", opcodes, shown, want)
	}
}

func TestFramesSaysWhenItHasLostThem(t *testing.T) {
	p := start(t, serve.Default()).connectTo(t, "/frames")
	// An empty fragment is six bytes and no message: there may be any number of them.
	p.send(join(masked(ws.OpText, false, ""), bytes.Repeat(masked(ws.OpContinuation, false, ""), 30_000), masked(ws.OpContinuation, true, "x")))
	p.want("the echo", ws.OpText, []byte("x"))
	if told := p.tale("the tale"); told.Fault == "" || told.Received != nil {
		t.Errorf("told %+v, want a fault and no frames", told)
	}
}
