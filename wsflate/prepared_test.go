package wsflate

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"github.com/wirews/wirews/ws"
)

func TestPreparedMessage(t *testing.T) {
	text := []byte(strings.Repeat("one for many, ", 1000))
	m := Prepare(ws.OpText, text, nil)
	for _, p := range []Parameters{
		{ServerNoContextTakeover: true}, {ServerNoContextTakeover: true, ServerMaxWindowBits: 9}, {},
	} {
		server, client := New(ws.StateServerSide, p, nil), New(ws.StateClientSide, p, nil)
		for range 3 {
			frame := m.AppendFrame([]byte("-"), server)[1:]
			h, n, err := ws.ParseHeader(frame)
			if err != nil || h.OpCode != ws.OpText || !h.Fin || h.Rsv != bit || h.Length != int64(len(frame)-n) {
				t.Fatalf("%+v: %+v, %v", p, h, err)
			}
			if got, err := decode(client, frame[n:], 100); err != nil || !bytes.Equal(got, text) {
				t.Fatalf("%+v: %d bytes, %v", p, len(got), err)
			}
		}
		shared, ok := m.Frame(server)
		if ok == !p.ServerNoContextTakeover {
			t.Errorf("%+v: shared is %v", p, ok)
		}
		if again, _ := m.Frame(server); ok && &again[0] != &shared[0] {
			t.Errorf("%+v: compressed twice", p)
		}
	}
}

func TestPreparedMessageAsItIs(t *testing.T) {
	skips := New(ws.StateServerSide, DefaultParameters, nil)
	skips.Encoder().Skip = true
	noise := make([]byte, 2000)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	long := bytes.Repeat([]byte("a"), 1000)
	for name, test := range map[string]struct {
		d *Deflate
		p []byte
	}{
		"no extension": {nil, long}, "skipped": {skips, long},
		"short": {New(ws.StateServerSide, DefaultParameters, nil), []byte("short")},
		"noise": {New(ws.StateServerSide, DefaultParameters, nil), noise},
	} {
		frame, ok := Prepare(ws.OpBinary, test.p, nil).Frame(test.d)
		if want := ws.AppendFrame(nil, ws.NewBinaryFrame(test.p)); !ok || !bytes.Equal(frame, want) {
			t.Errorf("%s: %x, %v", name, frame[:4], ok)
		}
	}
}

// RFC 7692, 6: the bit must not be set in a control frame.
func TestPreparedControlFrameIsNotCompressed(t *testing.T) {
	p := bytes.Repeat([]byte("a"), 100)
	m := Prepare(ws.OpPing, p, &Options{Threshold: -1})
	for _, agreed := range []Parameters{{}, DefaultParameters} {
		frame := m.AppendFrame(nil, New(ws.StateServerSide, agreed, nil))
		if want := ws.AppendFrame(nil, ws.NewPingFrame(p)); !bytes.Equal(frame, want) {
			t.Errorf("%+v: %x", agreed, frame[:4])
		}
	}
}

func TestPrepareRefusesALevel(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	Prepare(ws.OpText, nil, &Options{Level: 10})
}

func TestPreparedMessageIsShared(t *testing.T) {
	m := Prepare(ws.OpText, bytes.Repeat([]byte("many "), 1000), nil)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			p := Parameters{ServerNoContextTakeover: true, ServerMaxWindowBits: WindowBits(8 + i%8)}
			frame := m.AppendFrame(nil, New(ws.StateServerSide, p, nil))
			_, n, _ := ws.ParseHeader(frame)
			if got, err := decode(New(ws.StateClientSide, p, nil), frame[n:], 5000); err != nil || len(got) != 5000 {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
	wg.Wait()
}
