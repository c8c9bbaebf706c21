package websocket

import (
	"sync"
	"time"

	"github.com/wirews/wirews/internal/bufpool"
	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
)

// output is the writing half of a Conn. Its locks are taken in the order in which
// they stand here.
type output struct {
	// messages is held while a message is written, or a piece of one: messages are
	// sent one after the other.
	messages sync.Mutex
	writer   *messageWriter // the open one, or nil

	// wire is held while frames are written. It is a channel because WriteControl
	// waits for it no longer than its deadline.
	wire    chan struct{}
	sender  wsproto.Sender
	deflate *wsflate.Deflate // what was agreed on, or nil
	level   int              // that the sender's Encoder compresses at

	// mu is held for moments only.
	mu       sync.Mutex
	settings settings
	err      error // the end: nothing can be written any more

	size int // of the buffer of a writer
	pool BufferPool
}

// settings are what the program may change between messages.
type settings struct {
	deadline time.Time
	plain    bool // do not compress
	level    int
}

// wholeSize is up to how many bytes a message is put together in memory with its
// header, to leave by one write.
const wholeSize = 64 << 10

func (o *output) init(config *wsproto.Config, b buffers) {
	o.sender.Config = config
	o.wire = make(chan struct{}, 1)
	o.level, o.settings.level = wsflate.DefaultLevel, wsflate.DefaultLevel
	o.pool = b.pool
	if o.size = b.write; o.size <= 0 {
		o.size = defaultBufferSize
	}
}

// SetWriteDeadline sets the deadline of the messages that are written from now on;
// zero stands for none. It does not change that of a write that is under way. A
// write that it has ended is the end of writing.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.settings.deadline = t
	return nil
}

// WriteMessage sends a message of any type, in one frame. p is not changed, and not
// kept. A writer that NextWriter has returned is closed before.
//
// The error is ErrCloseSent after a close message, and that of the net.Conn, which
// all writes return from then on. Several goroutines may write at the same time;
// their messages are sent one after the other.
func (c *Conn) WriteMessage(messageType int, data []byte) error {
	c.out.messages.Lock()
	defer c.out.messages.Unlock()
	if err := c.begin(messageType); err != nil {
		return err
	}
	if isControl(messageType) {
		return c.writeControl(messageType, data)
	}
	how := c.lockWire()
	defer c.unlockWire()
	if err := c.out.failed(); err != nil {
		return err
	}
	return c.writeMessage(how, opcode(messageType), data)
}

// begin ends the message before, and reports what keeps the next one from being
// sent. The caller holds messages.
func (c *Conn) begin(messageType int) error {
	if w := c.out.writer; w != nil {
		w.close()
	}
	if !isControl(messageType) && !isData(messageType) {
		return errMessageType
	}
	return c.out.failed()
}

// lockWire waits until the connection may be written to, and returns how.
func (c *Conn) lockWire() settings {
	c.out.wire <- struct{}{}
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.out.settings
}

func (c *Conn) unlockWire() { <-c.out.wire }

// failed returns what keeps everything from being written.
func (o *output) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// fail ends writing, if nothing else has before.
func (o *output) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.err = err
	}
}

// writeMessage sends a message in one frame. The caller holds wire.
func (c *Conn) writeMessage(how settings, op ws.OpCode, data []byte) error {
	encoded := c.encode(how)
	if !encoded && len(data) > wholeSize {
		return c.writeLarge(how, op, data)
	}
	mem := bufpool.Borrow(len(data) + ws.MaxHeaderSize)
	defer mem.GiveBack()
	frame, err := c.out.sender.AppendMessage(mem.B, op, data)
	if err != nil {
		return err
	}
	return c.write(how.deadline, frame)
}

// writeLarge sends a message that is not copied as a whole: its header with the
// beginning of it, and then more of it at a time.
func (c *Conn) writeLarge(how settings, op ws.OpCode, data []byte) error {
	mem := bufpool.Borrow(wholeSize + ws.MaxHeaderSize)
	defer mem.GiveBack()
	b, h, err := c.out.sender.AppendMessageHeader(mem.B, op, int64(len(data)))
	for sent := 0; err == nil && sent < len(data); b = mem.B {
		p := data[sent:]
		switch {
		case !h.Masked && sent > 0:
			b = p // as it lies
		case !h.Masked:
			p = p[:wholeSize]
			b = append(b, p...)
		default:
			p = p[:min(len(p), wholeSize)]
			b = ws.AppendCipher(b, p, h.Mask, sent)
		}
		err = c.write(how.deadline, b)
		sent += len(p)
	}
	return err
}

// write writes frames, or a part of one. An error is the end of writing. The caller
// holds wire.
func (c *Conn) write(deadline time.Time, b []byte) error {
	c.conn.SetWriteDeadline(deadline)
	if _, err := checkedio.Write(c.conn, b); err != nil {
		err = final(err)
		c.out.fail(err)
		return err
	}
	return nil
}
