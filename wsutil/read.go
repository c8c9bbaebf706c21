package wsutil

import (
	"errors"
	"io"
	"slices"

	"github.com/wirews/wirews/internal/growread"
	"github.com/wirews/wirews/internal/sequence"
	"github.com/wirews/wirews/ws"
)

// Message is a whole message or control frame.
type Message struct {
	OpCode  ws.OpCode
	Payload []byte
}

// anyData is a set of the two opcodes of messages, which are distinct bits.
const anyData = ws.OpText | ws.OpBinary

// ReadData reads the next message from rw as the endpoint s and returns its
// payload in memory of its own. Control frames that come before or inside it
// are answered on rw. See ReadAppend for limits, extensions and errors.
func ReadData(rw io.ReadWriter, s ws.State) ([]byte, ws.OpCode, error) {
	return ReadAppend(nil, rw, s)
}

// ReadAppend reads the next message from rw as the endpoint s and appends its
// payload to dst, which must not be used by rw. If dst has room for the
// payload and two bytes more, nothing is allocated, and for a message of up to
// 65,535 bytes in one frame a server takes two Reads. Nothing after the
// message is read.
//
// Control frames are answered on rw, each by one Write. The limits are those
// of [SetMaxMessageSize] and [SetMaxFrameSize], and the defaults of wsproto.Limits
// for the number of frames. When the peer breaks a rule, it is sent a close
// frame with the code of wsproto.CloseCode. Text is checked frame by frame,
// when the frame has come.
//
// No extension decodes the message: RSV bits are a violation, and with
// [ws.StateExtended] in s the payload is returned as it arrived and not checked.
// Use [Reader.ReadAppend] or [Stream] on a connection with an extension.
//
// The error is io.EOF if rw ended between messages, io.ErrUnexpectedEOF inside
// one, a [ClosedError] if the peer closed, a [ws.ProtocolError] or [ws.LimitError]
// if it broke a rule, or one of rw. The connection is to be ended then, by [End];
// what is returned is dst as far as its length was.
func ReadAppend(dst []byte, rw io.ReadWriter, s ws.State) ([]byte, ws.OpCode, error) {
	return appendWanted(dst, rw, s, anyData)
}

func appendWanted(dst []byte, rw io.ReadWriter, s ws.State, want ws.OpCode) ([]byte, ws.OpCode, error) {
	in := incoming{r: rw, w: rw, state: s, limits: sequence.Limits(helperLimits()), text: CheckUTF8()}
	start := len(dst)
	for {
		var err error
		if dst, err = in.message(dst[:start]); err != nil {
			if !in.answered {
				closeWith(rw, s, nil, err)
			}
			return dst[:start], 0, err
		}
		if op := in.seq.Op(); op&want != 0 {
			return dst, op, nil
		}
	}
}

// ReadMessage reads the next message or control frame from r as the endpoint
// s and appends it to m. Control frames that come inside of a message are
// appended before it, at most wsproto.DefaultMaxControls of them; a close frame
// there ends the call, and the message. Nothing is answered: that is for
// [HandleControlMessage]. Limits and errors are those of ReadAppend, but nothing
// is sent and a close frame is a message here. With an error, what is returned
// is m with the control frames that have come. As with ReadAppend, no extension
// decodes the message.
func ReadMessage(r io.Reader, s ws.State, m []Message) ([]Message, error) {
	in := incoming{r: r, keep: &m, state: s, limits: sequence.Limits(helperLimits()), text: CheckUTF8()}
	p, err := in.message(nil)
	if err == errControl {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	return append(m, Message{in.seq.Op(), p}), nil
}

// incoming reads one message.
type incoming struct {
	r       io.Reader
	w       io.Writer  // for answers to control frames
	keep    *[]Message // where control frames go instead
	state   ws.State
	limits  sequence.Limits
	text    bool // check UTF-8
	encoded bool // RSV bits say that it is not the text itself that arrives
	seq     sequence.Sequence

	// answered says that the error is that of a control frame, which has been
	// answered as it must be.
	answered bool
}

// errControl says that a control frame came instead of a message.
var errControl = errors.New("wsutil: control frame")

// message appends the next message to dst.
func (in *incoming) message(dst []byte) ([]byte, error) {
	for {
		h, missing, err := readHead(in.r, in.state)
		if err == io.EOF && in.seq.Open() {
			err = io.ErrUnexpectedEOF
		}
		if err == nil {
			err = in.seq.Check(h, in.state&(ws.StateServerSide|ws.StateClientSide), owned(in.state))
		}
		if err == nil {
			err = overLimit(in.seq.Begin(h, in.limits))
		}
		if err != nil {
			return dst, err
		}
		if h.OpCode.IsControl() {
			if err = in.control(h); err != nil {
				return dst, err
			}
			continue
		}
		if h.OpCode != ws.OpContinuation {
			in.encoded = h.Rsv != 0
		}
		if in.text && !in.encoded && in.seq.Op() == ws.OpText {
			dst, err = in.checked(dst, h, missing)
		} else {
			dst, err = in.payload(dst, h, missing)
		}
		if err != nil || h.Fin {
			return dst, err
		}
	}
}

// payload appends the payload of h, unmasked. The missing bytes of the masking
// key come first, by the same Read.
func (in *incoming) payload(dst []byte, h ws.Header, missing int) ([]byte, error) {
	start := len(dst)
	dst, err := growread.ReadAppend(dst, in.r, int64(missing)+h.Length, prealloc())
	if err == growread.ErrTooLarge {
		err = ErrMessageTooLarge
	}
	if err != nil {
		return dst, err
	}
	p := dst[start:]
	if missing > 0 {
		copy(h.Mask[4-missing:], p)
		p = p[:copy(p, p[missing:])]
		dst = dst[:start+len(p)]
	}
	if h.Masked {
		ws.Cipher(p, h.Mask, 0)
	}
	return dst, nil
}

// checked is payload for text, which is judged as it arrives, so that the peer
// hears of its first bad byte (RFC 6455, section 8.1).
func (in *incoming) checked(dst []byte, h ws.Header, missing int) ([]byte, error) {
	start := len(dst)
	n := int64(missing) + h.Length
	for done := 0; int64(len(dst)-start) < n; {
		var err error
		dst, err = growread.ReadAppendSome(dst, in.r, n-int64(len(dst)-start), prealloc())
		if err == growread.ErrTooLarge {
			err = ErrMessageTooLarge
		}
		if err != nil {
			return dst, err
		}
		p := dst[start:]
		if len(p) < missing {
			continue
		}
		if done == 0 {
			done = copy(h.Mask[4-missing:], p[:missing])
		}
		if h.Masked {
			ws.Cipher(p[done:], h.Mask, done-missing)
		}
		if _, err := in.seq.Text(p[done:]); err != nil {
			return dst, err
		}
		done = len(p)
	}
	if missing > 0 {
		dst = append(dst[:start], dst[start+missing:]...)
	}
	if h.Fin {
		return dst, in.seq.EndText()
	}
	return dst, nil
}

func (in *incoming) control(h ws.Header) error {
	if in.keep == nil {
		err := ControlHandler{Src: in.r, Dst: in.w, State: in.state}.Handle(h)
		in.answered = err != nil
		return err
	}
	p, err := in.payload(nil, h, 0)
	if err != nil {
		return err
	}
	*in.keep = append(*in.keep, Message{h.OpCode, slices.Clip(p)})
	if !in.seq.Open() || h.OpCode == ws.OpClose {
		return errControl
	}
	return nil
}
