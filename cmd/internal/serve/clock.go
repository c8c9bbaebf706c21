package serve

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/wirews/wirews/websocket"
)

const maxRate = 1000 // messages a second

// clock sends the time, as often as the request has asked for. What it is sent
// it does not mind.
type clock struct {
	*session
	every time.Duration
	ended chan struct{}
}

// tick is a message of a clock.
type tick struct {
	N    int64     `json:"n"` // counts from 1
	Time time.Time `json:"time"`
}

// prepareClock reads the rate, in messages a second; the default is 1.
func prepareClock(query url.Values) (start, error) {
	rate := 1.0
	if word := query.Get("rate"); word != "" {
		var err error
		// The comparison is made this way round for the sake of NaN.
		if rate, err = strconv.ParseFloat(word, 64); err != nil || !(rate >= 0.001 && rate <= maxRate) {
			return nil, fmt.Errorf("serve: rate is %q, want a number of messages a second from 0.001 to %d", word, maxRate)
		}
	}
	every := time.Duration(float64(time.Second) / rate)
	return func(c *session) service {
		return &clock{session: c, every: every, ended: make(chan struct{})}
	}, nil
}

func (c *clock) begin() { c.pushing.Go(c.run) }

func (c *clock) message(websocket.MessageType, []byte) error { return nil }

func (c *clock) stop() { close(c.ended) }

func (c *clock) run() {
	// A ticker waits for who is slow: to a peer that does not keep up with the
	// rate less is sent, and never late.
	ticker := time.NewTicker(c.every)
	defer ticker.Stop()
	for n := int64(1); ; n++ {
		p, err := json.Marshal(tick{n, time.Now().UTC()})
		if err != nil {
			panic(err) // the year is beyond 9999
		}
		if !c.loses() {
			if c.push(websocket.MessageText, p) != nil {
				return
			}
		}
		select {
		case <-ticker.C:
		case <-c.ended:
			return
		}
	}
}
