package websocket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// begun is the beginning of a message of n bytes.
func begun(n int) string { return fromClient(ws.OpBinary, false, string(make([]byte, n))) }

var lastPiece = fromClient(ws.OpContinuation, true, "")

func TestMessagesThatAreNotWholeAreCharged(t *testing.T) {
	const size = 200 << 10
	for name, end := range map[string]func(c *Conn, write func(string)){
		"the message ends": func(_ *Conn, write func(string)) { write(lastPiece) },
		"CloseNow":         func(c *Conn, _ func(string)) { c.CloseNow() },
		"a broken rule":    func(_ *Conn, write func(string)) { write(fromClient(ws.OpText, true, "inside another")) },
		"a close frame":    func(_ *Conn, write func(string)) { write(fromClient(ws.OpClose, true, "\x03\xe8")) },
	} {
		for kind, read := range readers {
			if kind == "CloseRead" {
				continue
			}
			t.Run(name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					budget := NewBudget(1 << 20)
					c, far := overPipe(t, &settings{budget: budget})
					c.SetReadLimit(-1)
					allFrames(far)
					go read(c)
					write := func(s string) { io.WriteString(far, s) }
					write(begun(endpoint.FreeMessage))
					synctest.Wait()
					if n := budget.Used(); n != 0 {
						t.Errorf("%d bytes are charged for what is free", n)
					}
					write(lastPiece)
					write(begun(size))
					write(fromClient(ws.OpPing, true, "inside"))
					synctest.Wait()
					if n := budget.Used(); n != size {
						t.Errorf("%d bytes are charged, want %d", n, size)
					}
					end(c, write)
					synctest.Wait()
					if n := budget.Used(); n != 0 {
						t.Errorf("%d bytes are still charged", n)
					}
					c.CloseNow()
				})
			})
		}
	}
}

func TestAMessageIsChargedWhileItIsHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		budget := NewBudget(1 << 20)
		c, far := overPipe(t, &settings{budget: budget})
		c.SetReadLimit(-1)
		allFrames(far)
		go io.WriteString(far, begun(100<<10)+lastPiece)
		c.Serve(context.Background(), func(_ context.Context, _ MessageType, p []byte) error {
			if n := budget.Used(); n != int64(len(p)) || len(p) != 100<<10 {
				t.Errorf("%d bytes are charged for a message of %d", n, len(p))
			}
			return errors.New("enough")
		})
		if n := budget.Used(); n != 0 {
			t.Errorf("%d bytes are still charged", n)
		}
	})
}

func TestAMessageOverTheBudgetIsToBeTriedAgainLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		budget := NewBudget(300 << 10)
		first, far := overPipe(t, &settings{budget: budget})
		first.SetReadLimit(-1)
		go readers["Read"](first)
		io.WriteString(far, begun(200<<10))
		second, far2 := overPipe(t, &settings{budget: budget})
		second.SetReadLimit(-1)
		got := allFrames(far2)
		end := make(chan error, 1)
		go func() { end <- readers["Read"](second) }()
		io.WriteString(far2, begun(64<<10)+lastPiece) // which passes in any case
		go io.WriteString(far2, begun(200<<10))
		err := <-end
		var e *ConnError
		if !errors.As(err, &e) || e.Code != ws.StatusTryAgainLater || e.By != EndedByUs || !errors.Is(err, wsproto.ErrOverBudget) {
			t.Errorf("ended with %v, want 1013", err)
		}
		synctest.Wait()
		told := fmt.Sprint(ws.OpClose, " ", 2+len(wsproto.CloseReason(wsproto.ErrOverBudget)), " bytes")
		if n := len(*got); n == 0 || (*got)[n-1] != told {
			t.Errorf("the peer was sent %q, want %q last", *got, told)
		}
		if n := budget.Used(); n != 200<<10 {
			t.Errorf("%d bytes are charged, want those of the first", n)
		}
		first.CloseNow()
	})
}

// What connections hold for context takeover is given back when they have ended.
func TestTheBudgetOfCompressionIsGivenBack(t *testing.T) {
	o := &CompressionOptions{Budget: NewBudget(1)}
	c, _ := overPipe(t, nil)
	c.extras().extension = newDeflate(ws.StateServerSide, wsflate.Parameters{ServerMaxWindowBits: 9, ClientMaxWindowBits: 9}, 0, o)
	if o.Budget.Used() == 0 {
		t.Fatal("nothing is counted")
	}
	c.CloseNow()
	c.CloseNow()
	if n := o.Budget.Used(); n != 0 {
		t.Errorf("%d bytes are still counted", n)
	}
}
