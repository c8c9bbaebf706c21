package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	gorilla "github.com/gorilla/websocket"
	"github.com/lxzan/gws"
	"github.com/olahol/melody"

	"github.com/wirews/wirews/bench/internal/measure"
	"github.com/wirews/wirews/bench/internal/page"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wsutil"
)

// everyonePayload is what a client says to all, in bytes: that of uWebSockets'
// broadcast_test, whose load this is.
const everyonePayload = 20

// chat is a server that sends what one says to all, the one included.
type chat struct {
	name  string
	serve func(s *server)
}

var chats = []chat{
	{limit, rawToAll},
	{"wirews wshub", hubToAll},
	{"wirews Broadcast", broadcastToAll},
	{"gorilla PreparedMessage", gorillaToAll},
	{"gws Broadcaster", gwsSpeak},
	{"melody", melodyToAll},
}

// chatPart is the command that makes this part of docs/performance.md.
const chatPart = "make bench-chat"

const chatWords = `## uwebsockets-broadcast

The load of uWebSockets' broadcast_test: %d clients say %d bytes each at once, the server sends what each says to all of
them, and when all have everything they speak again; %d rounds of %d times. CPU time of the server for each delivered
message, and as a ratio to writes of the ready frame in the same round: median, least and most. The limit writes each
message to each client by a system call of its own; what has a queue can write several together.

| | µs | ratio |
|---|---|---|
`

// measureChats has n clients say something at once, many times, each time until all
// have heard all, and writes a part of the page.
func measureChats(n, times, rounds int, out string) error {
	results, err := compare(len(chats), rounds, func(i int) (string, float64, error) {
		cost, err := everyone(chats[i], n, times)
		return chats[i].name, cost, err
	})
	if err != nil {
		return err
	}
	text := fmt.Sprintf(chatWords, n, everyonePayload, rounds, times)
	for _, r := range results {
		slices.Sort(r.ratios)
		text += fmt.Sprintf("| %s | %.2f | %.2f [%.2f to %.2f] |\n", r.name, measure.Median(r.costs), measure.Median(r.ratios), r.ratios[0], r.ratios[len(r.ratios)-1])
	}
	fmt.Print(text)
	if out == "" {
		return nil
	}
	return page.Write(out, chatPart, text)
}

// everyone returns the microseconds of CPU time for each delivered message.
func everyone(c chat, n, times int) (float64, error) {
	s, err := listen()
	if err != nil {
		return 0, err
	}
	defer s.close()
	c.serve(s)
	clients, err := startReceivers(s.addr(), measurement{receivers: n})
	if err != nil {
		return 0, err
	}
	defer clients.stop()
	if err := s.await(n); err != nil {
		return 0, err
	}
	begun := measure.CPUTime()
	for range times {
		fmt.Fprintln(clients.in, "say")
		if err := clients.await(n * n * (headSize(everyonePayload) + everyonePayload)); err != nil {
			return 0, err
		}
	}
	used := measure.CPUTime() - begun
	return float64(used.Nanoseconds()) / 1e3 / float64(times*n*n), nil
}

// say is for the clients: each says something.
func say() error {
	mask := ws.NewMask()
	frame := ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewBinaryFrame([]byte(strings.Repeat("x", everyonePayload))), mask))
	for _, c := range kept {
		if _, err := c.Write(frame); err != nil {
			return err
		}
	}
	return nil
}

// joining is a group that others send to while it grows.
type joining[C any] struct {
	mu  sync.RWMutex
	all []C
}

func (g *joining[C]) add(c C) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all = append(g.all, c)
}

func (g *joining[C]) each(f func(C)) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, c := range g.all {
		f(c)
	}
}

func rawToAll(s *server) {
	var conns joining[func([]byte)]
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		conn, _, _, err := ws.UpgradeHTTP(r, w)
		must(err)
		defer conn.Close()
		conns.add(func(frame []byte) { conn.Write(frame) })
		s.join()
		for {
			p, err := wsutil.ReadClientBinary(conn)
			if err != nil {
				return
			}
			frame := ws.AppendFrame(nil, ws.NewBinaryFrame(p))
			conns.each(func(write func([]byte)) { write(frame) })
		}
	})
}

// converse accepts connections of ours, and hands on what they say.
func converse(s *server, joined func(*websocket.Conn), said func(websocket.Message)) {
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Queue: &websocket.Queue{}})
		must(err)
		defer c.CloseNow()
		joined(c)
		s.join()
		for m, err := range c.Messages(context.Background()) {
			if err != nil {
				return
			}
			said(m)
		}
	})
}

func hubToAll(s *server) {
	var hub wshub.Hub
	converse(s, func(c *websocket.Conn) { hub.Join(c, "").Subscribe("all") }, func(m websocket.Message) { hub.Publish("all", wshub.Binary(m.Data)) })
}

func broadcastToAll(s *server) {
	var conns joining[*websocket.Conn]
	converse(s, conns.add, func(m websocket.Message) {
		prepared, err := websocket.NewPreparedMessage(m.Type, m.Data)
		must(err)
		websocket.Broadcast(prepared, func(yield func(*websocket.Conn) bool) {
			conns.each(func(c *websocket.Conn) { yield(c) })
		})
	})
}

// locked is a connection that one goroutine at a time may write to.
type locked struct {
	sync.Mutex
	*gorilla.Conn
}

func gorillaToAll(s *server) {
	var conns joining[*locked]
	var u gorilla.Upgrader
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		c, err := u.Upgrade(w, r, nil)
		must(err)
		defer c.Close()
		conns.add(&locked{Conn: c})
		s.join()
		for {
			typ, p, err := c.ReadMessage()
			if err != nil {
				return
			}
			m, err := gorilla.NewPreparedMessage(typ, p)
			must(err)
			conns.each(func(c *locked) {
				c.Lock()
				defer c.Unlock()
				c.WritePreparedMessage(m)
			})
		}
	})
}

// gwsToAll sends what one says to all.
type gwsToAll struct {
	gws.BuiltinEventHandler
	conns joining[*gws.Conn]
}

func (h *gwsToAll) OnMessage(_ *gws.Conn, m *gws.Message) {
	defer m.Close()
	b := gws.NewBroadcaster(m.Opcode, append([]byte(nil), m.Bytes()...))
	defer b.Close()
	h.conns.each(func(c *gws.Conn) { b.Broadcast(c) })
}

func gwsSpeak(s *server) {
	h := new(gwsToAll)
	u := gws.NewUpgrader(h, nil)
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		c, err := u.Upgrade(w, r)
		must(err)
		h.conns.add(c)
		s.join()
		c.ReadLoop()
	})
}

func melodyToAll(s *server) {
	m := melody.New()
	m.HandleConnect(func(*melody.Session) { s.join() })
	m.HandleMessageBinary(func(_ *melody.Session, p []byte) { must(m.BroadcastBinary(p)) })
	m.Config.MessageBufferSize = 4096 // it drops what does not fit, and the default of 256 is less than a round
	s.serve(func(w http.ResponseWriter, r *http.Request) { must(m.HandleRequest(w, r)) })
	go func() { <-s.done; m.Close() }()
}
