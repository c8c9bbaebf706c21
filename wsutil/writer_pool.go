package wsutil

import (
	"io"
	"math/bits"
	"sync"

	"github.com/wirews/wirews/ws"
)

// Writers of these sizes, in bytes and powers of two, are pooled.
const (
	minPooled = 128
	maxPooled = 65536
)

// writers has a pool for each size, by its logarithm.
var writers [17]sync.Pool

// GetWriter returns a [Writer] with a buffer of n bytes, header included,
// rounded up to a power of two; from a pool if n is 128 to 65,536. [PutWriter]
// gives it back.
func GetWriter(dest io.Writer, state ws.State, op ws.OpCode, n int) *Writer {
	size := ceilPowerOfTwo(max(n, minPooled))
	if size <= maxPooled {
		if w, ok := writers[bits.Len(uint(size))-1].Get().(*Writer); ok {
			w.Reset(dest, state, op)
			return w
		}
	}
	return NewWriterBufferSize(dest, state, op, size)
}

// PutWriter gives w to the pool that [GetWriter] takes from. What w holds is
// dropped; neither w nor the buffer that it was made with must be used any
// more. Writers of other sizes, however they were made, are left to the
// garbage collector.
func PutWriter(w *Writer) {
	size := len(w.raw)
	if size < minPooled || maxPooled < size || size&(size-1) != 0 {
		return
	}
	w.Reset(nil, 0, 0)
	writers[bits.Len(uint(size))-1].Put(w)
}
