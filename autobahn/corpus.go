package autobahn

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"unicode/utf8"
)

// corpus is the data that the messages of sections 12 and 13 are cut from. It is
// generated, always the same, and of about the size and the kind of the
// original's files.
type corpus struct {
	name  string
	about string
	text  bool // messages are text, and cut between code points
	size  int  // in bytes, at least
	add   func(*strings.Builder, *rand.Rand)

	once  sync.Once
	data  string
	units int   // bytes, or of a text code points
	index []int // of a text: where each code point begins
}

var (
	jsonCorpus   = &corpus{name: "json", about: "JSON", text: true, size: 194056, add: addJSON}
	bitmapCorpus = &corpus{name: "bitmap", about: "a picture without compression", size: 263222, add: addBitmap}
	proseCorpus  = &corpus{name: "prose", about: "prose", size: 222218, add: addProse}
	markupCorpus = &corpus{name: "markup", about: "HTML with letters beyond ASCII", text: true, size: 263647, add: addMarkup}
	mixedCorpus  = &corpus{name: "mixed", about: "a document in which most is compressed already", size: 1042328, add: addMixed}
)

// load generates the data.
func (c *corpus) load() {
	c.once.Do(func() {
		r := rand.New(rand.NewPCG(6455, 7692))
		var b strings.Builder
		for b.Len() < c.size {
			c.add(&b, r)
		}
		c.data = b.String()[:c.size]
		for !utf8.ValidString(c.data) && c.text {
			c.data = c.data[:len(c.data)-1]
		}
		c.units = len(c.data)
		if c.text {
			for i := range c.data {
				c.index = append(c.index, i)
			}
			c.units = len(c.index)
		}
	})
}

// slicer cuts messages of that many units from the corpus, one after the other;
// what crosses the end goes on at the start.
type slicer struct {
	c        *corpus
	size     int
	position int
	current  []byte
}

func (c *corpus) slicer(size int) *slicer {
	c.load()
	return &slicer{c: c, size: size}
}

// next returns the next message, valid until the one after it.
func (s *slicer) next() []byte {
	s.current = s.current[:0]
	from, n := s.position, s.size
	for n > 0 {
		take := min(n, s.c.units-from)
		s.current = append(s.current, s.c.data[s.c.at(from):s.c.at(from+take)]...)
		n -= take
		from = 0
	}
	s.position = (s.position + s.size) % s.c.units
	return s.current
}

// at returns where a unit begins.
func (c *corpus) at(unit int) int {
	switch {
	case !c.text:
		return unit
	case unit == c.units:
		return len(c.data)
	}
	return c.index[unit]
}

var words = strings.Fields(`the of and to in is that it was for on are with as his they at be this from have or by
one had not but what all were when we there can an your which their said if do will each about how up out them then
she many some so these would other into has more her two like him see time could no make than first been its who now
people my made over did down only way find use may water long little very after words called just where most know
river mountain garden window letter evening morning captain shadow silence journey harbour lantern winter summer`)

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func addJSON(b *strings.Builder, r *rand.Rand) {
	fmt.Fprintf(b, "{\n  \"id\": %d,\n  \"name\": \"%s %s\",\n  \"active\": %t,\n  \"score\": %.3f,\n  \"tags\": [\"%s\", \"%s\"],\n  \"note\": \"",
		r.IntN(1e6), pick(r, words), pick(r, words), r.IntN(2) == 0, r.Float64()*100, pick(r, words), pick(r, words))
	addWords(b, r, 5+r.IntN(20))
	b.WriteString("\"\n},\n")
}

func addWords(b *strings.Builder, r *rand.Rand, n int) {
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(pick(r, words))
	}
}

func addProse(b *strings.Builder, r *rand.Rand) {
	for range 3 + r.IntN(6) {
		addWords(b, r, 6+r.IntN(14))
		b.WriteString(pick(r, []string{". ", ", ", "; ", ".\r\n", "! "}))
	}
	b.WriteString("\r\n\r\n")
}

func addMarkup(b *strings.Builder, r *rand.Rand) {
	fmt.Fprintf(b, "<div class=%q id=\"n%d\"><h2>%s – %s</h2>\n<p>", pick(r, words), r.IntN(1e4), pick(r, words), pick(r, words))
	addWords(b, r, 10+r.IntN(40))
	fmt.Fprintf(b, "</p><a href=\"/%s/%s.html\">%s €</a></div>\n", pick(r, words), pick(r, words), pick(r, words))
}

// addBitmap adds a row of a picture: values that change slowly, with noise.
func addBitmap(b *strings.Builder, r *rand.Rand) {
	v := r.IntN(256)
	for range 512 {
		v += r.IntN(9) - 4
		b.WriteByte(byte(max(0, min(255, v))))
	}
}

func addMixed(b *strings.Builder, r *rand.Rand) {
	fmt.Fprintf(b, "%d 0 obj << /Length %d /Filter /FlateDecode >> stream\n", r.IntN(1e4), 4096)
	for range 512 {
		v := r.Uint64()
		for range 8 {
			b.WriteByte(byte(v))
			v >>= 8
		}
	}
	b.WriteString("\nendstream endobj\n")
	addProse(b, r)
}
