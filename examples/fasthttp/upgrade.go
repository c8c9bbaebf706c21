package main

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/wirews/wirews/httpx"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// Upgrade answers the opening handshake that ctx has, and has fasthttp give the
// connection to serve once the handler has returned. fasthttp closes the connection
// when serve returns. If there is an error, ctx has the response to it.
func Upgrade(ctx *fasthttp.RequestCtx, u ws.Upgrader, serve func(c *websocket.Conn)) error {
	response, hs, err := u.AppendResponse(nil, head(ctx))
	var rejected *ws.ConnectionRejectedError
	switch {
	case err == ws.ErrNotWebSocket:
		ctx.Error("this is for WebSocket", http.StatusUpgradeRequired)
		ctx.Response.Header.Set("Upgrade", "websocket")
		return err
	case errors.As(err, &rejected):
		ctx.Error(rejected.Error(), rejected.Status)
		return err
	case err != nil:
		ctx.Error(err.Error(), http.StatusInternalServerError)
		return err
	}
	ctx.SetStatusCode(http.StatusSwitchingProtocols) // for what logs it
	ctx.HijackSetNoResponse(true)                    // response is sent below instead
	ctx.Hijack(func(conn net.Conn) {
		conn.SetDeadline(time.Time{})
		if _, err := conn.Write(response); err != nil {
			return
		}
		// conn reads what fasthttp has received after the request first.
		c, err := websocket.New(conn, websocket.Params{Subprotocol: hs.Protocol})
		if err != nil {
			return
		}
		defer c.CloseNow()
		serve(c)
	})
	return nil
}

// head is what fasthttp has parsed.
func head(ctx *fasthttp.RequestCtx) httpx.Request {
	r := httpx.Request{
		Method:  ctx.Method(),
		Target:  ctx.RequestURI(),
		Version: httpx.Version{Major: 1},
	}
	if ctx.Request.Header.IsHTTP11() {
		r.Version.Minor = 1
	}
	for name, value := range ctx.Request.Header.All() {
		r.Fields = append(r.Fields, httpx.Field{Name: bytes.Clone(name), Value: bytes.Clone(value)})
	}
	return r
}
