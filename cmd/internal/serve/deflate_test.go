package serve_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/serve"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsutil"
)

// packing is a client that has agreed on compression.
type packing struct {
	*wsutil.Stream
	conn    net.Conn
	deflate *wsflate.Deflate
}

func (s *testServer) connectPacking(t *testing.T, path string, offer wsflate.Parameters) packing {
	t.Helper()
	offers := wsflate.Offers{offer}
	d := ws.Dialer{Extensions: offers.Options()}
	conn, _, hs, err := d.Dial(context.Background(), "ws://"+s.addr+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	params, ok, err := offers.Accepted(hs.Extensions)
	if !ok || err != nil {
		t.Fatalf("accepted: %t, error %v", ok, err)
	}
	deflate := wsflate.New(ws.StateClientSide, params, &wsflate.Options{Threshold: -1, MaxRatio: -1})
	stream := wsutil.NewStream(conn, ws.StateClientSide, 0)
	stream.SetExtension(deflate)
	return packing{stream, conn, deflate}
}

var packings = map[string]wsflate.Parameters{
	"with context takeover":    {},
	"without context takeover": wsflate.DefaultParameters,
	"in small windows":         {ServerMaxWindowBits: 9, ClientMaxWindowBits: 9},
}

func TestCompressedMessagesComeBack(t *testing.T) { eachWay(t, testCompressedMessagesComeBack) }

func testCompressedMessagesComeBack(t *testing.T, o serve.Options) {
	s := start(t, o)
	prose := bytes.Repeat([]byte("Hello, 世界 👋. "), 5000)
	for name, offer := range packings {
		c := s.connectPacking(t, "/echo", offer)
		for _, m := range [][]byte{nil, []byte("short"), prose, random(100_000), prose, make([]byte, 5<<20), prose[:100]} {
			for _, op := range []ws.OpCode{ws.OpBinary, ws.OpText} {
				if op == ws.OpText && !bytes.HasPrefix(m, []byte("Hello")) {
					continue
				}
				m = bytes.ToValidUTF8(m, nil)
				c.WriteMessage(op, m)
				got, gotOp, err := c.ReadMessage()
				if err != nil || gotOp != op || !bytes.Equal(got, m) {
					t.Fatalf("%s: %v of %d bytes came back as %v of %d, error %v", name, op, len(m), gotOp, len(got), err)
				}
			}
		}
		c.Close(4001, "enough")
		if _, _, err := c.ReadMessage(); err != (wsutil.ClosedError{Code: 4001, Reason: "enough"}) {
			t.Errorf("%s: %v, want the answer to the close", name, err)
		}
	}
	if v := s.vars(t); v.Compressed != len(packings) {
		t.Errorf("%d connections were compressed, want %d", v.Compressed, len(packings))
	}
}

// A member that compresses sees the same as one that does not.
func TestRoomsAndTheTimeAreCompressed(t *testing.T) { eachWay(t, testRoomsAndTheTimeAreCompressed) }

func testRoomsAndTheTimeAreCompressed(t *testing.T, o serve.Options) {
	s := start(t, o)
	plain := s.join(t, "den", "plain")
	text := strings.Repeat("to be compressed ", 500)
	for name, offer := range packings {
		c := s.connectPacking(t, "/chat?room=den&name=packing", offer)
		plain.wantToHear("join packing")
		c.ReadMessage() // the welcome
		c.WriteMessage(ws.OpText, []byte(text))
		want := `{"event":"message","name":"packing","text":"` + text + `","at":"`
		if got, _, err := c.ReadMessage(); err != nil || !strings.HasPrefix(string(got), want) {
			t.Errorf("%s: heard %.80q of %d bytes, error %v", name, got, len(got), err)
		}
		plain.wantToHear("message packing " + strings.TrimSpace(text))
		c.Close(1000, "")
		c.ReadMessage()
		c.conn.Close()
		plain.wantToHear("leave packing")

		c = s.connectPacking(t, "/time?rate=1000", offer)
		for range 5 {
			if got, _, err := c.ReadMessage(); err != nil || !bytes.HasPrefix(got, []byte(`{"n":`)) {
				t.Errorf("%s: %q, error %v; want the time", name, got, err)
			}
		}
	}
}

func TestWhatInflatesBeyondTheLimitIsRefused(t *testing.T) {
	eachWay(t, testWhatInflatesBeyondTheLimitIsRefused)
}

func testWhatInflatesBeyondTheLimitIsRefused(t *testing.T, o serve.Options) {
	o.MaxMessage = 1 << 20
	s := start(t, o)
	for path, limit := range map[string]int{"/echo": 1 << 20, "/chat": 16 << 10} {
		c := s.connectPacking(t, path, wsflate.Parameters{})
		c.WriteMessage(ws.OpText, make([]byte, limit+1))
		for {
			_, _, err := c.ReadMessage()
			if err == nil {
				continue // the welcome
			}
			if closed, ok := err.(wsutil.ClosedError); !ok || closed.Code != ws.StatusMessageTooBig {
				t.Errorf("%s: %v, want 1009", path, err)
			}
			break
		}
	}
}

func TestCompressionIsDeclinedWhereItIsOff(t *testing.T) {
	eachWay(t, testCompressionIsDeclinedWhereItIsOff)
}

func testCompressionIsDeclinedWhereItIsOff(t *testing.T, o serve.Options) {
	o.Uncompressed = true
	s := start(t, o)
	d := ws.Dialer{Extensions: wsflate.DefaultOffers().Options()}
	conn, _, hs, err := d.Dial(context.Background(), "ws://"+s.addr+"/echo")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if len(hs.Extensions) > 0 {
		t.Errorf("accepted %v", hs.Extensions)
	}
}

// The memory for context takeover is given back, and without any each message
// is compressed for itself.
func TestMemoryForContextTakeoverIsBounded(t *testing.T) {
	eachWay(t, testMemoryForContextTakeoverIsBounded)
}

func testMemoryForContextTakeoverIsBounded(t *testing.T, o serve.Options) {
	o.DeflateSpace = 64 << 10 // for one connection
	s := start(t, o)
	for range 3 {
		first := s.connectPacking(t, "/echo", wsflate.Parameters{})
		// Its memory is counted once it is served.
		first.WriteMessage(ws.OpText, nil)
		if _, _, err := first.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		second := s.connectPacking(t, "/echo", wsflate.Parameters{})
		if p := first.deflate.Parameters(); p.ServerNoContextTakeover {
			t.Errorf("the first has agreed on %+v", p)
		}
		if p := second.deflate.Parameters(); !p.ServerNoContextTakeover || !p.ClientNoContextTakeover {
			t.Errorf("the second has agreed on %+v", p)
		}
		for _, c := range []packing{first, second} {
			c.Close(1000, "")
			c.ReadMessage()
			c.conn.Close()
		}
		eventually(t, "both are gone", func() bool { return s.vars(t).ConnectionsOpen["/echo"] == 0 })
	}
}
