package websocket

import (
	"math"
	"testing"
)

// However slow HandshakeRate is, it lets in HandshakeBurst, and then no more.
func TestASlowHandshakeRateHasItsBurst(t *testing.T) {
	for _, rate := range []float64{1e-3, 1e-9, 1e-12, math.SmallestNonzeroFloat64} {
		for _, burst := range []int{0, 1, 10} {
			s := &Server{HandshakeRate: rate, HandshakeBurst: burst}
			in := 0
			for range 20 {
				if s.admit(new(member), "") == nil {
					in++
				}
			}
			if in != max(burst, 1) {
				t.Errorf("rate %v, burst %d: %d let in", rate, burst, in)
			}
		}
	}
}
