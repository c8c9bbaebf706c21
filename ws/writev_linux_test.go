package ws_test

import (
	"bytes"
	"net"
	"path/filepath"
	"testing"

	"github.com/wirews/wirews/ws"
)

// A "unixpacket" socket keeps the borders of system calls: what one write(2)
// or writev(2) sent is what one read gives. So it shows that a frame leaves in
// one system call, through the wrapper for early bytes too: net.Buffers finds
// its way by an unexported method that only embedding the concrete type hands
// on.
func TestLargeFrameIsOneSystemCall_30_69(t *testing.T) {
	client, server := connPair(t, "unixpacket", filepath.Join(t.TempDir(), "s"))
	for _, tt := range []struct {
		name string
		w    net.Conn
	}{
		{"#30: #69: a unix socket", client},
		{"#30: #69: a unix socket with early bytes", ws.WithEarly(client, []byte("early"))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, n := range []int{0, 5, 16 << 10, 16<<10 + 1, 100_000} {
				f := ws.NewBinaryFrame(pattern(n))
				if err := ws.WriteFrame(tt.w, f); err != nil {
					t.Fatal(err)
				}
				packet := make([]byte, 200_000)
				k, err := server.Read(packet)
				if err != nil || !bytes.Equal(packet[:k], ws.AppendFrame(nil, f)) {
					t.Errorf("payload of %d bytes: the first packet has %d bytes, error %v", n, k, err)
				}
			}
		})
	}
}
