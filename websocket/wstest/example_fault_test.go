package wstest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wstest"
)

// A connection that is lost in the middle of the answer.
func ExampleWithFaults() {
	asTest(func(t testing.TB) {
		near, far := wstest.NetPipe(0)
		lossy := wstest.WithFaults(near, wstest.ReadAtMost(10), wstest.ResetAfterRead(200))
		server, client := wstest.PipeOver(t, far, lossy, nil, nil)
		ctx := context.Background()
		server.Write(ctx, websocket.MessageBinary, make([]byte, 1000))
		_, p, err := client.Read(ctx)
		fmt.Println(len(p), errors.Is(err, syscall.ECONNRESET))
	})
	// Output: 0 true
}

// A buffer of a few bytes is full soon, and whoever writes waits for the reader.
func ExamplePipeOver() {
	asTest(func(t testing.TB) {
		near, far := wstest.NetPipe(16)
		server, client := wstest.PipeOver(t, far, near, nil, nil)
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		err := server.Write(ctx, websocket.MessageBinary, make([]byte, 1000)) // nobody reads
		fmt.Println(errors.Is(err, context.DeadlineExceeded), client.Subprotocol() == "")
	})
	// Output: true true
}

func ExampleReadAtMost() {
	a, b := wstest.NetPipe(0)
	fmt.Fprint(b, "abc")
	b.Close()
	c := wstest.WithFaults(a, wstest.ReadAtMost(1))
	for p := make([]byte, 10); ; {
		n, err := c.Read(p)
		fmt.Printf("%q %v\n", p[:n], err)
		if err != nil {
			return
		}
	}
	// Output:
	// "a" <nil>
	// "b" <nil>
	// "c" <nil>
	// "" EOF
}

func ExampleWriteAtMost() {
	a, b := wstest.NetPipe(0)
	n, err := wstest.WithFaults(a, wstest.WriteAtMost(2)).Write([]byte("abc")) // "ab", then "c"
	fmt.Println(n, err, b.Buffered())
	// Output: 3 <nil> 3
}

func ExampleShortWrites() {
	a, _ := wstest.NetPipe(0)
	fmt.Println(wstest.WithFaults(a, wstest.ShortWrites(2)).Write([]byte("abc")))
	// Output: 2 <nil>
}

func ExampleDelayReads() {
	a, b := wstest.NetPipe(0)
	fmt.Fprint(b, "abc")
	c := wstest.WithFaults(a, wstest.DelayReads(time.Hour))
	c.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := c.Read(make([]byte, 10))
	fmt.Println(errors.Is(err, os.ErrDeadlineExceeded))
	// Output: true
}

func ExampleDelayWrites() {
	a, b := wstest.NetPipe(0)
	c := wstest.WithFaults(a, wstest.DelayWrites(time.Millisecond))
	n, err := c.Write([]byte("abc"))
	fmt.Println(n, err, b.Buffered())
	// Output: 3 <nil> 3
}

func ExampleCutAfterRead() {
	a, b := wstest.NetPipe(0)
	fmt.Fprint(b, "abc")
	p, err := io.ReadAll(wstest.WithFaults(a, wstest.CutAfterRead(2)))
	fmt.Printf("%s %v\n", p, err)
	// Output: ab <nil>
}

func ExampleCutAfterWrite() {
	a, b := wstest.NetPipe(0)
	n, err := wstest.WithFaults(a, wstest.CutAfterWrite(2)).Write([]byte("abc"))
	p, _ := io.ReadAll(b)
	fmt.Printf("%d %v %s\n", n, errors.Is(err, syscall.EPIPE), p)
	// Output: 2 true ab
}

func ExampleResetAfterRead() {
	a, b := wstest.NetPipe(0)
	fmt.Fprint(b, "abc")
	p, err := io.ReadAll(wstest.WithFaults(a, wstest.ResetAfterRead(2)))
	fmt.Printf("%s %v\n", p, errors.Is(err, syscall.ECONNRESET))
	// Output: ab true
}

func ExampleResetAfterWrite() {
	a, b := wstest.NetPipe(0)
	n, _ := wstest.WithFaults(a, wstest.ResetAfterWrite(2)).Write([]byte("abc"))
	_, err := b.Read(make([]byte, 10)) // what was on its way is lost
	fmt.Println(n, errors.Is(err, syscall.ECONNRESET))
	// Output: 2 true
}

// A peer that sends nothing more.
func ExampleStallAfterRead() {
	a, b := wstest.NetPipe(0)
	fmt.Fprint(b, "abc")
	c := wstest.WithFaults(a, wstest.StallAfterRead(2))
	c.SetReadDeadline(time.Now().Add(time.Millisecond))
	p, err := io.ReadAll(c)
	fmt.Printf("%s %v\n", p, errors.Is(err, os.ErrDeadlineExceeded))
	// Output: ab true
}

// A peer that takes nothing more.
func ExampleStallAfterWrite() {
	a, _ := wstest.NetPipe(0)
	c := wstest.WithFaults(a, wstest.StallAfterWrite(2))
	c.SetWriteDeadline(time.Now().Add(time.Millisecond))
	n, err := c.Write([]byte("abc"))
	fmt.Println(n, errors.Is(err, os.ErrDeadlineExceeded))
	// Output: 2 true
}

// Neither deadlines nor whoever should read: only Close helps.
func ExampleIgnoreDeadlines() {
	a, _ := wstest.NetPipe(0)
	c := wstest.WithFaults(a, wstest.IgnoreDeadlines(), wstest.StallAfterRead(0))
	c.SetReadDeadline(time.Unix(1, 0))
	time.AfterFunc(time.Millisecond, func() { c.Close() })
	_, err := c.Read(make([]byte, 10))
	fmt.Println(errors.Is(err, net.ErrClosed))
	// Output: true
}

func ExampleNoLeaks() {
	asTest(func(t testing.TB) {
		wstest.NoLeaks(t) // first of all
		end := make(chan bool)
		t.Cleanup(func() { close(end) })
		go func() { <-end }()
	})
	// Output:
}

func ExampleNetConn_Reset() {
	a, b := wstest.NetPipe(0)
	a.Reset()
	_, err := b.Read(make([]byte, 1))
	fmt.Println(errors.Is(err, syscall.ECONNRESET))
	// Output: true
}

// A client whose address a server is to see.
func ExampleListener_DialFrom() {
	l := wstest.NewListener(0)
	l.DialFrom(&net.TCPAddr{IP: net.IPv4(203, 0, 113, 7), Port: 1234})
	c, err := l.Accept()
	fmt.Println(c.RemoteAddr(), err)
	// Output: 203.0.113.7:1234 <nil>
}

func ExampleAcceptKey() {
	fmt.Println(wstest.AcceptKey("dGhlIHNhbXBsZSBub25jZQ==")) // RFC 6455, section 1.3
	// Output: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
}
