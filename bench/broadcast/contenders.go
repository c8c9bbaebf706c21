package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"sync"

	gorilla "github.com/gorilla/websocket"
	"github.com/lxzan/gws"
	"github.com/olahol/melody"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wspoll"
)

// limit is the contender that the others are compared to.
const limit = "loop of raw writes"

// contender sends one message to many.
type contender struct {
	name string
	// start begins to accept connections. What it returns makes a function that
	// sends a payload to all of them.
	start func(s *server) func(payload []byte) (send func())
	// more is how many bytes of payload it adds.
	more int
}

var contenders = []contender{
	{limit, raw, 0},
	{"wirews Broadcast", func(s *server) func([]byte) func() { return wirewsBroadcast(s, 0) }, 0},
	{"wirews without NOTSENT_LOWAT", func(s *server) func([]byte) func() { return wirewsBroadcast(s, -1) }, 0},
	{"wirews wshub", wirewsHub(nil), 0},
	{"wirews wshub that keeps 100", wirewsHub(keepsAHundred), 0},
	{"wirews WritePrepared", wirewsPrepared, 0},
	{"wspoll WritePrepared", wspollPrepared, 0},
	{"wspoll wshub", wspollHub, 0},
	{"gorilla PreparedMessage", gorillaPrepared, 0},
	{"gorilla, a hub as in its chat", gorillaChat, 0},
	{"gws Broadcaster", gwsBroadcaster, 0},
	{"melody", melodyBroadcast, 0},
	{"centrifuge Node.Publish", centrifugeNode, len(pushed) - len("%s")},
}

// group is the connections that have been accepted.
type group[C any] struct {
	mu  sync.Mutex
	all []C
}

func (g *group[C]) add(c C) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all = append(g.all, c)
}

// each returns a function that calls f for all.
func (g *group[C]) each(f func(C) error) func() {
	return func() {
		for _, c := range g.all {
			must(f(c))
		}
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func raw(s *server) func([]byte) func() {
	var g group[net.Conn]
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		conn, _, _, err := ws.UpgradeHTTP(r, w)
		must(err)
		defer conn.Close()
		g.add(conn)
		s.stay()
	})
	return func(payload []byte) func() {
		frame := ws.AppendFrame(nil, ws.NewTextFrame(payload))
		return g.each(func(c net.Conn) error { _, err := c.Write(frame); return err })
	}
}

// accept has connections of ours accepted.
func accept(s *server, opts *websocket.AcceptOptions, joined func(c *websocket.Conn)) {
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, opts)
		must(err)
		defer c.CloseNow()
		joined(c)
		s.stay()
	})
}

func wirewsBroadcast(s *server, lowat int) func([]byte) func() {
	var g group[*websocket.Conn]
	accept(s, &websocket.AcceptOptions{Queue: &websocket.Queue{Bytes: 16 << 20, NotSentLowat: lowat}}, g.add)
	return func(payload []byte) func() {
		return func() {
			m, err := websocket.NewPreparedMessage(websocket.MessageText, payload)
			must(err)
			if n := websocket.Broadcast(m, func(yield func(*websocket.Conn) bool) {
				for _, c := range g.all {
					if !yield(c) {
						return
					}
				}
			}); n > 0 {
				log.Fatalf("%d have refused it", n)
			}
		}
	}
}

func wirewsPrepared(s *server) func([]byte) func() {
	var g group[*websocket.Conn]
	accept(s, nil, g.add)
	return func(payload []byte) func() {
		return func() {
			m, err := websocket.NewPreparedMessage(websocket.MessageText, payload)
			must(err)
			g.each(func(c *websocket.Conn) error { return c.WritePrepared(context.Background(), m) })()
		}
	}
}

// poll has connections accepted by package wspoll.
func poll(s *server, joined func(c *wspoll.Conn)) {
	p := &wspoll.Server{OnOpen: func(c *wspoll.Conn) {
		joined(c)
		s.join()
	}}
	go p.Serve(s.listener)
	go func() { <-s.done; p.Close() }()
}

func wspollPrepared(s *server) func([]byte) func() {
	var g group[*wspoll.Conn]
	poll(s, g.add)
	return func(payload []byte) func() {
		return func() {
			m := wsflate.NewPreparedMessage(ws.OpText, payload)
			g.each(func(c *wspoll.Conn) error { return c.WritePrepared(m) })()
		}
	}
}

func wspollHub(s *server) func([]byte) func() {
	var h wshub.Hub
	poll(s, func(c *wspoll.Conn) { h.Join(c, "").Subscribe("all") })
	return func(payload []byte) func() {
		return func() { h.Publish("all", wshub.Text(payload)) }
	}
}

func gorillaPrepared(s *server) func([]byte) func() {
	var g group[*gorilla.Conn]
	var u gorilla.Upgrader
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		c, err := u.Upgrade(w, r, nil)
		must(err)
		defer c.Close()
		g.add(c)
		s.stay()
	})
	return func(payload []byte) func() {
		return func() {
			m, err := gorilla.NewPreparedMessage(gorilla.TextMessage, payload)
			must(err)
			g.each(func(c *gorilla.Conn) error { return c.WritePreparedMessage(m) })()
		}
	}
}

func gwsBroadcaster(s *server) func([]byte) func() {
	var g group[*gws.Conn]
	u := gws.NewUpgrader(new(gws.BuiltinEventHandler), nil)
	s.serve(func(w http.ResponseWriter, r *http.Request) {
		c, err := u.Upgrade(w, r)
		must(err)
		defer c.NetConn().Close()
		g.add(c)
		s.stay()
	})
	return func(payload []byte) func() {
		return func() {
			b := gws.NewBroadcaster(gws.OpcodeText, payload)
			defer b.Close()
			g.each(func(c *gws.Conn) error { return b.Broadcast(c) })()
		}
	}
}

func melodyBroadcast(s *server) func([]byte) func() {
	m := melody.New()
	m.HandleConnect(func(*melody.Session) { s.join() })
	s.serve(func(w http.ResponseWriter, r *http.Request) { must(m.HandleRequest(w, r)) })
	go func() { <-s.done; m.Close() }()
	return func(payload []byte) func() {
		return func() { must(m.Broadcast(payload)) }
	}
}
