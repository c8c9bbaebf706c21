package soak

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
	"github.com/wirews/wirews/wspoll"
	"github.com/wirews/wirews/wsproto"
)

const (
	publishers = 2
	followers  = 3   // of each topic
	ahead      = 200 // how many messages a publisher may be ahead of a follower
)

var topics = []string{"north", "south"}

// kept is what the broker and each hub keep of a topic: more than followers can miss.
func kept(string) wshub.Retention { return wshub.Retention{Messages: 2 * publishers * ahead} }

// queue is short, so that it is full now and then: what it refuses, the hub sends later.
var queue = wsproto.Queue{Bytes: 128 << 10, Messages: 16, WhenFull: websocket.QueueDropNewest}

// cluster is nodes with a hub each, whose buses meet at a broker.
type cluster struct {
	broker   *wshub.MemoryBroker
	nodes    []*node
	messages int // of each publisher in each topic

	mu      sync.Mutex
	changed chan struct{}
	got     map[string][]*follower
}

func newCluster(t *testing.T, s scale) *cluster {
	c := &cluster{broker: &wshub.MemoryBroker{Retain: kept}, messages: s.messages * s.clients, got: make(map[string][]*follower)}
	for _, begin := range []func() service{c.byWebsocket, c.byWspoll, c.byNetHTTP} {
		c.nodes = append(c.nodes, newNode(t, begin))
	}
	for _, topic := range topics {
		for i := range followers {
			c.got[topic] = append(c.got[topic], &follower{cluster: c, topic: topic, first: i})
		}
	}
	return c
}

// newHub returns the hub of a node that begins, and its bus.
func (c *cluster) newHub() (*wshub.Hub, wshub.Bus) {
	bus := c.broker.Bus()
	return &wshub.Hub{Bus: bus, Retain: kept, Encode: encode}, bus
}

// encode makes a message of an event: its kind, its position, the one before it, and the
// data.
func encode(e wshub.Event) *wsflate.PreparedMessage {
	p := fmt.Appendf(nil, "%v %v %v\n%s", e.Kind, e.Position, e.Prev, e.Data)
	return wshub.Binary(p).Prepared
}

func (c *cluster) server() (*websocket.Server, wshub.Bus) {
	hub, bus := c.newHub()
	options := accepting()
	options.Queue = &queue
	return &websocket.Server{
		Options: options,
		Handler: func(ctx context.Context, conn *websocket.Conn) {
			me := hub.Join(conn, "")
			defer me.Leave()
			for {
				_, p, err := conn.Read(ctx)
				if err != nil {
					return
				}
				subscribe(me, p)
			}
		},
	}, bus
}

// subscribe does what a client has asked for: a topic, and where it was.
func subscribe(me *wshub.Member, p []byte) {
	topic, where, _ := bytes.Cut(p, []byte("\n"))
	start := wshub.Start{Last: 2 * publishers * ahead}
	if len(where) > 0 {
		start = wshub.Start{}
		if err := start.After.UnmarshalText(where); err != nil {
			panic(err)
		}
	}
	me.SubscribeFrom(string(topic), start)
}

// endsWith has the bus of a service closed with it.
func endsWith(s service, bus wshub.Bus) service {
	return service{s.serve, func(ctx context.Context) error {
		defer bus.Close()
		return s.shutdown(ctx)
	}}
}

func (c *cluster) byWebsocket() service {
	s, bus := c.server()
	return endsWith(service{s.Serve, func(ctx context.Context) error { _, err := s.Shutdown(ctx); return err }}, bus)
}

func (c *cluster) byNetHTTP() service {
	s, bus := c.server()
	return endsWith(byNetHTTP(s), bus)
}

func (c *cluster) byWspoll() service {
	hub, bus := c.newHub()
	s := &wspoll.Server{
		Loops:            2,
		Compression:      new(wspoll.Compression),
		HandshakeTimeout: patience, StallTimeout: patience,
		Queue:     queue,
		OnOpen:    func(conn *wspoll.Conn) { conn.SetValue(hub.Join(conn, "")) },
		OnMessage: func(conn *wspoll.Conn, _ ws.OpCode, p []byte) { subscribe(conn.Value().(*wshub.Member), p) },
		OnClose:   func(conn *wspoll.Conn, _ *wsproto.ConnError) { conn.Value().(*wshub.Member).Leave() },
	}
	return endsWith(byLoops(s), bus)
}

// run publishes, and follows each topic until every follower has got everything.
func (c *cluster) run(ctx context.Context, t *testing.T, n *tally) {
	var busy sync.WaitGroup
	for _, topic := range topics {
		for i := range publishers {
			busy.Go(func() { c.publish(ctx, t, n, topic, uint64(i)) })
		}
		for _, f := range c.got[topic] {
			busy.Go(func() { f.follow(ctx, t, n) })
		}
	}
	busy.Wait()
}

// publish publishes at a hub of its own, and waits for slow followers.
func (c *cluster) publish(ctx context.Context, t *testing.T, n *tally, topic string, publisher uint64) {
	hub, bus := c.newHub()
	defer bus.Close()
	for i := range c.messages {
		if !c.await(ctx, topic, publisher, i-ahead) {
			return
		}
		p := binary.BigEndian.AppendUint64(nil, publisher)
		body, _ := text(publisher, uint64(i))
		if _, err := hub.PublishContext(ctx, topic, wshub.Binary(append(p, body...))); err != nil {
			t.Errorf("%s, publisher %d: %v", topic, publisher, err)
			return
		}
		n.do(func() { n.published++ })
	}
}

// await waits until all followers have got so many messages of a publisher.
func (c *cluster) await(ctx context.Context, topic string, publisher uint64, messages int) bool {
	for {
		c.mu.Lock()
		least := c.messages
		for _, f := range c.got[topic] {
			least = min(least, f.next[publisher])
		}
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		changed := c.changed
		c.mu.Unlock()
		if least >= messages {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// follower is a client that wants all messages of a topic, once and in order.
type follower struct {
	*cluster
	topic string
	first int // node that it goes to
	where wshub.Position
	next  [publishers]int // guarded by the cluster's lock, but for its own reads
}

// follow connects to one node after the other, until nothing is missing.
func (f *follower) follow(ctx context.Context, t *testing.T, n *tally) {
	for try := f.first; !f.done(); try++ {
		at := f.nodes[try%len(f.nodes)]
		addr, state := at.where(ctx)
		err := f.session(ctx, addr, n, 20+7*f.first)
		switch {
		case errors.Is(err, errLost), ctx.Err() != nil, err != nil && at.steady(state) && !errors.Is(err, errVanished):
			t.Errorf("%s, follower %d: %v", f.topic, f.first, err)
			return
		case err != nil:
			n.do(func() { n.resumed++ })
		}
	}
}

func (f *follower) done() bool {
	for _, next := range f.next {
		if next < f.messages {
			return false
		}
	}
	return true
}

// session gets messages, and vanishes after so many.
func (f *follower) session(ctx context.Context, addr string, n *tally, messages int) error {
	tr := new(http.Transport) // one that stays would keep a little for each address
	c, _, err := websocket.Dial(ctx, "ws://"+addr, &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: tr}, CompressionMode: websocket.CompressionContextTakeover,
	})
	if err != nil {
		return err
	}
	defer c.CloseNow()
	c.SetReadLimit(readLimit)
	ask := f.topic + "\n"
	if !f.where.IsZero() {
		ask += f.where.String()
	}
	if err := c.Write(ctx, websocket.MessageText, []byte(ask)); err != nil {
		return err
	}
	for !f.done() {
		if messages--; messages < 0 {
			return errVanished
		}
		_, p, err := c.Read(ctx)
		if err == nil {
			err = f.take(p, n)
		}
		if err != nil {
			return err
		}
	}
	return c.CloseContext(ctx, websocket.StatusNormalClosure, "")
}

// take checks a message of a node.
func (f *follower) take(p []byte, n *tally) error {
	var kind, at, prev string
	head, data, _ := bytes.Cut(p, []byte("\n"))
	if _, err := fmt.Sscan(string(head), &kind, &at, &prev); err != nil {
		return fmt.Errorf("%w: %q", errLost, head)
	}
	if kind == wshub.EventGap.String() {
		return fmt.Errorf("%w: %s", errLost, head)
	}
	if err := f.where.UnmarshalText([]byte(at)); err != nil || kind != wshub.EventMessage.String() {
		return err
	}
	if len(data) < 8 {
		return fmt.Errorf("%w: %q", errLost, data)
	}
	publisher := binary.BigEndian.Uint64(data)
	if publisher >= publishers {
		return fmt.Errorf("%w: publisher %d", errLost, publisher)
	}
	i := f.next[publisher]
	if want, _ := text(publisher, uint64(i)); !bytes.Equal(data[8:], want) {
		return fmt.Errorf("%w: %s, message %d of publisher %d has %d bytes, want %d", errLost, head, i, publisher, len(data)-8, len(want))
	}
	f.mu.Lock()
	f.next[publisher]++
	if f.changed != nil {
		close(f.changed)
		f.changed = nil
	}
	f.mu.Unlock()
	n.do(func() { n.delivered++ })
	return nil
}
