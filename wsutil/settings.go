package wsutil

import (
	"math"
	"sync/atomic"

	"github.com/wirews/wirews/internal/growread"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// DefaultWriteBuffer is the size in bytes of the buffer that NewWriter makes.
// It must not be changed while Writers are being made.
var DefaultWriteBuffer = 4096

// What the helpers that have no state of their own go by, for the whole
// program. Readers have fields for the same.
var (
	maxFrameSize   atomic.Int64
	maxMessageSize atomic.Int64
	preallocLimit  atomic.Int64
	skipUTF8       atomic.Bool
)

func init() {
	maxMessageSize.Store(wsproto.DefaultMaxMessage)
	preallocLimit.Store(growread.First)
}

// SetMaxFrameSize sets the longest payload of a frame, in bytes, that the
// helpers accept. Zero, the default, leaves it to the limit on messages. Safe
// for concurrent use.
func SetMaxFrameSize(n int64) { maxFrameSize.Store(n) }

// MaxFrameSize returns what SetMaxFrameSize has set.
func MaxFrameSize() int64 { return maxFrameSize.Load() }

// SetMaxMessageSize sets the longest message, in bytes, that the helpers
// accept. The default is wsproto.DefaultMaxMessage: room for what is sent in
// earnest, and no more than a small server can hold for some dozens of peers at a
// time. Zero takes the limit away. Safe for concurrent use.
func SetMaxMessageSize(n int64) { maxMessageSize.Store(n) }

// MaxMessageSize returns what SetMaxMessageSize has set.
func MaxMessageSize() int64 { return maxMessageSize.Load() }

// SetPreallocLimit sets how many bytes the helpers allocate for a payload
// before any of it has arrived, at most; the default is 32 KiB. It panics if n
// is not positive. Safe for concurrent use.
func SetPreallocLimit(n int64) {
	if n <= 0 {
		panic("wsutil: SetPreallocLimit with a limit that is not positive")
	}
	preallocLimit.Store(n)
}

// PreallocLimit returns what SetPreallocLimit has set.
func PreallocLimit() int64 { return preallocLimit.Load() }

// prealloc is PreallocLimit as the size of a slice, which has fewer bits on
// some machines.
func prealloc() int { return int(min(PreallocLimit(), math.MaxInt)) }

// SetCheckUTF8 sets whether the helpers check that text is UTF-8, as RFC 6455,
// section 8.1, demands; they do by default. Safe for concurrent use.
func SetCheckUTF8(v bool) { skipUTF8.Store(!v) }

// CheckUTF8 returns what SetCheckUTF8 has set.
func CheckUTF8() bool { return !skipUTF8.Load() }

// helperLimits are the settings as wsproto takes them.
func helperLimits() wsproto.Limits {
	return wsproto.Limits{Frame: orNone(MaxFrameSize()), Message: orNone(MaxMessageSize())}
}

// orNone turns a size of which zero means no limit into one of wsproto's.
func orNone(n int64) int64 {
	if n <= 0 {
		return -1
	}
	return n
}

// owned are the RSV bits that an endpoint in state s leaves to extensions that
// this package is not told of.
func owned(s ws.State) byte {
	if s.Extended() {
		return 7
	}
	return 0
}
