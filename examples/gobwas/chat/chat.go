package main

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

// Request is what a client sends: the method "publish" with a text, or "rename" with a
// name.
type Request struct {
	ID     int    `json:"id"`
	Method string `json:"method"`
	Text   string `json:"text,omitempty"`
	Name   string `json:"name,omitempty"`
}

// Answer is to one request.
type Answer struct {
	ID    int    `json:"id"`
	Error string `json:"error,omitempty"`
}

// Notice goes to everybody: "greet", "publish", "rename" or "goodbye".
type Notice struct {
	Method string `json:"method"`
	Name   string `json:"name"`
	Was    string `json:"was,omitempty"`
	Text   string `json:"text,omitempty"`
}

// everybody is the only topic.
const everybody = "everybody"

// chat has the names that are taken.
type chat struct {
	hub wshub.Hub

	mu    sync.Mutex
	names map[string]bool
	count int // of guests, for their first names
}

// user is what a connection keeps.
type user struct {
	name   string
	member *wshub.Member
}

// NewServer returns a chat on event loops: a user who says nothing costs no goroutine
// and no buffer. No handler waits for anything, so there are no workers.
func NewServer() *wspoll.Server {
	c := &chat{names: make(map[string]bool)}
	return &wspoll.Server{
		OnOpen:    c.open,
		OnMessage: c.message,
		OnClose:   c.close,
		Limits:    wsproto.Limits{Message: 4 << 10},
		Queue:     wsproto.Queue{Bytes: 64 << 10, WhenFull: wsproto.QueueClose},
		KeepAlive: wsproto.KeepAlive{Interval: 30 * time.Second},
	}
}

func (c *chat) open(conn *wspoll.Conn) {
	c.mu.Lock()
	c.count++
	name := fmt.Sprintf("guest-%d", c.count)
	c.names[name] = true
	c.mu.Unlock()
	u := &user{name, c.hub.Join(conn, "")}
	conn.SetValue(u)
	u.member.Subscribe(everybody)
	c.tell(Notice{Method: "greet", Name: name})
}

func (c *chat) message(conn *wspoll.Conn, op ws.OpCode, p []byte) {
	var q Request
	if err := json.Unmarshal(p, &q); op != ws.OpText || err != nil {
		conn.Close(ws.StatusUnsupportedData, "a request in JSON, please")
		return
	}
	answer := Answer{ID: q.ID}
	u := conn.Value().(*user)
	switch {
	case q.Method == "publish":
		c.tell(Notice{Method: "publish", Name: u.name, Text: q.Text})
	case q.Method != "rename":
		answer.Error = "no such method"
	case !c.rename(u, q.Name):
		answer.Error = "that name is taken"
	}
	b, _ := json.Marshal(answer) // it cannot fail
	conn.Write(ws.OpText, b)
}

// rename reports whether the name was free.
func (c *chat) rename(u *user, name string) bool {
	c.mu.Lock()
	free := name != "" && !c.names[name]
	was := u.name
	if free {
		delete(c.names, was)
		c.names[name], u.name = true, name
	}
	c.mu.Unlock()
	if free {
		c.tell(Notice{Method: "rename", Name: name, Was: was})
	}
	return free
}

func (c *chat) close(conn *wspoll.Conn, _ *wspoll.ConnError) {
	u := conn.Value().(*user)
	u.member.Leave()
	c.mu.Lock()
	delete(c.names, u.name)
	c.mu.Unlock()
	c.tell(Notice{Method: "goodbye", Name: u.name})
}

// tell sends a notice to everybody. It waits for nobody.
func (c *chat) tell(n Notice) {
	b, _ := json.Marshal(n) // it cannot fail
	c.hub.Publish(everybody, wshub.Text(b))
}
