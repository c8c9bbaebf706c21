package connect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"github.com/wirews/wirews/ws"
)

// Shell lets a person on the terminal of in and out talk with the server.
func Shell(ctx context.Context, u *url.URL, o Options, in, out *os.File) error {
	ctx, cancel := o.bound(ctx)
	defer cancel()
	keys, typed := io.Pipe()
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{keys, out}, "> ")
	s := &shell{screen: screen, keys: keys, size: func() (int, int, error) { return term.GetSize(int(out.Fd())) }}
	s.plain = os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	s.adapt()

	past, err := loadHistory(o.History)
	if err != nil {
		s.note("the history is not kept: %v", err)
		past.path = ""
	}
	screen.History = past
	screen.AutoCompleteCallback = s.completeAt

	var trace io.Writer
	if o.Verbose {
		trace = shaded{s}
	}
	if s.conn, err = dial(ctx, u, o, trace); err != nil {
		return becauseOf(ctx, err)
	}
	s.note("connected to %s; /help says what can be done", u.Redacted())

	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return &Error{Failed, fmt.Errorf("the terminal cannot be set up: %w", err)}
	}
	defer term.Restore(int(in.Fd()), before)
	go s.pump(in, typed)
	return s.converse(ctx)
}

// shell is a conversation on a terminal.
type shell struct {
	conn   *conn
	screen *term.Terminal
	keys   *io.PipeReader // what is typed
	size   func() (width, height int, err error)
	plain  bool // no colours
	pings  int

	interrupts atomic.Int32
}

const ctrlC = 3

var errEnded = errors.New("the connection has ended")

// pump hands on what is typed. It goes on to the end of the process, because
// nothing ends a read of a terminal.
func (s *shell) pump(in io.Reader, typed *io.PipeWriter) {
	buf := make([]byte, 256)
	for {
		n, err := in.Read(buf)
		if bytes.IndexByte(buf[:n], ctrlC) >= 0 && s.interrupts.Add(1) > 1 {
			s.conn.net.Close() // the answer to our close frame is not worth the wait
		}
		typed.Write(buf[:n])
		if err != nil {
			typed.CloseWithError(io.EOF)
			return
		}
	}
}

// converse obeys what is typed until the connection has ended.
func (s *shell) converse(ctx context.Context) error {
	var outcome error
	ended := make(chan struct{})
	go func() {
		outcome = s.conn.receive(s)
		s.keys.CloseWithError(errEnded)
		close(ended)
	}()
	stop := context.AfterFunc(ctx, func() { s.conn.close(ws.StatusGoingAway, "") })
	defer stop()

	if s.typing() {
		s.conn.close(ws.StatusNormalClosure, "")
	}
	// Nobody reads any more what is typed; pump is not to wait for that.
	s.keys.Close()
	<-ended
	switch {
	case s.interrupts.Load() > 0:
		return errInterrupted
	case ctx.Err() != nil:
		return becauseOf(ctx, nil)
	case outcome == nil:
		s.note("closed")
	}
	return outcome
}

// typing obeys line after line. It returns true when the user has had enough,
// and false when the connection has ended.
func (s *shell) typing() bool {
	for {
		s.adapt()
		line, err := s.screen.ReadLine()
		if err != nil {
			return err == io.EOF
		}
		if err := s.obey(line); err != nil {
			s.print(s.screen.Escape.Red, "%v", err)
		}
	}
}

// adapt follows the size of the window.
func (s *shell) adapt() {
	if width, height, err := s.size(); err == nil && width > 0 {
		s.screen.SetSize(width, height)
	}
}

// completeAt completes at the end of the line, with Tab.
func (s *shell) completeAt(line string, pos int, key rune) (string, int, bool) {
	if key != '\t' || pos != len(line) {
		return "", 0, false
	}
	whole, ok := complete(line)
	return whole, len(whole), ok
}

func (s *shell) message(op ws.OpCode, p []byte) error {
	if op == ws.OpText {
		s.print(s.screen.Escape.Green, "< %s", Printable(string(p)))
	} else {
		s.print(s.screen.Escape.Green, "< binary, %d bytes: %s", len(p), hexText(p))
	}
	return nil
}

func (s *shell) pong(p []byte, took time.Duration, answers bool) {
	if answers {
		s.note("pong %q after %v", p, took.Round(time.Microsecond))
	} else {
		s.note("pong %q that was not asked for", p)
	}
}

func (s *shell) note(format string, args ...any) { s.print(s.screen.Escape.Cyan, format, args...) }

// print shows a line above the one that is being typed.
func (s *shell) print(colour []byte, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !s.plain {
		text = string(colour) + text + string(s.screen.Escape.Reset)
	}
	io.WriteString(s.screen, text+"\n")
}

// shaded shows what is written to it beside the conversation.
type shaded struct{ *shell }

func (s shaded) Write(p []byte) (int, error) {
	s.print(s.screen.Escape.Yellow, "%s", bytes.TrimSuffix(p, []byte("\n")))
	return len(p), nil
}
