package ws_test

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/wirews/wirews/ws"
)

func FuzzParseHeader(f *testing.F) {
	for _, v := range headerVectors {
		f.Add(v.wire)
	}
	f.Add(unhex("81 7e 0005"))
	f.Add(unhex("82 7f 8000000000000000"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, n, err := ws.ParseHeader(b)
		switch err {
		case nil:
			if n > len(b) || h.Length < 0 {
				t.Fatalf("%x: n=%d, %+v", b, n, h)
			}
			if got := ws.AppendHeader(nil, h); !bytes.Equal(got, b[:n]) {
				t.Fatalf("%x: AppendHeader gives %x", b[:n], got)
			}
			if got := ws.HeaderSize(h); got != n {
				t.Fatalf("%x: HeaderSize %d, n=%d", b[:n], got, n)
			}
		case ws.ErrShort:
			if n <= len(b) || n > ws.MaxHeaderSize || h != (ws.Header{}) {
				t.Fatalf("%x: ErrShort with n=%d, %+v", b, n, h)
			}
			return
		default:
			if n != 0 || h != (ws.Header{}) {
				t.Fatalf("%x: error %v with n=%d, %+v", b, err, n, h)
			}
			if n = 10; b[1]&0x7f == 126 {
				n = 4
			}
			if b[1]&0x80 != 0 {
				n += 4
			}
		}
		for cut := range n {
			if _, need, short := ws.ParseHeader(b[:cut]); short != ws.ErrShort || need <= cut || need > n {
				t.Fatalf("%x cut to %d bytes: n=%d, error %v", b[:n], cut, need, short)
			}
		}
	})
}

func FuzzParseClose(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte{3})
	f.Add([]byte("\x03\xe8bye"))
	f.Add([]byte("\x03\xe8\xe2\x82"))
	for _, c := range closeCodes {
		f.Add([]byte{byte(c.code >> 8), byte(c.code)})
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		code, reason, err := ws.ParseClose(p)
		if len(p) >= 2 {
			if bare, text := ws.ParseCloseFrameData(p); bare != code || text != string(reason) {
				t.Fatalf("%x: ParseClose says %d %q, ParseCloseFrameData %d %q", p, code, reason, bare, text)
			}
			if got := ws.CheckCloseFrameData(code, string(reason)); got != err {
				t.Fatalf("%x: ParseClose says %v, CheckCloseFrameData %v", p, err, got)
			}
		}
		if err != nil {
			return
		}
		out := ws.AppendClose([]byte("front"), code, string(reason))[len("front"):]
		if len(p) <= ws.MaxControlFramePayloadSize && !bytes.Equal(out, p) {
			t.Fatalf("%x: AppendClose gives %x", p, out)
		}
		if len(out) > ws.MaxControlFramePayloadSize || !bytes.HasPrefix(p, out) || (len(out) > 2 && !utf8.Valid(out[2:])) {
			t.Fatalf("%x: AppendClose cuts to %x", p, out)
		}
	})
}

func FuzzCipher(f *testing.F) {
	f.Add([]byte("Hello"), uint32(0x37fa213d), 0, uint(2))
	f.Add(pattern(1000), uint32(0x01020304), -3, uint(77))
	f.Add([]byte{}, uint32(0), 1, uint(0))
	f.Fuzz(func(t *testing.T, p []byte, k uint32, offset int, split uint) {
		key := [4]byte{byte(k >> 24), byte(k >> 16), byte(k >> 8), byte(k)}
		want := naiveCipher(p, key, offset)
		whole := bytes.Clone(p)
		ws.Cipher(whole, key, offset)
		if !bytes.Equal(whole, want) {
			t.Fatalf("Cipher(%x, %x, %d) = %x, want %x", p, key, offset, whole, want)
		}
		at := int(split % uint(len(p)+1))
		pieces := ws.AppendCipher(nil, p[:at], key, offset)
		pieces = ws.AppendCipher(pieces, p[at:], key, offset+at)
		if !bytes.Equal(pieces, want) {
			t.Fatalf("AppendCipher(%x, %x, %d) split at %d = %x, want %x", p, key, offset, at, pieces, want)
		}
	})
}

// roomReader notes the largest room that it was offered, beyond what had come
// by then: what the reading side held in advance.
type roomReader struct {
	r    *bytes.Reader
	read int
	over int
}

func (r *roomReader) Read(p []byte) (int, error) {
	r.over = max(r.over, len(p)-r.read)
	n, err := r.r.Read(p)
	r.read += n
	return n, err
}

func FuzzReadFrame(f *testing.F) {
	for _, v := range headerVectors {
		f.Add(append(bytes.Clone(v.wire), "payload"...))
	}
	for _, v := range frameVectors {
		if len(v.wire) < 300 {
			f.Add(v.wire)
		}
	}
	f.Add(unhex("82 7e 0005"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &roomReader{r: bytes.NewReader(b)}
		whole, err := ws.ReadFrameBuffer(r, nil, -1)
		// 32 KiB and what rounding up to a size class adds.
		if r.over > 40<<10 {
			t.Fatalf("%x: held %d bytes more than had come", b, r.over)
		}
		pieces, errPieces := ws.ReadFrameBuffer(iotest.OneByteReader(bytes.NewReader(b)), nil, -1)
		if err != errPieces || whole.Header != pieces.Header || !bytes.Equal(whole.Payload, pieces.Payload) {
			t.Fatalf("%x: whole %+v, %v; by bytes %+v, %v", b, whole.Header, err, pieces.Header, errPieces)
		}
		switch {
		case len(b) == 0 && err != io.EOF, len(b) > 0 && err == io.EOF:
			t.Fatalf("%x: got error %v", b, err)
		case err == nil:
			if out := ws.AppendFrame(nil, whole); !bytes.Equal(out, b[:len(b)-r.r.Len()]) {
				t.Fatalf("%x: AppendFrame gives %x", b, out)
			}
		}
	})
}
