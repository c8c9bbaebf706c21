package websocket

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/ws"
)

// A Ping that nobody reads beside takes nothing of what the peer sends: not from
// the transport, and not from whoever reads later, be it after the peer's close.
func TestAPingLeavesWhatArrivesToWhoeverReads(t *testing.T) {
	for name, read := range map[string]func(c *Conn) (string, error){
		"Read": func(c *Conn) (string, error) {
			_, p, err := c.Read(context.Background())
			return string(p), err
		},
		"Reader": func(c *Conn) (string, error) {
			_, r, err := c.Reader(context.Background())
			if err != nil {
				return "", err
			}
			p, err := io.ReadAll(r)
			return string(p), err
		},
		"Serve": func(c *Conn) (string, error) {
			var got string
			err := c.Serve(context.Background(), func(_ context.Context, _ MessageType, p []byte) error {
				got += string(p)
				return nil
			})
			if errors.Is(err, EndedByPeer) {
				err = nil
			}
			return got, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, nil)
				allFrames(far)
				taken := make(chan int, 1)
				go func() {
					n, _ := io.WriteString(far, fromClient(ws.OpText, true, "kept")+fromClient(ws.OpClose, true, "\x03\xe8"))
					taken <- n
				}()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := c.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrNobodyReads) {
					t.Errorf("Ping returns %v", err)
				}
				if len(taken) > 0 || c.in.rx != nil {
					t.Error("the Ping has read")
				}
				if got, err := read(c); got != "kept" || err != nil {
					t.Errorf("%q, %v", got, err)
				}
				c.CloseNow()
				<-taken
			})
		})
	}
}
