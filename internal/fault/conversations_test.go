//go:build linux && faults

package fault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsutil"
)

// conversation is one of a client with a server that echoes, from the listener to the
// last descriptor. Its error is what has gone wrong at either end.
type conversation func(ctx context.Context) error

var conversations = map[string]conversation{
	"websocket, pushed":     func(ctx context.Context) error { return withGoroutines(ctx, pushed) },
	"websocket, pulled":     func(ctx context.Context) error { return withGoroutines(ctx, pulled) },
	"wsutil.Stream":         func(ctx context.Context) error { return withGoroutines(ctx, streamed) },
	"wspoll, on the loop":   func(ctx context.Context) error { return withLoops(ctx, &wspoll.Server{Loops: 1}) },
	"wspoll, with a worker": func(ctx context.Context) error { return withLoops(ctx, &wspoll.Server{Loops: 1, Workers: 1}) },
}

var (
	errDiffers   = errors.New("an echo differs")
	errNotOpened = errors.New("there was no connection")
)

// withGoroutines has a conversation with a server for one connection.
func withGoroutines(ctx context.Context, serve func(context.Context, net.Conn) error) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			err = serve(ctx, conn)
			conn.Close()
		}
		served <- err
	}()
	err = ask(ctx, l.Addr().String())
	l.Close()
	return errors.Join(err, <-served)
}

func pushed(ctx context.Context, conn net.Conn) error {
	c, err := websocket.AcceptConn(conn, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotOpened, err)
	}
	return ended(c.Serve(ctx, func(_ context.Context, typ websocket.MessageType, p []byte) error { return c.Write(ctx, typ, p) }))
}

func pulled(ctx context.Context, conn net.Conn) error {
	c, err := websocket.AcceptConn(conn, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotOpened, err)
	}
	for {
		typ, p, err := c.Read(ctx)
		if err == nil {
			err = c.Write(ctx, typ, p)
		}
		if err != nil {
			return ended(err)
		}
	}
}

func streamed(_ context.Context, conn net.Conn) error {
	if _, err := ws.Upgrade(conn); err != nil {
		return fmt.Errorf("%w: %w", errNotOpened, err)
	}
	s := wsutil.NewStream(conn, ws.StateServerSide, 4096)
	for {
		p, op, err := s.ReadMessage()
		if err == nil {
			err = s.WriteMessage(op, p)
		}
		if err != nil {
			return ended(err)
		}
	}
}

// ended is nil for the end that the client wants.
func ended(err error) error {
	if websocket.CloseStatus(err) == websocket.StatusNormalClosure {
		return nil
	}
	if c, ok := errors.AsType[wsutil.ClosedError](err); ok && c.Code == ws.StatusNormalClosure {
		return nil
	}
	return err
}

// withLoops has a conversation with a server that holds others, too.
func withLoops(ctx context.Context, s *wspoll.Server) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	s.OnMessage = func(c *wspoll.Conn, op ws.OpCode, p []byte) { c.Write(op, p) }
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	err = ask(ctx, l.Addr().String())
	if _, down := s.Shutdown(ctx); down != nil {
		err = errors.Join(err, down)
	}
	l.Close()
	if end := <-served; !errors.Is(end, wspoll.ErrServerClosed) {
		err = errors.Join(err, end)
	}
	return err
}

// ask is the client: a short message, a long one, sixteen at once, a ping, the end.
func ask(ctx context.Context, addr string) error {
	c, _, err := websocket.Dial(ctx, "ws://"+addr, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotOpened, err)
	}
	defer c.CloseNow()
	for _, m := range []struct{ size, times int }{{5, 1}, {31 << 10, 1}, {128, 16}} {
		if err := echo(ctx, c, bytes.Repeat([]byte("x"), m.size), m.times); err != nil {
			return err
		}
	}
	return c.Close(websocket.StatusNormalClosure, "")
}

// echo sends a message so many times, and reads as many.
func echo(ctx context.Context, c *websocket.Conn, p []byte, times int) error {
	for range times {
		if err := c.Write(ctx, websocket.MessageBinary, p); err != nil {
			return err
		}
	}
	for range times {
		_, got, err := c.Read(ctx)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, p) {
			return fmt.Errorf("%w: %d bytes instead of %d", errDiffers, len(got), len(p))
		}
	}
	return nil
}
