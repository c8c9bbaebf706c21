package soak

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// errLost is that what came back is not what was sent.
var errLost = errors.New("this is not what was sent")

// habits are those of clients.
var habits = []func(ctx context.Context, addr string, n *tally, s session) error{
	steady(websocket.CompressionDisabled, 0),
	steady(websocket.CompressionContextTakeover, 0),
	steady(websocket.CompressionNoContextTakeover, 500), // reads slowly
	inFragments,
	vanishing,
}

// session is what a client does with a connection.
type session struct {
	sender   uint64
	messages int
}

// echoSessions has the sessions of one client, one after the other.
func echoSessions(ctx context.Context, t *testing.T, at *node, n *tally, s scale, client uint64) {
	r := rand.New(rand.NewPCG(client, 1))
	for i := range s.sessions {
		addr, state := at.where(ctx)
		err := habits[r.IntN(len(habits))](ctx, addr, n, session{client<<16 | uint64(i), s.messages})
		switch {
		case err == nil:
			n.do(func() { n.whole++ })
		case errors.Is(err, errLost), ctx.Err() != nil, at.steady(state) && !errors.Is(err, errVanished):
			t.Errorf("client %x, session %d: %v", client, i, err)
			return
		default: // the server was restarted, or it was to be
			n.do(func() { n.cut++ })
		}
	}
}

// steady is a client of package websocket that writes and reads at once, and pings now
// and then. It takes at most so many bytes at a time as piece says, if that is not zero.
func steady(mode websocket.CompressionMode, piece int) func(context.Context, string, *tally, session) error {
	return func(ctx context.Context, addr string, n *tally, s session) error {
		tr := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err == nil && piece > 0 {
				conn = pieces{conn, piece}
			}
			return conn, err
		}}
		defer tr.CloseIdleConnections()
		c, _, err := websocket.Dial(ctx, "ws://"+addr, &websocket.DialOptions{
			HTTPClient: &http.Client{Transport: tr}, CompressionMode: mode, CompressionThreshold: 100,
		})
		if err != nil {
			return err
		}
		defer c.CloseNow()
		c.SetReadLimit(readLimit)
		wrote := make(chan error, 1)
		go func() { wrote <- writeAll(ctx, c, s) }()
		if err := readAll(ctx, c, n, s); err != nil {
			c.CloseNow()
			<-wrote
			return err
		}
		if err := <-wrote; err != nil {
			return err
		}
		return c.CloseContext(ctx, websocket.StatusNormalClosure, "")
	}
}

func writeAll(ctx context.Context, c *websocket.Conn, s session) error {
	for i := range s.messages {
		p, isText := text(s.sender, uint64(i))
		typ := websocket.MessageBinary
		if isText {
			typ = websocket.MessageText
		}
		if err := c.Write(ctx, typ, p); err != nil {
			return err
		}
		if i%7 == 3 {
			if err := c.SendPing(ctx, []byte("still there?")); err != nil {
				return err
			}
		}
	}
	return nil
}

func readAll(ctx context.Context, c *websocket.Conn, n *tally, s session) error {
	for i := range s.messages {
		typ, p, err := c.Read(ctx)
		if err != nil {
			return err
		}
		if err := compare(s, i, typ == websocket.MessageText, p); err != nil {
			return err
		}
		n.do(func() { n.echoes++ })
	}
	return nil
}

// compare returns an error if p is not message i.
func compare(s session, i int, isText bool, p []byte) error {
	if want, wantText := text(s.sender, uint64(i)); !bytes.Equal(p, want) || isText != wantText {
		return fmt.Errorf("%w: message %d has %d bytes, want %d, text: %v, want %v", errLost, i, len(p), len(want), isText, wantText)
	}
	return nil
}

// pieces is a connection of which no more than size bytes are read at once.
type pieces struct {
	net.Conn
	size int
}

func (c pieces) Read(p []byte) (int, error) { return c.Conn.Read(p[:min(len(p), c.size)]) }

// inFragments writes frames by itself: each message in up to four, with pings between
// them, and what is written is cut anywhere.
func inFragments(ctx context.Context, addr string, n *tally, s session) error {
	conn, err := dialRaw(ctx, addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	wrote := make(chan error, 1)
	go func() { wrote <- writeFragments(conn, s, s.messages) }()
	for i := range s.messages {
		p, op, err := readAnswer(conn)
		if err == nil {
			err = compare(s, i, op == ws.OpText, p)
		}
		if err != nil {
			conn.Close()
			<-wrote
			return err
		}
		n.do(func() { n.echoes++ })
	}
	if err := <-wrote; err != nil {
		return err
	}
	if err := wsutil.WriteClientMessage(conn, ws.OpClose, ws.NewCloseFrameBody(ws.StatusNormalClosure, "")); err != nil {
		return err
	}
	if _, _, err := readAnswer(conn); !errors.As(err, new(wsutil.ClosedError)) {
		return fmt.Errorf("no close frame came back: %w", err)
	}
	return nil
}

// dialRaw connects without a layer above frames. The connection ends with ctx.
func dialRaw(ctx context.Context, addr string) (net.Conn, error) {
	conn, _, _, err := ws.Dialer{}.Dial(ctx, "ws://"+addr)
	if err != nil {
		return nil, err
	}
	if end, ok := ctx.Deadline(); ok {
		conn.SetDeadline(end)
	}
	return conn, nil
}

// readAnswer reads a message, and leaves pongs out.
func readAnswer(conn net.Conn) ([]byte, ws.OpCode, error) {
	return wsutil.ReadAppend(nil, conn, ws.StateClientSide)
}

func writeFragments(conn net.Conn, s session, messages int) error {
	r := rand.New(rand.NewPCG(s.sender, 2))
	var out []byte
	for i := range messages {
		p, isText := text(s.sender, uint64(i))
		op := ws.OpBinary
		if isText {
			op = ws.OpText
		}
		for left := r.IntN(4); ; left-- {
			k := len(p)
			if left > 0 {
				k = r.IntN(len(p) + 1)
			}
			out = appendMasked(out, ws.NewFrame(op, left == 0, p[:k]), r)
			if p, op = p[k:], ws.OpContinuation; left == 0 {
				break
			}
			if r.IntN(3) == 0 {
				out = appendMasked(out, ws.NewPingFrame([]byte("and you?")), r)
			}
		}
		k := r.IntN(len(out) + 1)
		if _, err := conn.Write(out[:k]); err != nil {
			return err
		}
		out = append(out[:0], out[k:]...)
	}
	_, err := conn.Write(out)
	return err
}

func appendMasked(dst []byte, f ws.Frame, r *rand.Rand) []byte {
	key := r.Uint32()
	return ws.AppendFrame(dst, ws.MaskFrameWith(f, [4]byte{byte(key), byte(key >> 8), byte(key >> 16), byte(key >> 24)}))
}

// errVanished is the end of a client that vanishes.
var errVanished = errors.New("vanished")

// vanishing is a client that ends its connection in the middle of a message, without
// having read what came back: its peer gets a reset. What comes back is short enough for
// the buffers of any system.
func vanishing(ctx context.Context, addr string, n *tally, s session) error {
	conn, err := dialRaw(ctx, addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.(interface{ SetLinger(int) error }).SetLinger(0)
	p, _ := text(s.sender, 0)
	half := appendMasked(nil, ws.NewBinaryFrame(append(p, 'x')), rand.New(rand.NewPCG(s.sender, 3)))
	if err := writeFragments(conn, s, 2); err != nil {
		return err
	}
	if _, err := conn.Write(half[:len(half)-1]); err != nil {
		return err
	}
	return errVanished
}
