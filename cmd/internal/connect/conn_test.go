package connect

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// ignoring is a handler that does not mind what comes.
type ignoring struct{}

func (ignoring) message(ws.OpCode, []byte) error  { return nil }
func (ignoring) pong([]byte, time.Duration, bool) {}

// closing opens a connection over a pipe, closes it, and reads the close frame
// as the server.
func closing(t *testing.T, o Options) (theirs net.Conn, ended chan error) {
	t.Helper()
	ours, theirs := net.Pipe()
	c := newConn(ours, ws.Handshake{}, o)
	ended = make(chan error, 1)
	go func() { ended <- c.receive(ignoring{}) }()
	go c.close(ws.StatusNormalClosure, "")
	if f, err := ws.ReadFrame(theirs); err != nil || f.Header.OpCode != ws.OpClose {
		t.Fatalf("got %+v, error %v; want a close frame", f.Header, err)
	}
	return theirs, ended
}

func TestAServerMayAnswerForLongBeforeItAnswersTheCloseFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Default()
		o.CloseTimeout = time.Second
		theirs, ended := closing(t, o)
		for range 100 {
			time.Sleep(900 * time.Millisecond)
			if _, err := theirs.Write(frame(ws.OpText, "an answer")); err != nil {
				t.Fatal(err)
			}
		}
		theirs.Write(closeFrame(1000, ""))
		wantOutcome(t, "end", <-ended, exit.OK)
	})
}

func TestASilentServerIsGivenUpBehindACloseFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Default()
		o.CloseTimeout = time.Minute
		_, ended := closing(t, o)
		since := time.Now()
		wantOutcome(t, "end", <-ended, exit.TimedOut, "--close-timeout")
		if took := time.Since(since); took != time.Minute {
			t.Errorf("given up after %v", took)
		}
	})
}

func TestWhoWantsToGoDoesNotWaitForAServerThatGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		o := Default()
		o.CloseTimeout = time.Minute
		c := newConn(ours, ws.Handshake{}, o)
		ended := make(chan error, 1)
		go func() { ended <- c.receive(ignoring{}) }()
		go c.leave()
		if f, err := ws.ReadFrame(theirs); err != nil || f.Header.OpCode != ws.OpClose {
			t.Fatalf("got %+v, error %v; want a close frame", f.Header, err)
		}
		since := time.Now()
		for {
			if _, err := theirs.Write(frame(ws.OpText, "and on")); err != nil {
				break
			}
			time.Sleep(7 * time.Second)
		}
		if took := time.Since(since); took < time.Minute || took > 67*time.Second {
			t.Errorf("left after %v, want a minute", took)
		}
		<-ended
	})
}

// RFC 6455, 5.5.1: "The application MUST NOT send any more data frames after
// sending a Close frame."
func TestNothingIsSentBehindACloseFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c := newConn(ours, ws.Handshake{}, Default())
		ended := make(chan error, 1)
		go func() { ended <- c.receive(ignoring{}) }()
		go c.close(ws.StatusNormalClosure, "enough")
		if f, err := ws.ReadFrame(theirs); err != nil || f.Header.OpCode != ws.OpClose {
			t.Fatalf("got %+v, error %v; want a close frame", f.Header, err)
		}
		if err := c.send(ws.OpText, []byte("late")); err != wsproto.ErrClosed {
			t.Errorf("send: %v, want wsproto.ErrClosed", err)
		}
		if err := c.ping([]byte("late")); err != wsproto.ErrClosed {
			t.Errorf("ping: %v, want wsproto.ErrClosed", err)
		}
		c.close(ws.StatusGoingAway, "")
		theirs.Write(frame(ws.OpPing, "?"))
		theirs.Write(closeFrame(1000, ""))
		wantOutcome(t, "end", <-ended, exit.OK)
		if b, err := io.ReadAll(theirs); len(b) > 0 || err != nil {
			t.Errorf("%q and error %v behind the close frame", b, err)
		}
	})
}
