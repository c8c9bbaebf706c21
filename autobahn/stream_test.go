package autobahn

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
)

// Cases that share a stream, and ask for its messages at once, get what each
// would have compressed for itself.
func TestStreamsAreWhatACaseWouldCompressForItself(t *testing.T) {
	var all streams
	for _, kind := range []streamKind{
		{jsonCorpus, 1000, 15, false}, {jsonCorpus, 1000, 15, true}, {jsonCorpus, 1000, 9, true}, {jsonCorpus, 1001, 15, false}, {proseCorpus, 1000, 15, false},
	} {
		t.Run(fmt.Sprint(kind.corpus.name, kind.unit, kind.bits, kind.noTakeover), func(t *testing.T) {
			var cases sync.WaitGroup
			for range 3 {
				cases.Go(func() {
					shared := all.get(kind)
					plain, own := kind.corpus.slicer(kind.unit), newDeflater(kind.bits, kind.noTakeover)
					for n := range 50 {
						if got, want := shared.message(n), own.compress(plain.next()); !bytes.Equal(got, want) {
							t.Errorf("message %d is %d bytes, want %d", n, len(got), len(want))
							return
						}
					}
				})
			}
			cases.Wait()
		})
	}
	if n := len(all.kept); n != 5 {
		t.Errorf("%d streams are kept, want 5", n)
	}
}

func TestStreamsKeepWhatWasUsedLast(t *testing.T) {
	var all streams
	kind := func(unit int) streamKind { return streamKind{bitmapCorpus, unit, 15, true} }
	first := all.get(kind(1))
	first.size = streamMemory / 2
	second := all.get(kind(2))
	second.size = streamMemory / 2
	if all.get(kind(1)) != first || all.get(kind(2)) != second {
		t.Error("a stream is dropped while there is room")
	}
	all.get(kind(1))
	third := all.get(kind(3))
	third.size = 1
	if all.get(kind(1)) != first {
		t.Error("the stream that was used last but one is dropped")
	}
	if all.get(kind(3)) != third {
		t.Error("the stream that was used last is dropped")
	}
	if all.get(kind(2)) == second {
		t.Error("the stream that was not used for the longest time is kept")
	}
}
