package websocket

import (
	"io"
	"testing"
	"testing/synctest"

	"github.com/wirews/wirews/ws"
)

// RFC 6455, 5.5.1: the code of a close frame comes back. So does its reason, as
// from coder's package.
func TestTheReasonOfACloseFrameComesBack(t *testing.T) {
	for name, read := range readers {
		for _, tc := range []struct{ sent, want string }{
			{"\x03\xe8bye", "close \x03\xe8bye"},
			{"\x10\xe1", "close \x10\xe1"},
			{"", "close "},
		} {
			synctest.Test(t, func(t *testing.T) {
				c, far := overPipe(t, nil)
				ended := make(chan error, 1)
				go func() { ended <- read(c) }()
				io.WriteString(far, fromClient(ws.OpClose, true, tc.sent))
				if got, err := nextFrame(far); got != tc.want || err != nil {
					t.Errorf("%s: %q is answered by %q, %v", name, tc.sent, got, err)
				}
				far.Close()
				<-ended
			})
		}
	}
}

// Whoever has closed first has said why, and says nothing more.
func TestAnAnswerToOurCloseFrameIsNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, far := overPipe(t, nil)
		got := allFrames(far)
		closed := make(chan error, 1)
		go func() { closed <- c.Close(StatusNormalClosure, "enough") }()
		synctest.Wait()
		io.WriteString(far, fromClient(ws.OpClose, true, "\x03\xe8bye"))
		if err := <-closed; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if len(*got) != 1 || (*got)[0] != "close \x03\xe8enough" {
			t.Errorf("the peer was sent %q", *got)
		}
	})
}
