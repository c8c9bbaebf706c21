package wsutil

import (
	"io"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/wsproto"
)

// inbox is what a Stream reads into. A message that comes in pieces is put
// together where it lies: the pieces of one frame follow each other anyway,
// and those of the next fragment move up to them.
type inbox struct {
	b    []byte
	r, w int // b[r:w] has been read and not been handled

	open       bool
	start, end int // of the open message, whose bytes so far are b[start:end]

	size  int // of b, but for messages that are longer
	quiet int // reads since there was one
}

// maxQuiet is after how many reads without a long message b becomes small
// again.
const maxQuiet = 64

func newInbox(size int) inbox { return inbox{b: make([]byte, size), size: size} }

func (in *inbox) unread() []byte { return in.b[in.r:in.w] }

func (in *inbox) consume(n int) { in.r += n }

// collect takes a piece of a message, which ends where what has been consumed
// does. Once the message is complete it is returned; it is valid until read.
func (in *inbox) collect(ev wsproto.Event) (message []byte, done bool) {
	if ev.First && ev.Last {
		return ev.Payload, true
	}
	from := in.r - len(ev.Payload)
	if ev.First {
		in.open, in.start, in.end = true, from, from
	}
	if from != in.end {
		copy(in.b[in.end:], in.b[from:in.r])
	}
	in.end += len(ev.Payload)
	in.open = !ev.Last
	return in.b[in.start:in.end:in.end], ev.Last
}

// read reads some bytes from r. All that was read before has been consumed.
func (in *inbox) read(r io.Reader) error {
	in.makeRoom()
	n, err := checkedio.ReadSome(r, in.b[in.w:])
	if in.w += n; n > 0 {
		return nil // if err is not nil, the next Read returns it again
	}
	return err
}

// makeRoom makes room for at least one byte. The buffer doubles with what has
// arrived, never with what was declared.
func (in *inbox) makeRoom() {
	if !in.open {
		in.start, in.end = 0, 0
		in.shrink()
	}
	if in.end == len(in.b) {
		b := in.b
		if held := in.end - in.start; held > len(b)/2 {
			b, in.quiet = make([]byte, 2*len(b)), 0
		}
		in.end = copy(b, in.b[in.start:in.end])
		in.start, in.b = 0, b
	}
	in.r, in.w = in.end, in.end
}

func (in *inbox) shrink() {
	if len(in.b) == in.size {
		return
	}
	if in.quiet++; in.quiet > maxQuiet {
		in.b = make([]byte, in.size)
	}
}
