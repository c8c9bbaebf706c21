package endpoint

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/bufpool"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// sender is an Outbox with the peer that gets what it sends.
type sender struct {
	Outbox
	t    testing.TB
	sent []byte
}

func newSender(t testing.TB, config *wsproto.Config, e wsproto.Encoder) *sender {
	return &sender{t: t, Outbox: Outbox{Sender: wsproto.Sender{Config: config, Encoder: e}}}
}

// write is a write that takes n bytes of what waits.
func (s *sender) write(n int) {
	s.sent = append(s.sent, s.Pending()[:n]...)
	s.Written(n)
}

// got is what the peer makes of all that was sent, and of what waits. It may not
// find a fault in that.
func (s *sender) got() outcome {
	s.t.Helper()
	config := clientConfig
	if s.Sender.Config == clientConfig {
		config = serverConfig
	}
	var d wsproto.Decoder
	if s.Sender.Encoder != nil {
		d = new(runs)
	}
	return received(s.t, config, d, join(s.sent, s.Pending()))
}

func (s *sender) want(when string, events ...string) {
	s.t.Helper()
	if got := s.got(); got.err != nil || len(got.part) > 0 || !slices.Equal(got.events, events) {
		s.t.Errorf("%s: the peer gets %v, want %.500q", when, got, events)
	}
}

// must is for what may not fail.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// appends are all that an Outbox may be asked to append, with what a server
// sends, and what a client does with the masking key of the tests.
var appends = []struct {
	name, server, client string
	do                   func(o *Outbox) error
}{
	{"text", "8105 48656c6c6f", "8185 37fa213d 7f9f4d5158", func(o *Outbox) error { return o.Message(ws.OpText, []byte("Hello")) }},
	{"empty binary", "8200", "8280 37fa213d", func(o *Outbox) error { return o.Message(ws.OpBinary, nil) }},
	{"header", "8205 48656c6c6f", "", func(o *Outbox) error {
		err := o.Head(ws.OpBinary, 5)
		o.mem.B = append(o.mem.B, "Hello"...) // in place of a shell, which sends it as it lies
		return err
	}},
	{"prepared", "8105 48656c6c6f", "8185 37fa213d 7f9f4d5158", func(o *Outbox) error { return o.Prepared(wstest.Unhex("8105 48656c6c6f"), 5) }},
	{"fragments", "0103 48656c 8002 6c6f", "0183 37fa213d 7f9f4d 8082 37fa213d 5b95", func(o *Outbox) error {
		return errors.Join(o.Sender.BeginMessage(ws.OpText, -1), o.Fragment([]byte("Hel"), false), o.Fragment(nil, false), o.Fragment([]byte("lo"), true))
	}},
	{"ping", "8905 48656c6c6f", "8985 37fa213d 7f9f4d5158", func(o *Outbox) error { return o.Ping([]byte("Hello")) }},
	{"pong", "8a05 48656c6c6f", "8a85 37fa213d 7f9f4d5158", func(o *Outbox) error {
		o.Answer(wsproto.Event{Op: ws.OpPing, First: true, Last: true, Payload: []byte("Hello")}, nil, 0)
		return nil
	}},
	{"pong that no ping has asked for", "8a05 48656c6c6f", "8a85 37fa213d 7f9f4d5158", func(o *Outbox) error { return o.Pong([]byte("Hello")) }},
	{"no answer", "", "", func(o *Outbox) error {
		o.Answer(wsproto.Event{Op: ws.OpText, First: true, Last: true}, nil, 0)
		o.Answer(wsproto.Event{Op: ws.OpPong, First: true, Last: true}, nil, 0)
		o.Answer(wsproto.Event{}, nil, 0)
		return nil
	}},
	{"close", "8805 03e8 627965", "8885 37fa213d 3412 43 44 52", func(o *Outbox) error { return o.Close(1000, "bye", 0) }},
}

func TestOutboxAppendsFrames(t *testing.T) {
	for _, tc := range appends {
		for _, config := range []*wsproto.Config{serverConfig, clientConfig} {
			want := tc.server
			if config == clientConfig {
				want = tc.client
			}
			if want == "" && tc.name == "header" {
				continue
			}
			o := Outbox{Sender: wsproto.Sender{Config: config}}
			must(t, tc.do(&o))
			if got := o.Pending(); !bytes.Equal(got, wstest.Unhex(want)) || o.Len() != len(got) {
				t.Errorf("%s, client %v: %x, want %s", tc.name, config == clientConfig, got, want)
			}
			o.Drop()
		}
	}
}

// However many bytes a write takes, the peer gets every frame once and in order.
func TestEveryPartialWriteSendsTheFramesInOrder(t *testing.T) {
	for _, config := range []*wsproto.Config{serverConfig, clientConfig} {
		fresh := func(e wsproto.Encoder) *sender {
			s := newSender(t, config, e)
			for _, tc := range appends {
				if tc.name != "header" && tc.name != "close" {
					must(t, tc.do(&s.Outbox))
				}
			}
			must(t, s.Message(ws.OpText, []byte("aaaaaa")))
			must(t, s.Message(ws.OpBinary, bytes.Repeat([]byte("xyz"), 100)))
			return s
		}
		for _, e := range []func() wsproto.Encoder{
			func() wsproto.Encoder { return nil },
			func() wsproto.Encoder { return new(runs) },
		} {
			all := fresh(e()).Len()
			for n := range all + 1 {
				s := fresh(e())
				s.write(n)
				must(t, s.Ping([]byte("last")))
				for step := n; s.Len() > 0; {
					s.write(min(max(step, 1), s.Len()))
				}
				s.want(fmt.Sprintf("%d of %d bytes", n, all), "text:Hello", "binary:", "text:Hello", "text:Hello", "ping:Hello", "pong:Hello", "pong:Hello",
					"text:aaaaaa", "binary:"+strings.Repeat("xyz", 100), "ping:last")
				if s.mem != nil {
					t.Fatalf("%d of %d bytes: memory is kept where nothing waits", n, all)
				}
			}
		}
	}
}

func TestOutboxHasMemoryOnlyWhileSomethingWaits(t *testing.T) {
	closed := func(o *Outbox) { o.Close(1000, "", 0); o.Written(o.Len()) }
	for _, tc := range []struct {
		name string
		do   func(o *Outbox) error
		err  error
	}{
		{"new", func(o *Outbox) error { return nil }, nil},
		{"written", func(o *Outbox) error { return o.Message(ws.OpText, make([]byte, 200_000)) }, nil},
		{"nothing written", func(o *Outbox) error { o.Written(0); return nil }, nil},
		{"no answer", func(o *Outbox) error { o.Answer(wsproto.Event{Op: ws.OpText}, nil, 0); return nil }, nil},
		{"dropped", func(o *Outbox) error { o.Ping(nil); o.Drop(); o.Drop(); return nil }, nil},
		{"wrong opcode", func(o *Outbox) error { return o.Message(ws.OpPing, []byte("x")) }, wsproto.ErrMessageOpCode},
		{"wrong opcode of a header", func(o *Outbox) error { return o.Head(ws.OpPing, 1) }, wsproto.ErrMessageOpCode},
		{"no message", func(o *Outbox) error { return o.Fragment([]byte("x"), true) }, wsproto.ErrNoMessage},
		{"an empty fragment", func(o *Outbox) error { o.Sender.BeginMessage(ws.OpText, -1); return o.Fragment(nil, false) }, nil},
		{"wrong prepared frame", func(o *Outbox) error { return o.Prepared([]byte("\x89\x00"), 0) }, wsproto.ErrPrepared},
		{"ping too long", func(o *Outbox) error { return o.Ping(make([]byte, 126)) }, wsproto.ErrControlTooLong},
		{"pong too long", func(o *Outbox) error { return o.Pong(make([]byte, 126)) }, wsproto.ErrControlTooLong},
		{"pong after a close frame", func(o *Outbox) error { closed(o); return o.Pong(nil) }, wsproto.ErrClosed},
		{"ping after a close frame", func(o *Outbox) error { closed(o); return o.Ping(nil) }, wsproto.ErrClosed},
		{"message after a close frame", func(o *Outbox) error { closed(o); return o.Message(ws.OpText, nil) }, wsproto.ErrClosed},
		{"close after a close frame", func(o *Outbox) error { closed(o); return o.Close(1001, "", 0) }, wsproto.ErrClosed},
		{"close with a code that is none", func(o *Outbox) error { return o.Close(1006, "", 0) }, ws.ErrProtocolStatusCodeApplicationLevel},
	} {
		o := Outbox{}
		if err := tc.do(&o); err != tc.err && (err == nil || tc.err == nil || !errors.Is(err, tc.err)) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.err)
		}
		o.Written(o.Len())
		if o.mem != nil || o.late() != nil || o.Len() != 0 || o.Pending() != nil || o.Due(HoldNothing) {
			t.Errorf("%s: want no memory: %d bytes wait", tc.name, o.Len())
		}
	}
}

// brittle is an Encoder that fails at an x.
type brittle struct{ runs }

var errBrittle = errors.New("brittle: cannot encode x")

func (b *brittle) Encode(dst, src []byte, fin bool) ([]byte, int, error) {
	if bytes.IndexByte(src, 'x') >= 0 {
		return append(dst[:len(dst):cap(dst)], '!'), 1, errBrittle
	}
	return b.runs.Encode(dst, src, fin)
}

func TestNothingIsSentOfWhatAnEncoderFailsAt(t *testing.T) {
	s := newSender(t, serverConfig, new(brittle))
	must(t, s.Message(ws.OpText, []byte("aaaa")))
	if err := s.Message(ws.OpText, []byte("aaax")); err != errBrittle {
		t.Errorf("%v, want %v", err, errBrittle)
	}
	must(t, s.Ping([]byte("?")))
	s.want("a ping after it", "text:aaaa", "ping:?")
}

func TestOutboxGrowsGeometrically(t *testing.T) {
	s := newSender(t, serverConfig, nil)
	message, moved, size := make([]byte, 1000), 0, 0
	for range 20_000 { // 20 MB
		must(t, s.Message(ws.OpBinary, message))
		if cap(s.mem.B) != size {
			if moved++; cap(s.mem.B) < 2*size {
				t.Errorf("%d bytes after %d, want twice as many", cap(s.mem.B), size)
			}
			size = cap(s.mem.B)
		}
	}
	if moved > 6 {
		t.Errorf("moved %d times", moved)
	}
	s.Drop()
}

// An append that moved what waits would leave memory behind that no pool takes
// back, and lose the place of a payload in its page.
func TestOutboxAppendsIntoMemoryOfThePools(t *testing.T) {
	for _, config := range []*wsproto.Config{serverConfig, clientConfig} {
		for _, size := range []int{0, 125, 126, 1 << 16, bufpool.Smallest - ws.MaxHeaderSize, bufpool.Smallest, 200 << 10, 1 << 20} {
			for _, held := range []int{0, 1, 16 << 10, 62 << 10, bufpool.Smallest} {
				o := Outbox{Sender: wsproto.Sender{Config: config}}
				if held > 0 {
					o.mem = bufpool.Borrow(held)
					o.mem.B = o.mem.B[:held]
				}
				must(t, o.Message(ws.OpBinary, make([]byte, size)))
				if want := bufpool.Borrow(cap(o.mem.B)); cap(want.B) != cap(o.mem.B) {
					t.Errorf("%d bytes after %d: memory of %d bytes, which is that of no pool", size, held, cap(o.mem.B))
				}
				if begin := o.Len() - size; begin < held || begin > held+ws.MaxHeaderSize {
					t.Errorf("%d bytes after %d: the payload begins at %d", size, held, begin)
				}
				o.Drop()
			}
		}
	}
}

func TestDueAndFitsAtTheirBounds(t *testing.T) {
	waiting := func(n int) *Outbox {
		o := new(Outbox)
		if n > 0 {
			o.mem = bufpool.Borrow(n)
			o.mem.B = o.mem.B[:n]
		}
		return o
	}
	for _, h := range []Hold{HoldNothing, HoldReplies, HoldBatch} {
		for _, n := range []int{0, 1, int(h) - 1, int(h), int(h) + 1} {
			if n < 0 {
				continue
			}
			o := waiting(n)
			if got, want := o.Due(h), n > 0 && n >= int(h); got != want {
				t.Errorf("%d bytes wait, Due(%d): %v, want %v", n, h, got, want)
			}
			for _, room := range []int{-1, 0, 1} {
				more := int(h) - ws.MaxHeaderSize - n + room
				if more < 0 {
					continue
				}
				if got, want := o.Fits(h, more), n+more+ws.MaxHeaderSize < int(h); got != want {
					t.Errorf("%d bytes wait, Fits(%d, %d): %v, want %v", n, h, more, got, want)
				}
			}
			o.Drop()
		}
		// What fits is not due.
		s := newSender(t, clientConfig, nil)
		for size := int(h) - ws.MaxHeaderSize - 1; size > 0 && s.Fits(h, size); size /= 2 {
			must(t, s.Message(ws.OpBinary, make([]byte, size)))
			if s.Due(h) {
				t.Errorf("a message of %d bytes fits into %d, and is due", size, h)
			}
			s.Drop()
		}
	}
	if int(HoldBatch) > bufpool.Smallest || int(HoldBatch) >= MaxRest {
		t.Error("want HoldBatch to fit into the smallest buffer, and to be less than MaxRest")
	}
}

func pinged(p string) wsproto.Event {
	return wsproto.Event{Op: ws.OpPing, First: true, Last: true, Payload: []byte(p)}
}

// filled is a sender with n bytes waiting, one message, and the event that the
// peer gets for it.
func filled(t testing.TB, n int) (*sender, string) {
	s := newSender(t, serverConfig, nil)
	header := 2
	for ws.HeaderSize(ws.Header{Length: int64(n - header)}) > header {
		header++
	}
	p := strings.Repeat("f", n-header)
	must(t, s.Message(ws.OpBinary, []byte(p)))
	if s.Len() != n {
		t.Fatalf("%d bytes, want %d", s.Len(), n)
	}
	return s, "binary:" + p
}

func TestPongsWaitWhileTooMuchDoesAndTheLatestIsSent(t *testing.T) {
	for _, n := range []int{maxWaiting - 1, maxWaiting} {
		s, first := filled(t, n)
		s.Answer(pinged("a"), nil, 0)
		s.Answer(pinged("b"), nil, 0)
		if n == maxWaiting {
			s.want("at the bound only one pong more is appended", first, "pong:a")
			s.write(3)
			s.want("and the next one waits for room", first, "pong:a", "pong:b")
		}
	}
	s, first := filled(t, maxWaiting+2)
	payload := []byte("a")
	s.Answer(wsproto.Event{Op: ws.OpPing, First: true, Last: true, Payload: payload}, nil, 0)
	payload[0] = '!'
	s.want("over the bound no pong is appended", first)
	s.write(1)
	s.want("nor while it is", first)
	for i := range 1000 {
		s.Answer(pinged(strings.Repeat("b", i%126)), nil, 0)
	}
	s.Answer(pinged("last"), nil, 0)
	if s.Len() != maxWaiting+1 {
		t.Errorf("%d bytes wait, want none for pongs", s.Len())
	}
	s.write(1)
	s.want("the last one, once there is room", first, "pong:last")
	s.write(s.Len())
	s.want("and once only", first, "pong:last")

	s, first = filled(t, maxWaiting+1)
	s.Answer(pinged(strings.Repeat("p", 125)), nil, 0)
	s.write(s.Len())
	s.want("all is written at once", first, "pong:"+strings.Repeat("p", 125))

	s, first = filled(t, maxWaiting+1)
	s.Answer(pinged("kept"), nil, 0)
	if err := s.Close(1006, "", 0); err == nil {
		t.Error("want no close frame with code 1006")
	}
	s.write(s.Len())
	s.want("after a close frame that is none", first, "pong:kept")
}

func TestNothingFollowsACloseFrame(t *testing.T) {
	for name, end := range map[string]struct {
		do   func(s *sender)
		want string
	}{
		"ours": {func(s *sender) { must(t, s.Close(1001, "", 0)) }, "close:1001:"},
		"an answer": {func(s *sender) {
			s.Answer(wsproto.Event{Op: ws.OpClose, First: true, Last: true, Payload: []byte("\x03\xe8")}, nil, 0)
		}, "close:1000:"},
		"a fault": {func(s *sender) { s.Answer(wsproto.Event{}, ws.ErrProtocolInvalidUTF8, 0) }, "close:1007:ws: text is not valid UTF-8"},
	} {
		for _, waiting := range []int{10, maxWaiting + 100} {
			for _, pings := range []string{"before", "after", "both", "after, all written at once"} {
				s, first := filled(t, waiting)
				events := []string{first}
				if !strings.HasPrefix(pings, "after") {
					s.Answer(pinged("before"), nil, 0)
					if waiting <= maxWaiting {
						events = append(events, "pong:before")
					}
				}
				end.do(s)
				events = append(events, end.want)
				after := func() {
					if s.Message(ws.OpText, nil) != wsproto.ErrClosed || s.Ping(nil) != wsproto.ErrClosed || s.Close(1000, "", 0) != wsproto.ErrClosed {
						t.Error("want ErrClosed for all that follows")
					}
					if pings != "before" {
						s.Answer(pinged("after"), nil, 0)
					}
				}
				after()
				if strings.HasSuffix(pings, "at once") {
					s.write(s.Len())
				}
				s.write(min(5, s.Len()))
				after()
				for s.Len() > 0 {
					s.write(min(40_000, s.Len()))
				}
				after()
				s.write(s.Len())
				if r := received(t, clientConfig, nil, s.sent); !slices.Equal(r.events, events) {
					t.Errorf("%s, %d bytes wait, pings %s: %v, want %.300q", name, waiting, pings, r, events)
				}
				if s.mem != nil {
					t.Errorf("%s: memory where nothing waits", name)
				}
				// A Receiver would ignore what follows. The payloads here have no 88.
				if f := s.sent[bytes.LastIndexByte(s.sent, 0x88):]; int(f[1])+2 != len(f) {
					t.Errorf("%s: %x at the end, want the close frame", name, f)
				}
			}
		}
	}
}

func TestOutboxDoesNotAllocatePerMessage(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates on its own account")
	}
	p, ping := []byte("hello"), pinged("hello")
	for name, do := range map[string]func(o *Outbox){
		"message":   func(o *Outbox) { o.Message(ws.OpText, p) },
		"header":    func(o *Outbox) { o.Head(ws.OpText, 5) },
		"fragments": func(o *Outbox) { o.Sender.BeginMessage(ws.OpText, -1); o.Fragment(p, false); o.Fragment(p, true) },
		"ping":      func(o *Outbox) { o.Ping(p) },
		"pong":      func(o *Outbox) { o.Answer(ping, nil, 0) },
	} {
		for _, config := range []*wsproto.Config{serverConfig, clientConfig} {
			if name == "header" && config == clientConfig {
				continue
			}
			o := Outbox{Sender: wsproto.Sender{Config: config}}
			if n := testing.AllocsPerRun(100, func() { do(&o); o.Written(1); o.Written(o.Len()) }); n != 0 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
	}
}

func TestFitKeepsWhatWaitsInMemoryOfItsSize(t *testing.T) {
	for _, n := range []int{0, 1, 5000, 40_000} {
		var o Outbox
		if n > 0 {
			o.Message(ws.OpBinary, make([]byte, n))
		}
		before := bytes.Clone(o.Pending())
		o.Fit()
		if !bytes.Equal(o.Pending(), before) {
			t.Errorf("%d bytes: other bytes wait", n)
		}
		if room := cap(o.Pending()); n == 0 && room != 0 || room > 2*len(before)+2*minFit && n < 30_000 {
			t.Errorf("%d bytes wait in memory of %d", len(before), room)
		}
		o.Message(ws.OpText, []byte("next"))
		if got := o.Pending(); !bytes.Equal(got[:len(before)], before) || string(got[len(got)-4:]) != "next" {
			t.Errorf("%d bytes: the next message does not follow", n)
		}
		if o.Written(o.Len()); o.Len() != 0 || o.mem != nil {
			t.Errorf("%d bytes: something is left", n)
		}
	}
}
