//go:build !nobus && unix

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

// client is in a room of some node. When it loses its connection it goes on where it
// was, at the next node.
type client struct {
	*record
	room  string
	nodes []*node
	home  int // the node that it begins at
	// leaves says that it notices after a while that a node answers nothing. Otherwise it
	// waits for as long as that takes.
	leaves bool

	answers chan happening // to what it says
	first   time.Duration  // how long it waits at most before it comes back
	let     func()         // is called when it is let in; nil: nothing is
}

const (
	dialLimit  = 5 * time.Second
	longWait   = 5 * time.Second
	aliveEvery = 2 * time.Second
)

// run stays in the room until ctx ends.
func (c *client) run(ctx context.Context, use func(ctx context.Context, conn *websocket.Conn)) {
	wait := c.first
	for at := c.home; ctx.Err() == nil; at++ {
		if c.visit(ctx, c.nodes[at%len(c.nodes)], use) {
			wait = c.first
		}
		select {
		case <-time.After(rand.N(wait)):
		case <-ctx.Done():
		}
		wait = min(2*wait, longWait)
	}
}

// visit is one connection. It reports whether the client was let in.
func (c *client) visit(ctx context.Context, n *node, use func(ctx context.Context, conn *websocket.Conn)) (welcome bool) {
	query := url.Values{"room": {c.room}, "name": {c.name}, "after": {c.position().String()}, "receipts": {""}}
	limited, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	options := &websocket.DialOptions{}
	if c.leaves {
		options.KeepAlive = websocket.KeepAlive{Interval: aliveEvery}
	}
	conn, _, err := websocket.Dial(limited, "ws://"+n.addr+"/chat?"+query.Encode(), options)
	if err != nil {
		return false
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	connected, end := context.WithCancel(ctx)
	var using sync.WaitGroup
	defer using.Wait()
	defer end()
	if use != nil {
		using.Go(func() { use(connected, conn) })
	}
	for {
		var h happening
		if err := wsjson.Read(ctx, conn, &h); err != nil {
			return welcome
		}
		if h.Event == "welcome" {
			welcome = true
			if c.let != nil {
				c.let()
			}
		}
		if h.Event == "said" || h.Event == "failed" {
			select {
			case c.answers <- h:
			default: // nobody waits for it any more
			}
			continue
		}
		c.take(h)
	}
}

// talker is a client that says something all the time, and keeps what of that was
// acknowledged.
type talker struct {
	client
	every time.Duration
	quiet atomic.Bool // it has nothing to say any more

	mu     sync.Mutex
	number int
	acked  []said
	failed int
}

// talk says something until ctx ends.
func (t *talker) talk(ctx context.Context, conn *websocket.Conn) {
	ticker := time.NewTicker(t.every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if !t.quiet.Load() && !t.say(ctx, conn) {
			conn.CloseNow() // it goes to another node
			return
		}
	}
}

// say says the next number, and reports whether that was acknowledged.
func (t *talker) say(ctx context.Context, conn *websocket.Conn) bool {
	t.mu.Lock()
	t.number++
	text := fmt.Sprint(t.name, "-", t.number)
	t.mu.Unlock()
	if conn.Write(ctx, websocket.MessageText, []byte(text)) != nil {
		return false
	}
	for {
		select {
		case h := <-t.answers:
			if h.Text != text {
				continue // of a connection before
			}
			t.mu.Lock()
			defer t.mu.Unlock()
			if h.Event == "failed" {
				t.failed++
				return false
			}
			t.acked = append(t.acked, said{text, h.At})
			return true
		case <-ctx.Done():
			return false
		}
	}
}

// acknowledged returns how much was acknowledged so far.
func (t *talker) acknowledged() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.acked)
}

// numbers returns how much it has said.
func (t *talker) numbers() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.number
}
