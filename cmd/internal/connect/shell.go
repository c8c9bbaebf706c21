package connect

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/term"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/ws"
)

// Shell lets a person on the terminal of in and out talk with the server.
func Shell(ctx context.Context, u *url.URL, o Options, in, out *os.File) error {
	ctx, cancel := o.bound(ctx)
	defer cancel()
	s := newShell(out, func() (int, int, error) { return term.GetSize(int(out.Fd())) })
	s.plain = os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	if err := s.dial(ctx, u, o); err != nil {
		return err
	}
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return exit.With(exit.Failed, fmt.Errorf("the terminal cannot be set up: %w", err))
	}
	defer term.Restore(int(in.Fd()), before)
	return s.converse(ctx, in)
}

// shell is a conversation on a terminal.
type shell struct {
	link   *link
	out    io.Writer // the terminal itself
	screen *term.Terminal
	keys   *io.PipeReader // what is typed
	typed  *io.PipeWriter
	size   func() (width, height int, err error)
	plain  bool // no colours
	view   View
	hex    atomic.Bool // view.Hex, which /hex changes
	pings  int

	interrupts atomic.Int32
}

func newShell(out io.Writer, size func() (width, height int, err error)) *shell {
	s := &shell{out: out, size: size}
	s.keys, s.typed = io.Pipe()
	s.screen = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{s.keys, out}, "> ")
	s.screen.AutoCompleteCallback = s.completeAt
	return s
}

// dial opens the connection.
func (s *shell) dial(ctx context.Context, u *url.URL, o Options) error {
	s.adapt()
	s.view = o.View
	s.view.Colour = !s.plain
	s.hex.Store(o.View.Hex)
	past, err := loadHistory(o.History)
	if err != nil {
		s.note("the history is not kept: %v", err)
		past.path = ""
	}
	s.screen.History = past
	var trace io.Writer
	if o.Verbose {
		trace = shaded{s}
	}
	s.link = newLink(ctx, o, func(ctx context.Context) (*conn, error) { return dialFollowing(ctx, u, o, trace) }, s.note)
	if err := s.link.open(); err != nil {
		return becauseOf(ctx, err)
	}
	s.note("connected to %s; /help says what can be done", plain.Line(plain.URL(u)))
	return nil
}

const ctrlC = 3

// pump hands on what is typed. It goes on to the end of the process, because
// nothing ends a read of a terminal.
func (s *shell) pump(in io.Reader) {
	buf := make([]byte, 256)
	for {
		n, err := in.Read(buf)
		if bytes.IndexByte(buf[:n], ctrlC) >= 0 && s.interrupts.Add(1) > 1 {
			s.link.now().net.Close() // the answer to our close frame is not worth the wait
		}
		s.typed.Write(buf[:n])
		if err != nil {
			s.typed.Close()
			return
		}
	}
}

// converse obeys what is typed on in until the connection has ended.
func (s *shell) converse(ctx context.Context, in io.Reader) error {
	go s.pump(in)
	ended := make(chan error, 1)
	go func() {
		err := s.link.receive(s)
		s.keys.CloseWithError(errEnded)
		ended <- err
	}()
	stop := context.AfterFunc(ctx, func() { s.link.depart(ctx) })
	defer stop()

	if s.typing() {
		s.link.close(ws.StatusNormalClosure, "")
	}
	// Nobody reads any more what is typed; pump is not to wait for that.
	s.keys.Close()
	err := <-ended
	s.screen.SetPrompt("")
	if err == nil {
		theirs := s.link.now().end.theirs
		s.note("closed: %s", closeText(theirs.code, theirs.reason))
	}
	io.WriteString(s.out, "\r\x1b[K") // what was being typed
	switch {
	case s.interrupts.Load() > 0:
		return exit.ErrInterrupted
	case ctx.Err() != nil:
		return becauseOf(ctx, nil)
	}
	return err
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
	stamp := s.view.stamp()
	formatted, isJSON := s.view.formatted(p)
	switch {
	case s.hex.Load():
		s.print(s.screen.Escape.Green, "%s< %s", stamp, dump(op, p))
	case op == ws.OpBinary:
		s.print(s.screen.Escape.Green, "%s< binary, %d bytes: %s", stamp, len(p), hexText(p))
	case isJSON:
		io.WriteString(s.screen, s.shade(s.screen.Escape.Green, stamp+"<")+" "+setIn(formatted)+"\n")
	default:
		s.print(s.screen.Escape.Green, "%s< %s", stamp, p)
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

// print shows something above the line that is being typed.
func (s *shell) print(colour []byte, format string, args ...any) {
	io.WriteString(s.screen, s.shade(colour, setIn(plain.Text(fmt.Sprintf(format, args...))))+"\n")
}

// setIn sets in all lines but the first: each line that is not belongs to the
// shell, whatever a message has in it.
func setIn(text string) string { return strings.ReplaceAll(text, "\n", "\n  ") }

func (s *shell) shade(colour []byte, text string) string {
	if s.plain {
		return text
	}
	return string(colour) + text + string(s.screen.Escape.Reset)
}

// shaded shows what is written to it beside the conversation.
type shaded struct{ *shell }

func (s shaded) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		s.print(s.screen.Escape.Yellow, "%s", bytes.TrimSuffix(line, []byte("\n")))
	}
	return len(p), nil
}
