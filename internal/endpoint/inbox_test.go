package endpoint

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/bufpool"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// ways are those in which a shell may take what an Inbox has: all that there is,
// after something has been received for the i-th time.
var ways = map[string]func(t testing.TB, in *Inbox, c *collector, i int){
	"pieces":   func(t testing.TB, in *Inbox, c *collector, i int) { takePieces(t, in, c, false) },
	"messages": func(t testing.TB, in *Inbox, c *collector, i int) { takeMessages(t, in, c) },
	"messages, in memory of their size": func(t testing.TB, in *Inbox, c *collector, i int) {
		in.Shrink()
		takeMessages(t, in, c)
		in.Shrink()
	},
	// Every other time, what has come of a message is taken as a piece, and the
	// rest of it by pieces.
	"messages, continued by pieces": func(t testing.TB, in *Inbox, c *collector, i int) {
		if c.open {
			takePieces(t, in, c, true)
		}
		if !c.open && c.err == nil {
			takeMessages(t, in, c)
		}
		if c.err == nil && in.Open() && i%2 == 1 {
			c.add(t, in.Begun())
		}
	},
}

func takePieces(t testing.TB, in *Inbox, c *collector, one bool) {
	t.Helper()
	for c.err == nil && (!one || c.open) {
		ev, ok, err := in.Next()
		if ok && err != nil {
			t.Fatalf("ok, with the error %v", err)
		}
		if c.err = err; !ok {
			return
		}
		c.add(t, ev)
	}
}

func takeMessages(t testing.TB, in *Inbox, c *collector) {
	t.Helper()
	for c.err == nil {
		ev, ok, err := wholeMessage(in)
		if ok && err != nil {
			t.Fatalf("ok, with the error %v", err)
		}
		if c.err = err; !ok {
			return
		}
		if !ev.First || !ev.Last {
			t.Fatalf("Message returns a piece: First %v, Last %v", ev.First, ev.Last)
		}
		c.add(t, ev)
	}
}

// taken is what a way makes of the pieces, received by Take, or into Room if
// that is larger than it has to be.
func taken(t testing.TB, in *Inbox, way string, pieces [][]byte) outcome {
	t.Helper()
	var c collector
	for i, p := range pieces {
		if c.err != nil {
			break
		}
		if room := in.Room(); len(room) < minRoom {
			t.Fatalf("room for %d bytes, want %d or more", len(room), minRoom)
		} else if len(p) <= len(room) && i%2 == 0 {
			in.Filled(copy(room, p))
		} else {
			in.Take(p)
		}
		ways[way](t, in, &c, i)
		if c.err == nil && in.Unread() {
			t.Fatal("there is something that Next has not taken")
		}
	}
	if c.err == nil && len(c.events) > 0 && strings.HasPrefix(c.events[len(c.events)-1], "close:") {
		// Message says no more where nothing is left to look at.
		_, _, c.err = in.Next()
	}
	if c.err == nil && in.Open() {
		c.part = append(c.part, in.Begun().Payload...)
	}
	return c.outcome
}

// wholeMessage asks for a message until more has to be received.
func wholeMessage(in *Inbox) (ev wsproto.Event, ok bool, err error) {
	for {
		if ev, ok, err = in.Message(); ok || err != nil || in.Dry() {
			return ev, ok, err
		}
	}
}

// decoders are what an Inbox may have, each a fresh one; the names say which
// inputs of a table they are for.
var decoders = map[string]func() wsproto.Decoder{
	"":     func() wsproto.Decoder { return nil },
	"runs": func() wsproto.Decoder { return new(runs) },
	"deflate": func() wsproto.Decoder {
		return wsflate.New(ws.StateServerSide, wsflate.Parameters{}, nil)
	},
}

var inboxInputs = []struct {
	name    string
	client  bool
	decoder string
	in      []byte
	want    outcome
}{
	{"RFC 6455, 5.7: a masked text", false, "", wstest.Unhex("8185 37fa213d 7f9f4d5158"), outcome{events: []string{"text:Hello"}}},
	{"RFC 6455, 5.7: a fragmented unmasked text", true, "", wstest.Unhex("0103 48656c 8002 6c6f"), outcome{events: []string{"text:Hello"}}},
	{"RFC 6455, 5.7: ping and pong", true, "", wstest.Unhex("8905 48656c6c6f 8a05 48656c6c6f"), outcome{events: []string{"ping:Hello", "pong:Hello"}}},
	{"RFC 7692, 7.2.3.2: messages that share a window", true, "deflate", wstest.Unhex("c107 f248cdc9c90700 c105 f200110000"), outcome{events: []string{"text:Hello", "text:Hello"}}},
	{"RFC 7692, 7.2.3.1: fragments", true, "deflate", wstest.Unhex("4103 f248cd 8004 c9c90700"), outcome{events: []string{"text:Hello"}}},
	{"messages", false, "", join(masked(ws.OpText, true, "one"), masked(ws.OpBinary, true, ""), masked(ws.OpText, true, "three")), outcome{events: []string{"text:one", "binary:", "text:three"}}},
	{"control frames between fragments", true, "", wstest.Unhex("0103 48656c 8901 3f 0000 8a00 0001 6c 8901 21 8001 6f 8100"), outcome{events: []string{"ping:?", "pong:", "ping:!", "text:Hello", "text:"}}},
	{"control frames between masked fragments", false, "", join(masked(ws.OpText, false, "Hel"), masked(ws.OpPing, true, "?"), masked(ws.OpContinuation, false, "l"), masked(ws.OpContinuation, true, "o"), masked(ws.OpPing, true, "!")), outcome{events: []string{"ping:?", "text:Hello", "ping:!"}}},
	{"empty fragments first and last", true, "", wstest.Unhex("0200 0000 0002 6162 8000 0200 8000"), outcome{events: []string{"binary:ab", "binary:"}}},
	{"a message that has not ended", true, "", wstest.Unhex("0103 48656c 0002 6c6f"), outcome{part: []byte("Hello")}},
	{"a frame that has not ended", true, "", wstest.Unhex("8105 4865"), outcome{part: []byte("He")}},
	{"bytes after the close frame", true, "", wstest.Unhex("8101 61 8802 03e8 8101 62 ffff ffff"), outcome{events: []string{"text:a", "close:1000:"}, err: io.EOF}},
	{"a close frame inside a message", true, "", wstest.Unhex("0101 61 8805 03e8627965 8001 62"), outcome{events: []string{"close:1000:bye"}, err: io.EOF}},
	{"an unmasked frame", false, "", join(masked(ws.OpText, true, "a"), bare(ws.OpText, true, "")), outcome{events: []string{"text:a"}, err: ws.ErrProtocolMaskRequired}},
	{"a masked frame", true, "", join(bare(ws.OpText, true, "a"), masked(ws.OpText, true, "")), outcome{events: []string{"text:a"}, err: ws.ErrProtocolMaskUnexpected}},
	{"bad UTF-8 after a message and a ping", true, "", wstest.Unhex("8101 61 8900 8103 62ff63 8900"), outcome{events: []string{"text:a", "ping:"}, err: ws.ErrProtocolInvalidUTF8}},
	{"bad UTF-8 in the second fragment", true, "", wstest.Unhex("0101 61 8001 ff 8900"), outcome{err: ws.ErrProtocolInvalidUTF8}},
	{"a new message inside another", true, "", wstest.Unhex("0101 61 8101 62"), outcome{err: ws.ErrProtocolContinuationExpected}},
	{"runs", false, "runs", rsvFrame(4, ws.OpText, true, "\x01H\x03a"), outcome{events: []string{"text:Haaa"}}},
	{"runs in fragments, cut inside a pair, and a ping", false, "runs", join(rsvFrame(4, ws.OpText, false, "\x01H\x03"), masked(ws.OpPing, true, "?"), masked(ws.OpContinuation, true, "a\x01!")), outcome{events: []string{"ping:?", "text:Haaa!"}}},
	{"runs, and a message that is not encoded", false, "runs", join(rsvFrame(4, ws.OpText, true, "\x02a"), masked(ws.OpText, false, "\x02"), masked(ws.OpContinuation, true, "a"), rsvFrame(4, ws.OpBinary, true, "")), outcome{events: []string{"text:aa", "text:\x02a", "binary:"}}},
	{"runs that become longer than a buffer", true, "runs", join(wstest.Unhex("427e 0258"), []byte(strings.Repeat("\xffa", 300)), wstest.Unhex("8900 8002 0162"), wstest.Unhex("c102 0263")), outcome{events: []string{"ping:", "binary:" + strings.Repeat("a", 300*255) + "b", "text:cc"}}},
	{"runs that do not end", true, "runs", wstest.Unhex("4202 0261"), outcome{part: []byte("aa")}},
	{"runs with a fault", true, "runs", wstest.Unhex("c103 026101 8900"), outcome{err: wstest.ErrRuns}},
	{"a bit that nobody owns", true, "runs", wstest.Unhex("8100 e100"), outcome{events: []string{"text:"}, err: ws.ErrProtocolNonZeroRsv}},
	{"more than a buffer holds", true, "", join(bare(ws.OpBinary, false, strings.Repeat("x", 50_000)), bare(ws.OpPing, true, ""), bare(ws.OpContinuation, true, strings.Repeat("y", 50_000)), bare(ws.OpText, true, "z")), outcome{events: []string{"ping:", "binary:" + strings.Repeat("x", 50_000) + strings.Repeat("y", 50_000), "text:z"}}},
}

func TestInboxGivesTheSameOfEveryCut(t *testing.T) {
	for _, tc := range inboxInputs {
		t.Run(tc.name, func(t *testing.T) {
			config := serverConfig
			if tc.client {
				config = clientConfig
			}
			if got := received(t, config, decoders[tc.decoder](), tc.in); !got.is(tc.want) {
				t.Fatalf("a Receiver: %v, want %v", got, tc.want)
			}
			splits := wstest.Splits(tc.in)
			if len(tc.in) > 2000 {
				splits = func(yield func(string, [][]byte) bool) {
					for _, n := range []int{len(tc.in), 1, 7, 1000, minRoom, 64 << 10} {
						yield(fmt.Sprintf("in steps of %d", n), steps(tc.in, n))
					}
				}
			}
			for how, pieces := range splits {
				for way := range ways {
					in := Inbox{Receiver: wsproto.Receiver{Config: config, Decoder: decoders[tc.decoder]()}}
					if got := taken(t, &in, way, pieces); !got.is(tc.want) {
						t.Errorf("%s, %s:\n got %v\nwant %v", way, how, got, tc.want)
					}
					in.Free()
				}
				in := Inbox{Receiver: wsproto.Receiver{Config: config, Decoder: decoders[tc.decoder]()}}
				own := bufpool.Own(make([]byte, minRoom))
				in.Lend(own)
				if room := in.Room(); len(room) != minRoom || &room[0] != &own.B[:1][0] {
					t.Fatalf("%s: room for %d bytes, want the memory that was lent", how, len(room))
				}
				if got := taken(t, &in, "messages", pieces); !got.is(tc.want) {
					t.Errorf("lent memory, %s:\n got %v\nwant %v", how, got, tc.want)
				}
				if in.Free(); in.mem != nil || cap(own.B) != minRoom {
					t.Errorf("%s: lent memory after Free: %d bytes, and the Inbox has %v", how, cap(own.B), in.mem)
				}
			}
		})
	}
}

// steps cuts b into pieces of n bytes.
func steps(b []byte, n int) (pieces [][]byte) {
	for ; len(b) > n; b = b[n:] {
		pieces = append(pieces, b[:n:n])
	}
	return append(pieces, b)
}

func TestAMessageInOneFrameIsNotCopied(t *testing.T) {
	for _, size := range []int{10, 125, 126, 60_000} {
		in := Inbox{Receiver: wsproto.Receiver{Config: clientConfig}}
		frame := bare(ws.OpBinary, true, strings.Repeat("x", size))
		for _, p := range steps(frame, size/2+1) {
			in.Take(p)
			ev, ok, err := wholeMessage(&in)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				continue
			}
			if &ev.Payload[0] != &in.b[len(frame)-size] {
				t.Errorf("want the %d bytes where they were received, after the header", size)
			}
			if cap(ev.Payload) != size {
				t.Errorf("want a payload that append cannot make larger in place: %d of %d bytes", size, cap(ev.Payload))
			}
		}
		in.Free()
	}
}

func TestInboxHasMemoryOnlyWhileThereIsSomethingToKeep(t *testing.T) {
	type state struct{ empty, unread, open bool }
	in := Inbox{Receiver: wsproto.Receiver{Config: clientConfig, Decoder: new(runs)}}
	want := func(when string, want state) {
		t.Helper()
		if got := (state{in.Empty(), in.Unread(), in.Open()}); got != want {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
	}
	message := func() {
		t.Helper()
		if _, _, err := wholeMessage(&in); err != nil {
			t.Fatal(err)
		}
	}
	free := func() {
		t.Helper()
		in.Free()
		if in.mem != nil || in.b != nil || in.text != nil || in.Receiver.Decoder == nil || in.Receiver.Config == nil {
			t.Errorf("want the Receiver and no memory after Free: %+v", in)
		}
		want("free", state{empty: true})
	}
	want("new", state{empty: true})
	message()
	if in.mem != nil || in.text != nil {
		t.Error("want no memory where nothing has been received")
	}
	in.Room()
	want("room", state{empty: true})
	in.Take(wstest.Unhex("8101"))
	want("received", state{unread: true})
	message()
	want("a header is kept by the Receiver", state{empty: true})
	free()
	in.Take([]byte("a")) // the frame goes on
	message()
	want("a whole message", state{empty: true})
	in.Take(wstest.Unhex("0101 62 8900 8001 63"))
	message() // the ping
	want("a ping inside a message", state{unread: true, open: true})
	message()
	want("both looked at", state{empty: true})
	in.Take(wstest.Unhex("c102 0261 4102 0261"))
	message()
	want("a decoded message, and another", state{unread: true})
	message()
	want("a part of a decoded message", state{open: true})
	if in.Drop(); in.Open() {
		t.Error("want no message after Drop")
	}
	want("dropped", state{empty: true})
	free()
}

func TestBegunIsTheFirstPieceAndNotTheLast(t *testing.T) {
	for _, tc := range []struct{ name, begin, end string }{
		{"plain", "0103 48656c", "8002 6c6f"},
		{"decoded", "4106 0148 0165 016c", "8004 016c 016f"},
	} {
		in := Inbox{Receiver: wsproto.Receiver{Config: clientConfig, Decoder: new(runs)}}
		in.Take(wstest.Unhex(tc.begin))
		if _, ok, err := wholeMessage(&in); ok || err != nil {
			t.Fatalf("%s: %v, %v, want to wait for more", tc.name, ok, err)
		}
		ev := in.Begun()
		if ev.Op != ws.OpText || !ev.First || ev.Last || string(ev.Payload) != "Hel" {
			t.Errorf("%s: %+v, want the first piece, Hel, which is not the last", tc.name, ev)
		}
		if !in.Empty() {
			t.Errorf("%s: want nothing left", tc.name)
		}
		in.Take(wstest.Unhex(tc.end))
		ev, ok, err := in.Next()
		if !ok || err != nil || ev.First || !ev.Last || string(ev.Payload) != "lo" {
			t.Errorf("%s: %+v, %v, %v, want the last piece, lo", tc.name, ev, ok, err)
		}
	}
}

// A shell may receive more before it has looked at all: then what has been
// looked at makes room.
func TestInboxThatIsAlwaysBehindDoesNotGrow(t *testing.T) {
	for name, tc := range map[string]struct {
		decoder wsproto.Decoder
		frame   []byte
	}{
		"messages":         {nil, bare(ws.OpBinary, true, strings.Repeat("x", 998))},
		"fragments":        {nil, join(bare(ws.OpBinary, false, strings.Repeat("x", 498)), bare(ws.OpContinuation, true, strings.Repeat("x", 498)))},
		"decoded messages": {new(runs), join([]byte("\x42\x02\x02a"), []byte("\x80\x7e\x03\xe4"), bytes.Repeat([]byte("\x01a"), 498))},
	} {
		in := Inbox{Receiver: wsproto.Receiver{Config: clientConfig, Decoder: tc.decoder}}
		in.Take(tc.frame)
		for range 5000 { // 5 MB
			in.Take(tc.frame)
			if _, ok, err := wholeMessage(&in); !ok || err != nil {
				t.Fatalf("%s: %v, %v", name, ok, err)
			}
			if !in.Unread() {
				t.Fatalf("%s: want one message that nobody has looked at", name)
			}
		}
		if cap(in.mem.B) > bufpool.Smallest {
			t.Errorf("%s: %d bytes for two messages of 1,000", name, cap(in.mem.B))
		}
		in.Free()
	}
}

func TestInboxOfALargeMessageGrowsGeometrically(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it receives 80 MiB")
	}
	const size = 80 << 20
	limits := wsproto.Config{State: ws.StateClientSide, Limits: wsproto.Limits{Message: size}}
	for _, tc := range []struct {
		name    string
		decoder wsproto.Decoder
		header  ws.Header
		chunk   []byte
		chunks  int
	}{
		{"plain", nil, ws.Header{Fin: true, OpCode: ws.OpBinary, Length: size}, make([]byte, 64<<10), size / (64 << 10)},
		{"decoded", new(runs), ws.Header{Fin: true, Rsv: 4, OpCode: ws.OpBinary, Length: 2 * size / 128}, bytes.Repeat([]byte{128, 'x'}, 512), size / 128 / 512},
	} {
		in := Inbox{Receiver: wsproto.Receiver{Config: &limits, Decoder: tc.decoder}}
		in.Take(ws.AppendHeader(nil, tc.header))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var got wsproto.Event
		for i := range tc.chunks {
			in.Take(tc.chunk)
			ev, ok, err := wholeMessage(&in)
			if err != nil || ok != (i == tc.chunks-1) {
				t.Fatalf("%s, chunk %d of %d: %v, %v", tc.name, i, tc.chunks, ok, err)
			}
			got = ev
		}
		runtime.ReadMemStats(&after)
		if len(got.Payload) != size {
			t.Errorf("%s: a message of %d bytes, want %d", tc.name, len(got.Payload), size)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 5*size {
			t.Errorf("%s: %d bytes allocated for %d", tc.name, n, size)
		}
		in.Free()
	}
}

func TestInboxDoesNotAllocatePerMessage(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates on its own account")
	}
	for name, tc := range map[string]struct {
		decoder wsproto.Decoder
		in      []byte
		events  int
	}{
		"one frame":            {nil, bare(ws.OpText, true, "hello"), 1},
		"fragments and a ping": {nil, join(bare(ws.OpText, false, "hel"), bare(ws.OpPing, true, "?"), bare(ws.OpContinuation, true, "lo")), 2},
		"decoded":              {new(runs), wstest.Unhex("c104 0161 0262"), 1},
	} {
		in := Inbox{Receiver: wsproto.Receiver{Config: clientConfig, Decoder: tc.decoder}}
		n := testing.AllocsPerRun(100, func() {
			in.Filled(copy(in.Room(), tc.in))
			events := 0
			for {
				_, ok, err := wholeMessage(&in)
				if err != nil {
					t.Fatal(err)
				}
				if !ok {
					break
				}
				events++
			}
			if events != tc.events {
				t.Fatalf("%s: %d events, want %d", name, events, tc.events)
			}
			if !in.Empty() {
				t.Fatalf("%s: want it empty", name)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		in.Free()
	}
}

// FuzzInbox: the same as a Receiver that is given all at once, however the bytes
// were cut and in whichever way they are taken.
func FuzzInbox(f *testing.F) {
	for _, tc := range inboxInputs {
		if len(tc.in) < 2000 {
			f.Add(tc.in, []byte{1, 200, 3}, tc.client, uint8(len(tc.decoder)))
			f.Add(tc.in, []byte{7}, tc.client, uint8(len(tc.decoder)))
		}
	}
	names := map[uint8]string{0: "", 1: "runs", 2: "deflate"}
	f.Fuzz(func(t *testing.T, in, cuts []byte, client bool, decoder uint8) {
		config := serverConfig
		if client {
			config = clientConfig
		}
		fresh := decoders[names[decoder%3]]
		want := received(t, config, fresh(), in)
		var pieces [][]byte
		rest := in
		for i := 0; len(cuts) > 0 && len(rest) > 0; i++ {
			n := min(len(rest), 1+int(cuts[i%len(cuts)]))
			pieces, rest = append(pieces, rest[:n:n]), rest[n:]
		}
		if len(rest) > 0 {
			pieces = append(pieces, rest)
		}
		for way := range ways {
			box := Inbox{Receiver: wsproto.Receiver{Config: config, Decoder: fresh()}}
			if got := taken(t, &box, way, pieces); !got.is(want) {
				t.Fatalf("%s:\n got %v\nwant %v", way, got, want)
			}
			box.Free()
			if box.mem != nil || box.text != nil {
				t.Fatal("memory after Free")
			}
		}
	})
}

func TestBegunIsWhatStandsBeforeAFault(t *testing.T) {
	for _, before := range []string{"", "before "} {
		var in Inbox
		if before != "" {
			f := ws.NewFrame(ws.OpText, false, []byte(before))
			in.Take(ws.AppendFrame(nil, ws.MaskFrame(f)))
			in.Message()
			in.Take(ws.AppendFrame(nil, ws.MaskFrame(ws.NewFrame(ws.OpContinuation, true, []byte("good\xffbad!")))))
		} else {
			in.Take(ws.AppendFrame(nil, ws.MaskFrame(ws.NewTextFrame([]byte("good\xffbad!")))))
		}
		if _, ok, err := in.Message(); ok || err != nil || in.Dry() {
			t.Fatalf("%v, %v, dry %v", ok, err, in.Dry())
		}
		if got := in.Begun().Payload; string(got) != before+"good" {
			t.Errorf("begun: %q", got)
		}
		if _, _, err := in.Next(); err != ws.ErrProtocolInvalidUTF8 {
			t.Errorf("after it: %v", err)
		}
		in.Free()
	}
}
