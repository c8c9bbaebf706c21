package h3

import (
	"time"

	"github.com/quic-go/quic-go"
)

// defaultWindow is the window of one stream.
const defaultWindow = 256 << 10

// QUICConfig returns a configuration for connections with up to so many WebSockets, in
// either role: a WebSocket that nobody reads does not stop the others, because all of
// their windows together are half of that of the connection. window is how many bytes of one are
// received ahead of whoever reads; it bounds how fast a WebSocket can be received, so
// much in the time that bytes need there and back. Zero stands for 256 KiB. What is set
// besides: a packet after ten seconds of silence, and the loss of the peer after 30.
func QUICConfig(streams, window int) *quic.Config {
	if window <= 0 {
		window = defaultWindow
	}
	streams = max(streams, 1)
	// Once a quarter of the connection's window has been read, it is granted again
	// (so quic-go has it): that much has to fit besides what nobody reads.
	all := 2 * uint64(streams) * uint64(window)
	return &quic.Config{
		MaxIncomingStreams:             int64(streams),
		InitialStreamReceiveWindow:     uint64(window),
		MaxStreamReceiveWindow:         uint64(window),
		InitialConnectionReceiveWindow: all,
		MaxConnectionReceiveWindow:     all,
		KeepAlivePeriod:                10 * time.Second,
		MaxIdleTimeout:                 30 * time.Second,
	}
}
