package autobahn

import (
	"bytes"
	"slices"
	"sync"
)

// stream is what the fuzzer sends in a case of sections 12 or 13: messages of a
// corpus, compressed one after the other. Many cases send the same, and only cut
// it in other ways, so that they share it: compressing would be the better part
// of the judge's work.
type stream struct {
	streamKind

	mu       sync.Mutex
	plain    *slicer
	deflater *deflater
	messages [][]byte // as far as somebody has asked for them
	size     int      // of all of them, in bytes
}

// streamKind is what tells two streams from each other.
type streamKind struct {
	corpus     *corpus
	unit       int // length of a message
	bits       int // of the window
	noTakeover bool
}

// message returns the compressed message n, counted from 0. It must not be
// changed.
func (s *stream) message(n int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.messages) <= n {
		p := bytes.Clone(s.deflater.compress(s.plain.next()))
		s.messages = append(s.messages, p)
		s.size += len(p)
	}
	return s.messages[n]
}

func (s *stream) memory() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// streamMemory is what streams may hold that no case uses any more, in bytes.
const streamMemory = 128 << 20

// streams are those that were used last. The zero value has none.
type streams struct {
	mu   sync.Mutex
	kept []*stream // the latest one is the last
}

// get returns the stream of that kind, a new one if it is not kept.
func (c *streams) get(kind streamKind) *stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.kept, func(s *stream) bool { return s.streamKind == kind })
	var s *stream
	if i >= 0 {
		s = c.kept[i]
		c.kept = slices.Delete(c.kept, i, i+1)
	} else {
		s = &stream{streamKind: kind, plain: kind.corpus.slicer(kind.unit), deflater: newDeflater(kind.bits, kind.noTakeover)}
	}
	c.kept = append(c.kept, s)
	size := 0
	for i, other := range slices.Backward(c.kept) {
		if size += other.memory(); size > streamMemory && other != s {
			c.kept = slices.Delete(c.kept, 0, i+1)
			break
		}
	}
	return s
}
