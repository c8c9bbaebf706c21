package bench

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/wirews/wirews/websocket"
)

// member is a connection in a room.
type member struct {
	id, room int
	of       *rooms
	sink     *recorder
	conn     *websocket.Conn // nil: it could not be opened

	heard   atomic.Int64            // messages of others
	own     atomic.Int64            // messages that it has said
	gone    atomic.Bool             // the connection has ended before its time
	latency *hdrhistogram.Histogram // of what it has heard; listen's
	last    map[int]int64           // by speaker, the number of the last message that was heard; listen's
}

// newRough returns a histogram of which many fit into memory: it tells apart what
// differs by a tenth, in microseconds.
func newRough() *hdrhistogram.Histogram { return hdrhistogram.New(1, longest/1000, 1) }

var errNoCompression = errors.New("the server does not compress: it has declined permessage-deflate")

func (m *member) open() {
	conn, err := m.dial()
	if err != nil {
		m.of.failures.add(m.id, failure(Refused, err))
		return
	}
	m.conn, m.last = conn, make(map[int]int64)
	m.of.open.Add(1)
}

// say says the message of a number, without waiting for the server to take it.
func (m *member) say(number int64) {
	m.own.Add(1)
	if m.conn != nil && !m.gone.Load() {
		text := m.of.said.appendText(nil, number)
		m.conn.Enqueue(m.of.dialing.ctx, websocket.Outgoing{Type: websocket.MessageText, Data: text}) // an error shows when reading
	}
}

// missing returns how much of what others have said in its room has not come.
func (m *member) missing() int64 {
	said := int64(0)
	d := m.of
	size := d.o.roomSize()
	for _, other := range d.members[m.room*size : min((m.room+1)*size, len(d.members))] {
		if other != m {
			said += other.own.Load()
		}
	}
	return said - m.heard.Load()
}

// listen takes what comes until the connection has ended.
func (m *member) listen() {
	d := m.of
	err := m.conn.Serve(context.Background(), func(_ context.Context, _ websocket.MessageType, p []byte) error {
		return m.hear(p, d.now())
	})
	if d.dialing.ctx.Err() != nil {
		return // it was time
	}
	m.gone.Store(true)
	d.open.Add(-1)
	if _, ours := errors.AsType[*Failure](err); !ours {
		err = failure(Ended, err)
	}
	d.failures.add(m.id, err)
}

// hear looks at a message that has come at now. What nobody has said here is the
// server's own, or of somebody else in the room.
func (m *member) hear(p []byte, now int64) error {
	d := m.of
	number, ok, err := d.said.find(p)
	if err != nil {
		return failure(Wrong, err)
	}
	if !ok {
		return nil
	}
	speaker := d.speakers[number%int64(len(d.speakers))]
	switch last, before := m.last[speaker.id]; {
	case speaker == m:
		return nil // some servers send it back, and some do not
	case speaker.room != m.room:
		return failure(Wrong, fmt.Errorf("message %d of room %d has come to room %d", number, speaker.room, m.room))
	case before && number <= last:
		return failure(Wrong, fmt.Errorf("message %d of connection %d has come after its message %d", number, speaker.id, last))
	}
	m.last[speaker.id] = number
	due, timed := d.said.hear(number, now)
	m.sink.lock()
	m.sink.answer(due, now)
	m.sink.unlock()
	if timed {
		m.latency.RecordValue(min(max((now-due)/1000, 1), longest/1000))
	}
	m.heard.Add(1)
	return nil
}

// goAway closes the connection, unless it has ended.
func (m *member) goAway() {
	if m.gone.Load() {
		m.conn.CloseNow()
		return
	}
	m.of.open.Add(-1)
	ctx, cancel := leaving()
	defer cancel()
	m.conn.CloseContext(ctx, websocket.StatusNormalClosure, "")
}
