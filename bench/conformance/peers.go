package main

import (
	"bufio"
	"bytes"
	"compress/flate"
	"context"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	coder "github.com/coder/websocket"
	gobwas "github.com/gobwas/ws"
	gobwasflate "github.com/gobwas/ws/wsflate"
	gobwasutil "github.com/gobwas/ws/wsutil"
	gorilla "github.com/gorilla/websocket"
	"github.com/lxzan/gws"
)

// peers are all that can be judged: ours first.
var peers = []*peer{
	{name: "ws", label: "wirews ws, frames by hand", version: this, ours: true, conn: framesServer, client: framesClient},
	{name: "wsutil", label: "wirews wsutil, helpers", version: this, ours: true, conn: wsutilServer, client: wsutilClient},
	{name: "wsutil-wsflate", label: "wirews wsutil.Stream with wsflate", version: this, ours: true, conn: deflateServer, client: deflateClient},
	{name: "websocket", label: "wirews websocket, Read and Write", version: this, ours: true, handler: websocketServer, client: websocketClient},
	{name: "websocket-serve", label: "wirews websocket, Serve", version: this, ours: true, conn: websocketServeServer, client: websocketServeClient},
	{name: "wspoll", label: "wirews wspoll", version: this, ours: true, conn: wspollServer, serving: wspollServe},
	{name: "compat-gorilla", label: "wirews compat/gorilla", version: this, ours: true, handler: compatServer, unjudged: true},
	{name: "h2", label: "wirews websocket over HTTP/2", version: this, ours: true, handler: websocketServer, overHTTP2: true, unjudged: true},
	{name: "gobwas", label: "gobwas/ws, helpers", version: module("github.com/gobwas/ws"), conn: gobwasServer, client: gobwasClient},
	{name: "gobwas-wsflate", label: "gobwas/ws with wsflate", version: module("github.com/gobwas/ws"), conn: gobwasDeflateServer},
	{name: "coder", label: "coder/websocket", version: module("github.com/coder/websocket"), handler: coderServer, client: coderClient},
	{name: "gorilla", label: "gorilla/websocket", version: module("github.com/gorilla/websocket"), handler: gorillaServer, client: gorillaClient},
	{name: "gws", label: "lxzan/gws", version: module("github.com/lxzan/gws"), handler: gwsServer, client: gwsClient},
	{name: "nbio", label: "lesismal/nbio", version: module("github.com/lesismal/nbio"), serving: nbioServe, unjudged: true},
	{name: "node-ws", label: "Node's ws", version: nodeWS.known, script: nodeWS},
	{name: "python-websockets", label: "Python's websockets", version: pythonWebsockets.known, script: pythonWebsockets},
}

var (
	nodeWS = &script{
		command: "node", suffix: ".mjs", probe: []string{"--input-type=module", "--eval", "import 'ws'"},
		install: "install Node.js 20 or later, then run npm ci in bench/conformance/scripts",
	}
	// The interpreter that Debian's packages are for.
	pythonWebsockets = &script{
		command: "/usr/bin/python3", suffix: ".py", probe: []string{"-c", "import websockets.legacy.client, websockets.legacy.server"},
		install: "install the Debian package python3-websockets",
	}
)

func (s *script) known() string { return s.version }

func this() string { return "this tree" }

// module returns what tells the version of a module in this program.
func module(path string) func() string {
	return func() string {
		info, ok := debug.ReadBuildInfo()
		if !ok {
			return "unknown"
		}
		i := slices.IndexFunc(info.Deps, func(m *debug.Module) bool { return m.Path == path })
		if i < 0 {
			return "unknown"
		}
		return info.Deps[i].Version
	}
}

// limit is the longest message that peers take, in bytes: what bounds ours. It and
// handshakeTime are those of serve.go when a peer is to be attacked.
var limit = 32 << 20

// handshakeTime bounds the opening handshake; zero: nothing does.
var handshakeTime time.Duration

func gobwasServer(conn net.Conn) {
	gobwasDeadline(conn)
	if _, err := gobwas.Upgrade(conn); err != nil {
		return
	}
	conn.SetDeadline(time.Time{})
	for {
		p, op, err := gobwasutil.ReadClientData(conn)
		if err != nil || gobwasutil.WriteServerMessage(conn, op, p) != nil {
			return
		}
	}
}

// gobwasDeadline bounds the handshake, which the library leaves to the program.
func gobwasDeadline(conn net.Conn) {
	if handshakeTime > 0 {
		conn.SetDeadline(time.Now().Add(handshakeTime))
	}
}

func gobwasClient(ctx context.Context, url string) {
	conn, br, _, err := gobwas.Dial(ctx, url)
	if err != nil {
		return
	}
	defer conn.Close()
	rw := gobwasConn(conn, br)
	for {
		p, op, err := gobwasutil.ReadServerData(rw)
		if err != nil || gobwasutil.WriteClientMessage(rw, op, p) != nil {
			return
		}
	}
}

// gobwasConn reads first what came with the handshake.
func gobwasConn(conn net.Conn, br *bufio.Reader) io.ReadWriter {
	if br == nil {
		return conn
	}
	return struct {
		io.Reader
		io.Writer
	}{br, conn}
}

// With compression the library leaves more to the program. This is its example,
// with the checks that ReadData makes. As a client it is not judged: the library
// masks the payload of its answer to a close frame and does not say so, so that
// codes and verdicts are random.

func gobwasDeflateServer(conn net.Conn) {
	e := gobwasflate.Extension{Parameters: gobwasflate.Parameters{ServerNoContextTakeover: true, ClientNoContextTakeover: true}}
	u := gobwas.Upgrader{Negotiate: e.Negotiate}
	gobwasDeadline(conn)
	if _, err := u.Upgrade(conn); err != nil {
		return
	}
	conn.SetDeadline(time.Time{})
	_, agreed := e.Accepted()
	gobwasEcho(conn, gobwas.StateServerSide, agreed)
}

func gobwasEcho(conn io.ReadWriter, state gobwas.State, agreed bool) {
	var state1 gobwasflate.MessageState
	control := gobwasutil.ControlFrameHandler(conn, state)
	r := gobwasutil.Reader{Source: conn, State: state, CheckUTF8: !agreed, OnIntermediate: control}
	if agreed {
		r.State |= gobwas.StateExtended
		r.Extensions = []gobwasutil.RecvExtension{&state1}
	}
	for {
		h, err := r.NextFrame()
		if err != nil {
			return
		}
		if h.OpCode.IsControl() {
			if err := control(h, &r); err != nil {
				return
			}
			continue
		}
		var message bytes.Buffer
		if state1.IsCompressed() {
			_, err = message.ReadFrom(gobwasflate.NewReader(&r, func(r io.Reader) gobwasflate.Decompressor { return flate.NewReader(r) }))
		} else {
			_, err = message.ReadFrom(&r)
		}
		if err != nil || gobwasWrite(conn, state, h.OpCode, message.Bytes(), agreed) != nil {
			return
		}
	}
}

func gobwasWrite(conn io.Writer, state gobwas.State, op gobwas.OpCode, p []byte, agreed bool) error {
	if !agreed {
		return gobwasutil.WriteMessage(conn, state, op, p)
	}
	f, err := gobwasflate.CompressFrame(gobwas.NewFrame(op, true, p))
	if err != nil {
		return err
	}
	if state.ClientSide() {
		f = gobwas.MaskFrameInPlace(f)
	}
	return gobwas.WriteFrame(conn, f)
}

func coderServer(w http.ResponseWriter, r *http.Request) {
	c, err := coder.Accept(w, r, &coder.AcceptOptions{CompressionMode: coder.CompressionContextTakeover, CompressionThreshold: 1})
	if err == nil {
		coderEcho(r.Context(), c)
	}
}

func coderClient(ctx context.Context, url string) {
	c, _, err := coder.Dial(ctx, url, &coder.DialOptions{CompressionMode: coder.CompressionContextTakeover, CompressionThreshold: 1})
	if err == nil {
		coderEcho(ctx, c)
	}
}

func coderEcho(ctx context.Context, c *coder.Conn) {
	defer c.CloseNow()
	c.SetReadLimit(int64(limit))
	for {
		kind, p, err := c.Read(ctx)
		if err != nil || c.Write(ctx, kind, p) != nil {
			return
		}
	}
}

func gorillaServer(w http.ResponseWriter, r *http.Request) {
	u := gorilla.Upgrader{EnableCompression: true, CheckOrigin: func(*http.Request) bool { return true }}
	if c, err := u.Upgrade(w, r, nil); err == nil {
		gorillaEcho(c)
	}
}

func gorillaClient(ctx context.Context, url string) {
	d := gorilla.Dialer{EnableCompression: true}
	if c, _, err := d.DialContext(ctx, url, nil); err == nil {
		gorillaEcho(c)
	}
}

func gorillaEcho(c *gorilla.Conn) {
	defer c.Close()
	c.SetReadLimit(int64(limit))
	for {
		kind, p, err := c.ReadMessage()
		if err != nil || c.WriteMessage(kind, p) != nil {
			return
		}
	}
}

// gwsEcho echoes, and answers pings, which the library leaves to its users.
type gwsEcho struct{ gws.BuiltinEventHandler }

func (gwsEcho) OnPing(c *gws.Conn, p []byte) { c.WritePong(p) }

func (gwsEcho) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	c.WriteMessage(m.Opcode, m.Bytes())
}

var gwsDeflate = gws.PermessageDeflate{Enabled: true, ServerContextTakeover: true, ClientContextTakeover: true, Threshold: 1}

var gwsUpgrader = sync.OnceValue(func() *gws.Upgrader {
	return gws.NewUpgrader(gwsEcho{}, &gws.ServerOption{CheckUtf8Enabled: true, ReadMaxPayloadSize: limit, WriteMaxPayloadSize: limit, PermessageDeflate: gwsDeflate})
})

func gwsServer(w http.ResponseWriter, r *http.Request) {
	c, err := gwsUpgrader().Upgrade(w, r)
	if err == nil {
		go gwsRead(c) // the handler may return: the connection is hijacked
	}
}

func gwsClient(_ context.Context, url string) {
	c, _, err := gws.NewClient(gwsEcho{}, &gws.ClientOption{
		Addr: url, CheckUtf8Enabled: true, ReadMaxPayloadSize: limit, WriteMaxPayloadSize: limit, PermessageDeflate: gwsDeflate,
	})
	if err == nil {
		gwsRead(c)
	}
}

// gwsRead reads until the connection ends. A length whose first bit is set makes
// version 1.9.1 panic (case 21.1.8), which would end the program, and with it
// all other cases.
func gwsRead(c *gws.Conn) {
	defer func() {
		if recover() != nil {
			c.NetConn().Close()
		}
	}()
	c.ReadLoop()
}
