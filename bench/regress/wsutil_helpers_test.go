package regress_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/wirews/wirews/ws"
)

const (
	server = ws.StateServerSide
	client = ws.StateClientSide
)

// fromClient returns a client's frame.
func fromClient(op ws.OpCode, fin bool, payload string) string {
	return string(ws.AppendFrame(nil, ws.MaskFrame(ws.NewFrame(op, fin, []byte(payload)))))
}

// fromServer returns a server's frame.
func fromServer(op ws.OpCode, fin bool, payload string) string {
	return string(ws.AppendFrame(nil, ws.NewFrame(op, fin, []byte(payload))))
}

// frames takes b apart into frames, their payload unmasked.
func frames(b []byte) (all []ws.Frame) {
	for r := bytes.NewReader(b); r.Len() > 0; {
		f, err := ws.ReadFrame(r)
		if err != nil {
			return append(all, ws.Frame{Header: ws.Header{Length: -1}})
		}
		masked := f.Header.Masked
		f = ws.UnmaskFrameInPlace(f)
		f.Header.Masked = masked
		all = append(all, f)
	}
	return all
}

// sentClose returns the code of the one frame that p was sent, a close frame;
// otherwise 0.
func sentClose(p *peer) ws.StatusCode {
	if all := frames(p.wrote.Bytes()); len(all) == 1 && all[0].Header.OpCode == ws.OpClose {
		code, _ := ws.ParseCloseFrameData(all[0].Payload)
		return code
	}
	return 0
}

// closesWith reads what says what is wrong, and wants it told by a code.
func closesWith(code ws.StatusCode, wire string) func(library) (bool, string) {
	return func(lib library) (bool, string) {
		p := says(wire)
		_, _, err := lib.ReadData(p, server)
		return err != nil && sentClose(p) == code, fmt.Sprintf("error %v, sent %x", err, p.wrote.Bytes())
	}
}

func TestHelpersHaveLimits(t *testing.T) {
	limited := func(lib library, n int64, f func()) {
		before := lib.MaxMessageSize()
		defer lib.SetMaxMessageSize(before)
		lib.SetMaxMessageSize(n)
		f()
	}
	fragments := fromClient(ws.OpBinary, false, strings.Repeat("x", 100)) +
		strings.Repeat(fromClient(ws.OpContinuation, false, strings.Repeat("x", 100)), 999)
	checkLines(t, []line{
		{id: "#223", mended: true, what: "ReadMessage allocates next to nothing for a length of 1<<63-1", run: func(lib library) (bool, string) {
			return helperReadsLittle(lib, header(1<<63-1), nil)
		}},
		{id: "#54", mended: true, what: "ReadMessage allocates next to nothing for 1 GiB announced and 10 bytes sent", run: func(lib library) (bool, string) {
			return helperReadsLittle(lib, header(1<<30), make([]byte, 10))
		}},
		{id: "#26", mended: true, what: "a limit bounds all fragments of a message together", run: func(lib library) (right bool, saw string) {
			limited(lib, 128, func() {
				p := says(fragments)
				_, _, err := lib.ReadData(p, server)
				right, saw = err != nil && err != io.ErrUnexpectedEOF, fmt.Sprint("error ", err)
			})
			return right, saw
		}},
		{id: "#26", what: "the error for a message over the limit carries 1009, and the peer is told", run: func(lib library) (right bool, saw string) {
			limited(lib, 128, func() {
				p := says(fragments)
				_, _, err := lib.ReadData(p, server)
				right = lib.CloseCode(err) == ws.StatusMessageTooBig && sentClose(p) == ws.StatusMessageTooBig
				saw = fmt.Sprintf("error %v with code %d, sent %x", err, lib.CloseCode(err), p.wrote.Bytes())
			})
			return right, saw
		}},
		{id: "#26, U19", what: "the helpers have a limit by default", run: func(lib library) (bool, string) {
			n := lib.MaxMessageSize()
			return n > 0, fmt.Sprint("limit ", n)
		}},
		{id: "U16", what: "ReadMessage does not keep any number of control frames", run: func(lib library) (bool, string) {
			wire := fromClient(ws.OpText, false, "a") + strings.Repeat(fromClient(ws.OpPing, true, ""), 100_000) + fromClient(ws.OpContinuation, true, "b")
			all, err := lib.ReadMessage(says(wire), server, nil)
			return len(all) < 10_000, fmt.Sprintf("%d messages, error %v", len(all), err)
		}},
	})
}

// helperReadsLittle is readsLittle for ReadMessage.
func helperReadsLittle(lib library, head, payload []byte) (bool, string) {
	return readsLittle(readingMessages{lib}, head, payload)
}

// readingMessages reads frames by way of ReadMessage.
type readingMessages struct{ library }

func (lib readingMessages) ReadFrame(r io.Reader) (ws.Frame, error) {
	_, err := lib.ReadMessage(r, server, nil)
	return ws.Frame{}, err
}

func TestHelpersTellThePeer(t *testing.T) {
	checkLines(t, []line{
		{id: "U13", what: "a frame that is not masked is answered with 1002", run: closesWith(1002, fromServer(ws.OpText, true, "Hello"))},
		{id: "U13", what: "text that is not UTF-8 is answered with 1007", run: closesWith(1007, fromClient(ws.OpText, true, "\xff"))},
		{id: "U13, U20", what: "a frame over the limit is answered with 1009", run: func(lib library) (bool, string) {
			lib.SetMaxFrameSize(10)
			defer lib.SetMaxFrameSize(0)
			return closesWith(1009, fromClient(ws.OpText, true, "Hello, world"))(lib)
		}},
		{id: "U14", what: "a close reason that is not UTF-8 is answered with 1007", run: closesWith(1007, fromClient(ws.OpClose, true, "\x03\xe8\xff"))},
		{id: "#144", mended: true, what: "a close code that must not be sent is answered with 1002 and a reason", run: func(lib library) (bool, string) {
			p := says(fromClient(ws.OpClose, true, "\x03\xed"))
			_, _, err := lib.ReadData(p, server)
			return err != nil && sentClose(p) == 1002 && p.wrote.Len() > 4, fmt.Sprintf("error %v, sent %x", err, p.wrote.Bytes())
		}},
	})
}

func TestHelpersAndFragments(t *testing.T) {
	wire := fromClient(ws.OpText, false, "Hel") + fromClient(ws.OpPing, true, "?") + fromClient(ws.OpContinuation, true, "lo")
	checkLines(t, []line{
		{id: "#66, #182, #72, #46, #39", mended: true, what: "fragments are joined, and a ping between them is answered", run: func(lib library) (bool, string) {
			p := says(wire)
			got, op, err := lib.ReadData(p, server)
			right := err == nil && op == ws.OpText && string(got) == "Hello" && p.wrote.String() == "\x8a\x01?"
			return right, fmt.Sprintf("%q, opcode %d, error %v, sent %x", got, op, err, p.wrote.Bytes())
		}},
		{id: "#86, #131, #111", mended: true, what: "a pong is returned to who reads messages", run: func(lib library) (bool, string) {
			all, err := lib.ReadMessage(says(fromClient(ws.OpPong, true, "!")), server, nil)
			return err == nil && len(all) == 1 && all[0].OpCode == ws.OpPong, fmt.Sprintf("%v, error %v", all, err)
		}},
		{id: "U19", what: "the helpers take what an extension has encoded for what it is", run: func(lib library) (bool, string) {
			f := ws.NewTextFrame([]byte("\xf2\x48\xcd\xc9\xc9\x07\x00")) // RFC 7692, 7.2.3.1: "Hello"
			f.Header.Rsv = ws.Rsv(true, false, false)
			p := says(string(ws.AppendFrame(nil, ws.MaskFrame(f))))
			got, _, err := lib.ReadData(p, server|ws.StateExtended)
			return err == nil && string(got) == "\xf2\x48\xcd\xc9\xc9\x07\x00", fmt.Sprintf("%x, error %v", got, err)
		}},
	})
}

func TestHelpersAndGoroutines(t *testing.T) {
	checkLines(t, []line{
		{id: "#30, #69, W5", what: "a server's message is one Write", run: func(lib library) (bool, string) { return oneMessageOneWrite(lib, server) }},
		{id: "#30, #69, W5", what: "a client's message is one Write", run: func(lib library) (bool, string) { return oneMessageOneWrite(lib, client) }},
		{id: "#30, #69", what: "a message of another goroutine does not come into a fragmented one", run: func(lib library) (bool, string) {
			var w bytes.Buffer
			err := lib.Two(&w)
			return err == nil && w.String() == "\x01\x01a\x80\x01b\x81\x01c", fmt.Sprintf("sent %x, error %v", w.Bytes(), err)
		}},
		{id: "#57, #156", what: "a peer that stalls inside of a frame is given up when the context ends", run: stallEnds},
		{id: "#146", what: "a read that waits holds next to nothing", run: func(lib library) (bool, string) {
			bare := func(c *waiting) { c.Read(nil) }
			heldWhileWaiting(bare) // goroutines that have ended are kept for later ones
			n := heldWhileWaiting(func(c *waiting) { lib.ReadData(c, client) }) - heldWhileWaiting(bare)
			return n <= 64, fmt.Sprintf("%d bytes a connection", n)
		}},
	})
}

func oneMessageOneWrite(lib library, s ws.State) (bool, string) {
	var w writes
	err := lib.WriteMessage(&w, s, ws.OpText, []byte("Hello"))
	return err == nil && len(w) == 1, fmt.Sprintf("%d writes, error %v", len(w), err)
}

func stallEnds(lib library) (bool, string) {
	conn, far := net.Pipe()
	defer conn.Close()
	defer far.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		far.Write([]byte("\x81\x85\x00\x00\x00\x00He"))
		cancel()
	}()
	err, ok := lib.ReadDataContext(ctx, conn, server)
	return ok && errors.Is(err, context.Canceled), fmt.Sprintf("error %v, there is such a function: %v", err, ok)
}

// waiting is a connection on which nothing comes.
type waiting struct {
	blocked *sync.WaitGroup // counts the connections that are not yet being read
	end     chan struct{}
}

func (c *waiting) Read([]byte) (int, error) {
	c.blocked.Done()
	<-c.end
	return 0, io.EOF
}

func (c *waiting) Write(p []byte) (int, error) { return len(p), nil }

// heldWhileWaiting returns how many bytes of heap a connection has on which
// read waits.
func heldWhileWaiting(read func(*waiting)) int64 {
	const conns = 2000
	var blocked, ended sync.WaitGroup
	blocked.Add(conns)
	end := make(chan struct{})
	all := make([]waiting, conns)
	before := heap()
	for i := range all {
		all[i] = waiting{&blocked, end}
		ended.Go(func() { read(&all[i]) })
	}
	blocked.Wait()
	held := heap() - before
	close(end)
	ended.Wait()
	return held / conns
}

func heap() int64 {
	// The second collection empties what sync.Pools have kept over the first.
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestHelpersAllocations(t *testing.T) {
	if raceEnabled {
		return
	}
	hello := fromClient(ws.OpText, true, "Hello")
	checkLines(t, []line{
		{id: "U18", what: "ReadData allocates the payload and nothing else", run: func(lib library) (bool, string) {
			c := newAgain(hello)
			n := testing.AllocsPerRun(100, func() { lib.ReadData(c, server) })
			return n <= 1, fmt.Sprint(n, " allocations")
		}},
		{id: "U18", what: "ReadFrame allocates the payload and nothing else", run: func(lib library) (bool, string) {
			c := newAgain(hello)
			n := testing.AllocsPerRun(100, func() { lib.ReadFrame(c) })
			return n <= 1, fmt.Sprint(n, " allocations")
		}},
		{id: "U18", what: "WriteMessage of a client allocates nothing", run: func(lib library) (bool, string) {
			c, p := newAgain(""), []byte("Hello")
			n := testing.AllocsPerRun(100, func() { lib.WriteMessage(c, client, ws.OpText, p) })
			return n == 0, fmt.Sprint(n, " allocations")
		}},
		{id: "U18", what: "Upgrade allocates nothing", run: func(lib library) (bool, string) {
			c := newAgain(request(""))
			n := testing.AllocsPerRun(100, func() { lib.Upgrade(ws.Upgrader{}, c) })
			return n == 0, fmt.Sprint(n, " allocations")
		}},
		{id: "U19", what: "a message is read into the memory of the caller", run: func(lib library) (bool, string) {
			c, p := newAgain(hello), make([]byte, 0, 100)
			n := testing.AllocsPerRun(100, func() { p, _, _ = lib.ReadAppend(p[:0], c, server) })
			return n == 0 && string(p) == "Hello", fmt.Sprintf("%v allocations, %q", n, p)
		}},
	})
}

// again is a connection that says the same over and over.
type again struct {
	text string
	rest string
}

func newAgain(text string) *again { return &again{text: text} }

func (c *again) Read(p []byte) (int, error) {
	if c.rest == "" {
		c.rest = c.text
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *again) Write(p []byte) (int, error) { return len(p), nil }
