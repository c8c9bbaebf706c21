package connect

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// Replay is what a recording says was sent, on its first connection.
type Replay struct {
	extensions string
	frames     []replayed
}

type replayed struct {
	at     time.Duration // since the handshake
	header ws.Header
	p      []byte
}

// LoadReplay reads a recording.
func LoadReplay(r io.Reader) (*Replay, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	replay := new(Replay)
	n := 0
	for line := range bytes.Lines(all) {
		if n++; n == 1 {
			var head recordedHead
			if json.Unmarshal(line, &head) != nil || head.Format != recordingFormat {
				return nil, fmt.Errorf("line 1 is not that of a recording, with the format %q", recordingFormat)
			}
			replay.extensions = head.Extensions
			continue
		}
		if bytes.Contains(line, []byte(`"format":`)) && json.Unmarshal(line, new(recordedHead)) == nil && !bytes.Contains(line, []byte(`"op":`)) {
			break // another connection
		}
		f, ok, err := parseFrame(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if ok {
			replay.frames = append(replay.frames, f)
		}
	}
	if n == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return replay, nil
}

// parseFrame reads a line; ok is false for what is not to be sent again: what
// the server has sent, and pongs, since its pings are answered anyway.
func parseFrame(line []byte) (f replayed, ok bool, err error) {
	var r recordedFrame
	if err := json.Unmarshal(line, &r); err != nil {
		return f, false, err
	}
	op, known := opcode(r.Op)
	if !known || r.Rsv > 7 || r.At < 0 || r.Way != sent && r.Way != received {
		return f, false, fmt.Errorf("this is no frame: %q", bytes.TrimSpace(line))
	}
	f.p = r.Base64
	if r.Text != nil {
		f.p = []byte(*r.Text)
	}
	if op.IsControl() && len(f.p) > ws.MaxControlFramePayloadSize {
		return f, false, fmt.Errorf("a %s with %d bytes: want up to %d", op, len(f.p), ws.MaxControlFramePayloadSize)
	}
	f.at = time.Duration(r.At * float64(time.Second))
	f.header = ws.Header{Fin: r.Fin, Rsv: r.Rsv, OpCode: op, Length: int64(len(f.p))}
	return f, r.Way == sent && op != ws.OpPong, nil
}

func opcode(name string) (ws.OpCode, bool) {
	for op := range ws.OpCode(16) {
		if op.String() == name {
			return op, true
		}
	}
	return 0, false
}

// check: compressed frames mean what they did only with the same compression.
func (r *Replay) check(c *conn) error {
	for _, f := range r.frames {
		if now := extensionsText(c.hs); f.header.Rsv != 0 && now != r.extensions {
			return exit.With(exit.Failed, fmt.Errorf("offer compression by -c, or record anew: the recording has frames for the extension %q, and this connection has %q", r.extensions, now))
		}
	}
	return nil
}

// run sends the frames, each at its time. A close frame is the last.
func (r *Replay) run(ctx context.Context, c *conn) {
	for _, f := range r.frames {
		select {
		case <-time.After(time.Until(c.begun.Add(f.at))):
		case <-ctx.Done():
			return
		}
		if f.header.OpCode == ws.OpClose {
			code, reason, _ := ws.ParseClose(f.p)
			if len(f.p) == 0 {
				code = ws.StatusNoStatusRcvd
			}
			c.close(code, string(reason))
			return
		}
		if c.sendFrame(f.header, f.p) != nil {
			return // what is wrong shows when reading
		}
	}
}

// sendFrame sends a frame whatever it is, but nothing after a close frame.
func (c *conn) sendFrame(h ws.Header, p []byte) error {
	return c.write(func(dst []byte) ([]byte, error) {
		if c.end.ours.Load() != 0 {
			return nil, wsproto.ErrClosed
		}
		return ws.AppendFrame(dst, ws.MaskFrame(ws.Frame{Header: h, Payload: p})), nil
	})
}
