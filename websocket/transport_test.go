package websocket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/pagealias"
	"github.com/wirews/wirews/internal/rawio"
)

// sysConn is a net.Conn that lends its descriptor.
type sysConn interface {
	net.Conn
	SyscallConn() (syscall.RawConn, error)
}

// networks are those whose connections lend their descriptors.
var networks = []string{"tcp", "unix"}

// socketPair returns both ends of a connection.
func socketPair(t testing.TB, network string) (near, far net.Conn) {
	t.Helper()
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = filepath.Join(t.TempDir(), "s")
	}
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if far, err = net.Dial(network, l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if near, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}

// overSocket returns a transport over a descriptor, and the other end.
func overSocket(t *testing.T, network string) (*transport, net.Conn) {
	t.Helper()
	if !rawio.Supported {
		t.Skip("no descriptors on this system")
	}
	near, far := socketPair(t, network)
	tr := new(transport)
	tr.init(near)
	if tr.raw == nil {
		t.Fatalf("%s lends no descriptor", network)
	}
	return tr, far
}

// whateverProcessor runs a test as on a processor whose kernel copies some
// payloads slowly, and as on any other.
func whateverProcessor(test func(affected bool)) {
	defer pagealias.Affected.Store(pagealias.Affected.Load())
	for _, affected := range []bool{false, true} {
		pagealias.Affected.Store(affected)
		test(affected)
	}
}

// intoPage returns memory that begins so many bytes into a page, with a pattern
// that tells its places apart.
func intoPage(offset, size int) []byte {
	memory := make([]byte, size+2*pagealias.PageSize)
	begin := int(-uintptr(unsafe.Pointer(&memory[0]))%pagealias.PageSize) + offset
	p := memory[begin : begin+size : begin+size]
	for i := range p {
		p[i] = byte(i*7 + i>>8)
	}
	return p
}

func TestOnlySocketsOfPackageNetLendTheirDescriptor(t *testing.T) {
	pipe, other := net.Pipe()
	defer other.Close()
	tcp, _ := socketPair(t, "tcp")
	unix, _ := socketPair(t, "unix")
	for _, tc := range []struct {
		name string
		conn net.Conn
		want bool
	}{
		{"tcp", tcp, rawio.Supported},
		{"unix", unix, rawio.Supported},
		{"pipe", pipe, false},
		{"wrapped", struct{ net.Conn }{tcp}, false},
		{"wrapped, with all its methods", struct{ *net.TCPConn }{tcp.(*net.TCPConn)}, false},
	} {
		var tr transport
		if tr.init(tc.conn); (tr.raw != nil) != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, tr.raw != nil, tc.want)
		}
	}
}

// result is what a method of a net.Conn returns.
type result struct {
	n   int
	err error
}

// scriptedConn returns from Read and Write what its script says, and the last of
// it again and again. Write remembers what it was given.
type scriptedConn struct {
	net.Conn
	script []result
	calls  int
	wrote  []byte
}

func (c *scriptedConn) next() result {
	r := c.script[min(c.calls, len(c.script)-1)]
	c.calls++
	return r
}

func (c *scriptedConn) Read(p []byte) (int, error) {
	r := c.next()
	copy(p, "0123456789"[:max(0, min(r.n, 10))])
	return r.n, r.err
}

func (c *scriptedConn) Write(p []byte) (int, error) {
	r := c.next()
	c.wrote = append(c.wrote, p[:max(0, min(r.n, len(p)))]...)
	return r.n, r.err
}

var errScripted = errors.New("as the script says")

func TestReadsOfConnsThatBreakTheirContract(t *testing.T) {
	for _, tc := range []struct {
		name   string
		script []result
		n      int
		err    error
	}{
		{"as it should", []result{{3, nil}}, 3, nil},
		{"as much as there is room for", []result{{8, nil}}, 8, nil},
		{"an error", []result{{0, errScripted}}, 0, errScripted},
		{"the end", []result{{0, io.EOF}}, 0, io.EOF},
		{"bytes and an error", []result{{3, errScripted}}, 3, nil},
		{"bytes and the end", []result{{8, io.EOF}}, 8, nil},
		{"nothing, then something", []result{{0, nil}, {0, nil}, {2, nil}}, 2, nil},
		{"nothing, then an error", []result{{0, nil}, {0, errScripted}}, 0, errScripted},
		{"nothing for ever", []result{{0, nil}}, 0, io.ErrNoProgress},
		{"less than nothing", []result{{-1, nil}}, 0, errContract},
		{"less than nothing, and an error", []result{{-1, errScripted}}, 0, errContract},
		{"more than there is room for", []result{{9, nil}}, 0, errContract},
		{"more than there is room for, and an error", []result{{9, io.EOF}}, 0, errContract},
		{"nothing, then too much", []result{{0, nil}, {9, nil}}, 0, errContract},
	} {
		conn := &scriptedConn{script: tc.script}
		tr := &transport{conn: conn}
		if n, err := tr.read(make([]byte, 8, 16)); n != tc.n || !isContract(err, tc.err) {
			t.Errorf("%s: %d, %v, want %d, %v", tc.name, n, err, tc.n, tc.err)
		}
		if conn.calls > 1000 {
			t.Errorf("%s: %d calls", tc.name, conn.calls)
		}
	}
}

// errContract stands for any error that says which count was wrong.
var errContract = errors.New("a CountError")

func isContract(err, want error) bool {
	_, wrong := errors.AsType[*checkedio.CountError](err)
	return err == want || wrong && want == errContract
}

func TestWritesToConnsThatBreakTheirContract(t *testing.T) {
	const head, payload = "0123", "456789"
	for _, tc := range []struct {
		name   string
		script []result // for the head, and for the payload
		n      int
		err    error
	}{
		{"as it should", []result{{4, nil}, {6, nil}}, 10, nil},
		{"an error at once", []result{{0, errScripted}}, 0, errScripted},
		{"an error in the head", []result{{3, errScripted}}, 3, errScripted},
		{"an error after the head", []result{{4, errScripted}}, 4, errScripted},
		{"an error in the payload", []result{{4, nil}, {5, errScripted}}, 9, errScripted},
		{"an error after all of it", []result{{4, nil}, {6, errScripted}}, 10, errScripted},
		{"less without an error", []result{{2, nil}}, 2, io.ErrShortWrite},
		{"less of the payload", []result{{4, nil}, {1, nil}}, 5, io.ErrShortWrite},
		{"nothing without an error", []result{{0, nil}}, 0, io.ErrShortWrite},
		{"less than nothing", []result{{-1, nil}}, 0, errContract},
		{"less than nothing, and an error", []result{{-1, errScripted}}, 0, errContract},
		{"more than there was", []result{{5, nil}}, 0, errContract},
		{"more of the payload than there was", []result{{4, nil}, {7, nil}}, 4, errContract},
	} {
		conn := &scriptedConn{script: tc.script}
		tr := &transport{conn: conn}
		n, err := tr.write([]byte(head), []byte(payload), 0, timeouts{})
		if n != tc.n || !isContract(err, tc.err) {
			t.Errorf("%s: %d, %v, want %d, %v", tc.name, n, err, tc.n, tc.err)
		}
		if tc.err == nil && string(conn.wrote) != head+payload {
			t.Errorf("%s: %q was written", tc.name, conn.wrote)
		}
	}
}

// headAndPayload returns a head with scratch memory after it, and a payload that
// lies so many bytes into a page.
func headAndPayload(head, scratch, payload, offset int) (h, p []byte) {
	h = intoPage(100, head+scratch)
	for i := range h {
		h[i] ^= 0x55
	}
	return h[:head:cap(h)], intoPage(offset, payload)
}

// Wherever a write goes on, and whether payloads are copied or not, what is
// written is the rest of head and payload.
func TestAWriteGoesOnWhereOneHasStopped(t *testing.T) {
	const page = pagealias.PageSize
	whateverProcessor(func(affected bool) {
		for _, scratch := range []int{0, 1, page, 2 * page, 5 * page} {
			for _, head := range []int{0, 1, 4, 10, 300, page - 1, page, page + 4} {
				for _, payload := range []int{0, 1, 1000, page, 3*page + 5} {
					if testing.Short() && payload > page {
						continue
					}
					aliased := head % page // where the kernel copies slowly
					for _, offset := range []int{aliased, 2000} {
						h, p := headAndPayload(head, scratch, payload, offset)
						want := append(bytes.Clone(h), p...)
						before := bytes.Clone(h)
						step := 1 + len(want)/40
						for n := 0; ; n = min(n+step, len(want)) {
							copy(h, before)
							conn := &wholeConn{}
							tr := &transport{conn: conn}
							if m, err := tr.write(h, p, n, timeouts{}); m != len(want) || err != nil {
								t.Fatalf("%d bytes of %d, %v", m, len(want), err)
							}
							if !bytes.Equal(conn.wrote, want[n:]) {
								t.Fatalf("affected %v, scratch %d, head %d, payload %d at %d: spoilt after the first %d bytes",
									affected, scratch, head, payload, offset, n)
							}
							if n == len(want) {
								break
							}
						}
					}
				}
			}
		}
	})
}

// All pieces that are copied lie at the same distance from where they are in what
// is sent, whole pages not counted: that is what the kernel copies fast.
func TestCopiedPiecesLieAtTheSameDistance(t *testing.T) {
	const page = pagealias.PageSize
	h, p := headAndPayload(10, 3*page, 5*page, 10)
	want := uintptr(unsafe.Pointer(&h[0])) % page
	for n := range len(h) + len(p) {
		b := copied(h, p, n)
		if got := (uintptr(unsafe.Pointer(&b[0])) - uintptr(n)) % page; got != want {
			t.Fatalf("after %d bytes: %d, want %d", n, got, want)
		}
	}
}

// wholeConn remembers what is written, all of which it takes.
type wholeConn struct {
	net.Conn
	wrote []byte
}

func (c *wholeConn) Write(p []byte) (int, error) {
	c.wrote = append(c.wrote, p...)
	return len(p), nil
}

// inCallback calls f with the descriptor of a transport, while it is lent.
func inCallback(t *testing.T, tr *transport, f func(d descriptor)) {
	t.Helper()
	if err := tr.raw.Control(func(fd uintptr) { f(descriptor{fd, true}) }); err != nil {
		t.Fatal(err)
	}
}

// What does not fit into the socket at once is written after it, whichever part
// of head and payload that is.
func TestWritesThatTheSocketTakesInPart(t *testing.T) {
	const page = pagealias.PageSize
	for _, network := range networks {
		whateverProcessor(func(affected bool) {
			for _, lent := range []bool{false, true} {
				for _, tc := range []struct{ head, payload int }{
					{10, 0}, {0, 10}, {4, 100}, {200_000, 0}, {20_000, 70_000}, {4, 200_000},
				} {
					for _, offset := range []int{tc.head % page, 2000} {
						tr, far := overSocket(t, network)
						tr.conn.(interface{ SetWriteBuffer(int) error }).SetWriteBuffer(16 << 10)
						h, p := headAndPayload(tc.head, 3*page, tc.payload, offset)
						want := append(bytes.Clone(h), p...)
						n, err := 0, error(nil)
						if lent {
							inCallback(t, tr, func(d descriptor) { n, err = tr.tryWrite(d, h, p) })
						} else {
							n, err = tr.tryWrite(descriptor{}, h, p)
						}
						if err != nil || n < 0 || n > len(want) {
							t.Fatalf("%d, %v", n, err)
						}
						if len(want) < 1000 && n < len(want) {
							t.Errorf("%s: %d bytes of %d were taken by an empty socket", network, n, len(want))
						}
						received := make(chan []byte, 1)
						go func() {
							b, _ := io.ReadAll(far)
							received <- b
						}()
						if m, err := tr.write(h, p, n, timeouts{}); m != len(want) || err != nil {
							t.Fatalf("%d bytes of %d, %v", m, len(want), err)
						}
						tr.close()
						if got := <-received; !bytes.Equal(got, want) {
							t.Errorf("%s, affected %v, lent %v, head %d, payload %d at %d: after %d bytes at once it is spoilt",
								network, affected, lent, tc.head, tc.payload, offset, n)
						}
						far.Close()
					}
				}
			}
		})
	}
}

// A socket that is full takes nothing, and that is no error.
func TestTryWriteDoesNotWait(t *testing.T) {
	for _, network := range networks {
		whateverProcessor(func(affected bool) {
			tr, far := overSocket(t, network)
			h, p := headAndPayload(4, 3*pagealias.PageSize, 100_000, 4)
			// The kernel moves what it has taken to the other end when it likes, and has
			// room again: the socket is full when both ways to write find it so.
			for taken, lent := -1, -1; taken != 0 || lent != 0; {
				var err, lentErr error
				taken, err = tr.tryWrite(descriptor{}, nil, p)
				inCallback(t, tr, func(d descriptor) { lent, lentErr = tr.tryWrite(d, h, p) })
				if taken < 0 || lent < 0 || err != nil || lentErr != nil {
					t.Fatalf("%s: %d, %v; with the descriptor %d, %v", network, taken, err, lent, lentErr)
				}
			}
			far.Close()
		})
	}
	pipe, other := net.Pipe()
	defer pipe.Close()
	defer other.Close()
	tr := &transport{conn: pipe}
	if n, err := tr.tryWrite(descriptor{}, []byte("x"), []byte("y")); n != 0 || err != nil {
		t.Errorf("without a descriptor: %d, %v", n, err)
	}
}

func TestWritesToASocketThatIsClosed(t *testing.T) {
	for _, network := range networks {
		tr, far := overSocket(t, network)
		far.Close()
		var err error
		for err == nil { // the peer's end may take a while to be seen
			_, err = tr.tryWrite(descriptor{}, []byte("x"), []byte("y"))
		}
		if _, ok := errors.AsType[*os.SyscallError](err); !ok {
			t.Errorf("%s, closed by the peer: %v", network, err)
		}
		tr.close()
		if n, err := tr.tryWrite(descriptor{}, []byte("x"), nil); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s, closed by us: %d, %v", network, n, err)
		}
		if n, err := tr.write([]byte("x"), nil, 0, timeouts{}); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s, closed by us: %d, %v", network, n, err)
		}
	}
}

// collector is a receiver that remembers everything. It wants what its functions
// say.
type collector struct {
	memory []byte // to read into, at once
	got    []byte
	log    []string // each call
	err    error

	onRoom     func()
	onReceived func(d descriptor) then // nil: leave
	onPark     func(d descriptor) bool // nil: wait
}

func (c *collector) room() []byte {
	if c.onRoom != nil {
		c.onRoom()
	}
	return c.memory
}

func (c *collector) received(d descriptor, n int, full bool, err error) then {
	c.got = append(c.got, c.memory[:n]...)
	c.log = append(c.log, fmt.Sprint(n, full))
	if err != nil {
		c.err = err
		return leave
	}
	if c.onReceived == nil {
		return leave
	}
	return c.onReceived(d)
}

func (c *collector) park(d descriptor) bool {
	c.log = append(c.log, "park")
	return c.onPark == nil || c.onPark(d)
}

func TestReceiveDoesWhatTheReceiverWants(t *testing.T) {
	constant := func(next then) func(descriptor) then { return func(descriptor) then { return next } }
	for _, tc := range []struct {
		name     string
		sent     string
		room     int
		received func(descriptor) then
		log      string // separated by commas
		rest     string // that it has not read
	}{
		{"nothing there, and it does not wait", "", 8, nil, "park", ""},
		{"leave", "0123456789", 4, nil, "4 true", "456789"},
		{"leave, with room left", "012", 4, nil, "3 false", ""},
		{"read on", "0123456789", 4, constant(readOn), "4 true,4 true,2 false,park", ""},
		{"read on, and the last one fits", "01234567", 4, constant(readOn), "4 true,4 true,park", ""},
		{"wait without trying", "0123456789", 4, constant(await), "4 true,park", "456789"},
	} {
		for _, network := range networks {
			tr, far := overSocket(t, network)
			io.WriteString(far, tc.sent)
			c := &collector{memory: make([]byte, tc.room), onReceived: tc.received}
			c.onPark = func(descriptor) bool {
				if tc.sent != "" && len(c.got) == 0 {
					c.log = nil
					return true // it has not arrived yet, and will as one
				}
				return false
			}
			if err := tr.receive(c); err != nil || c.err != nil {
				t.Errorf("%s, %s: %v, %v", network, tc.name, err, c.err)
			}
			if got := strings.Join(c.log, ","); got != tc.log {
				t.Errorf("%s, %s: %s, want %s", network, tc.name, got, tc.log)
			}
			far.Close()
			if rest, err := io.ReadAll(tr.conn); string(rest) != tc.rest || err != nil {
				t.Errorf("%s, %s: %q is left, %v, want %q", network, tc.name, rest, err, tc.rest)
			}
		}
	}
}

func TestReceiveWaits(t *testing.T) {
	for _, network := range networks {
		for _, want := range []then{readOn, await} {
			tr, far := overSocket(t, network)
			parked := make(chan bool, 100)
			c := &collector{memory: make([]byte, 8)}
			c.onPark = func(descriptor) bool { parked <- true; return true }
			c.onReceived = func(descriptor) then {
				if len(c.got) == 3 {
					return leave
				}
				return want
			}
			done := make(chan error, 1)
			go func() { done <- tr.receive(c) }()
			for _, piece := range []string{"a", "b", "c"} {
				<-parked
				io.WriteString(far, piece)
			}
			if err := <-done; err != nil || string(c.got) != "abc" {
				t.Errorf("%s: %q, %v", network, c.got, err)
			}
		}
	}
}

func TestReceiveSeesTheEnd(t *testing.T) {
	for _, network := range networks {
		tr, far := overSocket(t, network)
		io.WriteString(far, "ab")
		far.Close()
		c := &collector{memory: make([]byte, 8), onReceived: func(descriptor) then { return readOn }}
		if err := tr.receive(c); err != nil || c.err != io.EOF || string(c.got) != "ab" {
			t.Errorf("%s: %q, %v, %v", network, c.got, err, c.err)
		}
	}
	tr, far := overSocket(t, "tcp")
	far.(*net.TCPConn).SetLinger(0) // the end is an error
	far.Close()
	c := &collector{memory: make([]byte, 8)}
	err := tr.receive(c)
	if _, failed := errors.AsType[*os.SyscallError](c.err); err != nil || !failed {
		t.Errorf("reset: %v, %v", err, c.err)
	}
}

func TestReceiveEndsByADeadline(t *testing.T) {
	for _, network := range networks {
		tr, far := overSocket(t, network)
		c := &collector{memory: make([]byte, 8)}
		c.onPark = func(descriptor) bool {
			tr.readDeadline().interrupt()
			return true
		}
		if err := tr.receive(c); !timedOut(err) {
			t.Errorf("%s: %v", network, err)
		}
		if !tr.endReads() {
			t.Errorf("%s: it was not cut", network)
		}
		io.WriteString(far, "a")
		c.onPark = nil
		if err := tr.receive(c); err != nil || string(c.got) != "a" {
			t.Errorf("%s, after that: %q, %v", network, c.got, err)
		}
	}
}

// The descriptor that a receiver is given can be written to.
func TestAReceiverWritesInTheCallback(t *testing.T) {
	for _, network := range networks {
		tr, far := overSocket(t, network)
		answer := func(d descriptor) {
			if n, err := tr.tryWrite(d, []byte("h"), []byte("p")); n != 2 || err != nil {
				t.Errorf("%s: %d, %v", network, n, err)
			}
		}
		c := &collector{memory: make([]byte, 8)}
		c.onReceived = func(d descriptor) then { answer(d); return readOn }
		c.onPark = func(d descriptor) bool { answer(d); return len(c.got) == 0 }
		go io.WriteString(far, "a")
		if err := tr.receive(c); err != nil {
			t.Fatal(err)
		}
		tr.close()
		if got, err := io.ReadAll(far); err != nil || strings.Trim(string(got), "hp") != "" || len(got) < 4 {
			t.Errorf("%s: %q, %v", network, got, err)
		}
	}
}

func TestATransportThatIsClosedDuringAReceive(t *testing.T) {
	for _, network := range networks {
		for _, where := range []string{"before", "room", "received", "park", "elsewhere", "elsewhere, in the callback"} {
			tr, far := overSocket(t, network)
			c := &collector{memory: make([]byte, 8), onReceived: func(descriptor) then { return readOn }}
			var once sync.Once // park may be called again
			closed := make(chan bool)
			closing := func() {
				once.Do(func() {
					defer close(closed)
					if !tr.close() {
						t.Errorf("%s, %s: it was closed before", network, where)
					}
					if tr.close() {
						t.Errorf("%s, %s: the second close is the first", network, where)
					}
				})
			}
			io.WriteString(far, "a")
			switch where {
			case "before":
				closing()
			case "room":
				c.onRoom = closing
			case "received":
				c.onReceived = func(descriptor) then { closing(); return await }
			case "park":
				c.onPark = func(descriptor) bool { closing(); return true }
			case "elsewhere":
				c.onPark = func(descriptor) bool { go closing(); return true }
			default:
				c.onPark = func(descriptor) bool {
					done := make(chan bool)
					go func() { closing(); close(done) }()
					<-done
					return true
				}
			}
			err := tr.receive(c)
			<-closed // receive may see that it is to be, and return, before it is
			switch where {
			case "before", "elsewhere":
				if err != nil && !errors.Is(err, net.ErrClosed) && !timedOut(err) {
					t.Errorf("%s, %s: %v", network, where, err)
				}
			default: // in the callback, which does not wait then
				if err != nil {
					t.Errorf("%s, %s: %v", network, where, err)
				}
			}
			if c.onRoom = nil; tr.reader != nil {
				t.Errorf("%s, %s: it still refers to its receiver", network, where)
			}
			if n := len(c.log); where == "before" && n > 0 {
				t.Errorf("%s, %s: %v", network, where, c.log)
			}
			if err := tr.receive(c); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s, %s, again: %v", network, where, err)
			}
			if _, err := tr.conn.Read(c.memory); !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s, %s: the net.Conn is not closed: %v", network, where, err)
			}
			if n, err := io.Copy(io.Discard, far); n > 0 { // a reset, if something was not read
				t.Errorf("%s, %s: the peer reads %d bytes, %v", network, where, n, err)
			}
		}
	}
}

func TestErrorsOfDeadlinesAreToldFromOthers(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{io.EOF, false},
		{net.ErrClosed, true}, // of a transport that knows no deadlines
		{io.ErrClosedPipe, true},
		{os.ErrDeadlineExceeded, true},
		{&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, true},
		{fmt.Errorf("wrapped: %w", os.ErrDeadlineExceeded), true},
		{&net.OpError{Op: "read", Err: io.EOF}, false},
		{&net.DNSError{IsTimeout: true}, true},
	} {
		if got := timedOut(tc.err); got != tc.want {
			t.Errorf("%v: %v, want %v", tc.err, got, tc.want)
		}
	}
}

// A socket that is closed takes no deadline any more, and that is no reason for a timer.
func TestAClosedSocketLeavesNoTimer(t *testing.T) {
	near, _ := socketPair(t, "tcp")
	var tr transport
	tr.init(near)
	d := tr.readDeadline()
	d.begin(context.Background(), time.Hour)
	d.finally(24 * time.Hour)
	tr.close()
	d.end()
	if d.timer != nil {
		t.Error("a timer holds what is closed")
	}
}
