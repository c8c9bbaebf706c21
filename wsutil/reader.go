package wsutil

import (
	"bufio"
	"io"

	"github.com/wirews/wirews/internal/checkedio"
	"github.com/wirews/wirews/internal/sequence"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// FrameHandlerFunc handles a frame: its header, and its payload, unmasked.
type FrameHandlerFunc func(ws.Header, io.Reader) error

// Reader reads messages from a stream as the endpoint State. NextFrame goes to
// the next message or control frame; Read reads its payload, all fragments
// one after the other, up to io.EOF. It reads nothing after that from Source.
//
// It applies the rules of RFC 6455 about frames and their sequence, unless
// told not to. A violation is an error that is returned from then on; what the
// peer is to be sent, [wsproto.CloseCode] says. An error of Source, such as a
// passed deadline, is not kept: the call can be repeated, and a header that
// had come in part is not lost. A close frame ends the stream. A Reader sends
// nothing, neither pongs nor close frames: OnIntermediate and who calls
// NextFrame do, by a [ControlFrameHandler]; see "Closing" in the package's
// overview.
//
// The zero value with a Source is neither a server nor a client and does not
// check masks. A Reader must not be used by two goroutines at once.
type Reader struct {
	Source io.Reader
	State  ws.State

	// SkipHeaderCheck leaves headers unchecked.
	SkipHeaderCheck bool

	// CheckUTF8 checks that text is UTF-8, also what is skipped of it;
	// ErrInvalidUTF8 comes with the first bad byte. What is decoded is checked
	// after that. Where one of Extensions has taken RSV bits away, what arrives
	// is not the text itself and is not checked here.
	CheckUTF8 bool

	// Decoder is the receiving half of the extension that the handshake has
	// agreed on, or nil. What it decodes is read decoded: Read and
	// ReadAppend return what the peer's application sent, and the header
	// that NextFrame returns is without the bits of the Decoder; its Length
	// stays what is on the wire. What the Decoder declines is read as it
	// arrived. Every message goes through it, also what is skipped of one,
	// because the next may refer to what stood in there. State need not have
	// ws.StateExtended. It must not be changed once frames have been read, nor
	// be used by another Reader.
	Decoder wsproto.Decoder

	// Extensions take away the RSV bits that they own, before the Decoder sees
	// them. Without ws.StateExtended in State they are not asked. RSV bits that
	// none of them has taken away and that the Decoder does not own are a
	// violation.
	Extensions []RecvExtension

	// MaxFrameSize is the longest payload of a data frame in bytes. Zero: no
	// limit, because nothing is held in memory here.
	MaxFrameSize int64

	// MaxMessageSize is the longest message in bytes, all its fragments
	// together: both as it is on the wire and as it is decoded. Zero: no limit.
	// Set it with a Decoder: little on the wire can be much after it.
	MaxMessageSize int64

	// OnContinuation is called for each continuation frame, before Read goes
	// on with it. What it reads of the payload, Read does not return. Of a
	// message that is decoded, this is what the frame adds to it.
	OnContinuation FrameHandlerFunc

	// OnIntermediate is called for each control frame inside of a message.
	// What it leaves of the payload is skipped. If it is nil, such frames are
	// skipped; ControlFrameHandler answers them.
	OnIntermediate FrameHandlerFunc

	seq      sequence.Sequence
	head     head
	hdr      ws.Header // of the current frame
	left     int64     // of its payload, in Source
	decoding decoding
	active   bool // there is a frame to read
	encoded  bool // one of Extensions has marked the message
	closed   bool // a close frame has come
	held     bool // the message is being read into memory
	err      error
}

// NewReader returns a [Reader] over r.
func NewReader(r io.Reader, s ws.State) *Reader { return &Reader{Source: r, State: s} }

// NewClientSideReader returns a [Reader] for a client.
func NewClientSideReader(r io.Reader) *Reader { return NewReader(r, ws.StateClientSide) }

// NewServerSideReader returns a [Reader] for a server.
func NewServerSideReader(r io.Reader) *Reader { return NewReader(r, ws.StateServerSide) }

// DefaultReader returns a [Reader] that goes by the settings of the helpers:
// [SetMaxFrameSize], [SetMaxMessageSize] and [SetCheckUTF8].
func DefaultReader(r io.Reader, s ws.State) *Reader {
	return &Reader{
		Source:         r,
		State:          s,
		CheckUTF8:      CheckUTF8(),
		MaxFrameSize:   MaxFrameSize(),
		MaxMessageSize: MaxMessageSize(),
	}
}

// NextReader reads the header of the next message or control frame from r as
// the endpoint s, and returns it with a reader for the payload, which ends
// with io.EOF. The reader must be read to its end before r is read again.
// Control frames inside of the message are skipped: a [Reader] with
// OnIntermediate can answer them.
func NextReader(r io.Reader, s ws.State) (ws.Header, io.Reader, error) {
	rd := NewReader(r, s)
	h, err := rd.NextFrame()
	if err != nil {
		return h, nil, err
	}
	return h, rd, nil
}

// NextFrame skips what is left of the current frame and reads the header of
// the next one. Extensions have had their bits taken away from it. Between
// messages this is the header of a message's first frame or of a control
// frame, whose payload is to be read; inside of a message, of a continuation
// frame, or of a control frame that has been dealt with.
//
// The error is io.EOF if the stream ended between messages,
// io.ErrUnexpectedEOF if inside of one, a violation, one of a callback, or one
// of Source.
func (r *Reader) NextFrame() (ws.Header, error) {
	if r.err != nil {
		return ws.Header{}, r.err
	}
	if err := r.skip(); err != nil {
		return ws.Header{}, err
	}
	if r.closed {
		return ws.Header{}, r.sourceError(io.EOF, r.seq.Open())
	}
	h, err := r.readHead()
	if err != nil {
		return ws.Header{}, r.sourceError(err, r.seq.Open())
	}
	intermediate := r.seq.Open() && h.OpCode.IsControl()
	h, err = r.begin(h)
	if err != nil {
		r.err = err
		return h, err
	}
	r.hdr, r.left, r.active = h, h.Length, !intermediate
	r.closed = h.OpCode == ws.OpClose
	if _, err = r.judge(nil); err != nil {
		return h, err
	}
	switch {
	case intermediate:
		err = r.intermediate(h)
	case h.OpCode == ws.OpContinuation && r.OnContinuation != nil:
		err = r.OnContinuation(h, frameReader{r})
	}
	return h, err
}

func (r *Reader) readHead() (ws.Header, error) {
	if br, ok := r.Source.(*bufio.Reader); ok {
		return readBuffered(br)
	}
	first := ws.MinHeaderSize
	if !r.SkipHeaderCheck {
		first = firstRead(r.State)
	}
	return r.head.read(r.Source, first)
}

// begin judges a header, and returns it without what extensions own.
func (r *Reader) begin(h ws.Header) (ws.Header, error) {
	rsv := h.Rsv
	if r.State.Extended() {
		for _, x := range r.Extensions {
			var err error
			if h, err = x.UnsetBits(h); err != nil {
				return h, err
			}
		}
	}
	if !r.SkipHeaderCheck {
		owned := byte(0)
		if r.Decoder != nil {
			owned = r.Decoder.Bits()
		}
		if err := r.seq.Check(h, r.State&(ws.StateServerSide|ws.StateClientSide), owned); err != nil {
			return h, err
		}
	}
	if h.OpCode.IsData() && h.OpCode != ws.OpContinuation {
		r.encoded = h.Rsv != rsv
	}
	err := overLimit(r.seq.Begin(h, sequence.Limits{
		Frame:     orNone(r.MaxFrameSize),
		Message:   r.messageLimit(),
		Fragments: -1,
		Controls:  -1,
	}))
	if err == nil && r.Decoder != nil && h.OpCode.IsData() {
		h.Rsv, err = r.beginDecode(h)
	}
	return h, err
}

// intermediate deals with a control frame inside of a message.
func (r *Reader) intermediate(h ws.Header) error {
	if r.OnIntermediate != nil {
		if err := r.OnIntermediate(h, frameReader{r}); err != nil {
			return err
		}
	}
	return r.skip()
}

// Read reads payload of the current message. It goes on to the next fragment
// by itself, and deals with control frames in between. It returns io.EOF with
// the last bytes of the message or after them, [ErrNoFrameAdvance] if there is
// no message to read, and otherwise the errors of NextFrame.
func (r *Reader) Read(p []byte) (n int, err error) {
	if r.err != nil {
		return 0, r.err
	}
	for {
		for !r.active || r.drained() {
			if r.ended() {
				r.active = false
				return 0, io.EOF
			}
			if !r.seq.Open() {
				return 0, ErrNoFrameAdvance
			}
			if _, err = r.NextFrame(); err != nil {
				return 0, err
			}
		}
		if len(p) == 0 {
			return 0, nil
		}
		decoding := r.decoding.pending
		n, err = r.readFrame(p)
		if err == nil && r.ended() {
			r.active = false
			err = io.EOF
		}
		if n > 0 || err != nil || !decoding {
			return n, err
		}
		// The Decoder holds back all that has come of this fragment.
	}
}

// drained reports whether the current frame has been read to its end.
func (r *Reader) drained() bool { return r.left == 0 && !r.decoding.pending }

// ended reports whether what is being read has been read to its end: a message
// or a control frame between messages.
func (r *Reader) ended() bool { return r.active && r.drained() && !r.seq.Open() }

// judge checks the next bytes of a text, and its end; n is the number of good
// bytes.
func (r *Reader) judge(p []byte) (n int, err error) {
	if !r.CheckUTF8 || r.encoded || r.hdr.OpCode.IsControl() {
		return len(p), nil
	}
	n, r.err = r.seq.Text(p)
	if r.err == nil && r.drained() && !r.seq.Open() {
		// The last byte is bad because nothing follows. It is not counted, or
		// io.ReadFull would take no notice of the error.
		if r.err = r.seq.EndText(); r.err != nil && n > 0 {
			n--
		}
	}
	return n, r.err
}

// readFrame reads payload of the current frame, unmasked and decoded, and
// judges it. It does not go beyond the frame.
func (r *Reader) readFrame(p []byte) (n int, err error) {
	if r.decoding.pending {
		return r.readDecoded(p)
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err = checkedio.ReadSome(r.Source, p)
	r.take(p[:n])
	if good, fault := r.judge(p[:n]); fault != nil {
		return good, fault
	}
	if r.left == 0 || err == nil {
		return n, nil
	}
	return n, r.sourceError(err, true)
}

// take takes the next bytes of the frame, which it unmasks.
func (r *Reader) take(p []byte) {
	at := r.hdr.Length - r.left
	r.left -= int64(len(p))
	if r.hdr.Masked {
		ws.Cipher(p, r.hdr.Mask, int(at&3))
	}
}

// sourceError says what an error of Source means: its end inside of a frame
// or a message is a violation, as is a header that cannot be parsed. After a
// wrong count nobody knows where in the stream we are.
func (r *Reader) sourceError(err error, inside bool) error {
	if err == io.EOF && inside {
		err = io.ErrUnexpectedEOF
	}
	switch err.(type) {
	case ws.ProtocolError, *ws.CountError:
		r.err = err
	default:
		if err == io.ErrUnexpectedEOF {
			r.err = err
		}
	}
	return err
}

// skip reads what is left of the current frame and drops it.
func (r *Reader) skip() error {
	r.active = false
	if r.drained() {
		return nil
	}
	b := borrow()
	defer b.giveBack()
	for !r.drained() {
		if _, err := r.readFrame(b.p[:cap(b.p)]); err != nil {
			return err
		}
	}
	return nil
}

// Discard reads the current message to its end and drops it. It is decoded all
// the same: see Decoder.
func (r *Reader) Discard() error {
	if r.err != nil {
		return r.err
	}
	for {
		if err := r.skip(); err != nil {
			return err
		}
		if !r.seq.Open() {
			return nil
		}
		if _, err := r.NextFrame(); err != nil {
			return err
		}
	}
}

// frameReader is the payload of the current frame for a callback.
type frameReader struct{ r *Reader }

func (f frameReader) Read(p []byte) (int, error) {
	if f.r.drained() {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := f.r.readFrame(p)
	if n == 0 && err == nil && f.r.drained() {
		err = io.EOF
	}
	return n, err
}
