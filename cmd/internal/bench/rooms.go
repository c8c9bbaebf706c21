package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wirews/wirews/cmd/internal/process"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// The modes in which a server sends what one says to all others in a room.
const (
	FanOut Mode = "fanout" // one in each room speaks
	Chat   Mode = "chat"   // all do, in turn
)

// rooms drives connections that talk with each other. Each has a goroutine of its own:
// the server's work is many times that of the load generator here.
type rooms struct {
	*shared
	dialing  *threads
	members  []*member
	speakers []*member
	said     *said
}

// speakRate is how many messages a second are said where nothing else was asked for.
const speakRate = 10

// inRooms reports whether the connections talk with each other.
func (m Mode) inRooms() bool { return m == FanOut || m == Chat }

// roomSize returns how many members a room has.
func (o Options) roomSize() int {
	if o.RoomSize == 0 {
		return o.Connections
	}
	return o.RoomSize
}

func newRooms(s *shared, sinks []*recorder) *rooms {
	d := &rooms{shared: s, dialing: newThreads(s, nil, nil), said: newSaid(s.o.Size)}
	size := s.o.roomSize()
	for id := range s.o.Connections {
		d.members = append(d.members, &member{id: id, room: id / size, of: d, sink: sinks[id%len(sinks)], latency: newRough()})
	}
	// A speaker of one room after the other, so that no room has all of a moment.
	turns := 1
	if s.o.Mode == Chat {
		turns = size
	}
	for turn := range turns {
		for first := 0; first < len(d.members); first += size {
			if id := first + turn; id < min(first+size, len(d.members)) {
				m := d.members[id]
				d.speakers = append(d.speakers, m)
			}
		}
	}
	return d
}

func (d *rooms) run(opened func()) {
	defer d.dialing.leave()
	var opening sync.WaitGroup
	places := make(chan struct{}, 128)
	for _, m := range d.members {
		places <- struct{}{}
		opening.Go(func() {
			m.open()
			<-places
		})
	}
	opening.Wait()
	opened()
	var listening sync.WaitGroup
	for _, m := range d.members {
		if m.conn != nil {
			listening.Go(m.listen)
		}
	}
	if p := d.dialing.await(); p != nil {
		d.said.begin(p)
		d.speak(p)
		d.awaitDeliveries(p)
	}
	d.dialing.leave()
	for _, m := range d.members {
		if m.conn != nil {
			listening.Go(m.goAway)
		}
	}
	listening.Wait()
}

// speak has each message said when it is due.
func (d *rooms) speak(p *plan) {
	for number := int64(0); !d.stop.Load(); number++ {
		due := p.pace.at(0, number)
		if due >= p.to {
			return
		}
		for now := d.now(); now < due && !d.stop.Load(); now = d.now() {
			process.Pause(time.Duration(min(due-now, int64(20*time.Millisecond))))
		}
		m := d.speakers[number%int64(len(d.speakers))]
		m.sink.late(due, d.now())
		m.say(number)
	}
}

// awaitDeliveries waits until everybody has heard all, and counts what was not heard.
func (d *rooms) awaitDeliveries(p *plan) {
	for d.now() < p.giveUp && d.missing() > 0 && !d.stop.Load() {
		time.Sleep(time.Millisecond)
	}
	if d.stop.Load() {
		return
	}
	for _, m := range d.members {
		if n := m.missing(); n > 0 && m.conn != nil {
			d.failures.miss(m.id, n, count(n, "message")+" of others not heard")
		}
	}
}

func (d *rooms) missing() (n int64) {
	for _, m := range d.members {
		if m.conn != nil && !m.gone.Load() {
			n += m.missing()
		}
	}
	return n
}

// address returns where a member connects to: in the URL, {room} and {name} are
// replaced.
func (m *member) address() string {
	room, name := "bench-"+strconv.Itoa(m.room), "bench-"+strconv.Itoa(m.id)
	return strings.NewReplacer("{room}", room, "%7Broom%7D", room, "{name}", name, "%7Bname%7D", name).Replace(m.of.o.URL.String())
}

// checkRooms reports what makes no sense in the modes of rooms.
func (o Options) checkRooms() error {
	size := o.roomSize()
	switch {
	case o.RoomSize != 0 && !o.Mode.inRooms():
		return fmt.Errorf("a size of rooms is for the modes fanout and chat, not for %s", o.Mode)
	case !o.Mode.inRooms():
		return nil
	case o.Connections < 2 || size < 2 || o.RoomSize < 0:
		return fmt.Errorf("%d connections in rooms of %d: it takes two to talk", o.Connections, size)
	case size < o.Connections && !strings.Contains(o.URL.String(), "room}") && !strings.Contains(o.URL.String(), "room%7D"):
		return fmt.Errorf("the URL has no {room}, so that there is one room for %d connections, and not one for each %d", o.Connections, size)
	case o.Size < minSaid:
		return fmt.Errorf("payload of %d bytes: what is said needs %d, so that it is known again", o.Size, minSaid)
	case o.Raw || o.Fragment > 0 || o.FreshMasks || o.InFlight > 0:
		return fmt.Errorf("the mode %s knows no raw server, no frames of a size, no fresh masks and no number in flight", o.Mode)
	case float64(o.Duration+o.Warmup)/1e9*o.Rate > maxSaidNumber:
		return fmt.Errorf("that is more than %d messages: a lower rate or a shorter time", maxSaidNumber)
	}
	return nil
}

// dial opens the connection of a member.
func (m *member) dial() (*websocket.Conn, error) {
	d := m.of
	t := &threaded{link: link{id: m.id}}
	conn, hs, err := d.dialing.dialURL(t, m.address())
	if err != nil {
		return nil, err
	}
	params := websocket.Params{State: ws.StateClientSide, Options: &websocket.AcceptOptions{
		Queue: &wsproto.Queue{Messages: 1 << 20, Bytes: 1 << 26}, // nobody else waits for a slow server
	}}
	if d.o.Compress {
		agreed, ok, err := d.offers().Accepted(hs.Extensions)
		if err == nil && !ok {
			err = errNoCompression
		}
		if err != nil {
			conn.Close()
			return nil, err
		}
		params.Compression = &agreed
	}
	c, err := websocket.New(conn, params)
	if err != nil {
		conn.Close()
		return nil, err
	}
	c.SetReadLimit(-1)
	return c, nil
}

// leaving is how long a server has to answer a close frame.
func leaving() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Duration(leaveTime))
}
