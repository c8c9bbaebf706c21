package guides

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/app/server"
	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/hertz/pkg/network/standard"
	hertzws "github.com/hertz-contrib/websocket"
	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	nbws "github.com/lesismal/nbio/nbhttp/websocket"
	"github.com/lxzan/gws"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wspoll"
)

// echoes are echo servers that leave all options as they are: theirs, and what the
// page puts in its place.
var echoes = map[string]struct {
	theirs, ours func(*testing.T) (addr string)
}{
	"gws":   {gwsEcho, websocketEcho},
	"hertz": {hertzEcho, websocketEcho},
	"nbio":  {nbioEcho, wspollEcho},
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func serveHTTP(t *testing.T, h http.HandlerFunc) string {
	l := listen(t)
	go http.Serve(l, h)
	return l.Addr().String()
}

type gwsHandler struct{ gws.BuiltinEventHandler }

func (gwsHandler) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	c.WriteMessage(m.Opcode, m.Bytes())
}

func gwsEcho(t *testing.T) string {
	u := gws.NewUpgrader(gwsHandler{}, &gws.ServerOption{})
	return serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		if c, err := u.Upgrade(w, r); err == nil {
			go c.ReadLoop()
		}
	})
}

func hertzEcho(t *testing.T) string {
	hlog.SetOutput(io.Discard)
	l := listen(t)
	h := server.New(server.WithListener(l), server.WithTransport(standard.NewTransporter), server.WithDisablePrintRoute(true))
	var u hertzws.HertzUpgrader
	h.GET("/", func(_ context.Context, ctx *app.RequestContext) {
		u.Upgrade(ctx, func(c *hertzws.Conn) {
			for {
				typ, p, err := c.ReadMessage()
				if err != nil || c.WriteMessage(typ, p) != nil {
					return
				}
			}
		})
	})
	go h.Run()
	return l.Addr().String()
}

func nbioEcho(t *testing.T) string {
	logging.SetLevel(logging.LevelNone)
	u := nbws.NewUpgrader()
	u.OnMessage(func(c *nbws.Conn, typ nbws.MessageType, p []byte) { c.WriteMessage(typ, p) })
	l := listen(t)
	e := nbhttp.NewEngine(nbhttp.Config{
		Addrs:   []string{l.Addr().String()},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { u.Upgrade(w, r, nil) }),
		Listen:  func(string, string) (net.Listener, error) { return l, nil },
	})
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	return l.Addr().String()
}

func websocketEcho(t *testing.T) string {
	return serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // the client has been told
		}
		defer c.CloseNow()
		c.Serve(context.Background(), func(ctx context.Context, typ websocket.MessageType, p []byte) error {
			return c.Write(ctx, typ, p)
		})
	})
}

func wspollEcho(t *testing.T) string {
	s := &wspoll.Server{OnMessage: func(c *wspoll.Conn, op ws.OpCode, p []byte) { c.Write(op, p) }}
	l := listen(t)
	go s.Serve(l)
	t.Cleanup(s.Close)
	return l.Addr().String()
}
