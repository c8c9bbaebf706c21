package connect

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/cmd/internal/plain"
	"github.com/wirews/wirews/ws"
)

// Pipe sends what comes from in, or o.Pipe.Messages, and writes what it
// receives to out, until it has received o.Pipe.Count messages, or the server
// closes, or all is sent. The closing handshake lets a server answer first what
// it was sent. in may be read from when Pipe has returned. trace is shown what is
// not a message.
func Pipe(ctx context.Context, u *url.URL, o Options, in io.Reader, out, trace io.Writer) error {
	ctx, cancel := o.bound(ctx)
	defer cancel()
	note := func(format string, args ...any) {
		fmt.Fprintln(trace, "wirews:", setIn(plain.Text(fmt.Sprintf(format, args...))))
	}
	l := newLink(ctx, o, func(ctx context.Context) (*conn, error) {
		if o.Verbose {
			return dialFollowing(ctx, u, o, trace)
		}
		return dialFollowing(ctx, u, o, nil)
	}, note)
	if err := l.open(); err != nil {
		return becauseOf(ctx, err)
	}
	if r := o.Pipe.Replay; r != nil {
		if err := r.check(l.conn); err != nil {
			l.conn.net.Close()
			return err
		}
	}
	p := &pipe{link: l, options: o.Pipe, view: o.View, out: out}
	ended := make(chan error, 1)
	go func() { ended <- l.receive(p) }()
	sent := make(chan error, 1)
	go func() { sent <- p.sendAll(ctx, in) }()
	return p.wait(ctx, ended, sent)
}

// bound lets ctx end when the time for everything is over.
func (o Options) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.Timeout > 0 {
		return context.WithTimeoutCause(ctx, o.Timeout, errTimeout)
	}
	return context.WithCancel(ctx)
}

// becauseOf returns err, or why ctx has ended, if it has. Its deadline is that of sockets
// too, and may end what they do a moment before it ends ctx.
func becauseOf(ctx context.Context, err error) error {
	if at, ok := ctx.Deadline(); ok && !time.Now().Before(at) {
		<-ctx.Done()
	}
	if ctx.Err() == nil {
		return err
	}
	if e, ok := errors.AsType[*exit.Error](context.Cause(ctx)); ok {
		return e
	}
	return exit.ErrInterrupted
}

type pipe struct {
	*link
	options  PipeOptions
	view     View
	out      io.Writer
	line     []byte
	received int
}

// wait waits for the end. It has begun when all is sent, and nothing is awaited.
func (p *pipe) wait(ctx context.Context, ended, sent <-chan error) error {
	var failure error
	var waited <-chan time.Time
	for {
		select {
		case err := <-ended:
			if failure != nil {
				return failure
			}
			return p.outcome(err)
		case err := <-sent:
			sent = nil
			switch {
			case err != nil:
				failure = err
				p.leave()
			case p.options.Count > 0:
			case p.options.Wait > 0:
				waited = time.After(p.options.Wait)
			default:
				p.close(ws.StatusNormalClosure, "")
			}
		case <-waited:
			p.close(ws.StatusNormalClosure, "")
		case <-ctx.Done():
			failure = becauseOf(ctx, nil)
			p.depart(ctx)
			ctx = context.WithoutCancel(ctx)
		}
	}
}

// outcome judges an end that nothing but the connection has brought about.
func (p *pipe) outcome(err error) error {
	if want := p.options.Count; err == nil && p.received < want {
		return exit.With(exit.ClosedBadly, fmt.Errorf("the server has closed after %d of %d messages", p.received, want))
	}
	return err
}

// sendAll sends all messages. Its error is one of in: what goes wrong with the
// connection shows when reading from it.
func (p *pipe) sendAll(ctx context.Context, in io.Reader) error {
	if p.options.Replay != nil {
		p.options.Replay.run(ctx, p.now())
		return nil
	}
	if p.options.Messages != nil {
		for i, m := range p.options.Messages {
			if more, err := p.sendOne(fmt.Sprintf("--message %d", i+1), []byte(m)); !more {
				return err
			}
		}
		return nil
	}
	if p.options.Whole {
		all, err := io.ReadAll(in)
		if err != nil {
			return exit.With(exit.Failed, err)
		}
		_, err = p.sendOne("stdin", all)
		return err
	}
	r := bufio.NewReader(in)
	for i := 1; ; i++ {
		m, err := r.ReadBytes(p.options.Separator)
		if err != nil && err != io.EOF {
			return exit.With(exit.Failed, err)
		}
		if err == nil {
			m = m[:len(m)-1]
		} else if len(m) == 0 {
			return nil
		}
		if more, serr := p.sendOne(fmt.Sprintf("stdin, message %d", i), m); !more || err == io.EOF {
			return serr
		}
	}
}

// sendOne sends a message, and reports whether more can follow it. The error is
// one of the message.
func (p *pipe) sendOne(name string, m []byte) (more bool, err error) {
	op := ws.OpText
	if p.options.Binary {
		op = ws.OpBinary
	} else if err := checkText(m, "--binary"); err != nil {
		return false, exit.With(exit.Failed, fmt.Errorf("%s: %w", name, err))
	}
	return p.send(op, m) == nil, nil
}

// message writes a message. A binary one is in hex, unless binary was asked for.
// Elsewhere than on a terminal it is written as it has come.
func (p *pipe) message(op ws.OpCode, m []byte) error {
	p.line = append(p.line[:0], p.view.stamp()...)
	formatted, isJSON := p.view.formatted(m)
	switch {
	case p.view.Hex:
		p.line = append(p.line, dump(op, m)...)
	case op == ws.OpBinary && !p.options.Binary:
		p.line = hex.AppendEncode(p.line, m)
	case isJSON:
		p.line = append(p.line, formatted...)
	case p.options.Terminal && p.options.Whole:
		p.line = append(p.line, plain.Text(string(m))...)
	case p.options.Terminal:
		// Two lines would look like two messages.
		p.line = append(p.line, plain.Line(string(m))...)
	default:
		p.line = append(p.line, m...)
	}
	if !p.options.Whole {
		p.line = append(p.line, p.options.Separator)
	}
	if p.options.Count > 0 && p.received >= p.options.Count {
		return nil // it has come after those that were asked for
	}
	p.received++
	if _, err := p.out.Write(p.line); err != nil {
		return exit.With(exit.Failed, err)
	}
	if p.received == p.options.Count {
		p.close(ws.StatusNormalClosure, "")
	}
	return nil
}

func (p *pipe) pong([]byte, time.Duration, bool) {}
