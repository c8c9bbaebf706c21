package connect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/ws"
)

func runPipe(t *testing.T, u *url.URL, o Options, in string) (out, trace string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var outs, traces buffer
	err = Pipe(ctx, u, o, strings.NewReader(in), &outs, &traces)
	return outs.String(), traces.String(), err
}

func TestAPipeSendsMessagesAndWritesTheAnswers(t *testing.T) {
	echo := startServer(t, "/echo")
	for _, c := range []struct {
		name    string
		options PipeOptions
		in, out string
	}{
		{"lines", PipeOptions{Separator: '\n'}, "one\ntwo\n\nfour\n", "one\ntwo\n\nfour\n"},
		{"last line without an end", PipeOptions{Separator: '\n'}, "one\ntwo", "one\ntwo\n"},
		{"nothing", PipeOptions{Separator: '\n'}, "", ""},
		{"NUL", PipeOptions{Separator: 0}, "a\nb\x00\x00c\x00", "a\nb\x00\x00c\x00"},
		{"binary lines", PipeOptions{Separator: '\n', Binary: true}, "\xff\x00\nb\n", "\xff\x00\nb\n"},
		{"all at once", PipeOptions{Whole: true}, "a\nb\x00c", "a\nb\x00c"},
		{"binary, all at once", PipeOptions{Whole: true, Binary: true}, "\xff\n\x00", "\xff\n\x00"},
		{"nothing, all at once", PipeOptions{Whole: true}, "", ""},
		{"given messages", PipeOptions{Separator: '\n', Messages: []string{"a", "b\nc", ""}}, "not read", "a\nb\nc\n\n"},
		{"count", PipeOptions{Separator: '\n', Count: 2}, "1\n2\n3\n", "1\n2\n"},
		{"wait", PipeOptions{Separator: '\n', Wait: time.Millisecond}, "1\n", "1\n"},
	} {
		o := Default()
		o.Pipe = c.options
		out, trace, err := runPipe(t, echo, o, c.in)
		if out != c.out || trace != "" {
			t.Errorf("%s: wrote %q and %q, want %q", c.name, out, trace, c.out)
		}
		wantOutcome(t, c.name, err, exit.OK)
	}
}

func TestAPipeWritesBinaryInHexUnlessItIsAskedFor(t *testing.T) {
	u := startScript(t, func(t *testing.T, conn net.Conn) {
		conn.Write(frame(ws.OpBinary, "\x00\xfe"))
		conn.Write(frame(ws.OpText, "text"))
		conn.Write(closeFrame(1000, ""))
		discard(conn)
	})
	out, _, err := runPipe(t, u, Default(), "")
	if out != "00fe\ntext\n" {
		t.Errorf("wrote %q", out)
	}
	wantOutcome(t, "binary", err, exit.OK)
}

// Elsewhere messages are written as they come, byte by byte.
func TestATerminalObeysNothingOfAMessage(t *testing.T) {
	u := startScript(t, func(t *testing.T, conn net.Conn) {
		conn.Write(frame(ws.OpText, "\x1b[2J\u009b31m\u202e 世界\nof the same\r\x7f"))
		conn.Write(frame(ws.OpBinary, "\x1b[2J\x9b31m\n"))
		conn.Write(closeFrame(1000, ""))
		discard(conn)
	})
	for _, c := range []struct {
		name     string
		terminal bool
		change   PipeOptions
		want     string
	}{
		{"a file", false, PipeOptions{Binary: true}, "\x1b[2J\u009b31m\u202e 世界\nof the same\r\x7f|\x1b[2J\x9b31m\n|"},
		{"a terminal", true, PipeOptions{}, `\x1b[2J\u009b31m\u202e 世界\nof the same\x0d\x7f|1b5b324a9b33316d0a|`},
		{"a terminal, with --binary", true, PipeOptions{Binary: true}, `\x1b[2J\u009b31m\u202e 世界\nof the same\x0d\x7f|\x1b[2J\x9b31m\n|`},
		{"a terminal, with --whole", true, PipeOptions{Binary: true, Whole: true}, `\x1b[2J\u009b31m\u202e 世界` + "\n" + `of the same\x0d\x7f\x1b[2J\x9b31m` + "\n"},
	} {
		o := Default()
		o.Pipe = c.change
		o.Pipe.Terminal, o.Pipe.Separator, o.Pipe.Messages = c.terminal, '|', []string{}
		if out, _, _ := runPipe(t, u, o, ""); out != c.want {
			t.Errorf("%s: %q, want %q", c.name, out, c.want)
		}
	}
}

func TestAPipeSendsNoTextThatIsNotUTF8(t *testing.T) {
	for _, c := range []struct {
		name    string
		options PipeOptions
		in, out string
		words   []string // empty: it is sent
	}{
		{"a line", PipeOptions{Separator: '\n'}, "one\ncaf\xe9\nthree\n", "one\n", []string{"stdin, message 2", "0xe9 at offset 3", "--binary"}},
		{"the last line", PipeOptions{Separator: '\n'}, "one\n\xed\xa0\x80", "one\n", []string{"stdin, message 2", "0xed at offset 0"}},
		{"all at once", PipeOptions{Whole: true}, "one\n\xff", "", []string{"stdin: ", "0xff at offset 4"}},
		{"a given message", PipeOptions{Separator: '\n', Messages: []string{"one", "\xc3"}}, "", "one\n", []string{"--message 2", "0xc3 at offset 0"}},
		{"a line, as binary", PipeOptions{Separator: '\n', Binary: true}, "caf\xe9\n", "caf\xe9\n", nil},
		{"UTF-8", PipeOptions{Separator: '\n'}, "café 👋 \ufffd\n", "café 👋 \ufffd\n", nil},
	} {
		o := Default()
		o.Pipe = c.options
		out, _, err := runPipe(t, startServer(t, "/echo"), o, c.in)
		want := exit.OK
		if c.words != nil {
			want = exit.Failed
		}
		if out != c.out {
			t.Errorf("%s: %q has come back, want %q", c.name, out, c.out)
		}
		wantOutcome(t, c.name, err, want, c.words...)
	}
}

func TestManyAndLongMessagesPass(t *testing.T) {
	echo := startServer(t, "/echo")
	var many strings.Builder
	for i := range 10_000 {
		fmt.Fprintln(&many, "message", i)
	}
	out, _, err := runPipe(t, echo, Default(), many.String())
	if out != many.String() {
		t.Errorf("%d bytes came back of %d", len(out), many.Len())
	}
	wantOutcome(t, "many", err, exit.OK)

	o := Default()
	o.Pipe.Whole = true
	long := strings.Repeat("0123456789", 1<<19)
	if out, _, err = runPipe(t, echo, o, long); out != long {
		t.Errorf("%d bytes came back of %d", len(out), len(long))
	}
	wantOutcome(t, "long", err, exit.OK)
}

func TestTheOutcomeSaysHowTheConnectionHasEnded(t *testing.T) {
	write := func(frames ...[]byte) func(*testing.T, net.Conn) {
		return func(t *testing.T, conn net.Conn) {
			conn.Write(bytes.Join(frames, nil))
			if half, ok := conn.(interface{ CloseWrite() error }); ok {
				half.CloseWrite()
			}
			discard(conn)
		}
	}
	count := func(n int) Options {
		o := Default()
		o.Pipe.Count = n
		return o
	}
	hurried := Default()
	hurried.CloseTimeout = time.Millisecond
	limited := count(1)
	limited.MaxMessage = 3
	bounded := count(1)
	bounded.Timeout = time.Millisecond
	for _, c := range []struct {
		name    string
		options Options
		script  func(*testing.T, net.Conn)
		want    exit.Status
		words   []string
	}{
		{"1000", count(0), write(closeFrame(1000, "")), exit.OK, nil},
		{"1001", count(0), write(closeFrame(1001, "bye")), exit.OK, nil},
		{"no code", count(0), write(frame(ws.OpClose, "")), exit.OK, nil},
		{"1011", count(0), write(closeFrame(1011, "oh no")), exit.ClosedBadly, []string{"1011 Internal Error", `"oh no"`}},
		{"1013", count(0), write(closeFrame(1013, "")), exit.ClosedBadly, []string{"1013 Try Again Later"}},
		{"private code", count(0), write(closeFrame(4321, "")), exit.ClosedBadly, []string{"4321"}},
		{"too few messages", count(2), write(frame(ws.OpText, "one"), closeFrame(1000, "")), exit.ClosedBadly, []string{"1 of 2"}},
		{"end without a close frame", count(1), write(), exit.Lost, []string{"without a close frame"}},
		{"end inside a frame", count(1), write([]byte{0x81, 5, 'a'}), exit.Lost, []string{"unexpected EOF"}},
		{"reserved bit", count(1), write([]byte{0xc1, 0}), exit.BrokenRules, []string{"RSV"}},
		{"masked frame", count(1), write([]byte{0x81, 0x80, 0, 0, 0, 0}), exit.BrokenRules, []string{"masked"}},
		{"no UTF-8", count(1), write(frame(ws.OpText, "\xff")), exit.BrokenRules, []string{"UTF-8"}},
		{"over the limit", limited, write(frame(ws.OpText, "four")), exit.Failed, []string{"--max-message"}},
		{"no answer to a close frame", hurried, func(_ *testing.T, conn net.Conn) { discard(conn) }, exit.TimedOut, []string{"close frame"}},
		{"no message in time", bounded, func(_ *testing.T, conn net.Conn) {
			ws.ReadFrame(conn)
			conn.Write(closeFrame(1001, ""))
			discard(conn)
		}, exit.TimedOut, []string{"--timeout"}},
	} {
		_, _, err := runPipe(t, startScript(t, c.script), c.options, "")
		wantOutcome(t, c.name, err, c.want, c.words...)
	}
}

// hasty is a context whose deadline has passed, and which has not ended yet.
type hasty struct{ context.Context }

func (hasty) Deadline() (time.Time, bool) { return time.Now(), true }

func TestASocketMayTimeOutBeforeTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := Options{Times: Times{Timeout: time.Second}}
		ctx, cancel := o.bound(t.Context())
		defer cancel()
		wantOutcome(t, "dial", becauseOf(hasty{ctx}, os.ErrDeadlineExceeded), exit.TimedOut, "--timeout")
	})
}

// What breaks the rules is answered with the code for that.
func TestAServerThatBreaksTheRulesIsToldSo(t *testing.T) {
	told := make(chan ws.StatusCode, 1)
	u := startScript(t, func(t *testing.T, conn net.Conn) {
		conn.Write(frame(ws.OpText, "\xff"))
		f, err := ws.ReadFrame(conn)
		if err != nil {
			t.Error(err)
		}
		code, _, _ := ws.ParseClose(ws.UnmaskFrame(f).Payload)
		told <- code
	})
	o := Default()
	o.Pipe.Count = 1
	_, _, err := runPipe(t, u, o, "")
	wantOutcome(t, "no UTF-8", err, exit.BrokenRules)
	if code := <-told; code != ws.StatusInvalidFramePayloadData {
		t.Errorf("told %d, want 1007", code)
	}
}

func TestAnInterruptClosesWith1001(t *testing.T) {
	told := make(chan ws.StatusCode, 1)
	u := startScript(t, func(t *testing.T, conn net.Conn) {
		conn.Write(frame(ws.OpText, "interrupt now"))
		f, err := ws.ReadFrame(conn)
		if err != nil {
			t.Error(err)
		}
		code, _, _ := ws.ParseClose(ws.UnmaskFrame(f).Payload)
		told <- code
		conn.Write(closeFrame(code, ""))
	})
	stdin, hold := io.Pipe() // from which nothing comes
	defer hold.Close()
	ctx, interrupt := context.WithCancel(t.Context())
	err := Pipe(ctx, u, Default(), stdin, interrupting(interrupt), io.Discard)
	wantOutcome(t, "interrupt", err, exit.Interrupted)
	if code := <-told; code != ws.StatusGoingAway {
		t.Errorf("told %d, want 1001", code)
	}
}

// interrupting is an output that interrupts when it is written to.
type interrupting context.CancelFunc

func (f interrupting) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

func TestErrorsOfStdinAndStdoutAreTheCommandsOwn(t *testing.T) {
	echo := startServer(t, "/echo")
	broken := errors.New("broken")
	err := Pipe(t.Context(), echo, Default(), iotest.ErrReader(broken), io.Discard, io.Discard)
	wantOutcome(t, "stdin", err, exit.Failed, "broken")
	err = Pipe(t.Context(), echo, Default(), strings.NewReader("a\n"), failing{}, io.Discard)
	wantOutcome(t, "stdout", err, exit.Failed, "no space")
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestFramesAndTheHandshakeAreShown(t *testing.T) {
	u := startScript(t, func(t *testing.T, conn net.Conn) {
		conn.Write([]byte{0x01, 2, 'a', 'b'}) // text, not the last frame
		conn.Write([]byte{0x89, 1, '?'})      // ping
		conn.Write([]byte{0x80, 0})           // the rest of the text
		for {
			if h, err := ws.ReadHeader(conn); err != nil || h.OpCode == ws.OpText {
				break // the pong may come before it
			} else if _, err := io.CopyN(io.Discard, conn, h.Length); err != nil {
				break
			}
		}
		conn.Write(closeFrame(1001, "tea\x1b time")) // with what a terminal would obey
		discard(conn)
	})
	o := Default()
	o.Verbose = true
	o.Pipe.Count = 2
	_, trace, _ := runPipe(t, u, o, "\n")
	for _, want := range []string{
		"-> GET / HTTP/1.1\n", "-> Sec-WebSocket-Version: 13\n", "<- HTTP/1.1 101 Switching Protocols\n", "<- Upgrade: websocket\n",
		"<- text, 2 bytes\n", "<- ping FIN, 1 byte\n", "-> pong FIN MASK, 1 byte\n", "<- continuation FIN, 0 bytes\n",
		"-> text FIN MASK, 0 bytes\n",
		`<- close FIN, 11 bytes: 1001 Going Away "tea\x1b time"` + "\n", `-> close FIN MASK, 11 bytes: 1001 Going Away "tea\x1b time"` + "\n",
	} {
		if !strings.Contains(trace, want) {
			t.Errorf("%q is not in the trace:\n%s", want, trace)
		}
	}
}

func TestMessagesAreCompressedIfTheServerTakesTheOffer(t *testing.T) {
	o := Default()
	o.Compress, o.Verbose = true, true
	long := strings.Repeat("again and ", 1000) + "again\n"
	out, trace, err := runPipe(t, startServer(t, "/echo"), o, long+"short\n"+long)
	wantOutcome(t, "compression", err, exit.OK)
	if want := long + "short\n" + long; out != want {
		t.Errorf("%d bytes came back, want %d", len(out), len(want))
	}
	for _, want := range []string{
		"-> Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\n", "<- Sec-WebSocket-Extensions: permessage-deflate",
		"-> text FIN RSV1 MASK, ", "<- text FIN RSV1, ", "-> text FIN MASK, 5 bytes\n", "<- text FIN, 5 bytes\n",
	} {
		if !strings.Contains(trace, want) {
			t.Errorf("%q is not in the trace:\n%s", want, trace)
		}
	}

	plain := startScript(t, func(t *testing.T, conn net.Conn) {
		conn.Write(frame(ws.OpText, "plain"))
		conn.Write(closeFrame(1000, ""))
		discard(conn)
	})
	if out, trace, err = runPipe(t, plain, o, ""); out != "plain\n" || strings.Contains(trace, "RSV1") {
		t.Errorf("declined: %q, error %v; trace: %s", out, err, trace)
	}
}

func TestTheTimeForEverythingBoundsTheCloseToo(t *testing.T) {
	u := startScript(t, func(t *testing.T, conn net.Conn) { discard(conn) })
	o := Default()
	o.Timeout, o.CloseTimeout = 100*time.Millisecond, 0
	done := make(chan error, 1)
	go func() {
		_, _, err := runPipe(t, u, o, "hi\n")
		done <- err
	}()
	select {
	case err := <-done:
		wantOutcome(t, "silent server", err, exit.TimedOut, "--timeout")
	case <-time.After(30 * time.Second):
		t.Error("it goes on after its time")
	}
}
