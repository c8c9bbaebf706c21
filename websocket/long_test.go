package websocket_test

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// unmaskedBy0 is a frame whose masking key is 0, which changes nothing.
func unmaskedBy0(first byte, p []byte) []byte {
	h := ws.Header{Fin: first&0x80 != 0, Rsv: first >> 4 & 7, OpCode: ws.OpCode(first & 15), Masked: true, Length: int64(len(p))}
	return append(ws.AppendHeader(nil, h), p...)
}

// deflated is a message of n blocks, which inflates to size bytes a block.
func deflated(t testing.TB, n, size int) []byte {
	t.Helper()
	var block bytes.Buffer
	w, err := flate.NewWriter(&block, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(prose(size))
	w.Flush()
	message := bytes.Repeat(block.Bytes(), n)
	return message[:len(message)-4] // RFC 7692, 7.2.1: without 00 00 ff ff
}

// A message of any length arrives, and what is allocated for it is a small
// multiple of its length. The largest buffer of the pools holds 18 MiB, and four
// times as much was the largest step.
func TestALongMessageArrives(t *testing.T) {
	const size = 73 << 20
	long := bytes.Repeat(prose(1<<16+1), size>>16)[:size]
	fragments := func() (wire []byte) {
		for i, first := 0, byte(0x02); i < size; i, first = i+1<<20, 0 {
			wire = append(wire, unmaskedBy0(first, long[i:i+1<<20])...)
		}
		return append(wire, unmaskedBy0(0x80, nil)...)
	}
	const blocks, block = 1280, 64 << 10
	for _, tc := range []struct {
		name string
		mode websocket.CompressionMode
		wire func() []byte
		want int
	}{
		{"in one frame", websocket.CompressionDisabled, func() []byte { return unmaskedBy0(0x82, long) }, size},
		{"in fragments", websocket.CompressionDisabled, fragments, size},
		{"compressed", websocket.CompressionContextTakeover, func() []byte { return unmaskedBy0(0xc2, deflated(t, blocks, block)) }, blocks * block},
	} {
		for _, name := range []string{"tcp", "wrapped"} {
			for _, form := range []string{"Read", "Serve", "Reader"} {
				if form != "Read" && (name == "wrapped" || testing.Short()) || raceEnabled && name == "wrapped" {
					continue // it is the same code, and takes its time
				}
				client, server := transports[name](t)
				c := accept(t, client, server, &websocket.AcceptOptions{CompressionMode: tc.mode})
				c.SetReadLimit(128 << 20)
				wire := tc.wire()
				go client.Write(wire)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				got, err := 0, error(nil)
				switch form {
				case "Read":
					var p []byte
					_, p, err = c.Read(context.Background())
					if got = len(p); tc.mode == websocket.CompressionDisabled && !bytes.Equal(p, long) {
						t.Errorf("%s, %s: not what was sent", tc.name, name)
					}
				case "Serve":
					ctx, cancel := context.WithCancel(context.Background())
					err = c.Serve(ctx, func(_ context.Context, _ websocket.MessageType, p []byte) error {
						got = len(p)
						cancel()
						return nil
					})
					if errors.Is(err, context.Canceled) {
						err = nil
					}
				case "Reader":
					var r io.Reader
					if _, r, err = c.Reader(context.Background()); err == nil {
						var n int64
						n, err = io.Copy(io.Discard, r)
						got = int(n)
					}
				}
				runtime.ReadMemStats(&after)
				if err != nil || got != tc.want {
					t.Errorf("%s, %s, %s: %d bytes, %v, want %d", tc.name, name, form, got, err, tc.want)
				}
				if n := (after.TotalAlloc - before.TotalAlloc) / uint64(tc.want); n > 6 {
					t.Errorf("%s, %s, %s: %d times the length of the message is allocated", tc.name, name, form, n)
				}
				c.CloseNow()
				client.Close()
			}
		}
	}
}

// lateContext ends, and calls a function, when it has been asked so often
// whether it has ended.
type lateContext struct {
	context.Context
	asks *int
	end  func()
}

func (c lateContext) Err() error {
	if *c.asks--; *c.asks == 0 {
		c.end()
	}
	return c.Context.Err()
}

// A Read whose message is all there, but takes its time to be put together,
// ends with its context, and with CloseNow. After the former the next one goes on
// where it was.
func TestALongMessageDoesNotOutlastItsContext(t *testing.T) {
	pings := strings.Repeat("\x89\x80\x00\x00\x00\x00", 1000)
	for _, tc := range []struct {
		name string
		mode websocket.CompressionMode
		wire []byte
		want int
	}{
		{"compressed", websocket.CompressionContextTakeover, unmaskedBy0(0xc2, deflated(t, 100, 64<<10)), 6400 << 10},
		{"in fragments", websocket.CompressionDisabled, []byte(strings.Repeat("\x02\x81\x00\x00\x00\x00x", 1) + strings.Repeat("\x00\x81\x00\x00\x00\x00x", 5000) + "\x80\x80\x00\x00\x00\x00"), 5001},
		{"with pings in it", websocket.CompressionDisabled, []byte("\x02\x81\x00\x00\x00\x00x" + pings + "\x80\x81\x00\x00\x00\x00x"), 2},
		{"after pings", websocket.CompressionDisabled, []byte(pings + "\x82\x81\x00\x00\x00\x00x"), 1},
	} {
		for _, asks := range []int{5, 20, 40} {
			for _, how := range []string{"context", "CloseNow"} {
				client, server := unixPair(t)
				server.(interface{ SetReadBuffer(int) error }).SetReadBuffer(1 << 20)
				c := accept(t, client, server, &websocket.AcceptOptions{CompressionMode: tc.mode})
				c.SetReadLimit(128 << 20)
				go io.Copy(io.Discard, client)
				go client.Write(tc.wire)
				ctx, cancel := context.WithCancel(within(t))
				left := asks
				end := cancel
				if how == "CloseNow" {
					end = func() { c.CloseNow() }
				}
				_, p, err := c.Read(lateContext{ctx, &left, end})
				if how == "CloseNow" {
					if !errors.Is(err, websocket.EndedByUs) {
						t.Errorf("%s, CloseNow after %d: %d bytes, %v", tc.name, asks, len(p), err)
					}
				} else if !errors.Is(err, context.Canceled) {
					t.Errorf("%s, cancelled after %d: %d bytes, %v", tc.name, asks, len(p), err)
				} else if _, p, err = c.Read(within(t)); err != nil || len(p) != tc.want {
					t.Errorf("%s, after one that was cancelled: %d bytes, %v, want %d", tc.name, len(p), err, tc.want)
				}
				cancel()
				c.CloseNow()
				client.Close()
			}
		}
	}
}
