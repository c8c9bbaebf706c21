package websocket_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
)

// tortureTime is how long the torture takes. TORTURE is a duration for more.
func tortureTime(t *testing.T) time.Duration {
	d, err := time.ParseDuration(os.Getenv("TORTURE"))
	if err != nil {
		return time.Second
	}
	t.Log("torture for", d)
	return d
}

// stamped returns a message that can be checked: who has written it, which of
// his it is, and bytes that follow from both.
func stamped(writer, number uint32, size int) []byte {
	p := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, writer), number)
	r := rand.New(rand.NewPCG(uint64(writer), uint64(number)))
	for len(p) < 8+size {
		p = append(p, byte('a'+r.IntN(4)))
	}
	return p
}

// Many goroutines write, read, ping and cancel at once, and every byte arrives.
func TestTorture(t *testing.T) {
	for _, mode := range []websocket.CompressionMode{websocket.CompressionDisabled, websocket.CompressionContextTakeover} {
		for _, form := range []string{"pull", "serve"} {
			torture(t, mode, form)
		}
	}
}

func torture(t *testing.T, mode websocket.CompressionMode, form string) {
	noLeaks(t)
	url := serve(t, &websocket.AcceptOptions{CompressionMode: mode}, func(c *websocket.Conn) {
		if form == "pull" {
			echo(c)
			return
		}
		c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
			return c.Write(ctx, typ, p)
		})
	})
	c, _, err := websocket.Dial(within(t), url, &websocket.DialOptions{CompressionMode: mode})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	end := time.Now().Add(tortureTime(t) / 4)
	ctx, cancel := context.WithDeadline(context.Background(), end)
	defer cancel()

	const writers = 8
	var wg, writing sync.WaitGroup
	var written, received, cancelled atomic.Int64
	var all atomic.Bool // has been written
	for w := range uint32(writers) {
		writing.Add(1)
		go func() {
			defer writing.Done()
			r := rand.New(rand.NewPCG(7, uint64(w)))
			for n := uint32(0); ctx.Err() == nil; n++ {
				p := stamped(w, n, r.IntN(20_000))
				var err error
				if r.IntN(4) > 0 {
					err = c.Write(context.Background(), websocket.MessageBinary, p)
				} else {
					err = writeInPieces(c, p)
				}
				if err != nil {
					t.Error("write:", err)
					return
				}
				written.Add(1)
			}
		}()
	}
	writing.Add(1) // whoever reads has its pongs to find too
	go func() {
		defer writing.Done()
		for ctx.Err() == nil {
			if _, err := c.PingRTT(context.Background()); err != nil {
				t.Error("ping:", err)
				return
			}
		}
	}()
	last := make([]uint32, writers)
	seen := make([]bool, writers)
	var mu sync.Mutex
	read := func() {
		for !all.Load() || received.Load() < written.Load() {
			short, stop := context.WithTimeout(context.Background(), time.Duration(rand.IntN(2000))*time.Microsecond)
			mu.Lock()
			_, p, err := c.Read(short)
			stop()
			if errors.Is(err, context.DeadlineExceeded) {
				cancelled.Add(1)
				mu.Unlock()
				continue
			}
			if err != nil {
				t.Error("read:", err)
				mu.Unlock()
				return
			}
			received.Add(1)
			w, n := binary.BigEndian.Uint32(p), binary.BigEndian.Uint32(p[4:])
			if !bytes.Equal(p, stamped(w, n, len(p)-8)) {
				t.Error("a message has been spoilt")
			}
			if seen[w] && n != last[w]+1 {
				t.Errorf("writer %d: message %d after %d", w, n, last[w])
			}
			seen[w], last[w] = true, n
			mu.Unlock()
		}
	}
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			read()
		}()
	}
	writing.Wait()
	all.Store(true)
	wg.Wait()
	if written.Load() != received.Load() || written.Load() == 0 {
		t.Errorf("%d written, %d received", written.Load(), received.Load())
	}
	t.Logf("mode %d, %s: %d messages, %d reads cancelled", mode, form, written.Load(), cancelled.Load())
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
}

func writeInPieces(c *websocket.Conn, p []byte) error {
	w, err := c.Writer(context.Background(), websocket.MessageBinary)
	if err != nil {
		return err
	}
	for len(p) > 0 {
		n := min(len(p), 1+rand.IntN(5000))
		if _, err := w.Write(p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	return w.Close()
}

// Closing in the middle of everything ends everything.
func TestClosingWhileOthersAreAtWork(t *testing.T) {
	noLeaks(t)
	url := serve(t, nil, echo)
	for i := range 30 {
		c := dial(t, url, nil)
		var wg sync.WaitGroup
		calls := []func() error{
			func() error { return c.Write(context.Background(), websocket.MessageText, stamped(1, 2, 5000)) },
			func() error { _, _, err := c.Read(context.Background()); return err },
			func() error { return c.Ping(context.Background()) },
			func() error { return writeInPieces(c, stamped(1, 2, 5000)) },
		}
		moment := make(chan bool) // after so many calls
		come := sync.OnceFunc(func() { close(moment) })
		var done atomic.Int64
		for _, call := range calls {
			wg.Add(1)
			go func() {
				defer wg.Done()
				defer come()
				for call() == nil {
					if done.Add(1) >= int64(i%5*20) {
						come()
					}
				}
			}()
		}
		if i%5 > 0 {
			<-moment
		}
		if i%2 == 0 {
			c.CloseNow()
		} else {
			c.Close(websocket.StatusNormalClosure, "")
		}
		wg.Wait()
	}
}
