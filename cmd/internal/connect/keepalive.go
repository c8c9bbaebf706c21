package connect

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/wirews/wirews/cmd/internal/exit"
)

// keepAlivePayload is that of the pings that nobody has typed.
const keepAlivePayload = "keepalive"

// alive is whether the server is still there.
type alive struct {
	interval time.Duration // at which it is pinged; 0: only when the user asks for it
	heard    atomic.Int64  // when something came last, in time since the connection was opened
	silent   atomic.Int64  // for how long nothing came, when that has ended the connection
}

// keepAlive sends a ping at each interval, if there is one, until stop is called,
// and ends the connection when for two of them nothing has come, not even a pong.
func (c *conn) keepAlive() (stop func()) {
	every := c.alive.interval
	if every <= 0 {
		return func() {}
	}
	c.alive.heard.Store(int64(time.Since(c.begun)))
	stopped, pinging := make(chan struct{}), make(chan struct{}, 1)
	go func() {
		ticks := time.NewTicker(every)
		defer ticks.Stop()
		for {
			select {
			case <-stopped:
				return
			case <-ticks.C:
			}
			silent := time.Since(c.begun) - time.Duration(c.alive.heard.Load())
			if silent >= 2*every {
				c.alive.silent.Store(int64(silent))
				c.net.Close()
				return
			}
			select {
			case pinging <- struct{}{}:
				// Beside the wait: a server that takes nothing is to be missed too.
				go func() {
					c.write(func(dst []byte) ([]byte, error) { return c.proto.AppendPing(dst, []byte(keepAlivePayload)) })
					<-pinging
				}()
			default:
			}
		}
	}()
	return func() { close(stopped) }
}

// lost returns what keepAlive has found, or nil.
func (c *conn) lost() error {
	silent := time.Duration(c.alive.silent.Load())
	if silent == 0 {
		return nil
	}
	return exit.With(exit.Lost, fmt.Errorf("the connection was lost: %w for %v", errSilent, silent.Round(time.Second)))
}

var errSilent = errors.New("the server has sent nothing, not even a pong,")
