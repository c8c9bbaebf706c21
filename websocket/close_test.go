package websocket_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// Close says so if the peer has not answered, also if somebody else has read
// that.
func TestCloseBesideARead(t *testing.T) {
	for name, pair := range transports {
		for range 20 {
			client, server := pair(t)
			c := accept(t, client, server, nil)
			read := make(chan error, 1)
			go func() {
				_, _, err := c.Read(context.Background())
				read <- err
			}()
			go client.Write(masked(ws.OpPing, true, ""))
			if _, err := io.ReadFull(client, make([]byte, 2)); err != nil { // it reads
				t.Fatal(err)
			}
			closed := make(chan error, 1)
			go func() { closed <- c.Close(websocket.StatusNormalClosure, "") }()
			if _, err := io.ReadFull(client, make([]byte, 4)); err != nil {
				t.Fatal(err)
			}
			client.Close()
			if err := <-closed; err == nil {
				t.Errorf("%s: Close has got no answer, and says nothing", name)
			}
			if err := <-read; !errors.Is(err, websocket.EndedByUs) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
