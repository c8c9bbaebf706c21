package wsproto

import (
	"io"
	"time"

	"github.com/wirews/wirews/internal/sequence"
	"github.com/wirews/wirews/ws"
)

// Config is what Receivers, Senders and Conns of the same kind share. It must
// not be changed while one of them is in use.
type Config struct {
	// State is ws.StateServerSide or ws.StateClientSide: which end of the
	// connection this is. The zero value is the server's.
	State ws.State
	// Limits bounds what the peer may send.
	Limits Limits
	// SkipUTF8 leaves text unchecked. RFC 6455, section 8.1, demands the
	// check; skip it where something after does it.
	SkipUTF8 bool
	// Mask returns the masking key of the next frame that a client sends, which
	// the peer must not be able to foresee (RFC 6455, section 10.3). nil:
	// ws.NewMask. A test may want to know the keys. It has to be safe for
	// concurrent use if connections are served concurrently.
	Mask func() [4]byte
	// CloseTimeout is how long the peer may take to answer a close frame, and
	// then to end the transport. Zero: DefaultCloseTimeout. Negative: as long
	// as it likes.
	CloseTimeout time.Duration
}

// Event is what [Receiver.Next] has found.
type Event struct {
	// Op is ws.OpText or ws.OpBinary for a piece of a message, or ws.OpPing,
	// ws.OpPong or ws.OpClose for a whole control frame.
	Op ws.OpCode
	// First and Last say that the piece begins or ends its message. They are
	// set for control frames too.
	First, Last bool
	// Payload is unmasked and decoded. It aliases the received bytes, or the
	// room given to Next, or memory of the Receiver, and is valid until the
	// next call. Of a message it is empty only where the message ends.
	Payload []byte
}

// Code returns the close code of a close frame, [ws.StatusNoStatusRcvd] if it has
// none, and 0 for other events.
func (e Event) Code() ws.StatusCode {
	if e.Op != ws.OpClose {
		return 0
	}
	code, _, _ := ws.ParseClose(e.Payload)
	return code
}

// Reason returns the reason of a close frame. It aliases Payload.
func (e Event) Reason() []byte {
	if e.Op != ws.OpClose || len(e.Payload) < 2 {
		return nil
	}
	return e.Payload[2:]
}

// Header returns the header of an unmasked frame that passes the event on: a
// piece becomes a fragment of its message.
func (e Event) Header() ws.Header {
	h := ws.Header{Fin: e.Last, OpCode: e.Op, Length: int64(len(e.Payload))}
	if !e.First {
		h.OpCode = ws.OpContinuation
	}
	return h
}

// ErrRoom says that the peer sent a message that a Decoder has to decode, and
// Next was not given room for that. Call it again with room.
const ErrRoom = roomError("wsproto: Next needs room to decode into")

type roomError string

func (e roomError) Error() string { return string(e) }

// Receiver is the receiving half of a connection with no I/O in it: received
// bytes go in, events come out. It applies the rules about sequences of frames
// (RFC 6455, sections 5 to 8) and the [Limits]. How the bytes were cut on their
// way makes no difference but to where messages are cut into pieces. The zero
// value is the receiving half of a server with the default limits. It must
// not be used by two goroutines at once.
type Receiver struct {
	// Config may be shared by any number of Receivers; nil stands for its
	// zero value. It must not be changed once bytes have been received, but
	// may be replaced between two calls by one with other Limits, which hold
	// from the next frame on.
	Config *Config
	// Decoder is the receiving half of the extension that the handshake has
	// agreed on, or nil.
	Decoder Decoder

	frame   FrameReader
	seq     sequence.Sequence // its Notes are flags
	decoded sequence.Decoding
	control *controlBuffer
	err     error
}

// What a Receiver notes of a message.
const (
	started  uint8 = 1 << iota // its first piece has been handed on
	draining                   // the Decoder may have more than there was room for
)

// noted reports whether something was noted of the message.
func (r *Receiver) noted(what uint8) bool { return r.seq.Notes&what != 0 }

// note notes something of the message, or that it is not so any more.
func (r *Receiver) note(what uint8, on bool) {
	if r.seq.Notes &^= what; on {
		r.seq.Notes |= what
	}
}

func (c *Config) side() ws.State {
	if c.State.ClientSide() {
		return ws.StateClientSide
	}
	return ws.StateServerSide
}

var zeroConfig Config

func (r *Receiver) config() *Config {
	if r.Config == nil {
		return &zeroConfig
	}
	return r.Config
}

// next is Next for whatever may come.
func (r *Receiver) next(b, room []byte) (ev Event, n int, err error) {
	r.releaseControl()
	if r.err != nil {
		return Event{}, 0, r.err
	}
	for {
		var done bool
		if r.noted(draining) {
			ev, done, err = r.drain(room)
		} else {
			var k int
			ev, k, done, err = r.step(b[n:], room)
			n += k
		}
		if err != nil && err != ws.ErrShort && err != ErrRoom {
			r.err = err
		}
		if done || err != nil {
			return ev, n, err
		}
	}
}

// Decodes reports whether the [Decoder] makes the message that Next has returned a
// piece of last. Its pieces lie in the room given to Next then, and in the received
// bytes otherwise.
//
// It is not a field of [Event], because the results of Next would not fit into
// registers any more: that was 65 instructions for each message.
func (r *Receiver) Decodes() bool { return r.seq.Encoded }

// Sizes returns how many bytes of payload the frames of a message have that the
// [Decoder] makes, and how many it has made of them: of the message that Next has
// returned the last piece of.
func (r *Receiver) Sizes() (encoded, decoded int64) { return r.seq.Length(), r.decoded.Total() }

// Inside reports whether a frame or a message has begun and not ended.
func (r *Receiver) Inside() bool {
	return r.frame.Inside() || r.seq.Open() || r.noted(draining)
}

// EOF returns what the end of the byte stream means here: io.ErrUnexpectedEOF
// inside a frame or a message, the Receiver's error if it has one, io.EOF
// otherwise.
func (r *Receiver) EOF() error {
	if r.err == nil && r.Inside() {
		r.err = io.ErrUnexpectedEOF
	}
	if r.err == nil {
		r.err = io.EOF
	}
	return r.err
}

// step consumes a header, if one is due, and some of the payload after it.
func (r *Receiver) step(b, room []byte) (ev Event, n int, done bool, err error) {
	if !r.frame.open {
		if n, err = r.frame.nextHeader(b); err != nil {
			return Event{}, n, false, err
		}
		if err = r.begin(r.frame.header); err != nil {
			return Event{}, n, false, err
		}
	}
	if r.frame.left > 0 && n == len(b) {
		return Event{}, n, false, ws.ErrShort
	}
	var k int
	switch b = b[n:]; {
	case r.frame.header.OpCode.IsControl():
		ev, k, done, err = r.takeControl(b)
	case r.seq.Encoded:
		ev, k, done, err = r.takeEncoded(b, room)
	default:
		ev, k, done, err = r.takePlain(b)
	}
	return ev, n + k, done, err
}

// begin judges the header of a frame before anything is done for its payload.
func (r *Receiver) begin(h ws.Header) error {
	c := r.config()
	owned := byte(0)
	if r.Decoder != nil {
		owned = r.Decoder.Bits()
	}
	if err := r.seq.Check(h, c.side(), owned); err != nil {
		return err
	}
	if err := r.seq.Begin(h, sequence.Limits(c.Limits)); err != nil {
		return err
	}
	if h.OpCode.IsControl() || h.OpCode == ws.OpContinuation {
		return nil
	}
	if r.Decoder == nil {
		return nil
	}
	r.decoded = sequence.Decoding{}
	decode, err := r.Decoder.BeginDecode(h.Rsv)
	r.seq.Encoded = decode
	return err
}
