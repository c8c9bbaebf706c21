package wsflate

import "sync"

// scratch is where a message is put together whose size is not known.
type scratch struct{ p []byte }

// Write appends p.
func (s *scratch) Write(p []byte) (int, error) {
	s.p = append(s.p, p...)
	return len(p), nil
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// maxScratch is the largest memory that the pool keeps, in bytes.
const maxScratch = 1 << 20

func borrowScratch() *scratch { return scratches.Get().(*scratch) }

func (s *scratch) giveBack() {
	if cap(s.p) <= maxScratch {
		s.p = s.p[:0]
		scratches.Put(s)
	}
}
