package bench_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"context"
	"io"
	"sync"
	"testing"

	coder "github.com/coder/websocket"
	gobwas "github.com/gobwas/ws"
	gobwasflate "github.com/gobwas/ws/wsflate"
	gobwasutil "github.com/gobwas/ws/wsutil"
	gorilla "github.com/gorilla/websocket"
	"github.com/lxzan/gws"
)

// deflatePeer is one way to send and receive compressed messages.
type deflatePeer struct {
	lib        string
	ours       bool
	takeover   bool // it can share the context between messages
	connection bool // it is all that a connection needs, and the usual way
	connect    func(tb testing.TB, conn *loopConn, takeover bool) deflateConn
}

var deflatePeers = []deflatePeer{
	{"wirews", true, true, true, wirewsStream},
	{"wirews-io", true, true, false, wirewsReadWrite},
	{"wirews-frames", true, true, false, wirewsFrames},
	{"wirews-helper", true, false, false, wirewsHelper},
	{"gws", false, true, true, gwsConn},
	{"coder", false, true, true, coderConn},
	{"gorilla", false, false, true, gorillaConn},
	{"gobwas", false, false, true, gobwasStreams},
	{"gobwas-helper", false, false, false, gobwasHelper},
}

// gorillaConn: gorilla/websocket agrees on no context takeover only.
func gorillaConn(tb testing.TB, conn *loopConn, takeover bool) deflateConn {
	u := gorilla.Upgrader{EnableCompression: true}
	c, err := u.Upgrade(hijacking(conn), deflateRequest(takeover), nil)
	if err != nil {
		tb.Fatal(err)
	}
	var message bytes.Buffer
	return deflateConn{
		write: func(p []byte) error { return c.WriteMessage(gorilla.TextMessage, p) },
		read: func(n int, show func([]byte)) error {
			for range n {
				_, r, err := c.NextReader()
				if err != nil {
					return err
				}
				message.Reset()
				if _, err := message.ReadFrom(r); err != nil {
					return err
				}
				show(message.Bytes())
			}
			return nil
		},
	}
}

func coderConn(tb testing.TB, conn *loopConn, takeover bool) deflateConn {
	mode := coder.CompressionNoContextTakeover
	if takeover {
		mode = coder.CompressionContextTakeover
	}
	c, err := coder.Accept(hijacking(conn), deflateRequest(takeover), &coder.AcceptOptions{CompressionMode: mode})
	if err != nil {
		tb.Fatal(err)
	}
	c.SetReadLimit(-1)
	ctx := context.Background()
	var message bytes.Buffer
	return deflateConn{
		write: func(p []byte) error { return c.Write(ctx, coder.MessageText, p) },
		read: func(n int, show func([]byte)) error {
			for range n {
				_, r, err := c.Reader(ctx)
				if err != nil {
					return err
				}
				message.Reset()
				if _, err := message.ReadFrom(r); err != nil {
					return err
				}
				show(message.Bytes())
			}
			return nil
		},
	}
}

// gwsServer is what all connections of a gws server share: its compressors
// too.
type gwsServer struct {
	gws.BuiltinEventHandler
	upgrader *gws.Upgrader
	show     func([]byte)
}

func newGWSServer(takeover bool) func() *gwsServer {
	return sync.OnceValue(func() *gwsServer {
		s := new(gwsServer)
		s.upgrader = gws.NewUpgrader(s, &gws.ServerOption{PermessageDeflate: gws.PermessageDeflate{
			Enabled:               true,
			ServerContextTakeover: takeover,
			ClientContextTakeover: takeover,
			ServerMaxWindowBits:   15,
			ClientMaxWindowBits:   15,
		}})
		return s
	})
}

var gwsServers = map[bool]func() *gwsServer{false: newGWSServer(false), true: newGWSServer(true)}

func (s *gwsServer) OnMessage(_ *gws.Conn, m *gws.Message) {
	s.show(m.Bytes())
	m.Close()
}

// gwsConn: gws reads in a loop of its own, up to the end of the connection.
func gwsConn(tb testing.TB, conn *loopConn, takeover bool) deflateConn {
	s := gwsServers[takeover]()
	c, err := s.upgrader.Upgrade(hijacking(conn), deflateRequest(takeover))
	if err != nil {
		tb.Fatal(err)
	}
	return deflateConn{
		write: func(p []byte) error { return c.WriteMessage(gws.OpcodeText, p) },
		read: func(_ int, show func([]byte)) error {
			s.show = show
			c.ReadLoop()
			if conn.left > 0 {
				return io.ErrUnexpectedEOF
			}
			return nil
		},
	}
}

// resetting makes compress/flate's reader a wsflate.ReadResetter, so that it
// is used again.
type resetting struct{ io.ReadCloser }

func (r resetting) Reset(src io.Reader) { r.ReadCloser.(flate.Resetter).Reset(src, nil) }

// gobwasStreams is what the library's example does, at level 1 and with a
// reader that is used again.
func gobwasStreams(_ testing.TB, conn *loopConn, _ bool) deflateConn {
	const state = gobwas.StateServerSide | gobwas.StateExtended
	var sent, received gobwasflate.MessageState
	sent.SetCompressed(true)
	frames := gobwasutil.NewWriter(conn, state, gobwas.OpText)
	frames.SetExtensions(&sent)
	frames.DisableFlush()
	w := gobwasflate.NewWriter(frames, func(w io.Writer) gobwasflate.Compressor {
		f, _ := flate.NewWriter(w, flate.BestSpeed)
		return f
	})
	r := gobwasutil.Reader{Source: bufio.NewReader(conn), State: state, Extensions: []gobwasutil.RecvExtension{&received}}
	inflating := gobwasflate.NewReader(&r, func(r io.Reader) gobwasflate.Decompressor {
		return resetting{flate.NewReader(r)}
	})
	var message bytes.Buffer
	return deflateConn{
		write: func(p []byte) error {
			w.Reset(frames)
			if _, err := w.Write(p); err != nil {
				return err
			}
			if err := w.Flush(); err != nil {
				return err
			}
			return frames.Flush()
		},
		read: func(n int, show func([]byte)) error {
			for range n {
				if _, err := r.NextFrame(); err != nil {
					return err
				}
				inflating.Reset(&r)
				message.Reset()
				if _, err := message.ReadFrom(inflating); err != nil {
					return err
				}
				show(message.Bytes())
			}
			return nil
		},
	}
}

// gobwasHelper is what the library's README does.
func gobwasHelper(_ testing.TB, conn *loopConn, _ bool) deflateConn {
	var out, plain bytes.Buffer
	br := bufio.NewReader(conn)
	return deflateConn{
		write: func(p []byte) error {
			out.Reset()
			f, err := gobwasflate.CompressFrameBuffer(&out, gobwas.NewTextFrame(p))
			if err != nil {
				return err
			}
			return gobwas.WriteFrame(conn, f)
		},
		read: func(n int, show func([]byte)) error {
			for range n {
				h, err := gobwas.ReadHeader(br)
				if err != nil {
					return err
				}
				f := gobwas.Frame{Header: h, Payload: make([]byte, h.Length)}
				if _, err := io.ReadFull(br, f.Payload); err != nil {
					return err
				}
				plain.Reset()
				if f, err = gobwasflate.DecompressFrameBuffer(&plain, gobwas.UnmaskFrameInPlace(f)); err != nil {
					return err
				}
				show(f.Payload)
			}
			return nil
		},
	}
}
