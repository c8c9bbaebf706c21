package wsutil_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wirews/wirews/internal/rawio"
	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// A Stream that waits on a TCP connection, after it has worked, holds less than 900
// bytes of heap, a small extension included: it has no buffer. What counts is the
// difference to as many goroutines in a Read.
func TestAnIdleStreamOwnsNoBuffer(t *testing.T) {
	if raceEnabled || !rawio.Supported {
		t.Skip("the race detector allocates, and a connection that lends no descriptor is read into a buffer")
	}
	n := wstest.Connections(t, 100, 1000)
	clients, servers := idlePairs(t, n)
	hello, leave := clientFrame(ws.OpText, true, "Hello"), clientFrame(ws.OpText, true, "leave")
	rooms, answer := make([][64]byte, n), make([]byte, 7)
	measure := func(serve func(conn net.Conn, room []byte)) int64 {
		var done sync.WaitGroup
		before, parked := heap(), waitingGoroutines()
		for i, conn := range servers {
			done.Go(func() { serve(conn, rooms[i][:]) })
			for range 3 {
				clients[i].Write(hello)
				if _, err := io.ReadFull(clients[i], answer); err != nil {
					t.Fatal(err)
				}
			}
		}
		waitUntilParked(parked + n)
		held := heap() - before
		for _, c := range clients {
			c.Write(leave)
		}
		done.Wait()
		return held
	}
	inRead := func(conn net.Conn, room []byte) {
		for {
			n, err := conn.Read(room)
			if err != nil || bytes.Equal(room[:n], leave) {
				return
			}
			conn.Write(room[:7])
		}
	}
	for name, set := range map[string]func(*wsutil.Stream){
		"plain":             func(*wsutil.Stream) {},
		"with an extension": func(s *wsutil.Stream) { s.SetExtension(&runs{}) },
	} {
		t.Run(name, func(t *testing.T) {
			inStream := func(conn net.Conn, _ []byte) {
				s := wsutil.NewStream(conn, ws.StateServerSide, 0)
				set(s)
				for {
					p, op, err := s.ReadMessage()
					if err != nil || string(p) == "leave" || s.WriteMessage(op, p) != nil {
						return
					}
				}
			}
			wantHeld(t, n, 900, func() int64 { return measure(inStream) }, func() int64 { return measure(inRead) })
		})
	}
}

// What a Stream has borrowed goes back when the connection has ended: connections
// that come and go do not cost a buffer of 70 KiB each.
func TestAStreamGivesItsBuffersBackAtTheEnd(t *testing.T) {
	if raceEnabled || !rawio.Supported {
		t.Skip("the race detector takes from pools, and without a descriptor the buffer is the Stream's own")
	}
	const conns, most = 20, 10 << 10
	for name, last := range map[string][]byte{
		"end of the transport": nil,
		"close frame":          clientFrame(ws.OpClose, true, "\x03\xe8"),
		"broken rule":          {0x81, 0x00},
		"inside a message":     clientFrame(ws.OpText, false, "a"),
	} {
		each := leastAllocated(func() {
			for range conns {
				client, server := tcpPair(t)
				client.Write(append(clientFrame(ws.OpText, true, "Hello"), last...))
				client.CloseWrite()
				echoStream(wsutil.NewStream(server, ws.StateServerSide, 0))
				client.Close()
				server.Close()
			}
		}) / conns
		if t.Logf("%s: %d bytes", name, each); each > most {
			t.Errorf("%s: %d bytes allocated for each connection, want at most %d", name, each, most)
		}
	}
}

// A connection that lends no descriptor is read into a buffer of the size that
// NewStream was given, which stays the same one.
func TestStreamKeepsABufferOfItsSize(t *testing.T) {
	for _, tc := range []struct{ size, want int }{
		{0, wsutil.DefaultStreamBuffer},
		{1, 4096},
		{4097, 4097},
		{32 << 10, 32 << 10},
	} {
		c := &aliasing{in: clientFrame(ws.OpText, true, "a")}
		s := wsutil.NewStream(c, ws.StateServerSide, tc.size)
		var first *byte
		for range 3 {
			if _, _, err := s.ReadMessage(); err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = &c.read[0]
			}
			if len(c.read) != tc.want || &c.read[0] != first {
				t.Errorf("size %d: read into %d bytes at %p, want %d at %p", tc.size, len(c.read), &c.read[0], tc.want, first)
			}
		}
	}
}

// Memory for a long message is for that message: afterwards the Stream reads into
// its own buffer again.
func TestAStreamIsBackInItsBufferAfterALongMessage(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	in := join(clientFrame(ws.OpText, true, "a"), clientFrame(ws.OpBinary, true, long), clientFrame(ws.OpText, true, "b"))
	c := &recorder{Reader: bytes.NewReader(in)}
	s := wsutil.NewStream(c, ws.StateServerSide, 0)
	for _, want := range []string{"a", long, "b"} {
		if p, _, err := s.ReadMessage(); string(p) != want || err != nil {
			t.Fatalf("%d bytes, %v, want %d", len(p), err, len(want))
		}
	}
	s.ReadMessage() // reads to the end
	first, last := c.reads[0], c.reads[len(c.reads)-1]
	if most := slices.MaxFunc(c.reads, func(a, b []byte) int { return len(a) - len(b) }); len(most) <= len(first) {
		t.Errorf("the long message was read into %d bytes at a time", len(most))
	}
	if len(last) != len(first) || &last[0] != &first[0] {
		t.Errorf("the last read was into %d bytes at %p, the first into %d at %p", len(last), &last[0], len(first), &first[0])
	}
}

// #223: a declared length is not a reason to allocate.
func TestAStreamMakesNoRoomForWhatIsDeclared(t *testing.T) {
	header := ws.AppendHeader(nil, ws.Header{Fin: true, OpCode: ws.OpBinary, Masked: true, Length: 16 << 20})
	c := &recorder{Reader: bytes.NewReader(append(header, "a little of it"...))}
	s := wsutil.NewStream(c, ws.StateServerSide, 0)
	if _, _, err := s.ReadMessage(); err != io.ErrUnexpectedEOF {
		t.Error(err)
	}
	for _, p := range c.reads {
		if len(p) > wsutil.DefaultStreamBuffer {
			t.Errorf("a read into %d bytes", len(p))
		}
	}
}

// recorder remembers what it was read into.
type recorder struct {
	io.Reader
	reads [][]byte
}

func (r *recorder) Read(p []byte) (int, error) {
	r.reads = append(r.reads, p)
	return r.Reader.Read(p)
}

func (r *recorder) Write(p []byte) (int, error) { return len(p), nil }

// sessionOver gives a Stream over one end of a connection what is written to the
// other in pieces, and demands the messages of a Receiver.
func sessionOver(t *testing.T, in []byte, s ws.State, cuts int, client, server *net.TCPConn) {
	t.Helper()
	want := receiveDecoded(bytes.Clone(in), helperConfig(s), nil)
	go func() {
		for rest := in; len(rest) > 0; {
			n := min(cuts, len(rest))
			client.Write(rest[:n])
			rest = rest[n:]
		}
		client.CloseWrite()
	}()
	stream := wsutil.NewStream(server, s, 0)
	var got, messages result
	for got.err == nil {
		var p []byte
		var op ws.OpCode
		if p, op, got.err = stream.ReadMessage(); got.err == nil {
			got.add(op, p)
		}
	}
	if errors.As(got.err, new(wsutil.ClosedError)) {
		got.err = io.EOF
	}
	messages.err = want.err
	for _, e := range want.events {
		if strings.HasPrefix(e, "text:") || strings.HasPrefix(e, "binary:") {
			messages.events = append(messages.events, e)
		}
	}
	if got.String() != messages.String() {
		t.Fatalf("cuts of %d, %.40x:\n got %.200v\nwant %.200v", cuts, in, got, messages)
	}
}

func TestStreamSessionsOverTCP(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	long := strings.Repeat("0123456789", 30_000)
	for i := range 200 {
		s := ws.StateServerSide
		if i%2 == 0 {
			s = ws.StateClientSide
		}
		client, server := tcpPair(t)
		sessionOver(t, randomSession(rnd, s), s, 1+rnd.IntN(100), client, server)
		client.Close()
		server.Close()
	}
	client, server := tcpPair(t)
	in := join(clientFrame(ws.OpText, false, "Hel"), clientFrame(ws.OpContinuation, false, long), clientFrame(ws.OpContinuation, true, "lo"), clientFrame(ws.OpBinary, true, long))
	sessionOver(t, in, ws.StateServerSide, 50_000, client, server)
}

func TestStreamOverTCPReadsOnAfterADeadline(t *testing.T) {
	client, server := tcpPair(t)
	s := wsutil.NewStream(server, ws.StateServerSide, 0)
	in := clientFrame(ws.OpText, true, "late")
	for i := range in {
		server.SetReadDeadline(time.Unix(1, 0))
		if _, _, err := s.ReadMessage(); !errors.Is(err, os.ErrDeadlineExceeded) || !isTimeout(err) {
			t.Fatalf("after %d bytes: %v", i, err)
		}
		server.SetReadDeadline(time.Time{})
		if i < len(in)-1 {
			client.Write(in[i : i+1])
		}
	}
	client.Write(in[len(in)-1:])
	if p, _, err := s.ReadMessage(); string(p) != "late" || err != nil {
		t.Errorf("%q, %v", p, err)
	}
	server.Close()
	if _, _, err := s.ReadMessage(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// A message that Stream could not send without breaking a rule is refused, and
// nothing of it leaves (RFC 6455, sections 5.4 and 5.5).
func TestStreamRefusesWhatIsNoMessage(t *testing.T) {
	for _, tc := range []struct {
		name string
		op   ws.OpCode
		p    string
		want error
	}{
		{"a continuation", ws.OpContinuation, "a", wsproto.ErrMessageOpCode},
		{"a reserved opcode", 3, "a", wsproto.ErrMessageOpCode},
		{"a reserved control opcode", 11, "a", wsproto.ErrMessageOpCode},
		{"a ping of 126 bytes", ws.OpPing, strings.Repeat("p", 126), wsutil.ErrControlOverflow},
		{"a pong of 126 bytes", ws.OpPong, strings.Repeat("p", 126), wsutil.ErrControlOverflow},
		{"a close frame of one byte", ws.OpClose, "\x03", ws.ErrProtocolCloseLength},
	} {
		c := &counted{}
		s := wsutil.NewStream(c, ws.StateServerSide, 0)
		if err := s.WriteMessage(tc.op, []byte(tc.p)); err != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
		if err := s.WriteMessage(ws.OpText, []byte("b")); err != nil || s.Flush() != nil {
			t.Errorf("%s: a message after it: %v", tc.name, err)
		}
		if got := string(join(c.writes...)); got != "\x81\x01b" {
			t.Errorf("%s: written: %x", tc.name, got)
		}
	}
}

// A close frame that WriteMessage writes is the last frame, as that of Close.
func TestStreamWritesControlFramesAsMessages(t *testing.T) {
	c := &counted{}
	s := wsutil.NewStream(c, ws.StateServerSide, 0)
	for _, f := range []struct {
		op ws.OpCode
		p  string
	}{{ws.OpPing, "a"}, {ws.OpPong, "b"}, {ws.OpClose, "\x03\xe8bye"}} {
		if err := s.WriteMessage(f.op, []byte(f.p)); err != nil {
			t.Errorf("%v: %v", f.op, err)
		}
	}
	if err := s.WriteMessage(ws.OpText, nil); err != net.ErrClosed {
		t.Errorf("after the close frame: %v", err)
	}
	s.Flush()
	if got := string(join(c.writes...)); got != "\x89\x01a\x8a\x01b\x88\x05\x03\xe8bye" {
		t.Errorf("%x", got)
	}
}
