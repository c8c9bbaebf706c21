package page_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

func TestCancelsARead(t *testing.T) {
	ctx, c := dialPage(t, "echo", nil)
	brief, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	if _, _, err := c.Read(brief); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	echoes(t, ctx, c, websocket.MessageText, []byte("it goes on"))
}

// TestPageWaitsForASlowServer: the server reads nothing, so the page's Writes wait at
// some time; a context ends the wait, and what was written arrives once the server reads.
func TestWaitsForASlowServer(t *testing.T) {
	ctx, c := dialPage(t, "count", nil)
	message := make([]byte, 256<<10)
	for i := range message {
		message[i] = byte(i*7919>>5) ^ byte(i>>11) // which does not compress to nothing
	}
	sent, waited := 0, false
	for sent < 400 && !waited {
		brief, cancel := context.WithTimeout(ctx, time.Second)
		err := c.Write(brief, websocket.MessageBinary, message)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			waited = true
		case err != nil:
			t.Fatal(err)
		default:
			sent++
		}
	}
	if !waited {
		t.Fatalf("%d messages of 256 KiB, and no Write has waited", sent)
	}
	t.Logf("a Write has waited after %d MiB", sent/4)
	dialPage(t, "go", nil)
	if err := c.Write(ctx, websocket.MessageText, []byte("end")); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%d messages, %d bytes", sent, sent*len(message))
	if _, p, err := c.Read(ctx); err != nil || string(p) != want {
		t.Errorf("%q, %v, want %q", p, err, want)
	}
}

func TestReadsMessagesInALoop(t *testing.T) {
	ctx, c := dialPage(t, "burst?n=1000&size=1000", nil)
	n := 0
	for m, err := range c.Messages(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if want := bytes.Repeat([]byte{byte('0' + n%10)}, 1000); m.Type != websocket.MessageText || !bytes.Equal(m.Data, want) {
			t.Fatalf("message %d is %.20q", n, m.Data)
		}
		n++
	}
	if n != 1000 {
		t.Errorf("%d messages", n)
	}
}

func TestServes(t *testing.T) {
	ctx, c := dialPage(t, "burst?n=100&size=10", nil)
	n := 0
	err := c.Serve(ctx, func(context.Context, websocket.MessageType, []byte) error { n++; return nil })
	if n != 100 || websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("%d messages, %v", n, err)
	}
}

func TestOnlyWrites(t *testing.T) {
	ctx, c := dialPage(t, "count", nil)
	reading := c.CloseRead(ctx)
	dialPage(t, "go", nil)
	if err := c.Write(ctx, websocket.MessageText, []byte("end")); err != nil {
		t.Fatal(err)
	}
	<-reading.Done() // for the answer is a message
	if end, ok := errors.AsType[*websocket.ConnError](context.Cause(reading)); !ok || end.Code != 1008 {
		t.Errorf("%v", context.Cause(reading))
	}
}

func TestRedials(t *testing.T) {
	ctx, url := inPage(t, "close?code=4000")
	sessions := 0
	err := websocket.Redial(ctx, url, &websocket.RedialOptions{Base: time.Millisecond}, func(ctx context.Context, c *websocket.Conn) error {
		_, _, err := c.Read(ctx)
		if sessions++; sessions < 3 {
			return err
		}
		if websocket.CloseStatus(err) != 4000 {
			t.Error(err)
		}
		return nil
	})
	if err != nil || sessions != 3 {
		t.Errorf("%v after %d connections", err, sessions)
	}
}

func TestJSON(t *testing.T) {
	ctx, c := dialPage(t, "echo", nil)
	type move struct{ X, Y int }
	var got move
	if err := wsjson.Write(ctx, c, move{1, 2}); err != nil {
		t.Fatal(err)
	}
	if err := wsjson.Read(ctx, c, &got); err != nil || got != (move{1, 2}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestNetConn(t *testing.T) {
	ctx, c := dialPage(t, "echo", nil)
	conn := websocket.NetConn(ctx, c, websocket.MessageBinary)
	if _, err := conn.Write([]byte("some bytes")); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 10)
	if _, err := io.ReadFull(conn, b); err != nil || string(b) != "some bytes" {
		t.Errorf("%q, %v", b, err)
	}
	conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	if _, err := conn.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %v", err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if got := ended(t); got != "1000 " {
		t.Errorf("the server got %q", got)
	}
}

func TestRefusesTextThatIsNone(t *testing.T) {
	ctx, c := dialPage(t, "echo", nil)
	if err := c.Write(ctx, websocket.MessageText, []byte("\xff")); err == nil {
		t.Error("it was sent")
	}
	if _, _, err := c.Read(ctx); err == nil {
		t.Error("and the connection goes on without it")
	}
}

func TestContext(t *testing.T) {
	ctx, c := dialPage(t, "close?code=1000", nil)
	opened := c.Context(ctx)
	c.Read(ctx)
	<-opened.Done()
	if websocket.CloseStatus(context.Cause(opened)) != 1000 {
		t.Error(context.Cause(opened))
	}
}
