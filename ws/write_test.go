package ws_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/wirews/wirews/ws"
)

func TestWriteVectorsInOneWrite(t *testing.T) {
	for _, tt := range frameVectors {
		t.Run("W5: #30: #69: "+tt.name, func(t *testing.T) {
			w := &countingWriter{}
			f := ws.Frame{Header: tt.header, Payload: tt.wire[len(tt.wire)-int(tt.header.Length):]}
			if err := ws.WriteFrame(w, f); err != nil {
				t.Fatal(err)
			}
			if len(w.Writes) != 1 || !bytes.Equal(w.Writes[0], tt.wire) {
				t.Errorf("got %d writes, want the frame in one", len(w.Writes))
			}
		})
	}
}

func TestWriteFrameOfAnySizeIsOneWrite(t *testing.T) {
	for _, n := range []int{0, 1, 125, 126, 511, 512, 16 << 10, 16<<10 + 1, 65535, 65536, 1 << 20} {
		for _, masked := range []bool{false, true} {
			t.Run(fmt.Sprintf("W5: %d bytes, masked %v", n, masked), func(t *testing.T) {
				f := ws.NewBinaryFrame(pattern(n))
				if masked {
					f = ws.MaskFrame(f)
				}
				w := &countingWriter{}
				if err := ws.WriteFrame(w, f); err != nil {
					t.Fatal(err)
				}
				if len(w.Writes) != 1 || !bytes.Equal(w.Writes[0], ws.AppendFrame(nil, f)) {
					t.Errorf("got %d writes, want the frame in one", len(w.Writes))
				}
			})
		}
	}
}

func TestWriteHeaderIsOneWrite(t *testing.T) {
	for _, tt := range headerVectors {
		w := &countingWriter{}
		if err := ws.WriteHeader(w, tt.want); err != nil || len(w.Writes) != 1 || !bytes.Equal(w.Writes[0], tt.wire) {
			t.Errorf("%s: WriteHeader: got %x, error %v", tt.name, w.Writes, err)
		}
		w = &countingWriter{}
		buf := make([]byte, ws.MaxHeaderSize)
		if err := ws.WriteHeaderBuffer(w, tt.want, buf); err != nil || len(w.Writes) != 1 || !bytes.Equal(w.Writes[0], tt.wire) {
			t.Errorf("%s: WriteHeaderBuffer: got %x, error %v", tt.name, w.Writes, err)
		}
	}
}

func TestWriteRefusesWhatItCannotEncode(t *testing.T) {
	for _, tt := range unencodable {
		t.Run(tt.name, func(t *testing.T) {
			w := &countingWriter{}
			if err := ws.WriteFrame(w, tt.f); !errors.Is(err, tt.want) {
				t.Errorf("WriteFrame: got error %v, want %v", err, tt.want)
			}
			if tt.want != ws.ErrFrameLength { // which a header alone cannot show
				if err := ws.WriteHeader(w, tt.f.Header); !errors.Is(err, tt.want) {
					t.Errorf("WriteHeader: got error %v, want %v", err, tt.want)
				}
				if err := ws.WriteHeaderBuffer(w, tt.f.Header, make([]byte, ws.MaxHeaderSize)); !errors.Is(err, tt.want) {
					t.Errorf("WriteHeaderBuffer: got error %v, want %v", err, tt.want)
				}
			}
			if len(w.Writes) != 0 {
				t.Errorf("wrote %x in spite of the error", w.Writes)
			}
		})
	}
}

func TestWriteHeaderBufferSizes(t *testing.T) {
	for size := range ws.MaxHeaderSize + 2 {
		want := error(nil)
		if size < ws.MaxHeaderSize {
			want = io.ErrShortBuffer
		}
		w := &countingWriter{}
		err := ws.WriteHeaderBuffer(w, ws.Header{Fin: true, OpCode: ws.OpText}, make([]byte, 0, size))
		if err != want || (err != nil) != (len(w.Writes) == 0) {
			t.Errorf("capacity %d: got error %v and %d writes, want %v", size, err, len(w.Writes), want)
		}
	}
}

func TestWritePassesErrorsOfTheWriterThrough(t *testing.T) {
	broken := errors.New("broken")
	w := failingWriter{Err: broken}
	for _, n := range []int{0, 5, 100_000} {
		if err := ws.WriteFrame(w, ws.NewBinaryFrame(pattern(n))); err != broken {
			t.Errorf("WriteFrame of %d bytes: got error %v", n, err)
		}
	}
	if err := ws.WriteHeader(w, ws.Header{}); err != broken {
		t.Errorf("WriteHeader: got error %v", err)
	}
	if err := ws.WriteHeaderBuffer(w, ws.Header{}, make([]byte, ws.MaxHeaderSize)); err != broken {
		t.Errorf("WriteHeaderBuffer: got error %v", err)
	}

	client, _ := tcpPair(t)
	client.Close()
	if err := ws.WriteFrame(client, ws.NewBinaryFrame(pattern(100_000))); !errors.Is(err, net.ErrClosed) {
		t.Errorf("WriteFrame by writev to a closed connection: got error %v", err)
	}
}

// A frame is written while its payload stays the caller's.
func TestWriteFrameLeavesThePayloadAlone(t *testing.T) {
	client, server := tcpPair(t)
	go io.Copy(io.Discard, server)
	for _, w := range []io.Writer{client, io.Discard} {
		for _, n := range []int{5, 100_000} {
			f := ws.NewBinaryFrame(pattern(n))
			if err := ws.WriteFrame(w, f); err != nil {
				t.Fatal(err)
			}
			if len(f.Payload) != n || !bytes.Equal(f.Payload, pattern(n)) {
				t.Errorf("%T: payload of %d bytes changed", w, n)
			}
		}
	}
}

// wantArrives writes frames of many sizes to w and wants them at r.
func wantArrives(t *testing.T, w io.Writer, r io.Reader, sizes ...int) {
	t.Helper()
	written := make(chan error, 1)
	go func() {
		for _, n := range sizes {
			if err := ws.WriteFrame(w, ws.MaskFrameWith(ws.NewBinaryFrame(pattern(n)), cipherKey)); err != nil {
				written <- err
				return
			}
		}
		written <- nil
	}()
	for _, n := range sizes {
		f, err := ws.ReadFrame(r)
		if err != nil {
			t.Fatalf("frame of %d bytes: %v", n, err)
		}
		if f = ws.UnmaskFrameInPlace(f); !bytes.Equal(f.Payload, pattern(n)) {
			t.Fatalf("frame of %d bytes arrives wrong", n)
		}
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
}

// Payloads on both sides of the place where writev takes over from copying.
var vectorSizes = []int{0, 1, 125, 126, 16<<10 - 1, 16 << 10, 16<<10 + 1, 65535, 65536, 1 << 20, 3}

func TestWriteFrameOverTCP(t *testing.T) {
	client, server := tcpPair(t)
	wantArrives(t, client, server, vectorSizes...)
	wantArrives(t, server, client, vectorSizes...)
}

// #30, #69: writers that share a connection interleave frames, never bytes:
// each frame is one call. *net.TCPConn serialises calls of Write and writev.
func TestConcurrentWritersDoNotTearFrames_30_69(t *testing.T) {
	client, server := tcpPair(t)
	sizes := []int{0, 5, 125, 1000, 20_000, 70_000}
	const rounds = 20
	var wg sync.WaitGroup
	for _, n := range sizes {
		wg.Go(func() {
			for range rounds {
				if err := ws.WriteFrame(client, ws.NewBinaryFrame(pattern(n))); err != nil {
					t.Errorf("writer of %d bytes: %v", n, err)
					return
				}
			}
		})
	}
	seen := make(map[int]int)
	for range len(sizes) * rounds {
		f, err := ws.ReadFrame(server)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.Payload, pattern(len(f.Payload))) {
			t.Fatalf("a frame of %d bytes was torn", len(f.Payload))
		}
		seen[len(f.Payload)]++
	}
	wg.Wait()
	for _, n := range sizes {
		if seen[n] != rounds {
			t.Errorf("%d frames of %d bytes arrived, want %d", seen[n], n, rounds)
		}
	}
}

func TestWriteDoesNotAllocate_155(t *testing.T) {
	for _, tt := range headerVectors {
		wantAllocs(t, 0, func() { ws.WriteHeader(io.Discard, tt.want) })
		buf := make([]byte, ws.MaxHeaderSize)
		wantAllocs(t, 0, func() { ws.WriteHeaderBuffer(io.Discard, tt.want, buf) })
	}
	for _, n := range []int{0, 5, 125, 1000, 16 << 10, 60 << 10} {
		f := ws.NewBinaryFrame(pattern(n))
		ws.WriteFrame(io.Discard, f) // the pool learns the size
		wantAllocs(t, 0, func() { ws.WriteFrame(io.Discard, f) })
	}
}

// A frame that was copied behind its header would show here: its buffer is too
// large for the pool.
func TestWriteFrameByVectorsDoesNotAllocate(t *testing.T) {
	client, server := tcpPair(t)
	f := ws.NewBinaryFrame(pattern(100_000))
	received := make(chan int64, 1)
	go func() {
		// A buffer of its own: io.Copy would count as an allocation.
		buf := make([]byte, 256<<10)
		var sum int64
		for {
			n, err := server.Read(buf)
			if sum += int64(n); err != nil {
				received <- sum
				return
			}
		}
	}()
	runs := int64(0)
	for _, conn := range []io.Writer{client, ws.WithEarly(client, nil)} {
		wantAllocs(t, 0, func() {
			if err := ws.WriteFrame(conn, f); err != nil {
				t.Fatal(err)
			}
			runs++
		})
	}
	client.CloseWrite()
	if got, want := <-received, runs*int64(ws.HeaderSize(f.Header)+len(f.Payload)); got != want {
		t.Errorf("%d bytes arrived, want %d", got, want)
	}
}

func BenchmarkWriteHeader(b *testing.B) {
	for _, bb := range benchHeaders {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ws.WriteHeader(io.Discard, bb.h)
			}
		})
	}
}

func BenchmarkWriteFrame(b *testing.B) {
	for _, n := range []int{0, 16, 125, 1 << 10, 16 << 10, 60 << 10} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := ws.NewBinaryFrame(pattern(n))
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				ws.WriteFrame(io.Discard, f)
			}
		})
	}
}

// BenchmarkWriteFrameTCP shows where writev begins to pay.
func BenchmarkWriteFrameTCP(b *testing.B) {
	for _, n := range []int{125, 16 << 10, 16<<10 + 1, 256 << 10} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			client, server := tcpPair(b)
			go io.Copy(io.Discard, server)
			f := ws.NewBinaryFrame(pattern(n))
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				if err := ws.WriteFrame(client, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
