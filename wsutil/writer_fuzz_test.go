package wsutil_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// writeScript does with a Writer what the bytes of script say, and demands
// that a peer reads the messages that were written, each frame by one Write.
func writeScript(t *testing.T, script []byte, s ws.State, size int) {
	writeScriptBy(t, script, s, size, nil, nil)
	writeScriptBy(t, script, s, size, &runs{}, &runs{})
}

// writeScriptBy is writeScript with an extension and that of the peer.
func writeScriptBy(t *testing.T, script []byte, s ws.State, size int, e wsproto.Encoder, d wsproto.Decoder) {
	var out countingWriter
	w := wsutil.NewWriterSize(&out, s, ws.OpBinary, size)
	w.SetEncoder(e)
	var want []string
	var message []byte
	begun := false
	source := pattern(1 << 10)
	for i, b := range script {
		p := source[:(int(b>>3)*37+i)%len(source)]
		grown := bytes.Clone(p)
		var err error
		switch b & 7 {
		case 0, 1:
			_, err = w.Write(p)
			message, begun = append(message, p...), true
		case 2:
			_, err = w.ReadFrom(iotest.HalfReader(bytes.NewReader(p)))
			message, begun = append(message, p...), true
		case 3:
			if w.Buffered() > 0 {
				err = w.FlushFragment()
			}
			if err == nil {
				_, err = w.WriteThrough(p)
			}
			message, begun = append(message, p...), true
		case 4:
			err = w.FlushFragment()
		case 5:
			if w.Grow(len(p)); w.Available() < len(p) {
				t.Fatalf("Grow(%d): Available is %d", len(p), w.Available())
			}
		case 6:
			if b>>3 == 0 {
				w.DisableFlush()
			}
			fallthrough
		case 7:
			if err = w.Flush(); begun {
				want = append(want, "binary:"+string(message))
			}
			message, begun = nil, false
		}
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p, grown) {
			t.Fatal("the caller's bytes have changed")
		}
		if w.Available()+w.Buffered() != w.Size() {
			t.Fatalf("Available %d, Buffered %d, Size %d", w.Available(), w.Buffered(), w.Size())
		}
	}
	if w.Flush(); begun {
		want = append(want, "binary:"+string(message))
	}
	all := bytes.Join(out.Writes, nil)
	wantResult(t, receivedDecoded(s, all, d), io.EOF, want...)
	if n := len(frames(t, s, all)); n != len(out.Writes) {
		t.Errorf("%d writes for %d frames", len(out.Writes), n)
	}
	if e == nil {
		wantFramesOfSender(t, s, out.Writes)
	}
}

// wantFramesOfSender demands of frames what a Sender makes of their payload with
// the same masking keys. Only WriteThrough sends an empty fragment that is not the
// last; a Sender leaves it out, and the next one begins the message.
func wantFramesOfSender(t *testing.T, s ws.State, frames [][]byte) {
	var h ws.Header
	sender := wsproto.Sender{Config: &wsproto.Config{State: s, Mask: func() [4]byte { return h.Mask }}}
	begun := false // by an empty fragment
	for _, frame := range frames {
		var n int
		var err error
		if h, n, err = ws.ParseHeader(frame); err != nil {
			t.Fatal(err)
		}
		payload := bytes.Clone(frame[n:])
		if h.Masked {
			ws.Cipher(payload, h.Mask, 0)
		}
		if h.OpCode != ws.OpContinuation {
			err = sender.BeginMessage(h.OpCode, -1)
		}
		if len(payload) == 0 && !h.Fin {
			begun = begun || h.OpCode != ws.OpContinuation
			continue
		}
		want, fault := sender.AppendFragment(nil, payload, h.Fin)
		if begun {
			want[0], begun = want[0]&0xf0|byte(ws.OpContinuation), false
		}
		if err != nil || fault != nil || !bytes.Equal(frame, want) {
			t.Fatalf("frame %.40x, and of a Sender %.40x, %v, %v", frame, want, err, fault)
		}
	}
}

func FuzzWriterLikeReceiver(f *testing.F) {
	f.Add([]byte{0x10, 0x11, 0x12, 0x13, 7, 0xf0, 0xf4, 0xf2, 6, 0xf5, 0xf0, 7}, true, uint8(10))
	f.Add([]byte{6, 0xf8, 0xf8, 0xfa, 7, 3, 3, 4, 4, 7, 0, 7, 7}, false, uint8(120))
	f.Fuzz(func(t *testing.T, script []byte, server bool, size uint8) {
		if len(script) > 200 {
			return
		}
		s := ws.StateClientSide
		if server {
			s = ws.StateServerSide
		}
		writeScript(t, script, s, int(size)+1)
	})
}

func TestWriterWritesWhatAPeerReads(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		script := make([]byte, rnd.IntN(30))
		for i := range script {
			script[i] = byte(rnd.Uint32())
		}
		writeScript(t, script, ws.StateServerSide, 1+rnd.IntN(300))
		writeScript(t, script, ws.StateClientSide, 1+rnd.IntN(300))
	}
}
