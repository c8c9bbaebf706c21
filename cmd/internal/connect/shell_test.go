package connect

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/ws"
)

// person types on a terminal, and sees what is on it.
type person struct {
	t      *testing.T
	screen *buffer
	keys   *io.PipeWriter
	ended  chan error
	seen   int
}

// sit opens a shell.
func sit(t *testing.T, ctx context.Context, u *url.URL, o Options) *person {
	t.Helper()
	p, err := tryToSit(t, ctx, u, o)
	if err != nil {
		t.Fatal(err)
	}
	p.sees("connected to ")
	return p
}

// tryToSit is sit where the handshake may fail.
func tryToSit(t *testing.T, ctx context.Context, u *url.URL, o Options) (*person, error) {
	t.Helper()
	p := &person{t: t, screen: new(buffer), ended: make(chan error, 1)}
	var in *io.PipeReader
	in, p.keys = io.Pipe()
	s := newShell(p.screen, func() (int, int, error) { return 0, 0, errors.New("no window") })
	s.plain = true
	ctx, cancel := o.bound(ctx)
	if err := s.dial(ctx, u, o); err != nil {
		cancel()
		return nil, err
	}
	go func() {
		defer cancel()
		p.ended <- s.converse(ctx, in)
	}()
	return p, nil
}

func (p *person) types(keys string) {
	go p.keys.Write([]byte(keys))
}

// sees waits for text behind what was waited for before.
func (p *person) sees(text string) {
	p.t.Helper()
	for late := time.After(patience); ; {
		all, more := p.screen.wait()
		if i := strings.Index(all[p.seen:], text); i >= 0 {
			p.seen += i + len(text)
			return
		}
		select {
		case <-more:
		case <-late:
			p.t.Fatalf("%q is not on the screen: %q", text, all[p.seen:])
		}
	}
}

func (p *person) ends(want exit.Status, words ...string) {
	p.t.Helper()
	select {
	case err := <-p.ended:
		wantOutcome(p.t, "end", err, want, words...)
	case <-time.After(patience):
		p.t.Fatal("it has not ended")
	}
}

func TestAPersonTalksWithAServer(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "some file")
	if err := os.WriteFile(file, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Default()
	o.View.JSON = true
	p := sit(t, t.Context(), startServer(t, "/echo"), o)
	for _, c := range []struct{ typed, seen string }{
		{"hello\r", "< hello\r\n"},
		{"//slash\r", "< /slash\r\n"},
		{"/text \r", "< \r\n"},
		{"\r/text /a\r", "< /a\r\n"}, // Enter alone sends nothing
		{"世界\r", "< 世界\r\n"},
		{"/bin 00 fe:FF\r", "< binary, 3 bytes: 00 fe ff\r\n"},
		{"/bin\r", "< binary, 0 bytes: \r\n"},
		{"/bin xy\r", "\"xy\" is no hex"},
		{"/ping\r", `pong "1" after `},
		{"/ping two words\r", `pong "two words" after `},
		{"/ping " + strings.Repeat("x", 126) + "\r", "up to 125 bytes, not 126"},
		{`{"b":[1,"\u202e"]}` + "\r", "< { \"b\": [1, \"\\u202e\"] }\r\n"},
		{`{"a":{"long":"` + strings.Repeat("x", 80) + `"}}` + "\r", "< {\r\n    \"a\": {\r\n      \"long\": \"xx"},
		{"/hex\r", "hex dumps: on"},
		{"hi\r", "< text, 2 bytes\r\n  00000000  68 69  "},
		{"/hex\r", "hex dumps: off"},
		{"/file " + file + "\r", "sending 7 bytes"},
		{"", "< binary, 7 bytes: 63 6f 6e 74 65 6e 74\r\n"},
		{"/textf\t" + dir + "/so\t\r", "< content\r\n"},
		{"/file " + dir + "/none\r", "no such file"},
		{"/info\r", "subprotocol: none; extensions: none"},
		{"/help\r", "/close [CODE [REASON]]"},
		{"/nope\r", "there is no /nope"},
		{"/close 999\r", "close code"},
		{"/close 1005\r", "never sent"},
		{"/close x\r", "no close code"},
		{"/close 1000 " + strings.Repeat("x", 124) + "\r", "up to 123 bytes, not 124"},
		{"again and \x1b[A\x1b[A\x1b[B\r", ""}, // up and down in the history
		{"/close 4001 bye 👋\r", `closed: 4001 "bye 👋"`},
	} {
		p.types(c.typed)
		p.sees(c.seen)
	}
	p.ends(exit.OK)
}

func TestInfoTellsWhatWasAgreedOn(t *testing.T) {
	o := Default()
	o.Compress = true
	p := sit(t, t.Context(), startServer(t, "/echo"), o)
	p.types("/info\r")
	p.sees("subprotocol: none; extensions: permessage-deflate\r\n")
	p.types("/quit\r")
	p.ends(exit.OK)
}

func TestCtrlDClosesAndCtrlCInterrupts(t *testing.T) {
	p := sit(t, t.Context(), startServer(t, "/echo"), Default())
	p.types("\x04")
	p.sees("closed: 1000 Normal Closure")
	p.ends(exit.OK)

	p = sit(t, t.Context(), startServer(t, "/echo"), Default())
	p.types("half typed\x03")
	p.sees("closed: 1000 Normal Closure")
	p.ends(exit.Interrupted)
}

func TestASecondCtrlCDoesNotWaitForTheServer(t *testing.T) {
	closing := make(chan struct{})
	u := startScript(t, func(_ *testing.T, conn net.Conn) {
		ws.ReadFrame(conn)
		close(closing)
		discard(conn)
	})
	o := Default()
	o.CloseTimeout = 0
	p := sit(t, t.Context(), u, o)
	p.types("\x03")
	<-closing
	p.types("\x03")
	p.ends(exit.Interrupted)
}

func TestTheEndOfTheConnectionEndsWhatIsTyped(t *testing.T) {
	u := startScript(t, func(_ *testing.T, conn net.Conn) { ws.ReadFrame(conn) })
	p := sit(t, t.Context(), u, Default())
	p.types("go\rhalf ty")
	p.ends(exit.Lost, "lost")

	u = startScript(t, func(_ *testing.T, conn net.Conn) {
		conn.Write(closeFrame(1013, "too slow"))
		discard(conn)
	})
	sit(t, t.Context(), u, Default()).ends(exit.ClosedBadly, `1013 Try Again Later "too slow"`)
}

func TestASignalAndTheTimeLimitEndAShell(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	p := sit(t, ctx, startServer(t, "/echo"), Default())
	interrupt()
	p.ends(exit.Interrupted)

	o, u := Default(), startServer(t, "/echo")
	for o.Timeout = 100 * time.Millisecond; ; o.Timeout *= 2 {
		p, err := tryToSit(t, t.Context(), u, o)
		if err == nil {
			p.ends(exit.TimedOut, "--timeout")
			return
		}
		// A busy machine may need as long for the handshake.
		if wantOutcome(t, "handshake", err, exit.TimedOut, "--timeout"); t.Failed() || o.Timeout > patience {
			t.Fatal(err)
		}
	}
}

func TestATerminalObeysNothingThatAServerSends(t *testing.T) {
	u := startScript(t, func(_ *testing.T, conn net.Conn) {
		conn.Write(frame(ws.OpText, "a\x1b]0;title\x07\x7f\u009b2J\u202eb\tc"))
		conn.Write(frame(ws.OpPong, "\x1b[2J"))
		conn.Write(closeFrame(1000, "\x1b[2J"))
		discard(conn)
	})
	p := sit(t, t.Context(), u, Default())
	p.sees(`< a\x1b]0;title\x07\x7f\u009b2J\u202eb` + "\tc\r\n")
	p.sees(`pong "\x1b[2J" that was not asked for`)
	p.sees(`closed: 1000 Normal Closure "\x1b[2J"`)
	p.ends(exit.OK)
}

// A message that has a line end shows as one message: what follows is set in.
func TestNoMessageLooksLikeAnother(t *testing.T) {
	u := startScript(t, func(_ *testing.T, conn net.Conn) {
		conn.Write(frame(ws.OpText, "one\n< two\npong \"1\" after 1s\n"))
		conn.Write(closeFrame(1000, "three\n< four"))
		discard(conn)
	})
	p := sit(t, t.Context(), u, Default())
	p.sees("< one\r\n  < two\r\n  pong \"1\" after 1s\r\n  \r\n")
	p.sees(`closed: 1000 Normal Closure "three\n< four"`)
	p.ends(exit.OK)
}

func TestAShellSendsNoTextThatIsNotUTF8(t *testing.T) {
	file := filepath.Join(t.TempDir(), "latin1")
	if err := os.WriteFile(file, []byte("caf\xe9"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := sit(t, t.Context(), startServer(t, "/echo"), Default())
	p.types("/textfile " + file + "\r")
	p.sees("not UTF-8: byte 0xe9 at offset 3; /file sends it as a binary message")
	p.types("/file " + file + "\r")
	p.sees("< binary, 4 bytes: 63 61 66 e9")
	p.types("/quit\r")
	p.ends(exit.OK)
}
