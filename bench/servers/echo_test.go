package main

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// TestMain makes this binary a server when it is started as one: so each server
// runs here as it does when it is measured, in a process of its own.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "-server") {
		main()
	}
	os.Exit(m.Run())
}

// message is what a server has to send back.
type message struct {
	op ws.OpCode
	p  []byte
}

// newMessage makes one that differs from those of other numbers.
func newMessage(number, size int) message {
	p := make([]byte, size)
	for i := range p {
		p[i] = 'a' + byte((i+number*7)%25)
	}
	return message{[]ws.OpCode{ws.OpText, ws.OpBinary}[number%2], p}
}

// batches are messages that are sent with one write each.
func batches() (all [][]message) {
	number := 0
	batch := func(sizes ...int) {
		var b []message
		for _, size := range sizes {
			b = append(b, newMessage(number, size))
			number++
		}
		all = append(all, b)
	}
	sizes := []int{0, 1, 125, 126, 65535, 65536}
	for _, size := range sizes {
		batch(size)
	}
	batch(sizes...)
	batch(slices.Repeat([]int{100, 0, 200}, 20)...)
	batch(1<<20, 3)
	return all
}

// silent are the servers that give no answer to an empty message. nbio v1.6.12
// never shows one to its handler.
var silent = map[string]bool{"nbio": true}

func TestEveryServerEchoesEveryByte(t *testing.T) {
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			p, err := start(s.name, "", false)
			if err != nil {
				t.Fatal(err)
			}
			defer p.stop()
			// The second one comes while the first is open.
			for range 2 {
				conn, err := net.Dial("tcp", p.addr)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(time.Minute))
				if s.raw {
					echoesBytes(t, conn)
				} else {
					echoesMessages(t, conn, silent[s.name])
				}
			}
		})
	}
}

// echoesBytes sends the payload of messages, and wants it back.
func echoesBytes(t *testing.T, conn net.Conn) {
	for i, batch := range batches() {
		var sent []byte
		for _, m := range batch {
			sent = append(sent, m.p...)
		}
		got := make([]byte, len(sent))
		go conn.Write(sent)
		if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("write %d: %v, %d bytes that may differ from those sent", i, err, len(got))
		}
	}
}

// echoesMessages sends messages, and wants each of them back; but for the empty
// ones from a server that is silent.
func echoesMessages(t *testing.T, conn net.Conn, silent bool) {
	if _, _, err := (ws.Dialer{}).Upgrade(conn, &url.URL{Scheme: "ws", Host: conn.RemoteAddr().String(), Path: "/"}); err != nil {
		t.Fatal(err)
	}
	in := wsutil.NewStream(conn, ws.StateClientSide, bufferSize)
	for i, batch := range batches() {
		var sent []byte
		for _, m := range batch {
			sent = ws.AppendFrame(sent, ws.MaskFrame(ws.NewFrame(m.op, true, m.p)))
		}
		go conn.Write(sent) // a server may answer before it has read all
		for j, want := range batch {
			if silent && len(want.p) == 0 {
				continue
			}
			p, op, err := in.ReadMessage()
			if err != nil || op != want.op || !bytes.Equal(p, want.p) {
				t.Fatalf("write %d, message %d: %v, %v of %d bytes; want %v of %d, and the same", i, j, err, op, len(p), want.op, len(want.p))
			}
		}
	}
}

func TestAServerTellsItsMemory(t *testing.T) {
	p, err := start("limit-gonet", "", false)
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	before, err := p.heap()
	if err != nil || before.InUse == 0 || before.Goroutines == 0 {
		t.Fatalf("%+v, %v", before, err)
	}
	const n = 50
	for range n {
		conn, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		echoesMessages(t, conn, false) // so it has been accepted
	}
	if after, err := p.heap(); err != nil || after.Goroutines < before.Goroutines+n {
		t.Errorf("%+v, %v; there were %d goroutines before %d connections", after, err, before.Goroutines, n)
	}
}

func TestAServerThatIsNotThereIsAnError(t *testing.T) {
	if p, err := start("no such server", "", false); err == nil {
		p.stop()
		t.Error("it was started")
	}
}

// TestSecureServersSpeakTLS: those that are measured over TLS echo over it, with the
// same version and cipher suite.
func TestSecureServersSpeakTLS(t *testing.T) {
	for _, s := range servers {
		if !s.secure {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			p, err := start(s.name, "", true)
			if err != nil {
				t.Fatal(err)
			}
			defer p.stop()
			conn, err := tls.Dial("tcp", p.addr, &tls.Config{InsecureSkipVerify: true})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if got := conn.ConnectionState(); got.Version != tls.VersionTLS13 || got.CipherSuite != tls.TLS_AES_128_GCM_SHA256 {
				t.Errorf("version %x, suite %x", got.Version, got.CipherSuite)
			}
			if _, _, err := (ws.Dialer{}).Upgrade(conn, &url.URL{Scheme: "wss", Host: p.addr, Path: "/"}); err != nil {
				t.Fatal(err)
			}
			want := newMessage(1, 1000)
			if err := wsutil.WriteClientMessage(conn, want.op, want.p); err != nil {
				t.Fatal(err)
			}
			if got, op, err := wsutil.ReadServerData(conn); err != nil || op != want.op || !bytes.Equal(got, want.p) {
				t.Errorf("%v of %d bytes, %v", op, len(got), err)
			}
		})
	}
}
