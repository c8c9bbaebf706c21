package serve

import (
	"context"
	"time"

	"github.com/wirews/wirews/websocket"
)

// outlet is how a member of a chat is sent what is said. None of its methods waits for
// the peer, but pace.
type outlet interface {
	// put has p sent. It reports false if too much waits already.
	put(p *said) bool
	// pace waits, if it has to, until the member may say more: whoever says more than it
	// reads itself is slowed down, and not dropped for its own words.
	pace()
	// drop closes the connection of a member that is too slow. It is called once.
	drop()
	// end is called once nothing comes from the member any more.
	end()
}

// line is an outlet over a connection that may be waited for: what is said waits in a
// bounded queue for a goroutine that sends it.
type line struct {
	*session
	conn    *websocket.Conn
	queue   chan *said    // members share what is in it
	taken   chan struct{} // has a value after each one that was taken from the queue
	dropped chan struct{} // closed when the queue was full
	ended   chan struct{} // closed when nothing comes from the peer any more
	silent  chan struct{} // closed when nothing is sent to it any more
}

func newLine(c *session, conn *websocket.Conn, most int) *line {
	l := &line{
		session: c, conn: conn,
		queue: make(chan *said, most),
		taken: make(chan struct{}, 1), dropped: make(chan struct{}),
		ended: make(chan struct{}), silent: make(chan struct{}),
	}
	c.pushing.Go(l.run)
	return l
}

func (l *line) put(p *said) bool {
	select {
	case l.queue <- p:
		return true
	default:
		return false
	}
}

// pace waits until half of the queue is free.
func (l *line) pace() {
	for 2*len(l.queue) > cap(l.queue) {
		select {
		case <-l.taken:
		case <-l.dropped:
			return
		case <-l.silent:
			return
		}
	}
}

func (l *line) end() { close(l.ended) }

func (l *line) drop() {
	close(l.dropped)
	l.pushing.Go(l.giveUp)
}

// run sends what is in the queue.
func (l *line) run() {
	defer close(l.silent)
	for {
		select {
		case <-l.dropped:
			return
		case <-l.ended:
			return
		default:
		}
		select {
		case p := <-l.queue:
			select {
			case l.taken <- struct{}{}:
			default: // has one already
			}
			l.vars.sent.count(p.size)
			if l.conn.WritePrepared(context.Background(), p.message) != nil {
				return
			}
		case <-l.dropped:
		case <-l.ended:
		}
	}
}

// dropTime is how long a member that was too slow has to take what is being
// written to it, to be told so, and to answer.
const dropTime = 5 * time.Second

// tooSlow is the reason that it is told.
const tooSlow = "too slow for this room"

// giveUp tells the peer that it was too slow, and waits a while for its answer.
func (l *line) giveUp() {
	ctx, cancel := context.WithTimeout(context.Background(), dropTime)
	defer cancel()
	l.conn.CloseContext(ctx, websocket.StatusTryAgainLater, tooSlow)
	select {
	case <-l.ended:
	case <-ctx.Done():
		l.conn.CloseNow()
	}
}
