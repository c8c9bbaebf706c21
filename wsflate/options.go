package wsflate

import "github.com/wirews/wirews/wsproto"

// Levels of compression. Those between are possible too.
const (
	HuffmanOnly = -2 // no references to what came before
	Fastest     = 1
	Balanced    = 6
	Smallest    = 9
)

// What a zero field of Options stands for.
const (
	DefaultLevel = Fastest

	// DefaultThreshold is that of messages that are compressed separately.
	DefaultThreshold = 512 // bytes
	// DefaultTakeoverThreshold is that of messages that may refer to those
	// before them.
	DefaultTakeoverThreshold = 128 // bytes

	DefaultMaxSize  = wsproto.DefaultMaxMessage // bytes
	DefaultMaxRatio = 200
)

// ratioFloor is how many bytes a message may inflate to whatever its ratio
// is: a few megabytes of one repeated byte are nobody's attack.
const ratioFloor = 8 << 20

// Options is how a connection compresses, and what it takes from the peer. The
// zero value, and nil, stand for the defaults.
type Options struct {
	// Level is HuffmanOnly or from Fastest to Smallest. Zero: DefaultLevel.
	Level int

	// Threshold is the size in bytes from which on messages are compressed;
	// those of unknown size always are. Zero: DefaultThreshold, or
	// DefaultTakeoverThreshold. Negative: all messages.
	Threshold int64

	// MaxSize is how many bytes a message may inflate to. Zero:
	// DefaultMaxSize. Negative: no limit. What reads the messages may have a
	// lower one.
	MaxSize int64

	// MaxRatio is how many times as long as what the peer has sent of it a
	// message may become, once it is longer than 8 MiB. Zero:
	// DefaultMaxRatio. Negative: no limit; DEFLATE itself ends at 1,032.
	MaxRatio int64

	// Budget counts what the connection holds; see Budget. Nil: nobody counts.
	Budget *Budget
}

func (o *Options) level() int {
	if o == nil || o.Level == 0 {
		return DefaultLevel
	}
	return o.Level
}

func (o *Options) threshold(takeover bool) int64 {
	switch {
	case o != nil && o.Threshold != 0:
		return o.Threshold
	case takeover:
		return DefaultTakeoverThreshold
	}
	return DefaultThreshold
}

func (o *Options) maxSize() int64 {
	if o == nil || o.MaxSize == 0 {
		return DefaultMaxSize
	}
	return o.MaxSize
}

func (o *Options) maxRatio() int64 {
	if o == nil || o.MaxRatio == 0 {
		return DefaultMaxRatio
	}
	return o.MaxRatio
}

func (o *Options) budget() *Budget {
	if o == nil {
		return nil
	}
	return o.Budget
}
