package wsproto

import (
	"time"

	"github.com/wirews/wirews/ws"
)

// Sender is the sending half of a connection with no I/O in it: messages and
// control frames go in, and their bytes are appended to memory of the caller,
// masked for a client and encoded by the extension. It keeps the rules of what
// may follow what, the closing handshake included (RFC 6455, sections 5 to 7).
// The zero value is the sending half of a server. It must not be used by two
// goroutines at once.
//
// The methods append to dst and return the result; dst must not overlap what
// is appended. What is given them stays as it is and is not kept. On an error
// dst is returned as it was, and nothing is to be sent.
type Sender struct {
	// Config may be shared by any number of Senders; nil stands for its zero
	// value. It must not be changed once something has been sent.
	Config *Config
	// Encoder is the sending half of the extension that the handshake has
	// agreed on, or nil.
	Encoder Encoder

	deadline time.Duration // of the closing handshake, if timed
	flags    sendFlags
	op       ws.OpCode // of the open message
	rsv      byte      // of its first frame
}

type sendFlags uint8

const (
	messageOpen   sendFlags = 1 << iota // more of it is to come
	messageBegun                        // a fragment of it has been sent
	encoderBroken                       // Encoder is a brokenEncoder
	closeSent                           // our close frame
	closeReceived                       // the peer's
	failed                              // it ends for an error
	ended                               // the transport does not carry anything any more
	timed                               // deadline is one
)

const (
	broken   = encoderBroken | closeSent | failed // see Err
	notReady = broken | messageOpen
)

func (f sendFlags) has(v sendFlags) bool { return f&v != 0 }

// What the sending half refuses. It is in order after that, and nothing has
// been appended.
const (
	ErrClosed         = sendError("wsproto: nothing can be sent any more: a close frame was, or the connection has failed")
	ErrMessageOpen    = sendError("wsproto: a message is open; end it by AppendFragment")
	ErrNoMessage      = sendError("wsproto: no message is open; begin one by BeginMessage")
	ErrMessageOpCode  = sendError("wsproto: the opcode of a message is text or binary")
	ErrControlTooLong = sendError("wsproto: a control frame holds 125 bytes")
)

type sendError string

func (e sendError) Error() string { return string(e) }

func (s *Sender) config() *Config {
	if s.Config == nil {
		return &zeroConfig
	}
	return s.Config
}

// Err returns what keeps messages from being sent for good: nil, [ErrClosed], or
// the error of an [Encoder], after which only control frames can be sent.
func (s *Sender) Err() error {
	if s.flags&broken == 0 {
		return nil
	}
	if s.flags.has(encoderBroken) {
		return s.Encoder.(brokenEncoder).err
	}
	return ErrClosed
}
