//go:debug randseednop=0

package regress_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wirews/wirews/ws"
)

func TestReading(t *testing.T) {
	checkLines(t, []line{
		{id: "#223", mended: true, what: "a length of 1<<63-1 is an error and allocates next to nothing", run: func(lib library) (bool, string) {
			return readsLittle(lib, header(1<<63-1), nil)
		}},
		{id: "#54", mended: true, what: "1 GiB announced and 10 bytes sent allocate next to nothing", run: func(lib library) (bool, string) {
			return readsLittle(lib, header(1<<30), make([]byte, 10))
		}},
		{id: "#26", what: "ReadFrame has a limit for what really arrives", run: func(lib library) (bool, string) {
			f, err := lib.ReadFrame(io.MultiReader(bytes.NewReader(header(64<<20)), zeros{}))
			return err != nil, fmt.Sprintf("%d bytes of payload in memory, error %v", len(f.Payload), err)
		}},
		{id: "W1", mended: true, what: "a length over 1<<32 is not cut to an int", run: func(lib library) (bool, string) {
			f, err := lib.ReadFrame(bytes.NewReader(append(header(1<<32+5), "Hello, next frame"...)))
			saw := fmt.Sprintf("payload %q, error %v", f.Payload, err)
			if strconv.IntSize == 64 {
				saw += " (this can only go wrong where an int has 32 bits: run it with GOARCH=386)"
			}
			return err != nil, saw
		}},
		{id: "W2", what: "a stream that ends inside a header is io.ErrUnexpectedEOF", run: func(lib library) (bool, string) {
			_, err := lib.ReadFrame(bytes.NewReader([]byte{0x82, 0x7e}))
			return err == io.ErrUnexpectedEOF, fmt.Sprint("error ", err)
		}},
		{id: "W2", what: "a stream that ends before the payload is io.ErrUnexpectedEOF", run: func(lib library) (bool, string) {
			_, err := lib.ReadFrame(bytes.NewReader([]byte{0x82, 0x05}))
			return err == io.ErrUnexpectedEOF, fmt.Sprint("error ", err)
		}},
		{id: "W12", what: "5 in 16 bits is refused", run: func(lib library) (bool, string) {
			h, err := lib.ReadHeader(bytes.NewReader([]byte{0x82, 126, 0, 5}))
			return err != nil, fmt.Sprintf("length %d, error %v", h.Length, err)
		}},
		{id: "W12", what: "5 in 64 bits is refused", run: func(lib library) (bool, string) {
			h, err := lib.ReadHeader(bytes.NewReader([]byte{0x82, 127, 0, 0, 0, 0, 0, 0, 0, 5}))
			return err != nil, fmt.Sprintf("length %d, error %v", h.Length, err)
		}},
		{id: "W12", what: "5 in 16 bits is refused in a control frame", run: func(lib library) (bool, string) {
			h, err := lib.ReadHeader(bytes.NewReader([]byte{0x89, 126, 0, 5}))
			return err != nil, fmt.Sprintf("length %d, error %v", h.Length, err)
		}},
	})
}

func TestWriting(t *testing.T) {
	checkLines(t, []line{
		{id: "#30, #69, W5", what: "a frame is one Write", run: func(lib library) (bool, string) {
			return oneWrite(lib, []byte("Hello"))
		}},
		{id: "W5", what: "a frame without payload is one Write", run: func(lib library) (bool, string) {
			return oneWrite(lib, nil)
		}},
		{id: "W3", what: "a negative length is not written", run: func(lib library) (bool, string) {
			return notWritten(lib, ws.Header{Fin: true, OpCode: ws.OpText, Length: -1})
		}},
		{id: "W3", what: "a header with a negative length has no size", run: func(lib library) (bool, string) {
			n := lib.HeaderSize(ws.Header{Length: -1})
			return n == -1, fmt.Sprint("size ", n)
		}},
		{id: "W4", what: "Rsv over 7 does not become FIN", run: func(lib library) (bool, string) {
			return notWritten(lib, ws.Header{OpCode: ws.OpText, Rsv: 8})
		}},
		{id: "W4", what: "an opcode over 15 does not become an RSV bit", run: func(lib library) (bool, string) {
			return notWritten(lib, ws.Header{Fin: true, OpCode: 0x11})
		}},
		{id: "W6", what: "a long close reason is cut at a rune", run: func(lib library) (bool, string) {
			reason := lib.NewCloseFrameBody(1000, strings.Repeat("é", 62))[2:]
			return utf8.Valid(reason), fmt.Sprintf("reason ends with %x", reason[len(reason)-3:])
		}},
	})
}

func TestChecking(t *testing.T) {
	lines := []line{
		{id: "W4", what: "an opcode over 15 is reserved", run: func(lib library) (bool, string) {
			err := lib.CheckHeader(ws.Header{Fin: true, OpCode: 0x11}, ws.StateClientSide)
			return err != nil, fmt.Sprint("error ", err)
		}},
		{id: "W9", what: "what a server finds in a client's CompiledPing tells the close code 1002", run: func(lib library) (bool, string) {
			h, err := lib.ReadHeader(bytes.NewReader(lib.CompiledPing()))
			if err != nil {
				return false, err.Error()
			}
			err = lib.CheckHeader(h, ws.StateServerSide)
			code := lib.CloseCode(err)
			return err != nil && code == 1002, fmt.Sprintf("error %v, close code %d", err, code)
		}},
	}
	for _, code := range []ws.StatusCode{1012, 1013, 1014} {
		lines = append(lines, line{id: "W7", what: fmt.Sprintf("close code %d is accepted", code), run: func(lib library) (bool, string) {
			err := lib.CheckCloseFrameData(code, "")
			return err == nil, fmt.Sprint("error ", err)
		}})
	}
	for _, code := range []ws.StatusCode{5000, 65535} {
		lines = append(lines, line{id: "W8", what: fmt.Sprintf("close code %d is refused", code), run: func(lib library) (bool, string) {
			err := lib.CheckCloseFrameData(code, "")
			return err != nil, fmt.Sprint("error ", err)
		}})
	}
	checkLines(t, lines)
}

func TestMasking(t *testing.T) {
	checkLines(t, []line{
		{id: "W10", what: "masking keys cannot be foretold by a program that seeds math/rand", run: func(lib library) (bool, string) {
			first, again := seededMask(lib), seededMask(lib)
			return first != again, fmt.Sprintf("keys %x and %x from one seed", first, again)
		}},
		{id: "W11", what: "a negative offset counts modulo 4", run: func(lib library) (bool, string) {
			key := [4]byte{1, 2, 3, 4}
			p := make([]byte, 5)
			lib.Cipher(p, key, -1)
			return bytes.Equal(p, []byte{4, 1, 2, 3, 4}), fmt.Sprintf("got %x", p)
		}},
		{id: "#60, #79, #99", mended: true, what: "payload at any address is masked, under checkptr too", run: func(lib library) (bool, string) {
			buf := make([]byte, 100)
			for i := range 16 {
				lib.Cipher(buf[i:i+64+i], [4]byte{1, 2, 3, 4}, 0)
				lib.Cipher(buf[i:i+64+i], [4]byte{1, 2, 3, 4}, 0)
			}
			same := bytes.Equal(buf, make([]byte, 100))
			return same, fmt.Sprintf("masked twice is the original: %v", same)
		}},
	})
}

func TestAllocations(t *testing.T) {
	if raceEnabled {
		return
	}
	wire := header(500)
	r := bytes.NewReader(nil)
	checkLines(t, []line{
		{id: "#155, #189, #219", what: "ReadHeader allocates nothing", run: func(lib library) (bool, string) {
			n := testing.AllocsPerRun(100, func() {
				r.Reset(wire)
				lib.ReadHeader(r)
			})
			return n == 0, fmt.Sprint(n, " allocations")
		}},
		{id: "#155, #189, #219", what: "WriteHeader allocates nothing", run: func(lib library) (bool, string) {
			n := testing.AllocsPerRun(100, func() { lib.WriteHeader(io.Discard, ws.Header{Fin: true, Length: 500}) })
			return n == 0, fmt.Sprint(n, " allocations")
		}},
	})
}

// header returns the header of a masked binary frame.
func header(length int64) []byte {
	return ws.AppendHeader(nil, ws.Header{Fin: true, OpCode: ws.OpBinary, Masked: true, Length: length})
}

// zeros is a peer that sends for ever.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// readsLittle wants an error and few bytes of memory for a frame of which only
// a piece arrives.
func readsLittle(lib library, head, payload []byte) (bool, string) {
	bound := uint64(64 << 10)
	if raceEnabled {
		bound *= 2 // the race detector allocates on its own account
	}
	var err error
	least := ^uint64(0)
	for range 5 {
		r := io.MultiReader(bytes.NewReader(head), bytes.NewReader(payload))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = lib.ReadFrame(r)
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return err != nil && least < bound, fmt.Sprintf("%d bytes allocated, error %v", least, err)
}

// writes counts what reaches an io.Writer.
type writes [][]byte

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, bytes.Clone(p))
	return len(p), nil
}

func oneWrite(lib library, payload []byte) (bool, string) {
	var w writes
	err := lib.WriteFrame(&w, ws.NewTextFrame(payload))
	return err == nil && len(w) == 1, fmt.Sprintf("%d writes, error %v", len(w), err)
}

func notWritten(lib library, h ws.Header) (bool, string) {
	var w writes
	err := lib.WriteHeader(&w, h)
	return err != nil && len(w) == 0, fmt.Sprintf("wrote %x, error %v", [][]byte(w), err)
}

// seededMask is what a program gets whose other parts have seeded the source
// of math/rand, as programs from before Go 1.20 do.
func seededMask(lib library) [4]byte {
	rand.Seed(1) //lint:ignore SA1019 the deprecated function is what is tried here
	return lib.NewMask()
}
