package endpoint

import (
	"strings"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// What an Outbox appends is what its Tally counts, of each kind.
func TestATallyCountsWhatIsAppended(t *testing.T) {
	want := map[string]Tally{
		"text":                            {Traffic: wsproto.Traffic{Messages: 1, Bytes: 5}},
		"empty binary":                    {Traffic: wsproto.Traffic{Messages: 1}},
		"header":                          {Traffic: wsproto.Traffic{Messages: 1, Bytes: 5}},
		"prepared":                        {Traffic: wsproto.Traffic{Messages: 1, Bytes: 5}},
		"fragments":                       {Traffic: wsproto.Traffic{Messages: 1, Bytes: 5}},
		"ping":                            {Traffic: wsproto.Traffic{Pings: 1}},
		"pong":                            {Traffic: wsproto.Traffic{Pongs: 1}},
		"pong that no ping has asked for": {Traffic: wsproto.Traffic{Pongs: 1}},
		"no answer":                       {},
		"close":                           {Close: 1000},
	}
	for _, tc := range appends {
		var tally Tally
		o := Outbox{Sender: wsproto.Sender{Config: serverConfig}}
		o.Count(&tally)
		for range 2 { // with memory, and without
			must(t, tc.do(&o))
			got, ok := tally.Take()
			if got != want[tc.name] || ok != (got != Tally{}) {
				t.Errorf("%s: counted %+v, want %+v", tc.name, got, want[tc.name])
			}
			if tc.name == "close" {
				break
			}
		}
	}
}

func TestATallyCountsWhatIsEncoded(t *testing.T) {
	for name, tc := range map[string]struct {
		do   func(o *Outbox) error
		want wsproto.Traffic
	}{
		"a message":                  {func(o *Outbox) error { return o.Message(ws.OpText, []byte("aaaaaa")) }, wsproto.Traffic{Messages: 1, Bytes: 6, Uncompressed: 6, Compressed: 2}},
		"a message of 300 bytes":     {func(o *Outbox) error { return o.Message(ws.OpText, []byte(strings.Repeat("ab", 150))) }, wsproto.Traffic{Messages: 1, Bytes: 300, Uncompressed: 300, Compressed: 600}},
		"a message not worth it":     {func(o *Outbox) error { return o.Message(ws.OpText, []byte("abc")) }, wsproto.Traffic{Messages: 1, Bytes: 3}},
		"a prepared one":             {func(o *Outbox) error { return o.Prepared([]byte("\xc1\x02\x06a"), 6) }, wsproto.Traffic{Messages: 1, Bytes: 6, Uncompressed: 6, Compressed: 2}},
		"a prepared one, as it lies": {func(o *Outbox) error { return o.PreparedHead([]byte("\xc1\x02\x06a"), 6) }, wsproto.Traffic{Messages: 1, Bytes: 6, Uncompressed: 6, Compressed: 2}},
		"fragments, of which the Encoder holds back one": {func(o *Outbox) error {
			must(t, o.Sender.BeginMessage(ws.OpText, -1))
			must(t, o.Fragment([]byte("aa"), false))
			must(t, o.Fragment([]byte("aab"), false))
			return o.Fragment([]byte("b"), true)
		}, wsproto.Traffic{Messages: 1, Bytes: 6, Uncompressed: 6, Compressed: 4}},
	} {
		for _, config := range []*wsproto.Config{serverConfig, clientConfig} {
			var tally Tally
			o := Outbox{Sender: wsproto.Sender{Config: config, Encoder: &runs{}}}
			o.Count(&tally)
			must(t, tc.do(&o))
			if got, _ := tally.Take(); got.Traffic != tc.want {
				t.Errorf("%s: counted %+v, want %+v", name, got.Traffic, tc.want)
			}
		}
	}
}

func TestATallyForgetsWhatIsNotSent(t *testing.T) {
	var tally Tally
	o := Outbox{Sender: wsproto.Sender{Config: serverConfig}}
	o.Count(&tally)
	must(t, o.Message(ws.OpText, []byte("first")))
	before := o.Len()
	must(t, o.Message(ws.OpText, []byte("second")))
	if rest := o.GiveUp(Unsent{Before: before}); rest != TakenBack || tally.Traffic != (wsproto.Traffic{Messages: 1, Bytes: 5}) {
		t.Errorf("%v: counted %+v", rest, tally.Traffic)
	}
	must(t, o.Message(ws.OpText, []byte("second")))
	tally.Take() // somebody has taken account of it before it is taken back
	if o.GiveUp(Unsent{Before: before}); tally.Traffic != (wsproto.Traffic{Messages: -1, Bytes: -6}) {
		t.Errorf("taken back later: counted %+v", tally.Traffic)
	}
	tally.Take()
	must(t, o.Message(ws.OpText, []byte("third")))
	if rest := o.GiveUp(Unsent{Before: before, Written: before + 1}); rest != Kept || tally.Messages != 1 {
		t.Errorf("%v: counted %+v", rest, tally.Traffic)
	}
	must(t, o.Close(0, "", 0))
	o.Drop()
	if all, ok := tally.Take(); ok {
		t.Errorf("of what was dropped: %+v", all)
	}
}

func TestATallyCountsOneCloseFrame(t *testing.T) {
	closing := wsproto.Event{Op: ws.OpClose, First: true, Last: true, Payload: []byte("\x0f\xa1")}
	for name, tc := range map[string]struct {
		do   func(o *Outbox)
		want ws.StatusCode
	}{
		"ours":                {func(o *Outbox) { o.Close(1001, "", 0); o.Answer(closing, nil, 0) }, 1001},
		"ours without a code": {func(o *Outbox) { o.Close(0, "", 0) }, 1005},
		"the answer":          {func(o *Outbox) { o.Answer(closing, nil, 0); o.Close(1001, "", 0) }, 4001},
		"for a fault":         {func(o *Outbox) { o.Answer(wsproto.Event{}, ws.ErrProtocolInvalidUTF8, 0) }, 1007},
	} {
		var tally Tally
		o := Outbox{Sender: wsproto.Sender{Config: serverConfig}}
		o.Count(&tally)
		tc.do(&o)
		if got, _ := tally.Take(); got.Close != tc.want || got.Traffic != (wsproto.Traffic{}) {
			t.Errorf("%s: counted %+v, want %d", name, got, tc.want)
		}
	}
}

// However the bytes were cut, and whether they are taken as messages or in pieces.
func TestATallyCountsWhatIsReceived(t *testing.T) {
	encodedFragments := append(bare(ws.OpText, false, "\x03a"), bare(ws.OpContinuation, true, "\x02b\x01c")...)
	encodedFragments[0] |= 0x40
	for name, tc := range map[string]struct {
		in   []byte
		want Tally
	}{
		"a text":            {bare(ws.OpText, true, "Hello"), Tally{Traffic: wsproto.Traffic{Messages: 1, Bytes: 5}}},
		"an empty one":      {bare(ws.OpBinary, true, ""), Tally{Traffic: wsproto.Traffic{Messages: 1}}},
		"half of one":       {bare(ws.OpText, false, "He"), Tally{}},
		"two":               {append(bare(ws.OpText, true, "Hello"), bare(ws.OpText, true, "all")...), Tally{Traffic: wsproto.Traffic{Messages: 2, Bytes: 8}}},
		"encoded fragments": {encodedFragments, Tally{Traffic: wsproto.Traffic{Messages: 1, Bytes: 6, Uncompressed: 6, Compressed: 6}}},
		"control frames":    {append(append(bare(ws.OpPing, true, "?"), bare(ws.OpPong, true, "!")...), bare(ws.OpPong, true, "")...), Tally{Traffic: wsproto.Traffic{Pings: 1, Pongs: 2}}},
		"a close frame":     {bare(ws.OpClose, true, "\x0f\xa1"), Tally{Close: 4001}},
		"without a code":    {bare(ws.OpClose, true, ""), Tally{Close: 1005}},
	} {
		for size := 1; size <= len(tc.in); size++ {
			for _, pieces := range []bool{false, true} {
				if pieces && name == "half of one" {
					continue // its bytes count as they come
				}
				if got := tallyOf(tc.in, size, pieces); got != tc.want {
					t.Errorf("%s, by %d bytes, in pieces %v: counted %+v, want %+v", name, size, pieces, got, tc.want)
				}
			}
		}
	}
}

// tallyOf counts what a client receives by so many bytes at a time.
func tallyOf(in []byte, size int, pieces bool) (all Tally) {
	var box Inbox
	defer box.Free()
	box.Receiver = wsproto.Receiver{Config: clientConfig, Decoder: &runs{}}
	next := box.Message
	if pieces {
		next = box.Next
	}
	for len(in) > 0 {
		n := min(size, len(in))
		box.Take(append([]byte(nil), in[:n]...))
		in = in[n:]
		for {
			ev, ok, err := next()
			if ok {
				all.Received(ev, &box.Receiver)
			} else if err != nil || box.Dry() {
				break
			}
		}
	}
	return all
}

func TestACloseFrameThatIsGivenUpTakesNoMessageBack(t *testing.T) {
	var o Outbox
	var tally Tally
	o.Count(&tally)
	o.Message(ws.OpText, []byte("hello"))
	o.Written(o.Len())
	o.Close(ws.StatusNormalClosure, "", 0)
	o.GiveUp(Unsent{})
	if tally.Messages != 1 || tally.Bytes != 5 {
		t.Errorf("%+v", tally.Traffic)
	}
}
