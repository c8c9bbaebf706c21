package websocket_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"unsafe"

	"github.com/wirews/wirews/internal/pagealias"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// onEveryProcessor runs a test as on a processor whose kernel copies some
// payloads slowly, and as on any other.
func onEveryProcessor(test func()) {
	defer pagealias.Affected.Store(pagealias.Affected.Load())
	for _, affected := range []bool{false, true} {
		pagealias.Affected.Store(affected)
		test()
	}
}

// atPage returns memory that begins so many bytes into a page, with a pattern
// that tells its places apart.
func atPage(offset, size int) []byte {
	memory := make([]byte, size+2*pagealias.PageSize)
	begin := int(-uintptr(unsafe.Pointer(&memory[0]))%pagealias.PageSize) + offset
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
	onEveryProcessor(func() {
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
				for _, offset := range []int{0, 4, 15, 2048, 4090, (before + 4) % pagealias.PageSize, (before + 8) % pagealias.PageSize} {
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
