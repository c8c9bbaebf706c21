package serve

import "sync"

const (
	waitSize   = 1 << 10  // bytes that a connection owns to read into
	bufferSize = 64 << 10 // bytes of what is lent to a busy one
)

// buffers lends memory to the connections that are busy, to read into and to
// gather what is to be written: one that waits holds none of it.
var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// inbox is what a connection reads into.
type inbox struct {
	own  [waitSize]byte
	lent *[bufferSize]byte
}

// room returns where to read next: much, if the last read has filled what a
// connection owns. So one whose peer has fallen silent behind a big message
// gives the memory back no later than at the pong that keepalive asks for.
func (i *inbox) room(last int) []byte {
	if last < waitSize {
		i.release()
		return i.own[:]
	}
	if i.lent == nil {
		i.lent = buffers.Get().(*[bufferSize]byte)
	}
	return i.lent[:]
}

func (i *inbox) release() {
	if i.lent != nil {
		buffers.Put(i.lent)
		i.lent = nil
	}
}
