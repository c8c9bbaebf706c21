package contracts

import (
	"context"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
)

func TestWebsocketOverConnectionsThatTakeNoDeadline(t *testing.T) {
	conn := func(opts *websocket.AcceptConnOptions, take int, use func(ctx context.Context, c *websocket.Conn) error) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			c, err := websocket.AcceptConn(deaf(request, take), opts)
			if err != nil {
				return err
			}
			defer c.CloseNow()
			return use(ctx, c)
		}
	}
	read := func(ctx context.Context, c *websocket.Conn) error { _, _, err := c.Read(ctx); return err }
	write := func(ctx context.Context, c *websocket.Conn) error {
		return c.Write(ctx, websocket.MessageText, []byte("Hello"))
	}
	noTimeout := &websocket.AcceptConnOptions{HandshakeTimeout: -1}
	testBounded(t, []bounded{
		{"AcceptConn", func(context.Context) error {
			_, err := websocket.AcceptConn(timeless(nil), &websocket.AcceptConnOptions{HandshakeTimeout: bound})
			return err
		}, nil},
		{"websocket.Dial", func(ctx context.Context) error {
			c, _, err := websocket.Dial(ctx, target.String(), &websocket.DialOptions{HTTPClient: &http.Client{Transport: switched{timeless(nil)}}})
			if err != nil {
				return err
			}
			defer c.CloseNow()
			_, _, err = c.Read(ctx)
			return err
		}, context.DeadlineExceeded},
		{"Conn.Read", conn(noTimeout, 1, read), context.DeadlineExceeded},
		{"Conn.Write", conn(noTimeout, 1, write), context.DeadlineExceeded},
		{"Conn.Ping", conn(noTimeout, 2, func(ctx context.Context, c *websocket.Conn) error { return c.Ping(ctx) }), context.DeadlineExceeded},
		{"Conn.Serve", conn(noTimeout, 1, func(ctx context.Context, c *websocket.Conn) error {
			return c.Serve(ctx, func(context.Context, websocket.MessageType, []byte) error { return nil })
		}), context.DeadlineExceeded},
		{"Conn.CloseContext", conn(noTimeout, 2, func(ctx context.Context, c *websocket.Conn) error {
			return c.CloseContext(ctx, websocket.StatusNormalClosure, "")
		}), context.DeadlineExceeded},
		{"Conn.Close", conn(noTimeout, 1, func(_ context.Context, c *websocket.Conn) error {
			return c.Close(websocket.StatusNormalClosure, "")
		}), nil},
		{"NetConn.Read", conn(noTimeout, 1, func(_ context.Context, c *websocket.Conn) error {
			n := websocket.NetConn(background, c, websocket.MessageText)
			n.SetReadDeadline(time.Now().Add(bound))
			_, err := n.Read(make([]byte, 1))
			return err
		}), os.ErrDeadlineExceeded},
	})
}
