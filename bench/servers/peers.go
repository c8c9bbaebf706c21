package main

import (
	"context"
	"net"
	"net/http"
	"sync"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"
	"github.com/lxzan/gws"
)

// The peers, as their users write them.

func coderPull(conn net.Conn) {
	overHTTP(conn, func(w http.ResponseWriter, r *http.Request) {
		c, err := coder.Accept(w, r, &coder.AcceptOptions{InsecureSkipVerify: true})
		if err != nil {
			return
		}
		c.SetReadLimit(-1)
		ctx := context.Background()
		for {
			t, m, err := c.Read(ctx)
			if err != nil || c.Write(ctx, t, m) != nil {
				return
			}
		}
	})
}

var gorillaUpgrader = gorilla.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

func gorillaPull(conn net.Conn) {
	overHTTP(conn, func(w http.ResponseWriter, r *http.Request) {
		c, err := gorillaUpgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		for {
			t, m, err := c.ReadMessage()
			if err != nil || c.WriteMessage(t, m) != nil {
				return
			}
		}
	})
}

type gwsEcho struct{ gws.BuiltinEventHandler }

func (gwsEcho) OnMessage(c *gws.Conn, m *gws.Message) {
	c.WriteMessage(m.Opcode, m.Bytes())
	m.Close()
}

var gwsUpgrader = gws.NewUpgrader(gwsEcho{}, nil)

func gwsHandler(conn net.Conn) {
	overHTTP(conn, func(w http.ResponseWriter, r *http.Request) {
		c, err := gwsUpgrader.Upgrade(w, r)
		if err != nil {
			return
		}
		c.ReadLoop()
	})
}

// overHTTP serves one connection by net/http, and returns when its handler has.
func overHTTP(conn net.Conn, handler http.HandlerFunc) {
	done := make(chan struct{})
	l := &oneConn{conn: conn, done: done}
	http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		handler(w, r)
	}))
}

// oneConn is a listener for a connection that has been accepted already.
type oneConn struct {
	once sync.Once
	conn net.Conn
	done chan struct{}
}

func (l *oneConn) Accept() (conn net.Conn, err error) {
	l.once.Do(func() { conn = l.conn })
	if conn == nil {
		<-l.done
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return l.conn.LocalAddr() }
