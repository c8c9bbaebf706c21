package websocket

import (
	"bytes"
	"context"
	"io"
	"net"
	"testing"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
)

// FuzzHeldBack writes messages, pongs and flushes in any order, with any amount
// of them held back: what is sent is what package ws makes of each, one after
// the other.
func FuzzHeldBack(f *testing.F) {
	f.Add([]byte("\x00\x05\x00\x05"))
	f.Add([]byte("\x40\x05\x01\x80\x10\x05\x20\x05\x01\x01\x30\x05"))
	f.Add([]byte("\x40\xff\x40\xff\x40\xff\x40\xff\x20\x01\x00\xf0"))
	f.Add([]byte("\x20\x00\x00\xc8\x00\xc8\x00\xc8\x00\xc8\x10\x09"))
	f.Fuzz(func(t *testing.T, script []byte) {
		client, server := net.Pipe()
		received := make(chan []byte, 1)
		go func() {
			b, _ := io.ReadAll(client)
			received <- b
		}()
		c := newConn(server, ws.StateServerSide, "", nil, &settings{})
		held := func() int { // also for the pongs that are owed
			c.out.lock.lock(nil, nil)
			defer c.unlockOutput()
			return c.out.box.Len()
		}
		var want []byte
		ctx := context.Background()
		for i := 0; i+1 < len(script) && i < 100; i += 2 {
			p := bytes.Repeat(script[i:i+1], int(script[i+1])*int(script[i+1])/2)
			switch script[i] >> 4 {
			case 1:
				if held() > endpoint.MaxRest {
					continue // of several pongs, only the last would be sent
				}
				p = p[:min(len(p), 125)]
				c.answerPing(pingEvent(p))
				want = ws.AppendFrame(want, ws.NewPongFrame(p))
				continue
			case 2:
				c.out.setHold(endpoint.HoldReplies)
			case 3:
				c.out.setHold(endpoint.HoldNothing)
				c.flushHeld(sending{way: waiting, ctx: ctx})
			case 4:
				c.out.setHold(endpoint.HoldBatch)
			}
			typ := MessageText + MessageType(script[i]&1)
			if err := c.Write(ctx, typ, p); err != nil {
				t.Fatal(err)
			}
			want = ws.AppendFrame(want, ws.NewFrame(ws.OpCode(typ), true, p))
			if n := held(); n > int(endpoint.HoldBatch) {
				t.Errorf("%d bytes are held back", n)
			}
		}
		c.drain() // waits for whoever is writing
		c.CloseNow()
		if got := <-received; !bytes.Equal(got, want) {
			t.Fatalf("%d bytes were sent, want %d: %x, want %x", len(got), len(want), got[:min(len(got), 64)], want[:min(len(want), 64)])
		}
	})
}
