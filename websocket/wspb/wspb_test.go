package wspb_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wspb"
	"github.com/wirews/wirews/websocket/wstest"
)

// connect returns a client whose server does this.
func connect(t *testing.T, server func(c *websocket.Conn)) (context.Context, *websocket.Conn) {
	t.Helper()
	s, c := wstest.Pipe(t, nil, nil)
	go func() {
		defer s.CloseNow()
		server(s)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx, c
}

func TestMessagesArrive(t *testing.T) {
	ctx, c := connect(t, func(c *websocket.Conn) {
		for {
			var v wrapperspb.StringValue
			if wspb.Read(context.Background(), c, &v) != nil || wspb.Write(context.Background(), c, &v) != nil {
				return
			}
		}
	})
	for _, want := range []string{"Hello", "", "again"} {
		if err := wspb.Write(ctx, c, wrapperspb.String(want)); err != nil {
			t.Fatal(err)
		}
		var got wrapperspb.StringValue
		if err := wspb.Read(ctx, c, &got); err != nil || got.Value != want {
			t.Errorf("%q, %v", got.Value, err)
		}
	}
	if err := wspb.Write(ctx, c, wrapperspb.String("\xff")); err == nil {
		t.Error("a string that is not UTF-8 was sent")
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error("after a message that cannot be sent:", err)
	}
}

func TestWhatIsNoMessageEndsTheConnection(t *testing.T) {
	for _, tc := range []struct {
		typ  websocket.MessageType
		p    string
		code websocket.StatusCode
	}{
		{websocket.MessageText, "", websocket.StatusUnsupportedData},
		{websocket.MessageBinary, "\x0a\x05x", websocket.StatusInvalidFramePayloadData},
	} {
		ended := make(chan error, 1)
		ctx, c := connect(t, func(c *websocket.Conn) {
			c.Write(context.Background(), tc.typ, []byte(tc.p))
			_, _, err := c.Read(context.Background())
			ended <- err
		})
		var v wrapperspb.StringValue
		err := wspb.Read(ctx, c, &v)
		if err == nil || errors.Is(err, wspb.ErrText) != (tc.typ == websocket.MessageText) {
			t.Error(err)
		}
		if err := <-ended; websocket.CloseStatus(err) != tc.code {
			t.Error(err)
		}
	}
}

// A peer that sends what is no message, and does not answer a close frame, is not
// waited for longer than the context allows.
func TestAReadThatFailsIsBoundedByItsContext(t *testing.T) {
	for typ, p := range map[websocket.MessageType]string{websocket.MessageText: "x", websocket.MessageBinary: "\x0a\x05x"} {
		stay := make(chan bool)
		_, c := connect(t, func(c *websocket.Conn) {
			c.Write(context.Background(), typ, []byte(p))
			<-stay
		})
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		begin := time.Now()
		err := wspb.Read(ctx, c, new(wrapperspb.StringValue))
		if took := time.Since(begin); err == nil || took > 4500*time.Millisecond {
			t.Errorf("%v: %v after %v", typ, err, took)
		}
		cancel()
		close(stay)
	}
}
