package wspoll

import (
	"net"

	"github.com/wirews/wirews/internal/endpoint"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// freeToWait is how many bytes wait for the socket before messages wait in the queue,
// and before the connection is not read: what it sends asks for even more.
const freeToWait = int(endpoint.HoldBatch)

// Write sends the message p, which is not kept; op is ws.OpText or ws.OpBinary. It
// never waits: what the socket does not take at once is sent by the loop, in order.
// If too much waits already, Server.Queue says what happens. nil says that the message
// will be sent unless the connection ends, or it gives way to later ones. An error
// says that nothing of it will: wsproto.ErrQueueFull or wsproto.ErrLongerThanQueue,
// after which the connection goes on, or why the connection has ended, a *ConnError.
//
// What a handler writes to its own connection leaves when the messages that have
// been received are handled, and from 62 KiB on; see Flush.
func (c *Conn) Write(op ws.OpCode, p []byte) error {
	return c.put(&endpoint.Entry[outgoing]{Message: outgoing{op: op, p: p}, Size: len(p)})
}

// WritePrepared is Write for a message that has been prepared, which is not copied.
func (c *Conn) WritePrepared(m *PreparedMessage) error { return c.Deliver(m, "") }

// Deliver is WritePrepared for a message with a key, by which wsproto.QueueKeepLatest
// goes.
func (c *Conn) Deliver(m *PreparedMessage, key string) error {
	return c.put(&endpoint.Entry[outgoing]{Message: outgoing{op: m.OpCode(), prepared: m}, Size: len(m.Payload()), Key: key})
}

// Ping sends a ping with a payload of up to 125 bytes. The errors are those of
// Write, except for a full queue, and wsproto.ErrControlTooLong.
func (c *Conn) Ping(p []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.unsendable()
	if err == nil {
		err = c.out.Ping(p)
	}
	if err == nil {
		c.loop.counts.sent.pings.Add(1)
	}
	return c.written(err)
}

// Flush sends what a handler has written to its own connection, as far as the
// socket takes it.
func (c *Conn) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush()
}

// The rest needs c.mu.

// err returns why the connection ends, and nil as long as it does not: a *ConnError
// that is nil would be an error.
func (c *Conn) err() error {
	if cause := c.end.Cause(); cause != nil {
		return cause
	}
	return nil
}

// unsendable returns why nothing can be sent, or nil.
func (c *Conn) unsendable() error {
	if err := c.err(); err != nil {
		return err
	}
	if c.failed {
		cause := wsproto.ConnError{By: wsproto.EndedByTransport, Code: ws.StatusAbnormalClosure, Err: c.end.Unsent()}
		explain(&cause)
		return &cause
	}
	return nil
}

// written sends what has just been appended, unless it is held back, and returns
// the error of that.
func (c *Conn) written(err error) error {
	if err != nil {
		return err
	}
	hold := endpoint.HoldNothing
	if c.corked {
		hold = endpoint.HoldBatch
	}
	if c.out.Due(hold) {
		c.flush()
	}
	if c.failed {
		return c.unsendable()
	}
	return nil
}

// cork holds back what is written until uncork.
func (c *Conn) cork() {
	c.mu.Lock()
	c.corked = true
	c.mu.Unlock()
}

func (c *Conn) uncork() {
	c.mu.Lock()
	c.corked = false
	c.flush()
	c.mu.Unlock()
}

// flush sends what waits, as far as the socket takes it.
func (c *Conn) flush() {
	for !c.full && c.socket != released {
		c.refill()
		if c.sending() == 0 {
			return
		}
		n, full, err := c.write(c.out.Pending())
		if err != nil {
			c.writeFailed(err)
			return
		}
		if c.out.Written(n); full {
			c.filled()
		}
	}
}

// filled notes that the socket takes no more until it is reported to.
func (c *Conn) filled() {
	c.full, c.since = true, c.loop.clock()
	c.out.Fit()
	c.tell()
}

// writeFailed notes that the socket has refused to take something. That ends
// writing only: what the peer has sent is still there to be received, and may say
// why. The end has to come soon.
func (c *Conn) writeFailed(err error) {
	if !c.failed {
		c.failed, c.since = true, c.loop.clock()
		cause := wsproto.ConnError{By: wsproto.EndedByTransport, Code: ws.StatusAbnormalClosure, Err: err}
		c.happen(endpoint.WriteFails, cause)
		c.tell()
	}
	c.dropOutput(c.unsendable())
}

// tell has the loop look at the connection.
func (c *Conn) tell() {
	if !c.told {
		c.told = c.loop.post(taskLook, c)
	}
}

// happen notes what has happened, and reports whether that is the cause of the end.
func (c *Conn) happen(what endpoint.Happening, cause wsproto.ConnError) (begun bool) {
	explain(&cause)
	return c.end.Happen(what, cause)
}

// explain adds what users look for in an error.
func explain(cause *wsproto.ConnError) { cause.Causes = []error{net.ErrClosed} }
