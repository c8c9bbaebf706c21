package h2_test

import (
	"bytes"
	"testing"
	"testing/synctest"

	"golang.org/x/net/http2"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// FuzzBytes has a server say anything from the beginning. Whatever it is, Dial
// returns, and nothing is left of it.
func FuzzBytes(f *testing.F) {
	var b bytes.Buffer
	p := &peer{Framer: http2.NewFramer(&b, nil)}
	p.greet()
	f.Add(b.Bytes())
	b.Write([]byte{0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88}) // HEADERS: status 200
	p.WriteData(1, false, ws.AppendFrame(nil, ws.NewTextFrame([]byte("hello"))))
	f.Add(b.Bytes())
	p.WriteGoAway(1, http2.ErrCodeNo, []byte("bye"))
	p.WriteRSTStream(1, http2.ErrCodeCancel)
	f.Add(b.Bytes())
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
	f.Fuzz(func(t *testing.T, said []byte) {
		synctest.Test(t, func(t *testing.T) {
			s := hostile(t, func(p *peer) { p.conn.Write(said) })
			if c, _, err := s.tryDial(bg, nil); err == nil {
				use(c)
			}
		})
	})
}

// FuzzFrames has a server send frames of any kind on two streams that are open, and
// on others: four bytes say of which type each is, its flags, its stream and how much
// of what follows it carries.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{0, 0, 1, 3, 0x81, 1, 'x'})
	f.Add([]byte{0, 1, 1, 0, 0, 9, 3, 4, 3, 1, 2, 3})
	f.Add([]byte{4, 0, 0, 6, 0, 4, 0, 0, 0, 0, 8, 0, 0, 4, 0, 0, 1, 0, 3, 0, 1, 4, 0, 0, 0, 8})
	f.Add([]byte{7, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 6, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Add([]byte{1, 5, 3, 1, 0x88, 9, 4, 3, 0})
	f.Fuzz(func(t *testing.T, said []byte) {
		synctest.Test(t, func(t *testing.T) {
			s := hostile(t, func(p *peer) {
				p.greet()
				p.open()
				p.open()
				for b := said; len(b) >= 4; {
					size := min(int(b[3]), len(b)-4)
					p.WriteRawFrame(http2.FrameType(b[0]), http2.Flags(b[1]), uint32(b[2]), b[4:4+size])
					b = b[4+size:]
				}
			})
			for range 2 {
				if c, _, err := s.tryDial(bg, nil); err == nil {
					defer use(c)
				}
			}
		})
	})
}

// use uses a connection until it has ended.
func use(c *websocket.Conn) {
	c.Write(bg, websocket.MessageText, []byte("hello"))
	for {
		if _, _, err := c.Read(bg); err != nil {
			break
		}
	}
	c.CloseNow()
}
