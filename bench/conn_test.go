package bench_test

import (
	"bytes"
	"fmt"
	"testing"

	gobwas "github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// BenchmarkAppendMessage: a message in memory becomes bytes to be sent, behind
// others. gobwas has no function for it: its users go through a bytes.Buffer.
func BenchmarkAppendMessage(b *testing.B) {
	for _, side := range []struct {
		name  string
		state ws.State
	}{{"server", ws.StateServerSide}, {"client", ws.StateClientSide}} {
		for _, n := range payloadSizes {
			b.Run(fmt.Sprintf("%s/%d", side.name, n), func(b *testing.B) {
				p := make([]byte, n)
				s := wsproto.Sender{Config: &wsproto.Config{State: side.state, Mask: ws.NewMask}}
				var out []byte
				var w bytes.Buffer
				compare(b, n,
					candidate{"wirews", func() { out, _ = s.AppendMessage(out[:0], ws.OpBinary, p) }},
					candidate{"gobwas", func() {
						w.Reset()
						wsutil.WriteMessage(&w, gobwas.State(side.state), gobwas.OpBinary, p)
					}},
				)
			})
		}
	}
}

// script is a connection in memory.
type script struct {
	bytes.Reader // what has arrived
	bytes.Buffer // what has been sent
}

func (s *script) Read(p []byte) (int, error)  { return s.Reader.Read(p) }
func (s *script) Write(p []byte) (int, error) { return s.Buffer.Write(p) }

// BenchmarkEchoInMemory: a client's message that has arrived is received and
// sent back, all but the system's share of a server's work. Each turn begins
// with a fresh copy of what has arrived: wirews unmasks it in place.
func BenchmarkEchoInMemory(b *testing.B) {
	for _, n := range payloadSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			wire := ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewBinaryFrame(make([]byte, n)), key))
			in := make([]byte, len(wire))
			conn := wsproto.NewConn(nil, nil)
			var out []byte
			var rw script
			compare(b, n,
				candidate{"wirews", func() {
					copy(in, wire)
					ev, _, err := conn.Next(in, nil)
					out = conn.AppendAnswer(out[:0], ev, err, 0)
					out, _ = conn.AppendMessage(out, ev.Op, ev.Payload)
				}},
				candidate{"gobwas", func() {
					copy(in, wire)
					rw.Reader.Reset(in)
					rw.Buffer.Reset()
					p, op, _ := wsutil.ReadClientData(&rw)
					wsutil.WriteServerMessage(&rw, op, p)
				}},
			)
			if want := ws.AppendFrame(nil, ws.NewBinaryFrame(make([]byte, n))); !bytes.Equal(out, want) || !bytes.Equal(rw.Bytes(), want) {
				b.Error("the echo is wrong")
			}
		})
	}
}
