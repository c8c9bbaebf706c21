package serve

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wshub"
)

// nodesTopic is where the servers that share a bus say who is in their rooms.
const nodesTopic = "nodes"

const (
	newsEvery  = time.Second      // how often a node says who is there at most
	againEvery = 5 * time.Second  // and at least
	silence    = 15 * time.Second // after which a node counts as dead
)

// A node names so many members, of one room and of all: a list is for reading.
const (
	maxOfRoom = 100
	maxOfNode = 1000
)

// announcement is what a node says of itself. It replaces what it has said before.
type announcement struct {
	ID    string              `json:"id"`   // of the process
	Node  string              `json:"node"` // its name
	Rooms map[string][]string `json:"rooms,omitempty"`
	More  bool                `json:"more,omitempty"` // not all are named
	Gone  bool                `json:"gone,omitempty"` // it has ended
}

// other is another node.
type other struct {
	announcement
	heard time.Time
}

// others are the other nodes, by their ids.
type others map[string]*other

// in returns who is in a room at other nodes.
func (o others) in(room string) (all []string) {
	for _, node := range o {
		all = append(all, node.Rooms[room]...)
	}
	return all
}

// cluster is this node among others. It is the hub's subscriber for what they say.
type cluster struct {
	rooms *rooms
	id    string
	log   *slog.Logger
	twin  string // the id of another node with our name, which has been logged
}

func newCluster(r *rooms, log *slog.Logger) *cluster {
	return &cluster{rooms: r, id: strconv.FormatUint(rand.Uint64(), 36), log: log}
}

// run tells other nodes who is here, and hears from them, until ctx ends.
func (c *cluster) run(ctx context.Context) {
	hears := c.rooms.hub.Join(c, "")
	defer hears.Leave()
	hears.Subscribe(nodesTopic)
	ticker := time.NewTicker(newsEvery)
	defer ticker.Stop()
	well, last := true, time.Time{}
	for ctx.Err() == nil {
		if due := time.Since(last) >= againEvery; c.rooms.takeNews() || due {
			here, more := c.rooms.here()
			err := c.say(ctx, announcement{Rooms: here, More: more})
			last = time.Now()
			if now := err == nil; now != well && ctx.Err() == nil {
				well = now
				c.report(err)
			}
		}
		for _, gone := range c.rooms.expire(time.Now()) {
			c.log.Warn("a node is silent", "node", gone.Node)
			c.tell(gone, announcement{})
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
	farewell, cancel := context.WithTimeout(context.WithoutCancel(ctx), newsEvery)
	defer cancel()
	c.say(farewell, announcement{Gone: true}) // if it fails, they notice by our silence
}

func (c *cluster) say(ctx context.Context, a announcement) error {
	a.ID, a.Node = c.id, c.rooms.node
	p, err := json.Marshal(a)
	if err != nil {
		panic(err) // strings cannot fail
	}
	ctx, cancel := context.WithTimeout(ctx, sayTimeout)
	defer cancel()
	_, err = c.rooms.hub.PublishContext(ctx, nodesTopic, wshub.Text(p))
	return err
}

// report logs that the bus has begun to fail, or to work again.
func (c *cluster) report(err error) {
	if err != nil {
		c.log.Error("the bus fails: what is said reaches nobody until it works again", "err", err)
		return
	}
	c.log.Info("the bus works again")
}

// Deliver takes what a node says.
func (c *cluster) Deliver(p *wsflate.PreparedMessage, _ string) error {
	var a announcement
	if json.Unmarshal(p.Payload(), &a) != nil || a.ID == "" || a.ID == c.id {
		return nil
	}
	if a.Node == c.rooms.node && !a.Gone && a.ID != c.twin {
		c.twin = a.ID
		c.log.Error("another node has the same name: give one of them another --node", "node", a.Node)
	}
	before, isNew := c.rooms.hear(a, time.Now())
	if isNew {
		c.log.Info("a node is there", "node", a.Node)
	}
	if a.Gone {
		c.log.Info("a node has ended", "node", a.Node)
	}
	c.tell(before, a)
	return nil
}

// tell tells those at this node who has come and who has left at another one. Of those
// that are not named it knows nothing.
func (c *cluster) tell(before, now announcement) {
	each := func(of, without announcement, event string) {
		for room, names := range of.Rooms {
			for _, name := range names {
				if !slices.Contains(without.Rooms[room], name) {
					c.rooms.tell(room, happening{Event: event, Name: name})
				}
			}
		}
	}
	if !now.More {
		each(before, now, "leave")
	}
	if !before.More {
		each(now, before, "join")
	}
}

// takeNews reports whether anybody has come or left since the last time.
func (r *rooms) takeNews() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	news := r.news
	r.news = false
	return news
}

// here returns who is in the rooms of this node, as far as it names them, and whether
// there are more.
func (r *rooms) here() (all map[string][]string, more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all = make(map[string][]string)
	left := maxOfNode
	for _, name := range slices.Sorted(maps.Keys(r.byName)) {
		members := r.byName[name].members
		n := min(len(members), maxOfRoom, left)
		more = more || n < len(members)
		if left -= n; n > 0 {
			all[name] = slices.Sorted(maps.Keys(members))[:n]
		}
	}
	return all, more
}

// hear takes what a node says, and returns what it said before.
func (r *rooms) hear(a announcement, now time.Time) (before announcement, isNew bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.others[a.ID]; known != nil {
		before = known.announcement
	} else {
		isNew = !a.Gone
		r.news = true // it has not heard of us
	}
	if a.Gone {
		delete(r.others, a.ID)
	} else {
		r.others[a.ID] = &other{a, now}
	}
	return before, isNew
}

// expire forgets the nodes that have been silent for too long, and returns what they
// said last.
func (r *rooms) expire(now time.Time) (gone []announcement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, node := range r.others {
		if now.Sub(node.heard) >= silence {
			gone = append(gone, node.announcement)
			delete(r.others, id)
		}
	}
	return gone
}
