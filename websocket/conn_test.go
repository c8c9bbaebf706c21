package websocket_test

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

func TestMessagesOfAllSizesComeBack(t *testing.T) {
	for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionContextTakeover, websocket.CompressionNoContextTakeover} {
		url := serve(t, &websocket.AcceptOptions{CompressionMode: mode}, func(c *websocket.Conn) {
			c.SetReadLimit(-1)
			echo(c)
		})
		c := dial(t, url, &websocket.DialOptions{CompressionMode: mode})
		c.SetReadLimit(-1)
		ctx := within(t)
		for _, size := range []int{0, 1, 125, 126, 4095, 4096, 16383, 16384, 65535, 65536, 200_000, 1_000_000} {
			want := prose(size)
			for _, typ := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
				if err := c.Write(ctx, typ, want); err != nil {
					t.Fatal(mode, size, err)
				}
				got, p, err := c.Read(ctx)
				if err != nil || got != typ || !bytes.Equal(p, want) {
					t.Fatalf("mode %d, %d bytes: %v, %d bytes, %v", mode, size, got, len(p), err)
				}
			}
		}
		if err := c.Close(websocket.StatusNormalClosure, "done"); err != nil {
			t.Error(mode, err)
		}
	}
}

func TestReaderAndWriterStream(t *testing.T) {
	for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionContextTakeover} {
		url := serve(t, &websocket.AcceptOptions{CompressionMode: mode}, func(c *websocket.Conn) {
			c.SetReadLimit(-1)
			for {
				typ, r, err := c.Reader(context.Background())
				if err != nil {
					return
				}
				w, err := c.Writer(context.Background(), typ)
				if err != nil {
					return
				}
				if _, err := io.Copy(w, r); err != nil {
					return
				}
				if err := w.Close(); err != nil {
					return
				}
			}
		})
		c := dial(t, url, &websocket.DialOptions{CompressionMode: mode})
		c.SetReadLimit(-1)
		ctx := within(t)
		for _, size := range []int{0, 5, 70_000, 1_000_000} {
			want := strings.Repeat("0123456789", size/10+1)[:size]
			w, err := c.Writer(ctx, websocket.MessageText)
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() {
				_, err := io.Copy(w, iotestReader(strings.NewReader(want)))
				done <- errors.Join(err, w.Close())
			}()
			typ, r, err := c.Reader(ctx)
			if err != nil || typ != websocket.MessageText {
				t.Fatal(typ, err)
			}
			got, err := io.ReadAll(r)
			if err != nil || string(got) != want {
				t.Fatalf("%d bytes: %d, %v", size, len(got), err)
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte("x")); err == nil {
				t.Error("a Writer that is closed takes more")
			}
		}
	}
}

// prose returns text that compresses like text.
func prose(size int) []byte {
	r := rand.New(rand.NewPCG(1, uint64(size)))
	words := strings.Fields("the quick brown fox jumps over a lazy dog while nobody is looking at it")
	var b []byte
	for len(b) < size {
		b = append(append(b, words[r.IntN(len(words))]...), ' ')
	}
	return b[:size]
}

// iotestReader hides WriterTo.
func iotestReader(r io.Reader) io.Reader { return struct{ io.Reader }{r} }

func TestWhoHasEndedIt(t *testing.T) {
	started := make(chan error, 1)
	url := serve(t, nil, func(c *websocket.Conn) {
		_, _, err := c.Read(context.Background())
		started <- err
	})
	c := dial(t, url, nil)
	if err := c.Close(4000, "bye"); err != nil {
		t.Error("Close:", err)
	}
	err := <-started
	var end *websocket.ConnError
	if !errors.As(err, &end) || end.By != websocket.EndedByPeer || end.Code != 4000 || end.Reason != "bye" || !end.Clean() {
		t.Errorf("the server's Read: %#v", err)
	}
	if websocket.CloseStatus(err) != 4000 || !errors.Is(err, websocket.EndedByPeer) || !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	_, _, err = c.Read(context.Background())
	if !errors.Is(err, net.ErrClosed) || !errors.Is(err, websocket.EndedByUs) {
		t.Error("Read after Close:", err)
	}
	if err := c.Write(context.Background(), websocket.MessageText, nil); !errors.Is(err, net.ErrClosed) {
		t.Error("Write after Close:", err)
	}
	if err := c.Close(1000, ""); !errors.Is(err, net.ErrClosed) {
		t.Error("Close again:", err)
	}
}

// Somebody has to read for a pong to be seen, and the error says so.
func TestAPingWithoutAReaderSaysSo(t *testing.T) {
	c := dial(t, serve(t, nil, echo), nil)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	err := c.Ping(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, websocket.ErrNobodyReads) {
		t.Error(err)
	}
	c.CloseRead(context.Background())
	for range 3 {
		if rtt, err := c.PingRTT(within(t)); err != nil || rtt <= 0 {
			t.Error(rtt, err)
		}
	}
}

// A Read that waits is somebody who reads: what did not come is a pong.
func TestAPingWithoutAPongWhileSomebodyReads(t *testing.T) {
	c, client := handshake(t, nil)
	read := make(chan error, 1)
	go func() {
		_, _, err := c.Read(context.Background())
		read <- err
	}()
	client.Write(masked(ws.OpPing, true, "?"))
	if _, err := io.ReadFull(client, make([]byte, 3)); err != nil { // its pong: it reads
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := c.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, websocket.ErrNobodyReads) {
		t.Error(err)
	}
	c.CloseNow()
	<-read
}

// Whatever comes is too long then, and a pong is not.
func TestPingUnderAReadLimitOfZero(t *testing.T) {
	c := dial(t, serve(t, nil, echo), nil)
	c.SetReadLimit(0)
	c.CloseRead(context.Background())
	if err := c.Ping(within(t)); err != nil {
		t.Error(err)
	}
}

func TestServeEchoes(t *testing.T) {
	noLeaks(t)
	ended := make(chan error, 1)
	url := serve(t, nil, func(c *websocket.Conn) {
		ended <- c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
			return c.Write(ctx, typ, p)
		})
	})
	c := dial(t, url, nil)
	ctx := within(t)
	for i := range 1000 {
		want := strings.Repeat("x", i*7%3000)
		if err := c.Write(ctx, websocket.MessageText, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if _, p, err := c.Read(ctx); err != nil || string(p) != want {
			t.Fatalf("%d: %q, %v", i, p, err)
		}
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	if err := <-ended; websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Error(err)
	}
}

// What cannot be compressed gets longer by being compressed, and browsers
// compress everything.
func TestAMessageOfTheReadLimitMayBeLongerOnTheWire(t *testing.T) {
	p := make([]byte, 32768)
	rand.NewChaCha8([32]byte{}).Read(p)
	got := make(chan error, 1)
	url := serve(t, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover}, func(c *websocket.Conn) {
		_, q, err := c.Read(within(t))
		if err == nil && !bytes.Equal(p, q) {
			err = errors.New("another message")
		}
		got <- err
		c.CloseNow()
	})
	wire := noise(t, url, p)
	if err := <-got; err != nil || wire <= len(p) {
		t.Errorf("%d bytes on the wire: %v", wire, err)
	}
}

// noise sends p compressed by the standard library, and returns how many bytes
// that were.
func noise(t *testing.T, url string, p []byte) int {
	d := ws.Dialer{Extensions: wsflate.DefaultOffers().Options()}
	conn, _, _, err := d.Dial(within(t), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, 1)
	w.Write(p)
	w.Flush()
	body := bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})
	f := ws.NewBinaryFrame(body)
	f.Header.Rsv = 4
	conn.Write(ws.AppendFrame(nil, ws.MaskFrame(f)))
	io.Copy(io.Discard, conn)
	return len(body)
}

// An empty message is not none.
func TestAnEmptyMessageIsNotNil(t *testing.T) {
	c, client := handshake(t, nil)
	client.Write(masked(ws.OpBinary, true, ""))
	if _, p, err := c.Read(context.Background()); p == nil || len(p) > 0 || err != nil {
		t.Errorf("%#v, %v", p, err)
	}
}

// A Writer that is given up while somebody else writes leaves him what he writes.
func TestAWriterThatIsGivenUpLeavesOthersTheirMemory(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			near, far := net.Pipe()
			c, err := websocket.New(near, websocket.Params{})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			const size = 62<<10 + 1 // what a Writer holds, and a byte
			read := make(chan struct{})
			go func() {
				io.ReadFull(far, make([]byte, size+3))
				close(read)
			}()
			w, err := c.Writer(ctx, websocket.MessageBinary)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(make([]byte, size)); err != nil {
				t.Fatal(err)
			}
			<-read
			done := make(chan struct{})
			go func() {
				defer close(done)
				c.SendPing(ctx, []byte("x"))
			}()
			synctest.Wait() // it waits for the peer, with the lock of the output
			cancel()
			w.Close()
			<-done
			far.Close()
			c.CloseNow()
		})
	}
}
