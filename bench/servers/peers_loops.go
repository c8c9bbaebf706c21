package main

import (
	"context"
	"io"
	"net"
	"net/http"

	"github.com/cloudwego/hertz/pkg/app"
	hertz "github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	hertzws "github.com/hertz-contrib/websocket"
	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	nbws "github.com/lesismal/nbio/nbhttp/websocket"
	"github.com/panjf2000/gnet/v2"
	gnetlog "github.com/panjf2000/gnet/v2/pkg/logging"
)

// free returns addr with a port that was free a moment ago, for servers that
// listen themselves.
func free(addr string) (string, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func runNbio(addr string, ready func(net.Addr)) error {
	logging.SetLevel(logging.LevelNone)
	addr, err := free(addr)
	if err != nil {
		return err
	}
	u := nbws.NewUpgrader()
	u.CheckOrigin = func(*http.Request) bool { return true }
	u.OnMessage(func(c *nbws.Conn, t nbws.MessageType, p []byte) { c.WriteMessage(t, p) })
	mux := &http.ServeMux{}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { u.Upgrade(w, r, nil) })
	e := nbhttp.NewEngine(nbhttp.Config{Network: "tcp", Addrs: []string{addr}, MaxLoad: 1 << 20, Handler: mux})
	if err := e.Start(); err != nil {
		return err
	}
	a, err := net.ResolveTCPAddr("tcp", addr)
	ready(a)
	<-make(chan struct{}) // it serves in goroutines of its own
	return err
}

// gnetEcho is the minimal codec on gnet.
type gnetEcho struct {
	gnet.BuiltinEventEngine
	ready func(net.Addr)
	addr  net.Addr
}

func (g *gnetEcho) OnBoot(gnet.Engine) gnet.Action {
	g.ready(g.addr)
	return gnet.None
}

func (g *gnetEcho) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	c.SetContext(new(minimal))
	return nil, gnet.None
}

func (g *gnetEcho) OnTraffic(c gnet.Conn) gnet.Action {
	b, err := c.Next(-1)
	if err != nil {
		return gnet.Close
	}
	m := c.Context().(*minimal)
	// What is left of a header has to stand before b, which has no room there.
	buffer := b
	if len(m.head) > 0 && m.open {
		buffer = append(make([]byte, headRoom, headRoom+len(b)), b...)
		b = buffer[headRoom:]
	}
	out, ok := m.receive(buffer, b)
	if _, err := c.Write(out); err != nil || !ok {
		return gnet.Close
	}
	return gnet.None
}

func runGnet(addr string, ready func(net.Addr)) error {
	addr, err := free(addr)
	if err != nil {
		return err
	}
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return err
	}
	return gnet.Run(&gnetEcho{ready: ready, addr: a}, "tcp://"+addr, gnet.WithMulticore(true), gnet.WithReuseAddr(true), gnet.WithTCPNoDelay(gnet.TCPNoDelay), gnet.WithLogLevel(gnetlog.FatalLevel))
}

func runHertz(addr string, ready func(net.Addr)) error {
	hlog.SetOutput(io.Discard)
	addr, err := free(addr)
	if err != nil {
		return err
	}
	a, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return err
	}
	u := hertzws.HertzUpgrader{CheckOrigin: func(*app.RequestContext) bool { return true }}
	h := hertz.New(hertz.WithHostPorts(addr), hertz.WithDisablePrintRoute(true))
	h.GET("/", func(_ context.Context, c *app.RequestContext) {
		u.Upgrade(c, func(c *hertzws.Conn) {
			for {
				t, p, err := c.ReadMessage()
				if err != nil || c.WriteMessage(t, p) != nil {
					return
				}
			}
		})
	})
	ready(a)
	return h.Run()
}
