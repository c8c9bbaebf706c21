package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

// byHeader is for programs, which can set what fields they like.
func (u Users) byHeader(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return u[token]
}

// bySubprotocol is for web pages, which can set no field but this one:
//
//	new WebSocket(url, ["chat", "token." + token])
//
// The server selects "chat", and so never sends the token back.
func (u Users) bySubprotocol(r *http.Request) string {
	for _, field := range r.Header.Values("Sec-WebSocket-Protocol") {
		for p := range strings.SplitSeq(field, ",") {
			if token, found := strings.CutPrefix(strings.TrimSpace(p), "token."); found {
				return u[token]
			}
		}
	}
	return ""
}

// byMessage accepts everybody, who then have five seconds to say who they are.
func (u Users) byMessage(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // the client has been told
	}
	defer c.CloseNow()
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	c.SetReadLimit(1 << 10) // bytes
	var first struct{ Token string }
	err = wsjson.Read(ctx, c, &first)
	if user := u[first.Token]; err == nil && user != "" {
		c.SetReadLimit(1 << 20)
		greet(r.Context(), c, user)
		return
	}
	c.Close(websocket.StatusPolicyViolation, "who are you?")
}
