package ws_test

import (
	"bytes"
	"fmt"
	"net"
	"testing"

	"github.com/wirews/wirews/ws"
)

// memoryConn is a net.Conn that reads from memory, again and again.
type memoryConn struct {
	net.Conn
	wire []byte
	at   int
}

func (c *memoryConn) Read(p []byte) (int, error) {
	if c.at == len(c.wire) {
		c.at = 0
	}
	n := copy(p, c.wire[c.at:])
	c.at += n
	return n, nil
}

func TestReadDoesNotAllocate_155(t *testing.T) {
	for _, tt := range headerVectors {
		t.Run("#155: "+tt.name, func(t *testing.T) {
			r := bytes.NewReader(nil)
			wantAllocs(t, 0, func() {
				r.Reset(tt.wire)
				if _, err := ws.ReadHeader(r); err != nil {
					t.Fatal(err)
				}
			})
			buf := make([]byte, ws.MaxHeaderSize)
			wantAllocs(t, 0, func() {
				r.Reset(tt.wire)
				if _, err := ws.ReadHeaderBuffer(r, buf); err != nil {
					t.Fatal(err)
				}
			})
			var conn net.Conn = &memoryConn{wire: tt.wire}
			wantAllocs(t, 0, func() {
				if _, err := ws.ReadHeader(conn); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
	t.Run("#155: ReadFrameBuffer", func(t *testing.T) {
		wire := ws.AppendFrame(nil, ws.MaskFrame(ws.NewTextFrame(pattern(4096))))
		r := bytes.NewReader(nil)
		buf := make([]byte, 4096)
		wantAllocs(t, 0, func() {
			r.Reset(wire)
			if _, err := ws.ReadFrameBuffer(r, buf, -1); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func TestReadHeaderFromTCPDoesNotAllocate_155(t *testing.T) {
	const frames = 200 // AllocsPerRun takes 101
	client, server := tcpPair(t)
	if _, err := server.Write(bytes.Repeat(unhex("81 80 01020304"), frames)); err != nil {
		t.Fatal(err)
	}
	wantAllocs(t, 0, func() {
		if _, err := ws.ReadHeader(client); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkReadHeader(b *testing.B) {
	for _, bb := range benchHeaders {
		b.Run(bb.name, func(b *testing.B) {
			wire := ws.AppendHeader(nil, bb.h)
			r := bytes.NewReader(wire)
			b.ReportAllocs()
			for b.Loop() {
				r.Reset(wire)
				ws.ReadHeader(r)
			}
		})
	}
}

func BenchmarkReadFrameBuffer(b *testing.B) {
	for _, n := range []int{16, 1 << 10, 64 << 10} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			wire := ws.AppendFrame(nil, ws.NewBinaryFrame(pattern(n)))
			r := bytes.NewReader(wire)
			buf := make([]byte, n)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				r.Reset(wire)
				ws.ReadFrameBuffer(r, buf, -1)
			}
		})
	}
}
