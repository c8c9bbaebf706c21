package serve_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
)

func random(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{}).Read(b)
	return b
}

func TestMessagesComeBack(t *testing.T) { eachWay(t, testMessagesComeBack) }

func testMessagesComeBack(t *testing.T, o serve.Options) {
	s := start(t, o)
	for _, op := range []ws.OpCode{ws.OpText, ws.OpBinary} {
		for _, n := range []int{
			0, 1, 125, 126, 1000, 1 << 10, 4096, 1<<16 - 15, 1<<16 - 14, 1<<16 - 13, 1<<16 - 1, 1 << 16, 1<<16 + 1, 5 << 20,
		} {
			t.Run(fmt.Sprintf("%v of %d bytes", op, n), func(t *testing.T) {
				payload := random(n)
				if op == ws.OpText {
					payload = bytes.Repeat([]byte("x"), n)
				}
				p := s.connect(t)
				p.send(join(masked(op, true, string(payload)), closing(1000, "")))
				p.want("echo", op, payload)
				p.wantClose("end", 1000, "")
			})
		}
	}
}

func TestManyMessagesAreAnsweredInOrder(t *testing.T) { eachWay(t, testManyMessagesAreAnsweredInOrder) }

func testManyMessagesAreAnsweredInOrder(t *testing.T, o serve.Options) {
	const n = 10_000
	s := start(t, o)
	p := s.connect(t)
	var all []byte
	for i := range n {
		all = append(all, masked(ws.OpText, true, fmt.Sprint("message ", i))...)
	}
	p.send(append(all, closing(1000, "")...))
	for i := range n {
		p.want("echo", ws.OpText, fmt.Append(nil, "message ", i))
	}
	p.wantClose("end", 1000, "")
}

// conversation has everything that comes in more than one frame.
var conversation = join(
	masked(ws.OpText, false, "Hello, "),
	masked(ws.OpPing, true, "a ping inside"),
	masked(ws.OpContinuation, false, ""),
	masked(ws.OpPong, true, "nobody has asked"),
	masked(ws.OpContinuation, true, "世界"),
	masked(ws.OpBinary, true, "\x00\xff"),
	masked(ws.OpPing, true, ""),
	closing(4999, "bye"),
)

func TestFragmentsComeBackAsOneMessageAndPingsAreAnswered(t *testing.T) {
	eachWay(t, testFragmentsComeBackAsOneMessageAndPingsAreAnswered)
}

func testFragmentsComeBackAsOneMessageAndPingsAreAnswered(t *testing.T, o serve.Options) {
	p := start(t, o).connect(t)
	p.send(conversation)
	p.want("pong inside the message", ws.OpPong, []byte("a ping inside"))
	p.want("message", ws.OpText, []byte("Hello, 世界"))
	p.want("second message", ws.OpBinary, []byte("\x00\xff"))
	p.want("pong", ws.OpPong, nil)
	p.wantClose("end", 4999, "bye")
}

func TestHowTheBytesArriveMakesNoDifference(t *testing.T) {
	eachWay(t, testHowTheBytesArriveMakesNoDifference)
}

func testHowTheBytesArriveMakesNoDifference(t *testing.T, o serve.Options) {
	want := join(
		[]byte("\x8a\x0da ping inside"),
		[]byte("\x81\x0dHello, 世界"),
		[]byte("\x82\x02\x00\xff"),
		[]byte("\x8a\x00"),
		[]byte("\x88\x05\x13\x87bye"),
	)
	s := startOnPipes(t, o)
	for name, pieces := range wstest.Splits(conversation) {
		p := s.connect(t)
		go func() {
			for _, b := range pieces {
				p.Write(bytes.Clone(b))
			}
		}()
		got, err := io.ReadAll(p)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %q and error %v, want %q", name, got, err, want)
		}
		p.Close()
	}
}

func TestATruncatedConversationEndsQuietly(t *testing.T) {
	eachWay(t, testATruncatedConversationEndsQuietly)
}

func testATruncatedConversationEndsQuietly(t *testing.T, o serve.Options) {
	s := start(t, o)
	for n := range conversation {
		p := s.connect(t)
		p.Write(conversation[:n])
		p.Conn.(interface{ CloseWrite() error }).CloseWrite()
		got, err := io.ReadAll(p)
		if err != nil || bytes.Contains(got, []byte("\x88")) {
			t.Errorf("%d bytes: got %q and error %v, want no close frame and the end of the stream", n, got, err)
		}
		p.Close()
	}
}
