package main

import (
	"context"
	"net"
	"net/http"

	"github.com/coder/websocket"
	fastws "github.com/fasthttp/websocket"
	gorilla "github.com/gorilla/websocket"
	"github.com/lxzan/gws"
	"github.com/valyala/fasthttp"
)

// peers are the libraries of others, each as its own documentation shows it,
// with compression off.
var peers = []server{
	{
		name: "gobwas-helpers", role: peer, secure: true, about: "gobwas/ws: wsutil.ReadClientData and WriteServerMessage",
		modules: []string{"github.com/gobwas/ws"}, run: perConn(gobwasHelpers),
	},
	{
		name: "gobwas-frames", role: peer, secure: true, about: "gobwas/ws: ws.ReadHeader, one buffer, ws.WriteHeader",
		modules: []string{"github.com/gobwas/ws"}, run: perConn(gobwasFrames),
	},
	{
		name: "coder", role: peer, secure: true, about: "coder/websocket behind net/http",
		modules: []string{"github.com/coder/websocket"}, run: overHTTP(coder),
	},
	{
		name: "gorilla", role: peer, secure: true, about: "gorilla/websocket behind net/http",
		modules: []string{"github.com/gorilla/websocket"}, run: overHTTP(gorillaMessages),
	},
	{
		name: "gws", role: peer, secure: true, about: "lxzan/gws with its own server",
		modules: []string{"github.com/lxzan/gws"}, run: runGws,
	},
	{
		name: "fasthttp", role: peer, secure: true, about: "fasthttp/websocket behind fasthttp",
		modules: []string{"github.com/fasthttp/websocket", "github.com/valyala/fasthttp"}, run: runFasthttp,
	},
	{
		name: "nbio", role: peer, about: "lesismal/nbio on its event loop",
		modules: []string{"github.com/lesismal/nbio"}, run: runNbio,
	},
	{
		name: "greatws", role: peer, about: "antlabs/greatws on its event loops",
		modules: []string{"github.com/antlabs/greatws"}, run: runGreatws,
	},
	{
		name: "gnet", role: peer, about: "panjf2000/gnet with the minimal codec of limit-epoll", noCodec: true,
		modules: []string{"github.com/panjf2000/gnet/v2"}, run: runGnet,
	},
	{
		name: "hertz", role: peer, about: "hertz-contrib/websocket behind cloudwego/hertz",
		modules: []string{"github.com/hertz-contrib/websocket", "github.com/cloudwego/hertz"}, run: runHertz,
	},
}

// overHTTP serves by net/http.
func overHTTP(serve http.HandlerFunc) func(string, func(net.Addr)) error {
	return func(addr string, ready func(net.Addr)) error {
		l, err := listen(addr)
		if err != nil {
			return err
		}
		ready(l.Addr())
		return http.Serve(l, serve)
	}
}

func coder(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(-1)
	for {
		t, p, err := c.Read(context.Background())
		if err != nil || c.Write(context.Background(), t, p) != nil {
			return
		}
	}
}

var gorillaUpgrader = gorilla.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

func gorillaMessages(w http.ResponseWriter, r *http.Request) {
	c, err := gorillaUpgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		t, p, err := c.ReadMessage()
		if err != nil || c.WriteMessage(t, p) != nil {
			return
		}
	}
}

type gwsEcho struct{ gws.BuiltinEventHandler }

func (gwsEcho) OnMessage(c *gws.Conn, m *gws.Message) {
	c.WriteMessage(m.Opcode, m.Bytes())
	m.Close()
}

func runGws(addr string, ready func(net.Addr)) error {
	l, err := listen(addr)
	if err != nil {
		return err
	}
	ready(l.Addr())
	return gws.NewServer(gwsEcho{}, &gws.ServerOption{}).RunListener(l)
}

func runFasthttp(addr string, ready func(net.Addr)) error {
	l, err := listen(addr)
	if err != nil {
		return err
	}
	ready(l.Addr())
	u := fastws.FastHTTPUpgrader{CheckOrigin: func(*fasthttp.RequestCtx) bool { return true }}
	return fasthttp.Serve(l, func(ctx *fasthttp.RequestCtx) {
		u.Upgrade(ctx, func(c *fastws.Conn) {
			for {
				t, p, err := c.ReadMessage()
				if err != nil || c.WriteMessage(t, p) != nil {
					return
				}
			}
		})
	})
}
