package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/cloudwego/hertz/pkg/app"
	"github.com/cloudwego/hertz/pkg/network"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// ByHijack is a handler of Hertz.
func ByHijack(_ context.Context, ctx *app.RequestContext) {
	Upgrade(ctx, ws.Upgrader{Origin: ws.SameOrigin, Protocols: []string{"echo"}}, echo)
}

// Upgrade answers the opening handshake that ctx has by Hertz's own response, to which
// middleware may add fields, and has Hertz give the connection to serve once the handlers have
// returned. Hertz closes it when serve returns. If there is an error, ctx has the
// response to it.
func Upgrade(ctx *app.RequestContext, u ws.Upgrader, serve func(c *websocket.Conn)) error {
	response, hs, err := u.AppendResponse(nil, head(ctx))
	var rejected *ws.ConnectionRejectedError
	switch {
	case err == ws.ErrNotWebSocket:
		ctx.Response.Header.Set("Upgrade", "websocket")
		ctx.AbortWithMsg("this is for WebSocket", http.StatusUpgradeRequired)
		return err
	case errors.As(err, &rejected):
		ctx.AbortWithMsg(rejected.Error(), rejected.Status)
		return err
	case err != nil:
		ctx.AbortWithMsg(err.Error(), http.StatusInternalServerError)
		return err
	}
	accepted, err := httpx.ParseResponse(response, nil)
	if err != nil {
		ctx.AbortWithMsg(err.Error(), http.StatusInternalServerError)
		return err
	}
	ctx.SetStatusCode(http.StatusSwitchingProtocols)
	for _, f := range accepted.Fields {
		ctx.Response.Header.SetBytesV(string(f.Name), f.Value)
	}
	ctx.Hijack(func(conn network.Conn) {
		conn.SetDeadline(time.Time{})
		// conn reads what Hertz has received after the request first.
		c, err := websocket.New(conn, websocket.Params{Subprotocol: hs.Protocol})
		if err != nil {
			return
		}
		defer c.CloseNow()
		serve(c)
	})
	return nil
}

// head is what Hertz has parsed.
func head(ctx *app.RequestContext) httpx.Request {
	r := httpx.Request{
		Method:  ctx.Method(),
		Target:  ctx.Request.RequestURI(),
		Version: httpx.Version{Major: 1},
	}
	if ctx.Request.Header.IsHTTP11() {
		r.Version.Minor = 1
	}
	ctx.Request.Header.VisitAll(func(name, value []byte) {
		r.Fields = append(r.Fields, httpx.Field{Name: bytes.Clone(name), Value: bytes.Clone(value)})
	})
	return r
}
