package wsutil_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

func TestReadDataLimits(t *testing.T) {
	defer wsutil.SetMaxFrameSize(wsutil.MaxFrameSize())
	defer wsutil.SetMaxMessageSize(wsutil.MaxMessageSize())
	one := func(n int) []byte { return clientFrame(ws.OpBinary, true, strings.Repeat("x", n)) }
	two := func(n, m int) []byte {
		return join(clientFrame(ws.OpBinary, false, strings.Repeat("x", n)), clientFrame(ws.OpPing, true, "ping"),
			clientFrame(ws.OpContinuation, true, strings.Repeat("x", m)))
	}
	var thousand []byte
	for range 1000 {
		thousand = append(thousand, clientFrame(ws.OpContinuation, false, strings.Repeat("x", 100))...)
	}
	thousand[0] |= byte(ws.OpBinary)
	for _, tt := range []struct {
		name           string
		frame, message int64
		in             []byte
		want           error
	}{
		{"message n-1", 0, 10, one(9), nil},
		{"message n", 0, 10, one(10), nil},
		{"message n+1", 0, 10, one(11), wsutil.ErrMessageTooLarge},
		{"frame n", 10, 0, one(10), nil},
		{"frame n+1", 10, 0, one(11), wsutil.ErrFrameTooLarge},
		{"frame limit over the message limit", 11, 10, one(11), wsutil.ErrMessageTooLarge},
		{"U20: frame limit and a control frame", 1, 0, two(1, 1), nil},
		{"#26: fragments n", 0, 10, two(5, 5), nil},
		{"#26: fragments n+1", 0, 10, two(5, 6), wsutil.ErrMessageTooLarge},
		{"#26: 1000 fragments of 100 bytes", 0, 128, thousand, wsutil.ErrMessageTooLarge},
		{"none", 0, 0, two(1<<20, 1<<20), nil},
		{"none, negative", -1, -1, two(1<<20, 1<<20), nil},
	} {
		wsutil.SetMaxFrameSize(tt.frame)
		wsutil.SetMaxMessageSize(tt.message)
		var out bytes.Buffer
		_, _, err := wsutil.ReadClientData(readWriter{bytes.NewReader(tt.in), &out})
		if err != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		if code := wsproto.CloseCode(err); tt.want != nil && code != 1009 {
			t.Errorf("%s: close code %d", tt.name, code)
		}
		if _, err := wsutil.ReadClientMessage(bytes.NewReader(tt.in), nil); err != tt.want {
			t.Errorf("%s: ReadMessage: got %v, want %v", tt.name, err, tt.want)
		}
		if _, err := wsutil.ReadClientBinary(readWriter{bytes.NewReader(tt.in), &out}); err != tt.want {
			t.Errorf("%s: ReadClientBinary: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

// #223, #54: a declared length is not a reason to allocate.
func TestReadDataAllocatesWhatArrives(t *testing.T) {
	defer wsutil.SetMaxMessageSize(wsutil.MaxMessageSize())
	for _, tt := range []struct {
		name  string
		limit int64
		in    string
		want  error
	}{
		{"#223: 2^63-1 bytes", 32 << 20, "82ff 7fffffffffffffff 00000000", wsutil.ErrMessageTooLarge},
		{"#223: 2^48 bytes", 32 << 20, "82ff 0001000000000000 00000000", wsutil.ErrMessageTooLarge},
		{"#223: 1 GiB, 10 of them sent", 1 << 30, "82ff 0000000040000000 00000000 00010203040506070809", io.ErrUnexpectedEOF},
		{"#54: no limit", 0, "82ff 0000000040000000 00000000 00010203040506070809", io.ErrUnexpectedEOF},
	} {
		wsutil.SetMaxMessageSize(tt.limit)
		in := unhex(tt.in)
		src := &replay{in: in}
		var err error
		allocated := leastAllocated(func() {
			src.at = 0
			_, _, err = wsutil.ReadClientData(src)
		})
		if err != tt.want || (allocated >= 64<<10 && !raceEnabled) {
			t.Errorf("%s: got %v, %d bytes allocated", tt.name, err, allocated)
		}
		allocated = leastAllocated(func() {
			src.at = 0
			_, err = wsutil.ReadClientMessage(src, nil)
		})
		if err != tt.want || (allocated >= 64<<10 && !raceEnabled) {
			t.Errorf("%s: ReadMessage: got %v, %d bytes allocated", tt.name, err, allocated)
		}
	}
}

// W1: a length beyond what a slice can have, also on 32 bits.
func TestReadDataBeyondTheAddressSpace(t *testing.T) {
	defer wsutil.SetMaxMessageSize(wsutil.MaxMessageSize())
	defer wsutil.SetPreallocLimit(wsutil.PreallocLimit())
	wsutil.SetMaxMessageSize(0)
	in := unhex("82ff 7fffffffffffffff 00000000")
	conn := wstest.NewConn(in)
	if _, _, err := wsutil.ReadAppend([]byte("dst"), conn, ws.StateServerSide); err != wsutil.ErrMessageTooLarge {
		t.Errorf("W1: got %v", err)
	}
	// More than a slice on 32 bits can have, but that is only the most.
	wsutil.SetPreallocLimit(1 << 32)
	if p, _, err := wsutil.ReadClientData(wstest.NewConn(clientFrame(ws.OpText, true, "Hello"))); string(p) != "Hello" || err != nil {
		t.Errorf("W1: PreallocLimit over 2^32: got %q, %v", p, err)
	}
	if math.MaxInt > math.MaxInt32 {
		return
	}
	in = unhex("82ff 0000000100000005 00000000 00010203040506070809")
	if _, _, err := wsutil.ReadClientData(wstest.NewConn(in)); err != wsutil.ErrMessageTooLarge {
		t.Errorf("W1: 2^32+5 bytes: got %v", err)
	}
}

// U18: what the helpers allocate is the payload.
func TestReadDataDoesNotAllocate(t *testing.T) {
	for side, s := range sides {
		for _, size := range []int{0, 5, 125, 126, 4096, 32000} {
			src := &replay{in: join(peerFrame(s, ws.OpPing, true, "ping"), peerFrame(s, ws.OpBinary, true, string(pattern(size))))}
			t.Run(fmt.Sprintf("U18/%s/%d", side, size), func(t *testing.T) {
				wantAllocs(t, 1, func() {
					src.at = 0
					if _, _, err := wsutil.ReadData(src, s); err != nil {
						t.Fatal(err)
					}
				})
				dst := make([]byte, 0, size+2)
				wantAllocs(t, 0, func() {
					src.at = 0
					if _, _, err := wsutil.ReadAppend(dst, src, s); err != nil {
						t.Fatal(err)
					}
				})
			})
		}
	}
}

func TestEchoOnTCPDoesNotAllocate(t *testing.T) {
	for _, size := range []int{5, 126, 65535, 1 << 20} {
		t.Run(fmt.Sprintf("U18/%d", size), func(t *testing.T) {
			client, server := tcpPair(t)
			frame := clientFrame(ws.OpBinary, true, string(pattern(size)))
			reply := make([]byte, size+ws.HeaderSize(ws.Header{Length: int64(size)}))
			buf := make([]byte, 0, size+2)
			start, done := make(chan struct{}), make(chan error)
			defer close(start)
			go func() {
				for range start {
					_, err := client.Write(frame)
					if err == nil {
						_, err = io.ReadFull(client, reply)
					}
					done <- err
				}
			}()
			wantAllocs(t, 0, func() {
				start <- struct{}{}
				p, op, err := wsutil.ReadAppend(buf, server, ws.StateServerSide)
				if err == nil {
					err = wsutil.WriteServerMessage(server, op, p)
				}
				if err != nil {
					t.Fatal(err)
				}
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// An error of a limit says how to raise it, by what this package has.
func TestErrorsOfLimitsAdviseWhatCanBeSet(t *testing.T) {
	large := unhex("82ff 0000000003000000 00000000") // 48 MiB
	fragments := join(clientFrame(ws.OpBinary, false, ""), bytes.Repeat(clientFrame(ws.OpContinuation, false, ""), wsproto.DefaultMaxFragments))
	controls := join(clientFrame(ws.OpBinary, false, ""), bytes.Repeat(clientFrame(ws.OpPong, true, ""), wsproto.DefaultMaxControls+1))
	for name, read := range map[string]func(rw io.ReadWriter) error{
		"ReadData": func(rw io.ReadWriter) error { _, _, err := wsutil.ReadData(rw, ws.StateServerSide); return err },
		"Stream": func(rw io.ReadWriter) error {
			_, _, err := wsutil.NewStream(rw, ws.StateServerSide, 0).ReadMessage()
			return err
		},
		"Reader": func(rw io.ReadWriter) error {
			_, _, err := wsutil.NewServerSideReader(rw).ReadAppend(nil)
			return err
		},
	} {
		for _, tt := range []struct {
			in     []byte
			want   error
			advice string
		}{
			{large, wsutil.ErrMessageTooLarge, "SetMaxMessageSize"},
			{fragments, wsutil.ErrTooManyFragments, "a Reader"},
			{controls, wsutil.ErrTooManyControls, "a Reader"},
		} {
			if name == "Reader" && tt.advice == "a Reader" {
				continue // it has no such limits
			}
			err := read(wstest.NewConn(tt.in))
			if err != tt.want || !strings.Contains(err.Error(), tt.advice) || strings.Contains(err.Error(), "Limits") {
				t.Errorf("%s: got %v, want %v, which advises %s", name, err, tt.want, tt.advice)
			}
		}
	}
}
