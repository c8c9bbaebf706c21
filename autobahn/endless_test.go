package autobahn

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// endlessTime is many times what the cases here may take. Only a case that
// never ends reaches it.
const endlessTime = 5 * time.Minute

// endless are peers that go on sending for as long as anybody reads: what comes
// before, and then the same again and again. The frames are those of a server,
// which are not masked; a key of zeros masks them for a client's.
var endless = []struct {
	name   string
	before []header
	again  []header
	chop   bool // octet by octet
	reads  bool // what the fuzzer sends
}{
	// 02 01 61, then 00 00 and so on: FIN=0 for ever.
	{"continuation frames without a last one", []header{{opcode: opBinary, length: 1}}, []header{{opcode: opContinuation}}, false, false},
	{"continuation frames, octet by octet", []header{{opcode: opBinary, length: 1}}, []header{{opcode: opContinuation}}, true, false},
	{"pings", nil, []header{{fin: true, opcode: opPing}}, false, false},
	{"pings, and reads the pongs", nil, []header{{fin: true, opcode: opPing, length: 125}}, false, true},
	{"pongs", nil, []header{{fin: true, opcode: opPong}}, false, true},
	{"empty messages", nil, []header{{fin: true, opcode: opText}}, false, true},
	{"long messages", nil, []header{{fin: true, opcode: opBinary, length: 1 << 16}}, false, true},
	{"one frame of 2^62 octets", []header{{fin: true, opcode: opBinary, length: 1 << 62}}, nil, false, true},
	{"one close frame of 2^62 octets", []header{{fin: true, opcode: opClose, length: 1 << 62}}, nil, false, true},
	{"close frames that must not be", nil, []header{{opcode: opClose}}, false, true},
	{"a close frame, and messages behind it", []header{{fin: true, opcode: opClose}}, []header{{fin: true, opcode: opText}}, false, true},
	{"reserved opcodes", nil, []header{{fin: true, opcode: 3}}, false, false},
}

// octetsFor returns frames of those headers, with payloads of "a".
func octetsFor(role Role, headers []header) (b []byte) {
	for _, h := range headers {
		h.masked = role == ClientRole
		b = appendHeader(b, h)
		b = append(b, bytes.Repeat([]byte("a"), int(min(h.length, 1<<20)))...)
	}
	return b
}

// pour writes to conn until nobody takes it.
func pour(conn net.Conn, before, again []byte, chop, reads bool) {
	if reads {
		go io.Copy(io.Discard, conn)
	}
	if len(again) == 0 {
		again = []byte("a")
	}
	if !chop {
		again = bytes.Repeat(again, 1+1<<16/len(again))
	}
	for b := before; ; b = again {
		size := len(b)
		if chop {
			size = 1
		}
		for ; len(b) > 0; b = b[size:] {
			if _, err := conn.Write(b[:size]); err != nil {
				return
			}
		}
	}
}

// listenFor serves connections until the test ends.
func listenFor(t *testing.T, conf *tls.Config, serve func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	addr = l.Addr().String()
	if conf != nil {
		l = tls.NewListener(l, conf)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return addr
}

// accept answers a handshake.
func accept(conn net.Conn) bool {
	request, _, err := readHead(conn)
	if err != nil {
		return false
	}
	key, _, err := checkRequest(request)
	if err != nil {
		return false
	}
	_, err = io.WriteString(conn, goodResponse(key, "").String())
	return err == nil
}

// judgeEndless runs cases against a server, and wants a verdict on each.
func judgeEndless(t *testing.T, c Client, patterns string) {
	t.Helper()
	c.Cases = lightly(t, patterns, "")
	ctx, cancel := context.WithTimeout(t.Context(), endlessTime)
	defer cancel()
	results, err := c.Run(ctx)
	if err != nil {
		t.Fatalf("%v: not every case has ended", err)
	}
	for _, r := range results {
		if r.Passed() && r.Behavior == OK {
			t.Errorf("%s: %s, closing %s", r.Case, r.Behavior, r.BehaviorClose)
		}
	}
}

// endlessCases are a limit that kills, one that closes, and a pause before it. The
// peers keep a processor busy for as long as a case takes.
func endlessCases() string {
	if raceDetector || testing.Short() {
		return "1.1.1"
	}
	return "1.1.1,2.4,6.4.1"
}

// spared reports whether a peer is left out where time is short: one that reads differs
// less from one that comes to an end, and each of the others is tried in one role.
func spared(peer int, role Role) bool {
	return testing.Short() && (endless[peer].reads || (peer%2 == 0) != (role == ServerRole))
}

func TestACaseEndsWhateverTheServerGoesOnSending(t *testing.T) {
	for i, e := range endless {
		if spared(i, ServerRole) {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			addr := listenFor(t, nil, func(conn net.Conn) {
				if accept(conn) {
					pour(conn, octetsFor(ServerRole, e.before), octetsFor(ServerRole, e.again), e.chop, e.reads)
				}
			})
			judgeEndless(t, Client{URL: "ws://" + addr}, endlessCases())
		})
	}
}

func TestACaseEndsWhateverTheServerGoesOnSendingOverTLS(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(nil)
	t.Cleanup(s.Close)
	trusted := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	cases := "1.1.1,2.4,7.1.1"
	if testing.Short() {
		cases = "1.1.1"
	}
	addr := listenFor(t, &tls.Config{Certificates: s.TLS.Certificates}, func(conn net.Conn) {
		if accept(conn) {
			e := endless[0]
			pour(conn, octetsFor(ServerRole, e.before), octetsFor(ServerRole, e.again), e.chop, e.reads)
		}
	})
	judgeEndless(t, Client{URL: "wss://" + addr, TLS: &tls.Config{RootCAs: trusted}}, cases)
}

func TestACaseEndsWhateverTheClientGoesOnSending(t *testing.T) {
	for i, e := range endless {
		if spared(i, ClientRole) {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), endlessTime)
			defer cancel()
			ended := make(chan string)
			s := &Server{Cases: lightly(t, endlessCases(), "")}
			s.OnResult = func(r *Result) { ended <- r.Case }
			done := make(chan error, 1)
			go func() { done <- s.Serve(ctx, l); close(ended) }()
			for _, c := range s.Cases {
				go func() {
					conn, err := net.Dial("tcp", l.Addr().String())
					if err != nil {
						return
					}
					defer conn.Close()
					u := &url.URL{Scheme: "ws", Host: l.Addr().String(), Path: "/runCase", RawQuery: "casetuple=" + c.ID + "&agent=endless"}
					io.WriteString(conn, goodRequest(u, newKey(), "", nil).String())
					pour(conn, octetsFor(ClientRole, e.before), octetsFor(ClientRole, e.again), e.chop, e.reads)
				}()
			}
			for range s.Cases {
				select {
				case <-ended:
				case <-ctx.Done():
					t.Error("not every case has ended")
					go func() {
						for range ended {
						}
					}()
				}
			}
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestACaseEndsWhateverComesInsteadOfAHead(t *testing.T) {
	for name, pieces := range map[string][2]string{
		"a head without an end":            {"HTTP/1.1 101 Switching Protocols\r\n", "X-Field: more\r\n"},
		"a line without an end":            {"HTTP/1.1 101 ", "x"},
		"interim responses without an end": {"", "HTTP/1.1 102 Processing\r\n\r\n"},
		"a body without an end":            {"HTTP/1.1 403 Forbidden\r\n\r\n", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := listenFor(t, nil, func(conn net.Conn) { pour(conn, []byte(pieces[0]), []byte(pieces[1]), false, true) })
			judgeEndless(t, Client{URL: "ws://" + addr}, "1.1.1,20.2.1")
		})
	}
}

// What is kept of a case is bounded, whatever its time.
func TestWhatIsKeptOfAPeerIsBounded(t *testing.T) {
	for _, c := range []struct {
		name  string
		again []header
		times int
		why   string // empty: the session goes on
	}{
		{"messages and pongs", []header{{fin: true, opcode: opPong}, {fin: true, opcode: opText}}, maxEvents, "more messages and pongs"},
		{"long messages", []header{{fin: true, opcode: opBinary, length: 1 << 20}}, maxKept>>20 + 1, "more messages and pongs"},
		{"a message of fragments", []header{{opcode: opBinary, length: 1 << 20}, {opcode: opContinuation, length: 1 << 20}}, 1, ""},
		{"pings", []header{{fin: true, opcode: opPing, length: 4}}, maxPongs + 1000, ""},
	} {
		near, far := net.Pipe()
		defer far.Close()
		s := newSession(&Case{ID: "1.1.1", want: exactly(textMessage(hello))}, ClientRole, near)
		s.out = newSender(near)
		b := octetsFor(ServerRole, c.again)
		for range c.times {
			s.receive(bytes.Clone(b))
			s.flush()
		}
		if why := strings.Join(s.violations, "; "); c.why == "" && why != "" || !strings.Contains(why, c.why) || (c.why != "") != (s.state == stateClosed) {
			t.Errorf("%s: %q, closed %v, want %q", c.name, why, s.state == stateClosed, c.why)
		}
		if pongs := s.sent.frames[opPong]; pongs > maxPongs {
			t.Errorf("%s: %d pongs wait for a peer that reads nothing", c.name, pongs)
		}
		s.out.cut()
		near.Close()
	}
}

func TestAControlFrameIsNotKeptAsAWhole(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	defer near.Close()
	s := newSession(&Case{ID: "1.1.1"}, ClientRole, near)
	s.out = newSender(near)
	defer s.out.cut()
	s.receive(octetsFor(ServerRole, []header{{fin: true, opcode: opPing, length: 1 << 40}}))
	if n := len(s.in.control); n > maxControl || s.arrived.octets < 1<<20 {
		t.Errorf("%d bytes of %d are kept, want %d at most", n, s.arrived.octets, maxControl)
	}
}

// 03 00 is an empty block that says that it is the last one; 00 begins the one
// that the sender has cut off.
func TestAMessageOfLastBlocksIsRefused(t *testing.T) {
	for blocks, want := range map[int]error{maxLastBlocks - 1: nil, maxLastBlocks + 1: errBlocks} {
		_, err := newInflater(maxBits, false).decompress(append(bytes.Repeat([]byte{0x03, 0x00}, blocks), 0x00))
		if !errors.Is(err, want) {
			t.Errorf("%d last blocks: %v, want %v", blocks, err, want)
		}
	}
}

func TestEveryCaseHasATime(t *testing.T) {
	for _, c := range Cases() {
		if refuses := c.opening != nil && c.opening.refuse != nil; c.limit.after <= 0 && !refuses {
			t.Errorf("%s has no limit", c.ID)
		}
	}
}
