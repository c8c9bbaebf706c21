package autobahn

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// messages are some that compress, refer to each other, and are empty.
func messages(c *corpus, size int) (all [][]byte) {
	s := c.slicer(size)
	for range 5 {
		all = append(all, bytes.Clone(s.next()))
	}
	return append(all, nil, all[0], all[0][:1], bytes.Repeat([]byte{0}, 100_000))
}

func TestDeflateComesBack(t *testing.T) {
	for _, bits := range []int{8, 9, 12, 15} {
		for _, fresh := range []bool{false, true} {
			for _, c := range []*corpus{jsonCorpus, bitmapCorpus} {
				t.Run(fmt.Sprintf("%d bits, fresh %t, %s", bits, fresh, c.name), func(t *testing.T) {
					d, i := newDeflater(bits, fresh), newInflater(bits, fresh)
					for n, m := range messages(c, 70_000) {
						got, err := i.decompress(d.compress(m))
						if err != nil || !bytes.Equal(got, m) {
							t.Fatalf("message %d of %d bytes: %d bytes, %v", n, len(m), len(got), err)
						}
					}
				})
			}
		}
	}
}

// RFC 7692, section 7.2.3: its examples.
func TestDeflateOfTheRFC(t *testing.T) {
	for _, c := range []struct {
		name string
		wire string
		want string
	}{
		{"one block", "f248cdc9c90700", "Hello"},
		{"two blocks", "f248050000 00ffffcac9c90700", "Hello"},
		{"without compression", "000500faff48656c6c6f00", "Hello"},
		{"a last block", "f348cdc9c9070000", "Hello"},
		{"two messages in one context, the second refers back", "f2001100 00", "Hello"},
	} {
		i := newInflater(15, false)
		if c.wire == "f2001100 00" {
			if _, err := i.decompress(unhex("f248cdc9c90700").bytes()); err != nil {
				t.Fatal(err)
			}
		}
		wire := unhex(string(bytes.ReplaceAll([]byte(c.wire), []byte(" "), nil))).bytes()
		if got, err := i.decompress(wire); err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
	if got := newDeflater(15, false).compress(nil); string(got) != "\x00" {
		t.Errorf("the empty message is %x, want 00 (RFC 7692, 7.2.3.6)", got)
	}
}

// thoroughly compresses with every match that there is.
func thoroughly(p []byte) []byte {
	d := newDeflater(15, false)
	d.w, _ = flate.NewWriter(&d.out, flate.BestCompression)
	return d.compress(p)
}

func TestInflaterHoldsThePeerToWhatWasAgreed(t *testing.T) {
	noise := make([]byte, 600)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	if _, err := newInflater(9, false).decompress(thoroughly(append(noise, noise[:100]...))); !errors.Is(err, errWindow) {
		t.Errorf("a distance of 600 in a window of 512: %v", err)
	}
	takeover, fresh := newDeflater(15, false), newInflater(15, true)
	if _, err := fresh.decompress(takeover.compress(noise)); err != nil {
		t.Fatal(err)
	}
	if _, err := fresh.decompress(takeover.compress(noise)); err == nil {
		t.Error("a message that refers to the one before it inflates, want an error")
	}
	if _, err := newInflater(15, false).decompress([]byte{0xff, 0xff}); err == nil {
		t.Error("garbage inflates")
	}
	bomb := newDeflater(15, true)
	if _, err := newInflater(15, true).decompress(bomb.compress(make([]byte, maxInflated+1))); !errors.Is(err, errInflated) {
		t.Errorf("a bomb: %v", err)
	}
}

func TestFarthestFindsTheLongestDistance(t *testing.T) {
	for _, gap := range []int{1, 100, 511, 512, 513, 5000, 30000} {
		r := rand.New(rand.NewPCG(1, uint64(gap)))
		p := make([]byte, gap)
		for i := range p {
			p[i] = byte(r.Uint32())
		}
		p = append(p, p[:min(gap, 200)]...)
		wire := append(thoroughly(p), blockEnd...)
		// What is shorter than three bytes does not refer back.
		if got, err := farthest(wire); err != nil || got > gap || gap >= 100 && got != gap {
			t.Errorf("a distance of %d: %d, %v", gap, got, err)
		}
	}
}

// The table of short codes says what the codes themselves do, also where there
// are too many of a length, or too few.
func FuzzPrefixCode(f *testing.F) {
	f.Add([]byte{1, 2, 3, 3}, []byte{0x5a, 0xff, 0x00, 0x81})
	f.Add(bytes.Repeat([]byte{8}, 256), []byte("Hello, world!"))
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15}, bytes.Repeat([]byte{0xff, 0x7f}, 20))
	f.Add([]byte{1, 1, 1, 2}, []byte{0xa5})
	f.Add([]byte{0, 2, 12}, []byte{0x03, 0x00, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, lengths, stream []byte) {
		var all []int
		for _, l := range lengths[:min(len(lengths), 288)] {
			all = append(all, int(l&15))
		}
		code := newPrefixCode(all)
		quick, plain := bitReader{src: stream}, bitReader{src: stream}
		for !plain.atEnd() {
			got, want := code.next(&quick), code.nextByBit(&plain)
			if got != want || quick.short != plain.short || 8*len(quick.src)+quick.n != 8*len(plain.src)+plain.n {
				t.Fatalf("lengths %v: symbol %d, %d bytes and %d bits left, short %t; want %d, %d and %d, %t",
					all, got, len(quick.src), quick.n, quick.short, want, len(plain.src), plain.n, plain.short)
			}
			if want < 0 {
				return
			}
		}
	})
}

func TestBitsAreReadFromTheLowestOn(t *testing.T) {
	b := bitReader{src: octets("\x8d\xff\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b").bytes()}
	want := func(n, v int) {
		t.Helper()
		if got := b.take(n); got != v || b.short {
			t.Errorf("%d bits: got %#x, short %t, want %#x", n, got, b.short, v)
		}
	}
	want(3, 5)
	want(1, 1)
	want(5, 0x18)
	b.align()
	want(16, 0x0201)
	b.skip(8)
	want(8, 0x0b)
	if !b.atEnd() || b.take(1) != 0 || !b.short {
		t.Error("there is something behind the end")
	}
	for _, n := range []int{1, 12, 14} {
		b := bitReader{src: make([]byte, 13)}
		b.take(1)
		b.align()
		if b.skip(n); b.short != (n > 12) || b.atEnd() != (n >= 12) {
			t.Errorf("%d of 12 bytes skipped: short %t, at the end %t", n, b.short, b.atEnd())
		}
	}
}

func FuzzInflate(f *testing.F) {
	f.Add([]byte{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00})
	f.Add(newDeflater(15, false).compress([]byte("Hello, Hello, Hello")))
	f.Fuzz(func(t *testing.T, p []byte) {
		i := newInflater(9, false)
		if m, err := i.decompress(p); err == nil && len(m) > 0 && len(i.dict) == 0 {
			t.Fatalf("%x: message of %d bytes leaves no context", p, len(m))
		}
	})
}

func TestExtensions(t *testing.T) {
	for _, c := range []struct {
		element string
		want    deflateParams
		ok      bool
	}{
		{"permessage-deflate", deflateParams{}, true},
		{"permessage-deflate; server_no_context_takeover;client_no_context_takeover", deflateParams{serverNoTakeover: true, clientNoTakeover: true}, true},
		{`permessage-deflate; server_max_window_bits="10" ; client_max_window_bits=15`, deflateParams{serverBits: 10, clientBits: 15}, true},
		{"permessage-deflate; client_max_window_bits", deflateParams{anyClientBits: true}, true},
		{"permessage-deflate; server_max_window_bits", deflateParams{}, false},
		{"permessage-deflate; server_max_window_bits=16", deflateParams{}, false},
		{"permessage-deflate; server_max_window_bits=7", deflateParams{}, false},
		{"permessage-deflate; server_max_window_bits=09", deflateParams{}, false},
		{"permessage-deflate; server_no_context_takeover=1", deflateParams{}, false},
		{"permessage-deflate; client_no_context_takeover; client_no_context_takeover", deflateParams{}, false},
		{"permessage-deflate; unknown", deflateParams{}, false},
		{"x-webkit-deflate-frame", deflateParams{}, false},
	} {
		got, err := parseDeflate(c.element)
		if (err == nil) != c.ok || c.ok && got != c.want {
			t.Errorf("%s: %+v, %v", c.element, got, err)
		}
	}
}

func TestTheOriginalTakesEveryResponseThatIsWellFormed(t *testing.T) {
	offers := []string{usualOffer + "; server_max_window_bits=9"}
	response := func(s string) head { return head{fields: []field{{"Sec-WebSocket-Extensions", s}}} }
	if p, err := agreed(offers, response("permessage-deflate; server_no_context_takeover"), false); err != nil || p == nil || p.serverBits != 0 {
		t.Errorf("%v, %v", p, err)
	}
	if _, err := agreed(offers, response("permessage-deflate; client_max_window_bits"), false); err == nil {
		t.Error("a response in which client_max_window_bits has no value is taken")
	}
}

func TestAResponseHasToFitAnOffer(t *testing.T) {
	response := func(s string) head { return head{fields: []field{{"Sec-WebSocket-Extensions", s}}} }
	for _, c := range []struct {
		offer, response string
		ok              bool
	}{
		{usualOffer, "permessage-deflate", true},
		{usualOffer, "permessage-deflate; client_max_window_bits=9", true},
		{usualOffer, "permessage-deflate; client_max_window_bits", false},
		{usualOffer, "permessage-deflate; server_max_window_bits=9", true},
		{usualOffer + "; server_max_window_bits=9", "permessage-deflate", false},
		{usualOffer + "; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=10", false},
		{usualOffer + "; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=8", true},
		{freshOffer, "permessage-deflate", false},
		{freshOffer, "permessage-deflate; server_no_context_takeover", true},
		{"permessage-deflate", "permessage-deflate; client_max_window_bits=9", false},
		{usualOffer, "permessage-deflate, permessage-deflate", false},
		{usualOffer, "foo", false},
	} {
		if p, err := agreed([]string{c.offer}, response(c.response), true); (err == nil && p != nil) != c.ok {
			t.Errorf("%s answered with %s: %v, %v", c.offer, c.response, p, err)
		}
	}
}
