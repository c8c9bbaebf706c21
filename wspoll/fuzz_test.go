package wspoll

import (
	"bytes"
	"testing"

	"github.com/wirews/wirews/ws"
)

// FuzzLoop has a socket give and take any number of bytes at a time, while messages are
// echoed and others are written: all arrive, whole and in order, and nothing is held
// afterwards.
func FuzzLoop(f *testing.F) {
	f.Add([]byte("\x05\x01\x10\x02\x00\x03\x07\x00"), uint16(10))
	f.Add(bytes.Repeat([]byte{1, 250, 2, 3, 3, 255, 0, 9}, 20), uint16(3000))
	f.Fuzz(func(t *testing.T, steps []byte, size uint16) {
		steps = steps[:min(len(steps), 300)]
		l, p := newFakeLoop(t, &Server{OnMessage: func(c *Conn, op ws.OpCode, m []byte) {
			if c.Write(op, m) != nil {
				t.Error("an echo is refused")
			}
		}})
		s := &fakeSocket{}
		c := openOn(l, p, s)
		l.mustTurn(t)
		var wire []byte            // of the peer, not yet given to the socket
		var sent, written [][]byte // messages: of the peer, and of this end
		for i, b := range steps {
			switch b % 4 {
			case 0: // the peer sends a message
				m := bytes.Repeat([]byte{b, byte(i)}, int(size)*(1+i%7)/2)
				sent = append(sent, m)
				wire = ws.AppendFrame(wire, ws.MaskFrame(ws.NewBinaryFrame(bytes.Clone(m))))
			case 1: // some of it arrives
				n := min(len(wire), 1+int(b)*(1+i%5))
				s.in, wire = append(s.in, wire[:n]...), wire[n:]
				p.report(c.socket, readable)
			case 2: // the socket has room
				s.room += int(b) * (1 + i%11)
				p.report(c.socket, writable)
			case 3: // somebody else writes
				m := bytes.Repeat([]byte{'w', byte(len(written))}, int(b))
				if c.Write(ws.OpText, m) == nil {
					written = append(written, m)
				}
			}
			l.mustTurn(t)
		}
		s.in, s.room = append(s.in, wire...), -1
		p.report(c.socket, readable|writable)
		for range 2 * len(steps) {
			l.mustTurn(t)
		}
		for _, m := range received(t, s.out) {
			switch {
			case m.Header.OpCode == ws.OpBinary && len(sent) > 0 && bytes.Equal(m.Payload, sent[0]):
				sent = sent[1:]
			case m.Header.OpCode == ws.OpText && len(written) > 0 && bytes.Equal(m.Payload, written[0]):
				written = written[1:]
			default:
				t.Fatalf("%v of %d bytes comes out of order", m.Header.OpCode, len(m.Payload))
			}
		}
		if len(sent)+len(written) > 0 || c.Err() != nil {
			t.Fatalf("%d echoes and %d messages are missing; the connection: %v", len(sent), len(written), c.Err())
		}
		if c.rx != nil || c.out.Pending() != nil || c.QueueState() != (QueueState{}) {
			t.Error("an idle connection holds something")
		}
	})
}

// received are the frames in what a socket was given.
func received(t *testing.T, b []byte) (all []ws.Frame) {
	r := bytes.NewReader(b)
	for r.Len() > 0 {
		f, err := ws.ReadFrame(r)
		if err != nil {
			t.Fatalf("%v, %d bytes before the end", err, r.Len())
		}
		all = append(all, f)
	}
	return all
}
