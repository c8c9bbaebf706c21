package differential

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"testing"

	klauspost "github.com/klauspost/compress/flate"

	"github.com/wirews/wirews/internal/deflate"
	"github.com/wirews/wirews/internal/inflate"
)

// inflaters are the readers of others, which read one stream from src with what was
// decoded before.
var inflaters = []struct {
	name string
	read func(src io.Reader, before []byte) io.ReadCloser
}{
	{"compress/flate", flate.NewReaderDict},
	{"klauspost", klauspost.NewReaderDict},
}

// deflaters are the writers of others.
var deflaters = []struct {
	name string
	new  func(w io.Writer, level int) (flusher, error)
}{
	{"compress/flate", func(w io.Writer, level int) (flusher, error) { return flate.NewWriter(w, level) }},
	{"klauspost", func(w io.Writer, level int) (flusher, error) { return klauspost.NewWriter(w, level) }},
}

type flusher interface {
	io.Writer
	Flush() error
}

// What ends a message is left out on its way, and what ends a stream (RFC 7692,
// 7.2.1; RFC 1951, 3.2.4).
const (
	messageEnd = "\x00\x00\xff\xff"
	streamEnd  = "\x01\x00\x00\xff\xff"
)

// levels are those that all know.
var levels = []int{deflate.HuffmanOnly, 1, 2, 3, 4, 5, 6, 7, 8, 9}

// inflateMessage decodes one message, which is to have less than a MiB.
func inflateMessage(f *inflate.Inflater, p []byte) (all []byte, err error) {
	room := make([]byte, 0, 4096)
	for len(all) < 1<<20 {
		out, n, err := f.Inflate(room, p, true)
		all, p = append(all, out...), p[n:]
		if err != nil || len(out) < cap(room) {
			return all, err
		}
	}
	return all, errors.New("too long")
}

// streams decodes streams until one fails or nothing is left of p.
func streams(read func(io.Reader, []byte) io.ReadCloser, p []byte) (all []byte, err error) {
	src := bytes.NewReader(p)
	for src.Len() > 0 && err == nil && len(all) < 1<<20 {
		var more []byte
		more, err = io.ReadAll(io.LimitReader(read(src, all), 1<<20))
		all = append(all, more...)
	}
	return all, err
}

// whole decodes a message by another's reader, and reports whether it ends between two
// blocks. That shows in what may follow: the end of a stream, or a block with a letter. A
// stored block that is to have more than there is would take either for its own.
func whole(read func(io.Reader, []byte) io.ReadCloser, p []byte) (all []byte, ok bool) {
	p = append(p[:len(p):len(p)], messageEnd...)
	p = p[:len(p):len(p)]
	all, err := streams(read, append(p, streamEnd...))
	more, moreErr := streams(read, append(p, "\x01\x01\x00\xfe\xffA"...))
	return all, err == nil && moreErr == nil && string(more) == string(all)+"A"
}

// FuzzInflate gives the same bytes to our decoder and to others. Where another one
// reads a whole message, ours reads the same; where ours does, what the others make of
// it does not differ.
func FuzzInflate(f *testing.F) {
	for _, text := range []string{"", "Hello", "Hello Hello Hello", long + long} {
		for _, level := range levels {
			f.Add(deflated(f, deflaters[0].new, level, text))
		}
	}
	f.Add([]byte("\x00\x05\x00\xfa\xffHello\x00")) // a stored block
	f.Add([]byte("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"))
	f.Add([]byte("\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, p []byte) {
		ours, err := inflateMessage(inflate.New(15, false), p)
		if len(ours) >= 1<<19 {
			return
		}
		for _, l := range inflaters {
			theirs, ok := whole(l.read, p)
			switch {
			case ok && (err != nil || !bytes.Equal(ours, theirs)):
				t.Fatalf("%s decodes %q, ours %q, %v", l.name, theirs, ours, err)
			case err == nil && !bytes.HasPrefix(ours, theirs):
				t.Fatalf("%s begins with %q, ours has %q", l.name, theirs, ours)
			}
		}
	})
}

// deflated returns text as one message of another's writer.
func deflated(t testing.TB, newWriter func(io.Writer, int) (flusher, error), level int, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := newWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, text)
	w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte(messageEnd))
}

// FuzzDeflate compresses two messages by ours, which others have to decode, and by
// others, which ours has to. A second message refers to the first if takeover is set.
func FuzzDeflate(f *testing.F) {
	for i, text := range []string{"", "Hello", "Hello Hello Hello", long + "y" + long} {
		f.Add(text, text+"!", uint8(i), uint8(15), i%2 == 0)
		f.Add(text+text, text, uint8(2*i), uint8(8+i), i%2 != 0)
	}
	f.Fuzz(func(t *testing.T, first, second string, which, windowBits uint8, takeover bool) {
		level, bits := levels[int(which)%len(levels)], 8+int(windowBits)%8
		oursIsRead(t, []string{first, second}, level, bits, takeover)
		oursReads(t, []string{first, second}, level)
	})
}

// oursIsRead has the others decode what ours makes of messages.
func oursIsRead(t *testing.T, messages []string, level, bits int, takeover bool) {
	t.Helper()
	var c deflate.Compressor
	c.Reset(bits, level, takeover)
	var all string
	var stream []byte
	for _, m := range messages {
		if !takeover {
			all, stream = "", nil
		}
		all += m
		stream = append(c.AppendMessage(stream, []byte(m)), messageEnd...)
		for _, l := range inflaters {
			got, err := streams(l.read, append(stream[:len(stream):len(stream)], streamEnd...))
			if err != nil || string(got) != all {
				t.Fatalf("level %d, %d bits, takeover %v: %s makes of %x %q, %v; want %q", level, bits, takeover, l.name, stream, got, err, all)
			}
		}
	}
}

// oursReads has ours decode what the others make of messages, by one writer.
func oursReads(t *testing.T, messages []string, level int) {
	t.Helper()
	for _, l := range deflaters {
		var b bytes.Buffer
		w, err := l.new(&b, level)
		if err != nil {
			t.Fatal(err)
		}
		f := inflate.New(15, true)
		for _, m := range messages {
			b.Reset()
			io.WriteString(w, m)
			w.Flush()
			p := bytes.TrimSuffix(b.Bytes(), []byte(messageEnd))
			if got, err := inflateMessage(f, p); len(m) < 1<<20 && (err != nil || string(got) != m) {
				t.Fatalf("level %d: of %x, which is %q by %s, ours makes %q, %v", level, p, m, l.name, got, err)
			}
		}
	}
}
