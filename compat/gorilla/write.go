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

// WriteMessage sends a message of any type, in one frame; a client's that is longer than
// 64 KiB and not compressed goes in several. data is not changed, and not kept. A writer that NextWriter has returned is closed before.
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
	return c.out.now()
}

func (c *Conn) unlockWire() { <-c.out.wire }

// now returns the settings for what begins now.
func (o *output) now() settings {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.settings
}

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

// writeMessage sends a message. The caller holds wire.
func (c *Conn) writeMessage(how settings, op ws.OpCode, data []byte) error {
	switch encoded := c.encode(how); {
	case encoded || len(data) <= wholeSize:
	case c.out.sender.Config.State.ClientSide():
		return c.writePieces(how, op, data)
	default:
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

// writeLarge sends a server's message that is not copied as a whole: its header with
// the beginning of it, and then the rest as it lies.
func (c *Conn) writeLarge(how settings, op ws.OpCode, data []byte) error {
	mem := bufpool.Borrow(wholeSize + ws.MaxHeaderSize)
	defer mem.GiveBack()
	b, _, err := c.out.sender.AppendMessageHeader(mem.B, op, int64(len(data)))
	if err == nil {
		err = c.write(how.deadline, append(b, data[:wholeSize]...))
	}
	if err == nil {
		err = c.write(how.deadline, data[wholeSize:])
	}
	return err
}

// writePieces sends a client's message in frames of wholeSize, and lets control frames
// go between those: there may be pings to answer meanwhile.
func (c *Conn) writePieces(how settings, op ws.OpCode, data []byte) error {
	s := &c.out.sender
	if err := s.BeginMessage(op, int64(len(data))); err != nil {
		return err
	}
	mem := bufpool.Borrow(wholeSize + ws.MaxHeaderSize)
	defer mem.GiveBack()
	for {
		p := data[:min(len(data), wholeSize)]
		data = data[len(p):]
		frame, err := s.AppendFragment(mem.B, p, len(data) == 0)
		if err == nil {
			err = c.write(how.deadline, frame)
		}
		if err != nil || len(data) == 0 {
			return err
		}
		c.unlockWire()
		c.lockWire()
		if err := c.out.failed(); err != nil {
			return err
		}
	}
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
