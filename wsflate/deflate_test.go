package wsflate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

var _ wsproto.Extension = (*Deflate)(nil)

// texts are messages that have much in common.
func texts(n int) (all [][]byte) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		var b bytes.Buffer
		for b.Len() < 1+r.IntN(3000) {
			fmt.Fprintf(&b, `{"id":%d,"name":"user-%d","balance":%d.%02d,"tags":["a","b"]},`, i, r.IntN(50), r.IntN(10000), r.IntN(100))
		}
		all = append(all, b.Bytes())
	}
	return append(all, nil, []byte("x"), bytes.Repeat([]byte("z"), 70_000), []byte{0xff, 0xfe, 0})
}

// encode returns p as a message in pieces of up to room bytes.
func encode(t testing.TB, e wsproto.Encoder, p []byte, room int) (all []byte) {
	t.Helper()
	buf := make([]byte, room)
	for {
		out, n, err := e.Encode(buf[:0], p, true)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, out...)
		if p = p[n:]; len(p) == 0 && len(out) < room {
			return all
		}
	}
}

// decode is the reverse.
func decode(d wsproto.Decoder, p []byte, room int) (all []byte, err error) {
	if _, err = d.BeginDecode(bit); err != nil {
		return nil, err
	}
	buf := make([]byte, room)
	for {
		out, n, err := d.Decode(buf[:0], p, true)
		all = append(all, out...)
		if p = p[n:]; err != nil || len(p) == 0 && len(out) < room {
			return all, err
		}
	}
}

// TestAllAgreements sends messages both ways under all that can be agreed on.
func TestAllAgreements(t *testing.T) {
	messages := texts(12)
	for flags := range 4 {
		for bits := WindowBits(8); bits <= 15; bits++ {
			p := Parameters{flags&1 != 0, flags&2 != 0, bits, 23 - bits}
			for _, level := range []int{HuffmanOnly, Fastest, Balanced, Smallest} {
				o := &Options{Level: level}
				server, client := New(ws.StateServerSide, p, o), New(ws.StateClientSide, p, o)
				for i, m := range messages {
					for _, dir := range []struct{ from, to *Deflate }{{server, client}, {client, server}} {
						room := 1 + (i*131+int(bits))%5000
						z := encode(t, dir.from, m, room)
						got, err := decode(dir.to, z, room)
						if err != nil || !bytes.Equal(got, m) {
							t.Fatalf("%+v, level %d, message %d: %d of %d bytes, %v", p, level, i, len(got), len(m), err)
						}
					}
				}
			}
		}
	}
}

func TestWholeMessagesShareTheContext(t *testing.T) {
	p := Parameters{}
	from, to := New(ws.StateServerSide, p, nil), New(ws.StateClientSide, p, nil)
	for i, want := range []string{"f2 48 cd c9 c9 07 00", "f2 00 11 00 00"} {
		var z []byte
		if i == 0 {
			z = from.Encoder().AppendMessage(nil, []byte("Hello"))
		} else {
			z = encode(t, from, []byte("Hello"), 100)
		}
		if !bytes.Equal(z, wstest.Unhex(want)) {
			t.Errorf("message %d is %x", i, z)
		}
		got, err := to.Decoder().DecodeAppend([]byte("> "), z)
		if err != nil || string(got) != "> Hello" {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestWhatIsCompressed(t *testing.T) {
	agreed := Parameters{ServerNoContextTakeover: true}
	tests := []struct {
		name string
		d    *Deflate
		size int64
		want byte
	}{
		{"below the threshold", New(ws.StateServerSide, agreed, nil), DefaultThreshold - 1, 0},
		{"at the threshold", New(ws.StateServerSide, agreed, nil), DefaultThreshold, bit},
		{"below, with takeover", New(ws.StateClientSide, agreed, nil), DefaultTakeoverThreshold - 1, 0},
		{"at, with takeover", New(ws.StateClientSide, agreed, nil), DefaultTakeoverThreshold, bit},
		{"size unknown", New(ws.StateServerSide, agreed, nil), -1, bit},
		{"threshold of its own", New(ws.StateServerSide, agreed, &Options{Threshold: 10}), 10, bit},
		{"all", New(ws.StateServerSide, agreed, &Options{Threshold: -1}), 0, bit},
	}
	for _, test := range tests {
		if got := test.d.BeginEncode(ws.OpText, test.size); got != test.want {
			t.Errorf("%s: %#x", test.name, got)
		}
		test.d.Encoder().Skip = true
		if got := test.d.BeginEncode(ws.OpText, test.size); got != 0 {
			t.Errorf("%s, skipped: %#x", test.name, got)
		}
	}
}

func TestLimits(t *testing.T) {
	zeros := bytes.Repeat([]byte("0"), 9<<20)
	z := New(ws.StateServerSide, Parameters{}, nil).Encoder().AppendMessage(nil, zeros)
	tests := []struct {
		name string
		o    *Options
		want error
	}{
		{"ratio, by default", nil, ErrRatio},
		{"ratio", &Options{MaxRatio: 1000}, nil},
		{"no ratio", &Options{MaxRatio: -1}, nil},
		{"size", &Options{MaxRatio: -1, MaxSize: 9<<20 - 1}, ErrTooLarge},
		{"just that size", &Options{MaxRatio: -1, MaxSize: 9 << 20}, nil},
		{"size first", &Options{MaxSize: 1000}, ErrTooLarge},
		{"no limits", &Options{MaxRatio: -1, MaxSize: -1}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := New(ws.StateClientSide, Parameters{}, test.o).Decoder()
			got, err := decode(d, z, 1000)
			if err != test.want || err == nil && len(got) != len(zeros) {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
			if err != nil {
				if wsproto.CloseCode(err) != ws.StatusMessageTooBig {
					t.Errorf("close code %d", wsproto.CloseCode(err))
				}
				if _, again := decode(d, z, 1000); again != err {
					t.Errorf("then %v", again)
				}
			}
			whole, wholeErr := New(ws.StateClientSide, Parameters{}, test.o).Decoder().DecodeAppend(nil, z)
			if wholeErr != test.want || err == nil && len(whole) != len(zeros) {
				t.Errorf("DecodeAppend: %d bytes, %v", len(whole), wholeErr)
			}
		})
	}
}

func TestABombIsNotHeld(t *testing.T) {
	z := New(ws.StateServerSide, Parameters{}, nil).Encoder().AppendMessage(nil, make([]byte, 69<<20))
	d := New(ws.StateClientSide, Parameters{}, nil).Decoder()
	got, err := decode(d, z, 4096)
	if err != ErrRatio || len(got) > DefaultMaxRatio*len(z) || len(got) > 20<<20 {
		t.Errorf("%d bytes of %d came out, %v", len(got), len(z), err)
	}
	f := ws.Frame{Header: ws.Header{Fin: true, OpCode: ws.OpBinary, Rsv: bit, Length: int64(len(z))}, Payload: z}
	if _, err := DecompressFrame(f); err != ErrRatio {
		t.Errorf("DecompressFrame: %v", err)
	}
}

func TestCorruptMessage(t *testing.T) {
	d := New(ws.StateServerSide, Parameters{}, nil).Decoder()
	got, err := decode(d, wstest.Unhex("f2 48 cd c9 c9 07 00 07"), 100)
	var corrupt *CorruptError
	if string(got) != "Hello" || !errors.As(err, &corrupt) || wsproto.CloseCode(err) != ws.StatusInvalidFramePayloadData {
		t.Errorf("%q, %v", got, err)
	}
	if _, again := decode(d, wstest.Unhex("00"), 100); again != err {
		t.Errorf("then %v", again)
	}
	if _, again := d.DecodeAppend(nil, wstest.Unhex("00")); again != err {
		t.Errorf("then %v", again)
	}
}

// TestFullDuplex sends and receives at the same time on both ends.
func TestFullDuplex(t *testing.T) {
	messages := texts(50)
	server, client := New(ws.StateServerSide, Parameters{}, nil), New(ws.StateClientSide, Parameters{}, nil)
	var wg sync.WaitGroup
	for _, dir := range []struct{ from, to *Deflate }{{server, client}, {client, server}} {
		wire := make(chan []byte)
		wg.Go(func() {
			defer close(wire)
			for _, m := range messages {
				wire <- encode(t, dir.from, m, 300)
			}
		})
		wg.Go(func() {
			i := 0
			for z := range wire {
				if got, err := decode(dir.to, z, 200); err != nil || !bytes.Equal(got, messages[i]) {
					t.Errorf("message %d: %v", i, err)
				}
				i++
			}
		})
	}
	wg.Wait()
}

func TestCloseInMidMessage(t *testing.T) {
	d := New(ws.StateServerSide, Parameters{}, nil)
	p := []byte(strings.Repeat("some text ", 500))
	if out, n, err := d.Encode(make([]byte, 0, 10), p, true); err != nil || n == 0 {
		t.Fatalf("%d, %d, %v", len(out), n, err)
	}
	d.BeginDecode(bit)
	z := New(ws.StateClientSide, Parameters{}, nil).Encoder().AppendMessage(nil, p)
	if _, _, err := d.Decode(make([]byte, 0, 10), z[:len(z)/2], false); err != nil {
		t.Fatal(err)
	}
	d.Close()
}

// TestAMessageThatWasNotEncodedToItsEndIsDropped gives up messages at many
// places: the next one must have nothing of them, and go on being compressed.
func TestAMessageThatWasNotEncodedToItsEndIsDropped(t *testing.T) {
	secret := []byte(strings.Repeat("of somebody else ", 10_000))
	next := []byte(strings.Repeat("the next message ", 50))
	ways := map[string]func(d *Deflate) []byte{
		"BeginEncode": func(d *Deflate) []byte {
			d.BeginEncode(ws.OpText, -1)
			return encode(t, d, next, 100)
		},
		"AppendMessage": func(d *Deflate) []byte { return d.Encoder().AppendMessage(nil, next) },
		"Prepared": func(d *Deflate) []byte {
			frame := Prepare(ws.OpText, next, nil).AppendFrame(nil, d)
			_, n, _ := ws.ParseHeader(frame)
			return frame[n:]
		},
		"Compressor": func(d *Deflate) []byte {
			var z bytes.Buffer
			w := NewWriter(&z, d.Encoder().Compressor)
			w.Write(next)
			w.Close()
			return z.Bytes()
		},
	}
	for name, way := range ways {
		for _, p := range []Parameters{{}, {ServerMaxWindowBits: 9}, DefaultParameters} {
			for _, n := range []int{0, 1, 100, 65_535, 65_536, len(secret)} {
				for _, room := range []int{0, 10, 100_000} {
					server, client := New(ws.StateServerSide, p, nil), New(ws.StateClientSide, p, nil)
					send := func(z []byte) {
						t.Helper()
						got, err := decode(client, z, 1000)
						if err != nil || !bytes.Equal(got, next) || len(z) >= len(next)/2 {
							t.Fatalf("%s, %+v, %d bytes given up, room %d: %d bytes became %d, %v", name, p, n, room, len(z), len(got), err)
						}
					}
					send(server.Encoder().AppendMessage(nil, next))
					server.BeginEncode(ws.OpText, -1)
					server.Encode(make([]byte, 0, room), secret[:n], n > 100 && room < 100)
					server.BeginEncode(ws.OpPing, 0) // as between its fragments
					send(way(server))
					send(way(server))
				}
			}
		}
	}
}

func TestWriterResetDropsWhatWasNotFlushed(t *testing.T) {
	d := New(ws.StateServerSide, Parameters{}, nil)
	var z bytes.Buffer
	w := NewWriter(&z, d.Encoder().Compressor)
	io.WriteString(w, "of somebody else")
	z.Reset()
	w.Reset(&z)
	io.WriteString(w, "Hello")
	if err := w.Close(); err != nil || !bytes.Equal(z.Bytes(), wstest.Unhex("f2 48 cd c9 c9 07 00")) {
		t.Errorf("%x, %v", z.Bytes(), err)
	}
}

// TestDecodeAppendAfterAMessageThatWasNotDecoded: it begins a message, as
// BeginDecode does.
func TestDecodeAppendAfterAMessageThatWasNotDecoded(t *testing.T) {
	for _, test := range []struct {
		p    Parameters
		want string
		err  error
	}{{DefaultParameters, "next", nil}, {Parameters{}, "", ErrUnfinished}} {
		from, to := New(ws.StateClientSide, test.p, nil), New(ws.StateServerSide, test.p, nil)
		z := from.Encoder().AppendMessage(nil, []byte(strings.Repeat("of somebody else ", 100)))
		to.BeginDecode(bit)
		if _, _, err := to.Decode(make([]byte, 0, 50), z, false); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got, err := to.Decoder().DecodeAppend(nil, from.Encoder().AppendMessage(nil, []byte("next")))
			if string(got) != test.want || err != test.err {
				t.Errorf("%+v: %q, %v", test.p, got, err)
			}
		}
	}
}

func TestNoAllocationsInSteadyState(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget on purpose")
	}
	p := texts(1)[0]
	for _, params := range []Parameters{{}, DefaultParameters} {
		from, to := New(ws.StateServerSide, params, nil), New(ws.StateClientSide, params, nil)
		z, got := make([]byte, 0, 8<<10), make([]byte, 0, 8<<10)
		for range 100 {
			z = from.enc.AppendMessage(z[:0], p)
			got, _ = to.dec.DecodeAppend(got[:0], z)
		}
		if n := testing.AllocsPerRun(100, func() {
			var err error
			z = from.enc.AppendMessage(z[:0], p)
			if got, err = to.dec.DecodeAppend(got[:0], z); err != nil || len(got) != len(p) {
				t.Fatal(len(got), err)
			}
		}); n != 0 {
			t.Errorf("%+v: %v allocations for a whole message", params, n)
		}
		if n := testing.AllocsPerRun(100, func() {
			out, _, _ := from.Encode(z[:0], p, true)
			to.BeginDecode(bit)
			if back, _, err := to.Decode(got[:0], out, true); err != nil || len(back) != len(p) {
				t.Fatal(len(back), err)
			}
		}); n != 0 {
			t.Errorf("%+v: %v allocations for a message in pieces", params, n)
		}
	}
}
