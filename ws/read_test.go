package ws_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/ws"
)

// chunkings are ways in which the same bytes may arrive.
var chunkings = []struct {
	name string
	wrap func(io.Reader) io.Reader
}{
	{"whole", func(r io.Reader) io.Reader { return r }},
	{"one byte", iotest.OneByteReader},
	{"half", iotest.HalfReader},
	{"data with EOF", iotest.DataErrReader},
	{"one byte, the last with EOF", func(r io.Reader) io.Reader { return iotest.DataErrReader(iotest.OneByteReader(r)) }},
}

func TestReadFrameVectorsInAnyChunking(t *testing.T) {
	for _, tt := range frameVectors {
		for _, c := range chunkings {
			r := c.wrap(bytes.NewReader(tt.wire))
			f, err := ws.ReadFrame(r)
			if err != nil || f.Header != tt.header {
				t.Fatalf("%s, %s: got %+v, error %v", tt.name, c.name, f.Header, err)
			}
			if !bytes.Equal(ws.UnmaskFrame(f).Payload, tt.payload) {
				t.Errorf("%s, %s: payload differs", tt.name, c.name)
			}
			if _, err := ws.ReadFrame(r); err != io.EOF {
				t.Errorf("%s, %s: behind the frame: got error %v, want io.EOF", tt.name, c.name, err)
			}
		}
	}
}

func TestReadHeaderVectorsInAnyChunking(t *testing.T) {
	for _, tt := range headerVectors {
		for _, c := range chunkings {
			if h, err := ws.ReadHeader(c.wrap(bytes.NewReader(tt.wire))); h != tt.want || err != nil {
				t.Errorf("%s, %s: ReadHeader: got %+v, error %v", tt.name, c.name, h, err)
			}
			buf := make([]byte, ws.MaxHeaderSize)
			if h, err := ws.ReadHeaderBuffer(c.wrap(bytes.NewReader(tt.wire)), buf); h != tt.want || err != nil {
				t.Errorf("%s, %s: ReadHeaderBuffer: got %+v, error %v", tt.name, c.name, h, err)
			}
		}
	}
}

// A reader that reads too far takes bytes that are somebody else's.
func TestReadTakesOnlyWhatBelongsToIt(t *testing.T) {
	const next = "next frame"
	for _, tt := range headerVectors {
		r := &countingReader{R: bytes.NewReader(append(bytes.Clone(tt.wire), next...))}
		if _, err := ws.ReadHeader(r); err != nil || r.Bytes != len(tt.wire) || r.Reads > 2 {
			t.Errorf("%s: ReadHeader took %d bytes in %d reads, error %v", tt.name, r.Bytes, r.Reads, err)
		}
	}
	for _, tt := range frameVectors {
		r := &countingReader{R: bytes.NewReader(append(bytes.Clone(tt.wire), next...))}
		if _, err := ws.ReadFrame(r); err != nil || r.Bytes != len(tt.wire) {
			t.Errorf("%s: ReadFrame took %d of %d bytes, error %v", tt.name, r.Bytes, len(tt.wire), err)
		}
		r = &countingReader{R: bytes.NewReader(append(bytes.Clone(tt.wire), next...))}
		_, err := ws.ReadFrameBuffer(r, make([]byte, len(tt.wire)+100), -1)
		if err != nil || r.Bytes != len(tt.wire) || r.Reads > 3 {
			t.Errorf("%s: ReadFrameBuffer took %d of %d bytes in %d reads, error %v", tt.name, r.Bytes, len(tt.wire), r.Reads, err)
		}
	}
}

func TestReadAtEveryTruncation(t *testing.T) {
	for _, tt := range []struct {
		name string
		wire []byte
	}{
		{"W2: 82 7e", unhex("82 7e 0100")},
		{"W2: 82 05", unhex("82 05 48656c6c6f")},
		{"W2: masked", unhex("8a 85 37fa213d 7f9f4d5158")},
		{"W2: 64-bit length, masked", append(unhex("82 ff 0000000000010000 37fa213d"), pattern(65536)...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for cut := range tt.wire {
				if cut > 100 && cut%4093 != 0 {
					continue // inside the payload one place is like the next
				}
				want := io.ErrUnexpectedEOF
				if cut == 0 {
					want = io.EOF
				}
				for _, c := range chunkings {
					if _, err := ws.ReadFrame(c.wrap(bytes.NewReader(tt.wire[:cut]))); err != want {
						t.Fatalf("cut to %d bytes, %s: got error %v, want %v", cut, c.name, err, want)
					}
				}
				if _, _, err := ws.ParseHeader(tt.wire[:cut]); err == nil {
					continue // only the payload is cut
				}
				if _, err := ws.ReadHeader(bytes.NewReader(tt.wire[:cut])); err != want {
					t.Fatalf("ReadHeader cut to %d bytes: got error %v, want %v", cut, err, want)
				}
			}
		})
	}
}

func TestReadFrameTruncatedVectors(t *testing.T) {
	for _, tt := range frameVectors {
		for cut := range tt.wire {
			if cut > 300 && cut != len(tt.wire)-1 {
				continue
			}
			want := io.ErrUnexpectedEOF
			if cut == 0 {
				want = io.EOF
			}
			f, err := ws.ReadFrame(bytes.NewReader(tt.wire[:cut]))
			if err != want || f.Payload != nil || f.Header != (ws.Header{}) {
				t.Fatalf("W2: %s cut to %d bytes: got %+v, error %v, want %v", tt.name, cut, f.Header, err, want)
			}
		}
	}
}

func TestReadPassesErrorsOfTheReaderThrough(t *testing.T) {
	broken := errors.New("broken")
	wire := append(unhex("82 fe 0100 37fa213d"), pattern(256)...)
	for cut := range wire {
		for _, c := range chunkings {
			r := c.wrap(io.MultiReader(bytes.NewReader(wire[:cut]), iotest.ErrReader(broken)))
			if _, err := ws.ReadFrame(r); err != broken {
				t.Fatalf("broken after %d bytes, %s: got error %v", cut, c.name, err)
			}
		}
	}
	// An error that comes with the last byte is not this frame's.
	r := iotest.DataErrReader(io.MultiReader(bytes.NewReader(wire), iotest.ErrReader(broken)))
	if _, err := ws.ReadFrame(r); err != nil {
		t.Errorf("error with the last byte: got %v", err)
	}
}

func TestReadRefusesBadLengths(t *testing.T) {
	for _, tt := range []struct {
		name, wire string
		want       error
	}{
		{"W12: 5 in 16 bits", "82 7e 0005", ws.ErrHeaderLengthNotMinimal},
		{"W12: 5 in 64 bits", "82 7f 0000000000000005", ws.ErrHeaderLengthNotMinimal},
		{"W12: ping of 5 in 16 bits", "89 fe 0005 01020304", ws.ErrHeaderLengthNotMinimal},
		{"most significant bit", "82 7f 8000000000000000", ws.ErrHeaderLengthMSB},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ws.ReadHeader(bytes.NewReader(unhex(tt.wire))); err != tt.want {
				t.Errorf("ReadHeader: got error %v, want %v", err, tt.want)
			}
			if _, err := ws.ReadFrame(bytes.NewReader(unhex(tt.wire))); err != tt.want {
				t.Errorf("ReadFrame: got error %v, want %v", err, tt.want)
			}
		})
	}
}

// #26, as far as one frame goes: the limit holds at its edges, and the caller
// learns which frame went over it.
func TestReadFrameBufferLimit_26(t *testing.T) {
	for _, tt := range []struct {
		name   string
		length int
		limit  int64
		want   error
	}{
		{"#26: under the limit", 127, 128, nil},
		{"#26: at the limit", 128, 128, nil},
		{"#26: over the limit", 129, 128, ws.ErrFrameTooLarge},
		{"#26: limit 0, empty frame", 0, 0, nil},
		{"#26: limit 0, one byte", 1, 0, ws.ErrFrameTooLarge},
		{"#26: no limit", 70000, -1, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sent := ws.NewBinaryFrame(pattern(tt.length))
			r := bytes.NewReader(ws.AppendFrame(nil, sent))
			f, err := ws.ReadFrameBuffer(r, nil, tt.limit)
			if err != tt.want {
				t.Fatalf("got error %v, want %v", err, tt.want)
			}
			if f.Header != sent.Header {
				t.Errorf("got %+v, want %+v", f.Header, sent.Header)
			}
			if err != nil && (f.Payload != nil || r.Len() != tt.length) {
				t.Errorf("over the limit: %d bytes of payload read", tt.length-r.Len())
			}
		})
	}
}

// #223, #54: what a header declares must not be allocated before it comes.
func TestReadFrameDoesNotTrustTheLength_223(t *testing.T) {
	bound := uint64(64 << 10)
	if raceEnabled {
		bound *= 2 // slices.Grow makes what it appends a second time there
	}
	for _, tt := range []struct {
		name  string
		wire  []byte
		limit int64
		want  error
	}{
		{"#223: 1<<63-1", unhex("82 ff 7fffffffffffffff 00000000"), ws.DefaultMaxFramePayload, ws.ErrFrameTooLarge},
		{"#223: 1<<48", unhex("82 ff 0001000000000000 00000000"), ws.DefaultMaxFramePayload, ws.ErrFrameTooLarge},
		{"#54: 1 GiB, limit raised, 10 bytes sent", append(unhex("82 ff 0000000040000000 00000000"), pattern(10)...),
			1 << 30, io.ErrUnexpectedEOF},
		{"#223: 32 MiB, the default limit, nothing sent", unhex("82 7f 0000000002000000"),
			ws.DefaultMaxFramePayload, io.ErrUnexpectedEOF},
		{"#223: 32 MiB + 1, the default limit", unhex("82 7f 0000000002000001"),
			ws.DefaultMaxFramePayload, ws.ErrFrameTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			allocated := leastAllocated(func() {
				if _, err := ws.ReadFrameBuffer(bytes.NewReader(tt.wire), nil, tt.limit); err != tt.want {
					t.Fatalf("got error %v, want %v", err, tt.want)
				}
			})
			if allocated >= bound {
				t.Errorf("allocated %d bytes for %d bytes of input", allocated, len(tt.wire))
			}
			if tt.limit == ws.DefaultMaxFramePayload {
				if _, err := ws.ReadFrame(bytes.NewReader(tt.wire)); err != tt.want {
					t.Errorf("ReadFrame: got error %v, want %v", err, tt.want)
				}
			}
		})
	}
}

// W1: a length that does not fit an int is refused before it is converted, so
// that no 32-bit machine reads 5 bytes for 1<<32+5 or panics at 1<<31+5. Where
// an int has 64 bits the stream is merely too short.
func TestReadFrameLengthOverAnInt(t *testing.T) {
	for _, tt := range []struct {
		name   string
		length int64
	}{
		{"W1: 1<<31", 1 << 31},
		{"W1: 1<<31+5", 1<<31 + 5},
		{"W1: 1<<32", 1 << 32},
		{"W1: 1<<32+5", 1<<32 + 5},
		{"W1: 1<<63-1", 1<<63 - 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := io.ErrUnexpectedEOF
			if uint64(^uint(0)) < uint64(1)<<63 { // 32 bits
				want = ws.ErrFrameTooLarge
			}
			wire := ws.AppendHeader(nil, ws.Header{Fin: true, OpCode: ws.OpBinary, Length: tt.length})
			wire = append(wire, "Hello"...)
			f, err := ws.ReadFrameBuffer(bytes.NewReader(wire), nil, -1)
			if err != want || f.Payload != nil {
				t.Errorf("no limit: got payload %q, error %v, want %v", f.Payload, err, want)
			}
			if _, err := ws.ReadFrame(bytes.NewReader(wire)); err != ws.ErrFrameTooLarge {
				t.Errorf("ReadFrame: got error %v, want %v", err, ws.ErrFrameTooLarge)
			}
		})
	}
}

func TestReadFrameBufferUsesTheBuffer(t *testing.T) {
	buf := make([]byte, 3, 100)
	for _, n := range []int{0, 1, 99, 100} {
		f, err := ws.ReadFrameBuffer(bytes.NewReader(ws.AppendFrame(nil, ws.NewBinaryFrame(pattern(n)))), buf, -1)
		if err != nil || !bytes.Equal(f.Payload, pattern(n)) {
			t.Fatalf("%d bytes: got %x, error %v", n, f.Payload, err)
		}
		if n > 0 && &f.Payload[0] != &buf[0] {
			t.Errorf("%d bytes do not go into the buffer of 100", n)
		}
	}
	f, err := ws.ReadFrameBuffer(bytes.NewReader(ws.AppendFrame(nil, ws.NewBinaryFrame(pattern(101)))), buf, -1)
	if err != nil || !bytes.Equal(f.Payload, pattern(101)) {
		t.Fatalf("101 bytes: got %x, error %v", f.Payload, err)
	}
	if &f.Payload[0] == &buf[0] {
		t.Error("101 bytes alias the buffer of 100")
	}
}

func TestReadFrameOwnsItsPayload(t *testing.T) {
	wire := append(ws.AppendFrame(nil, ws.NewTextFrame([]byte("first"))), ws.AppendFrame(nil, ws.NewTextFrame([]byte("other")))...)
	r := bytes.NewReader(wire)
	first := ws.MustReadFrame(r)
	ws.MustReadFrame(r)
	if string(first.Payload) != "first" {
		t.Errorf("the first payload became %q", first.Payload)
	}
}

func TestReadHeaderBufferSizes(t *testing.T) {
	wire := headerVectors[len(headerVectors)-1].wire
	for size := range ws.MaxHeaderSize + 2 {
		want := error(nil)
		if size < 12 {
			want = io.ErrShortBuffer
		}
		r := bytes.NewReader(wire)
		if _, err := ws.ReadHeaderBuffer(r, make([]byte, 0, size)); err != want {
			t.Errorf("capacity %d: got error %v, want %v", size, err, want)
		} else if err != nil && r.Len() != len(wire) {
			t.Errorf("capacity %d: read in spite of the error", size)
		}
	}
}
