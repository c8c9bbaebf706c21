package wsflate

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
)

// FuzzParse holds Parse against Option: what is taken can be written and means
// the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "; server_no_context_takeover", "; client_max_window_bits", "; server_max_window_bits=10;client_max_window_bits=9", "; x=1"} {
		f.Add("permessage-deflate" + s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		opts, ok := httphead.ParseOptions([]byte(s), nil)
		if !ok || len(opts) == 0 {
			return
		}
		var p, again Parameters
		if err := p.Parse(opts[0]); err != nil {
			if p != (Parameters{}) {
				t.Fatalf("%+v with %v", p, err)
			}
			return
		}
		if err := again.Parse(p.Option()); err != nil || again != p {
			t.Fatalf("%+v became %+v, %v", p, again, err)
		}
	})
}

// FuzzMessages sends two messages through all forms of both directions.
func FuzzMessages(f *testing.F) {
	f.Add([]byte("Hello"), []byte("Hello"), uint8(0), uint8(15), uint16(3))
	f.Add([]byte(""), bytes.Repeat([]byte("ab"), 3000), uint8(5), uint8(8), uint16(1))
	f.Fuzz(func(t *testing.T, a, b []byte, flags, bits uint8, room uint16) {
		p := Parameters{ServerNoContextTakeover: flags&1 != 0, ServerMaxWindowBits: WindowBits(8 + bits%8)}
		o := &Options{Level: []int{HuffmanOnly, Fastest, Balanced, Smallest}[flags>>1&3]}
		server := New(ws.StateServerSide, p, o)
		pieces, whole := New(ws.StateClientSide, p, o), New(ws.StateClientSide, p, o)
		size := 1 + int(room)%5000
		for i, m := range [][]byte{a, b, a} {
			var z []byte
			if flags>>uint(3+i)&1 != 0 {
				z = server.Encoder().AppendMessage(nil, m)
			} else {
				z = encode(t, server, m, size)
			}
			if got, err := decode(pieces, z, size); err != nil || !bytes.Equal(got, m) {
				t.Fatalf("in pieces: %d of %d bytes, %v", len(got), len(m), err)
			}
			if got, err := whole.Decoder().DecodeAppend(nil, z); err != nil || !bytes.Equal(got, m) {
				t.Fatalf("whole: %d of %d bytes, %v", len(got), len(m), err)
			}
		}
	})
}

// FuzzHelper gives anything to all that inflates. They agree with each other,
// and with the standard library where that sees the end of the message.
func FuzzHelper(f *testing.F) {
	f.Add([]byte("\xf2\x48\xcd\xc9\xc9\x07\x00"))
	f.Add([]byte("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"))
	f.Add([]byte("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"))
	f.Add([]byte("\xff"))
	f.Fuzz(func(t *testing.T, z []byte) {
		h := Helper{MaxSize: 1 << 20}
		got, err := h.Decompress(z)
		streamed, streamErr := io.ReadAll(io.LimitReader(NewReader(bytes.NewReader(z), New(0, DefaultParameters, &Options{MaxSize: 1 << 20}).Decoder().Decompressor), 2<<20))
		if err == nil && (streamErr != nil || !bytes.Equal(got, streamed)) {
			t.Fatalf("%d bytes, streamed %d, %v", len(got), len(streamed), streamErr)
		}
		if errors.Is(err, ErrTooLarge) {
			return
		}
		want, wantErr := io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(z), strings.NewReader(tail))))
		if err == nil && wantErr == io.ErrUnexpectedEOF && !bytes.Equal(got, want) {
			t.Fatalf("%q, the standard library has %q", got, want)
		}
	})
}
