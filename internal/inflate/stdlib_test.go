package inflate

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"testing"
)

// TestAgainstStandardLibrary decodes what compress/flate encodes, one message
// after the other.
func TestAgainstStandardLibrary(t *testing.T) {
	all := samples(20_000)
	for _, level := range levels {
		for _, takeover := range []bool{false, true} {
			var dict []byte
			var messages [][]byte
			for _, s := range all {
				messages = append(messages, deflate(t, level, dict, s.data))
				if takeover {
					dict = append(dict, s.data...)
				}
			}
			for _, room := range []int{1, 7, 300, 4096, 1 << 20} {
				f := New(15, takeover)
				r := rand.New(rand.NewPCG(uint64(level), uint64(room)))
				for i, m := range messages {
					got, _, err := decode(f, cut(r, m, len(m)/2+1), room)
					if err != nil || !bytes.Equal(got, all[i].data) {
						t.Fatalf("level %d, takeover %v, room %d, %s: %d of %d bytes, %v", level, takeover, room, all[i].name, len(got), len(all[i].data), err)
					}
				}
			}
		}
	}
}

// standard decodes a message with compress/flate, stream after stream.
func standard(message []byte) (out []byte, err error) {
	// A message that ends between two blocks needs no tail. Which it is shows
	// in what can follow.
	if out, ok := standardEnds(message); ok {
		return out, nil
	}
	message = append(message[:len(message):len(message)], tail[:]...)
	if out, ok := standardEnds(message); ok {
		return out, nil
	}
	out, _, err = standardStreams(message)
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return out, err
}

// standardEnds reports whether the message ends between two blocks: then one
// more, be it empty or of one letter, makes a whole stream of it.
func standardEnds(message []byte) (out []byte, ok bool) {
	message = message[:len(message):len(message)]
	out, rest, err := standardStreams(append(message, 0x01, 0x00, 0x00, 0xff, 0xff))
	more, rest2, err2 := standardStreams(append(message, 0x01, 0x01, 0x00, 0xfe, 0xff, 'A'))
	ok = err == nil && err2 == nil && rest == 0 && rest2 == 0 && bytes.Equal(more, append(out[:len(out):len(out)], 'A'))
	return out, ok
}

// standardStreams decodes streams until one fails or nothing is left.
func standardStreams(p []byte) (out []byte, rest int, err error) {
	src := bytes.NewReader(p)
	for src.Len() > 0 && err == nil {
		var more []byte
		more, err = io.ReadAll(flate.NewReaderDict(src, out))
		out = append(out, more...)
	}
	return out, src.Len(), err
}

// likeStandard holds Inflater against compress/flate.
func likeStandard(t *testing.T, message []byte) {
	t.Helper()
	want, wantErr := standard(message)
	got, _, err := decode(New(15, false), [][]byte{message}, 4096)
	same := bytes.Equal(got, want)
	if wantErr == io.ErrUnexpectedEOF || err == ErrNoEndOfBlock {
		// compress/flate waits for as many bits as the end of a block has, even
		// if a shorter code is there, and misses that end only at the last.
		same = bytes.HasPrefix(got, want) || err == ErrNoEndOfBlock && bytes.HasPrefix(want, got)
	}
	if (err == nil) != (wantErr == nil) || !same {
		t.Fatalf("%x: %d bytes %.40q, %v; compress/flate: %d bytes %.40q, %v", message, len(got), got, err, len(want), want, wantErr)
	}
}

// TestMutatedLikeStandardLibrary flips each bit of small messages.
func TestMutatedLikeStandardLibrary(t *testing.T) {
	mutated(t, 1, func(m []byte) { likeStandard(t, m) })
}

func FuzzLikeStandardLibrary(f *testing.F) {
	seeds(f, func(m []byte) { f.Add(m) })
	f.Fuzz(likeStandard)
}
