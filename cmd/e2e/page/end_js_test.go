package page_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/wirews/wirews/websocket"
)

func TestReadsTheCloseFrame(t *testing.T) {
	for _, code := range []websocket.StatusCode{1000, 1001, 1008, 1009, 1011, 1012, 1013, 3000, 4999} {
		ctx, c := dialPage(t, fmt.Sprintf("close?code=%d&reason=why", code), nil)
		_, _, err := c.Read(ctx)
		end, ok := errors.AsType[*websocket.ConnError](err)
		if !ok || end.By != websocket.EndedByPeer || websocket.CloseStatus(err) != code || end.Reason != "why" || !errors.Is(err, net.ErrClosed) {
			t.Errorf("%d: %v", code, err)
		}
		if err := c.Write(ctx, websocket.MessageText, nil); websocket.CloseStatus(err) != code {
			t.Errorf("%d: Write: %v", code, err)
		}
	}
}

func TestSeesAnEndWithoutACloseFrame(t *testing.T) {
	ctx, c := dialPage(t, "drop", nil)
	_, _, err := c.Read(ctx)
	end, ok := errors.AsType[*websocket.ConnError](err)
	if !ok || end.By != websocket.EndedByTransport || !errors.Is(err, io.EOF) || websocket.CloseStatus(err) != -1 {
		t.Errorf("%v", err)
	}
}

func TestCloses(t *testing.T) {
	for code, want := range map[websocket.StatusCode]string{
		1000: "1000 bye", 3000: "3000 bye", 4999: "4999 bye", websocket.StatusNoStatusRcvd: "1005 ",
		1001: "1005 ", 1009: "1005 ", 1011: "1005 ",
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			ctx, c := dialPage(t, "echo", nil)
			sent := want != "1005 " || code == websocket.StatusNoStatusRcvd
			if err := c.Close(code, "bye"); sent != (err == nil) || !sent && !errors.Is(err, errors.ErrUnsupported) {
				t.Error(err)
			}
			if _, _, err := c.Read(ctx); !errors.Is(err, websocket.EndedByUs) {
				t.Errorf("Read: %v", err)
			}
			if got := ended(t); got != want {
				t.Errorf("the server got %q, want %q", got, want)
			}
		})
	}
}

// ended returns what the server says of the end of the test's echo.
func ended(t *testing.T) string {
	t.Helper()
	ctx, c := dialPage(t, "ended", nil)
	_, p, err := c.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

func TestClosesNow(t *testing.T) {
	ctx, c := dialPage(t, "echo", nil)
	read := make(chan error)
	go func() {
		_, _, err := c.Read(ctx)
		read <- err
	}()
	if err := c.CloseNow(); err != nil {
		t.Error(err)
	}
	if err := <-read; !errors.Is(err, websocket.EndedByUs) {
		t.Errorf("Read: %v", err)
	}
	if err := c.CloseNow(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("again: %v", err)
	}
	if got := ended(t); got != "1005 " {
		t.Errorf("the server got %q", got)
	}
}

func TestLimitsMessages(t *testing.T) {
	ctx, c := dialPage(t, "echo", nil)
	c.SetReadLimit(100)
	echoes(t, ctx, c, websocket.MessageBinary, make([]byte, 100))
	for _, size := range []int{101, 1 << 20} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			ctx, c := dialPage(t, "echo", nil)
			c.SetReadLimit(100)
			if err := c.Write(ctx, websocket.MessageBinary, make([]byte, size)); err != nil {
				t.Fatal(err)
			}
			_, _, err := c.Read(ctx)
			end, ok := errors.AsType[*websocket.ConnError](err)
			if !ok || !errors.Is(err, websocket.ErrMessageTooBig) || end.By != websocket.EndedByUs || end.Code != 1009 {
				t.Error(err)
			}
			if got := ended(t); got != "1005 " {
				t.Errorf("the server got %q: a page can send no 1009", got)
			}
		})
	}
}
