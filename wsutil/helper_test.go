package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// patience is the deadline of every connection in these tests: far beyond
// what they need, so that a defect fails a test instead of hanging it.
const patience = 20 * time.Second

var unhex = wstest.Unhex

func join(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

// sides are the two endpoints that may receive.
var sides = map[string]ws.State{"server": ws.StateServerSide, "client": ws.StateClientSide}

// peerFrame is a frame that the endpoint s receives, as it stands on the wire.
func peerFrame(s ws.State, op ws.OpCode, fin bool, payload string) []byte {
	if s.ServerSide() {
		return clientFrame(op, fin, payload)
	}
	return ws.AppendFrame(nil, ws.NewFrame(op, fin, []byte(payload)))
}

// rsvFrame is a peerFrame with RSV bits.
func rsvFrame(s ws.State, rsv byte, op ws.OpCode, fin bool, payload string) []byte {
	b := peerFrame(s, op, fin, payload)
	b[0] |= rsv << 4
	return b
}

// closeBody is the payload of a close frame.
func closeBody(code ws.StatusCode, reason string) string {
	return string(ws.AppendClose(nil, code, reason))
}

// result is what a peer's bytes come to: the messages and control frames in
// order, and the error that ended it.
type result struct {
	events []string
	err    error
}

func (r *result) add(op ws.OpCode, p []byte) {
	if op == ws.OpClose {
		code, reason, err := ws.ParseClose(p)
		if err != nil {
			r.err = err
			return
		}
		r.events = append(r.events, fmt.Sprintf("close:%d:%s", uint16(code), reason))
		return
	}
	r.events = append(r.events, fmt.Sprintf("%v:%s", op, p))
}

func (r result) String() string { return fmt.Sprintf("%.2000q %v", r.events, r.err) }

// wantResult demands these events and this error.
func wantResult(t testing.TB, got result, err error, events ...string) {
	t.Helper()
	want := result{events, err}
	if got.String() != want.String() || !errors.Is(got.err, err) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
}

// receive feeds b, byte by byte, to a Receiver: the judge of what Readers make
// of the same bytes, and of what Writers have written.
func receive(b []byte, c wsproto.Config) result { return receiveDecoded(b, c, nil) }

// receiveDecoded is receive with an extension. The room to decode into is small.
func receiveDecoded(b []byte, c wsproto.Config, d wsproto.Decoder) result {
	r := wsproto.Receiver{Config: &c, Decoder: d}
	var room [3]byte
	var res result
	var message []byte
	fail := func(err error) result {
		if len(message) > 0 {
			res.events = append(res.events, "open:"+string(message))
		}
		if res.err = err; err == wsproto.ErrMessageTooLarge {
			res.err = wsutil.ErrMessageTooLarge // the same, with other advice
		}
		return res
	}
	b = bytes.Clone(b)
	for i := range b {
		for piece := b[i : i+1]; ; {
			ev, n, err := r.Next(piece, room[:])
			piece = piece[n:]
			if err == ws.ErrShort {
				break
			}
			if err != nil {
				return fail(err)
			}
			if ev.Op.IsControl() {
				if res.add(ev.Op, ev.Payload); ev.Op == ws.OpClose {
					res.err = io.EOF
					return res
				}
				continue
			}
			if message = append(message, ev.Payload...); ev.Last {
				res.add(ev.Op, message)
				message = nil
			}
		}
	}
	return fail(r.EOF())
}

// received is what the peer of an endpoint in state s has been sent.
func received(s ws.State, b []byte) result { return receivedDecoded(s, b, nil) }

// receivedDecoded is received with an extension.
func receivedDecoded(s ws.State, b []byte, d wsproto.Decoder) result {
	peer := ws.StateServerSide
	if s.ServerSide() {
		peer = ws.StateClientSide
	}
	c := wsproto.Config{State: peer, Limits: wsproto.Limits{Message: -1, Fragments: -1, Controls: -1}}
	return receiveDecoded(b, c, d)
}

// control adds a control frame that a Reader has come upon.
func (r *result) control(h ws.Header, src io.Reader) error {
	p, err := io.ReadAll(src)
	if err != nil {
		return err
	}
	if r.add(h.OpCode, p); h.OpCode == ws.OpClose && r.err == nil {
		r.err = io.EOF
	}
	return r.err
}

// session reads everything that r has, with NextFrame and read, up to a close
// frame or an error.
func session(r *wsutil.Reader, read func(io.Reader) ([]byte, error)) (res result) {
	r.OnIntermediate = res.control
	for {
		h, err := r.NextFrame()
		if err != nil {
			res.err = err
			return res
		}
		p, err := read(r)
		if err != nil {
			if len(p) > 0 && h.OpCode.IsData() {
				res.events = append(res.events, "open:"+string(p))
			}
			res.err = err
		}
		if res.err != nil {
			return res
		}
		if res.add(h.OpCode, p); h.OpCode == ws.OpClose && res.err == nil {
			res.err = io.EOF
		}
		if res.err != nil {
			return res
		}
	}
}

// readSmall is io.ReadAll by Reads of size bytes.
func readSmall(size int) func(io.Reader) ([]byte, error) {
	return func(r io.Reader) (all []byte, err error) {
		for buf := make([]byte, size); ; {
			n, err := r.Read(buf)
			all = append(all, buf[:n]...)
			if err == io.EOF {
				return all, nil
			}
			if err != nil {
				return all, err
			}
		}
	}
}

// script returns a Conn that yields pieces, which stay as they are.
func script(pieces [][]byte) *wstest.Conn { return wstest.NewConn(slices.Clone(pieces)...) }

func readCopy(r io.Reader) ([]byte, error) {
	var b bytes.Buffer
	// Buffer has ReadFrom and Reader no WriteTo: this hides the former.
	_, err := io.Copy(struct{ io.Writer }{&b}, r)
	return b.Bytes(), err
}

// sources are ways for b to come in.
func sources(b []byte) map[string]io.Reader {
	all := map[string]io.Reader{
		"half":                   iotest.HalfReader(bytes.NewReader(b)),
		"error with data":        iotest.DataErrReader(bytes.NewReader(b)),
		"error with single byte": iotest.DataErrReader(iotest.OneByteReader(bytes.NewReader(b))),
	}
	for name, pieces := range wstest.Splits(b) {
		all[name] = script(pieces)
	}
	return all
}

// pattern returns n bytes that differ from their neighbours and from those a
// power of two away.
func pattern(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*7 + i>>8*13 + 1)
	}
	return p
}

// wantAllocs fails the test if f allocates more than most times.
func wantAllocs(t testing.TB, most float64, f func()) {
	t.Helper()
	if raceEnabled {
		return
	}
	if got := testing.AllocsPerRun(100, f); got > most {
		t.Errorf("got %v allocations, want at most %v", got, most)
	}
}

// replay is an io.ReadWriter of nothing else, with an input that starts again
// when at is set to 0.
type replay struct {
	in      []byte
	at      int
	written int
}

func (r *replay) Read(p []byte) (int, error) {
	if r.at == len(r.in) {
		return 0, io.EOF
	}
	n := copy(p, r.in[r.at:])
	r.at += n
	return n, nil
}

func (r *replay) Write(p []byte) (int, error) {
	r.written += len(p)
	return len(p), nil
}

// tcpPair returns the two ends of a TCP connection over loopback.
func tcpPair(t testing.TB) (client, server *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, _ := ln.Accept()
		accepted <- conn
	}()
	conn, err := net.DialTimeout("tcp", ln.Addr().String(), patience)
	if err != nil {
		t.Fatal(err)
	}
	peer := <-accepted
	if peer == nil {
		t.Fatal("the listener accepted nothing")
	}
	watch(t, conn, peer)
	return conn.(*net.TCPConn), peer.(*net.TCPConn)
}

// pipe returns the two ends of a connection in memory.
func pipe(t testing.TB) (client, server net.Conn) {
	client, server = net.Pipe()
	watch(t, client, server)
	return client, server
}

func watch(t testing.TB, conns ...net.Conn) {
	for _, c := range conns {
		c.SetDeadline(time.Now().Add(patience))
		t.Cleanup(func() { c.Close() })
	}
}

// leastAllocated returns how many bytes f allocates. What other goroutines
// allocate counts too, so it is the least of several runs.
func leastAllocated(f func()) uint64 {
	least := ^uint64(0)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	return least
}
