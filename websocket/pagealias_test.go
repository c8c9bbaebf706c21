package websocket_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"
	"unsafe"

	"github.com/wirews/wirews/internal/pagealias"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// onEveryProcessor runs a test as on a processor whose kernel copies some
// payloads slowly, and as on any other.
func onEveryProcessor(t *testing.T, test func(t *testing.T)) {
	defer pagealias.Affected.Store(pagealias.Affected.Load())
	for _, affected := range []bool{false, true} {
		pagealias.Affected.Store(affected)
		test(t)
	}
}

// atPage returns memory that begins so many bytes into a page, with a pattern
// that tells its places apart.
func atPage(offset, size int) []byte {
	memory := make([]byte, size+2*4096)
	begin := int(-uintptr(unsafe.Pointer(&memory[0]))%4096) + offset
	p := memory[begin : begin+size : begin+size]
	for i := range p {
		p[i] = byte(i*7 + i>>8)
	}
	return p
}

// Wherever a payload lies, however much is held back before it, and however
// often the peer has to be waited for, what is received is what was written.
func TestPayloadsArriveFromAnywhereInAPage(t *testing.T) {
	sizes := []int{4 << 10, 16 << 10, 61<<10 + 5, 62 << 10, 64 << 10, 200_001, 1 << 20}
	held := []int{0, 300, 60_000} // in a frame before, if any
	onEveryProcessor(t, func(t *testing.T) {
		for _, hold := range []bool{false, true} {
			client, server := tcpPair(t)
			server.(*net.TCPConn).SetWriteBuffer(64 << 10)
			c := accept(t, client, server, &websocket.AcceptOptions{HoldReplies: hold})
			all := make(chan []byte)
			go func() {
				b, _ := io.ReadAll(client)
				all <- b
			}()
			var want [][]byte
			for _, before := range held {
				for _, offset := range []int{0, 4, 15, 2048, 4090, (before + 4) % 4096, (before + 8) % 4096} {
					for _, size := range sizes {
						if before > 0 {
							want = append(want, atPage(1, before))
						}
						want = append(want, atPage(offset, size))
					}
				}
			}
			for _, p := range want {
				if err := c.Write(within(t), websocket.MessageBinary, p); err != nil {
					t.Fatal(err)
				}
			}
			c.CloseNow()
			got, err := receiveAll(t, <-all)
			if err != ws.ErrShort || len(got) != len(want) {
				t.Fatalf("hold %v: %d messages, want %d; %v", hold, len(got), len(want), err)
			}
			for i := range want {
				if !bytes.Equal(got[i], want[i]) {
					t.Errorf("hold %v: message %d of %d bytes has been spoilt", hold, i, len(want[i]))
				}
			}
		}
	})
}

// What is left of a cancelled Write is sent, whether it was copied or not.
func TestACancelledWriteOfAWholePage(t *testing.T) {
	onEveryProcessor(t, func(t *testing.T) {
		client, server := tcpPair(t)
		small(server)
		c := accept(t, client, server, nil)
		p := atPage(0, 60_000)
		for cancelled := 0; cancelled < 3; {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Millisecond)
			err := c.Write(ctx, websocket.MessageBinary, p)
			cancel()
			if errors.Is(err, context.DeadlineExceeded) {
				cancelled++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		all := make(chan []byte)
		go func() {
			b, _ := io.ReadAll(client)
			all <- b
		}()
		if err := c.Write(within(t), websocket.MessageBinary, p); err != nil {
			t.Fatal(err)
		}
		c.CloseNow()
		messages, err := receiveAll(t, <-all)
		if err != ws.ErrShort || len(messages) == 0 {
			t.Errorf("%d messages, %v", len(messages), err)
		}
		for _, m := range messages {
			if !bytes.Equal(m, p) {
				t.Errorf("a message of %d bytes has been spoilt", len(m))
			}
		}
	})
}
