package wsutil

import (
	"bufio"
	"io"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// FrameHandlerFunc handles a frame: its header, and its payload, unmasked.
type FrameHandlerFunc func(ws.Header, io.Reader) error

// Reader reads messages from a stream as the endpoint State. NextFrame goes to
// the next message or control frame; Read reads its payload, all fragments
// one after the other, up to io.EOF. It reads nothing behind that from Source.
//
// It applies the rules of RFC 6455 about frames and their sequence, unless
// told not to. A violation is an error that is returned from then on; what the
// peer is to be sent, wsproto.CloseCode says. An error of Source, such as a
// passed deadline, is not kept: the call can be repeated, and a header that
// had come in part is not lost. A close frame ends the stream.
//
// The zero value with a Source is neither a server nor a client and does not
// judge masks. A Reader must not be used by two goroutines at once.
type Reader struct {
	Source io.Reader
	State  ws.State

	// SkipHeaderCheck leaves headers unchecked.
	SkipHeaderCheck bool

	// CheckUTF8 checks that text is UTF-8, also what is skipped of it;
	// ErrInvalidUTF8 comes with the first bad byte. Where an extension has set
	// RSV bits, what arrives is not the text itself and is not checked here.
	CheckUTF8 bool

	// Extensions take away the RSV bits that they own. Without
	// ws.StateExtended in State they are not asked, and RSV bits are a
	// violation, as are those that none of them has taken away.
	Extensions []RecvExtension

	// MaxFrameSize is the longest payload of a data frame in bytes. Zero: no
	// limit, because nothing is held in memory here.
	MaxFrameSize int64

	// MaxMessageSize is the longest message in bytes, all its fragments
	// together. Zero: no limit.
	MaxMessageSize int64

	// OnContinuation is called for each continuation frame, before Read goes
	// on with it. What it reads of the payload, Read does not return.
	OnContinuation FrameHandlerFunc

	// OnIntermediate is called for each control frame inside of a message.
	// What it leaves of the payload is skipped. If it is nil, such frames are
	// skipped; ControlFrameHandler answers them.
	OnIntermediate FrameHandlerFunc

	seq     wsproto.Sequence
	head    head
	hdr     ws.Header // of the current frame
	left    int64     // of its payload
	active  bool      // there is a frame to read
	encoded bool      // an extension has marked the message
	closed  bool      // a close frame has come
	err     error
}

// NewReader returns a Reader over r.
func NewReader(r io.Reader, s ws.State) *Reader { return &Reader{Source: r, State: s} }

// NewClientSideReader returns a Reader for a client.
func NewClientSideReader(r io.Reader) *Reader { return NewReader(r, ws.StateClientSide) }

// NewServerSideReader returns a Reader for a server.
func NewServerSideReader(r io.Reader) *Reader { return NewReader(r, ws.StateServerSide) }

// DefaultReader returns a Reader that goes by the settings of the helpers:
// SetMaxFrameSize, SetMaxMessageSize and SetCheckUTF8.
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
// Control frames inside of the message are skipped: a Reader with
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
		if err := r.seq.Check(h, r.State&(ws.StateServerSide|ws.StateClientSide), 0); err != nil {
			return h, err
		}
	}
	if h.OpCode.IsData() && h.OpCode != ws.OpContinuation {
		r.encoded = h.Rsv != rsv
	}
	return h, r.seq.Begin(h, wsproto.Limits{
		Frame:     orNone(r.MaxFrameSize),
		Message:   orNone(r.MaxMessageSize),
		Fragments: -1,
		Controls:  -1,
	})
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
// the last bytes of the message or after them, ErrNoFrameAdvance if there is
// no message to read, and otherwise the errors of NextFrame.
func (r *Reader) Read(p []byte) (n int, err error) {
	if r.err != nil {
		return 0, r.err
	}
	for !r.active || r.left == 0 {
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
	n, err = r.readFrame(p)
	if err == nil && r.ended() {
		r.active = false
		err = io.EOF
	}
	return n, err
}

// ended reports whether what is being read has been read to its end: a message
// or a control frame between messages.
func (r *Reader) ended() bool { return r.active && r.left == 0 && !r.seq.Open() }

// judge checks the next bytes of a text, and its end; n is the number of good
// bytes.
func (r *Reader) judge(p []byte) (n int, err error) {
	if !r.CheckUTF8 || r.encoded || r.hdr.OpCode.IsControl() {
		return len(p), nil
	}
	n, r.err = r.seq.Text(p)
	if r.err == nil && r.left == 0 && !r.seq.Open() {
		// The last byte is bad because nothing follows. It is not counted, or
		// io.ReadFull would take no notice of the error.
		if r.err = r.seq.EndText(); r.err != nil && n > 0 {
			n--
		}
	}
	return n, r.err
}

// readFrame reads payload of the current frame, unmasked, and judges it. It
// does not go beyond the frame.
func (r *Reader) readFrame(p []byte) (n int, err error) {
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err = r.Source.Read(p)
	if r.hdr.Masked {
		ws.Cipher(p[:n], r.hdr.Mask, int((r.hdr.Length-r.left)&3))
	}
	r.left -= int64(n)
	if good, fault := r.judge(p[:n]); fault != nil {
		return good, fault
	}
	if r.left == 0 || err == nil {
		return n, nil
	}
	return n, r.sourceError(err, true)
}

// sourceError says what an error of Source means: its end inside of a frame
// or a message is a violation, as is a header that cannot be parsed.
func (r *Reader) sourceError(err error, inside bool) error {
	if err == io.EOF && inside {
		err = io.ErrUnexpectedEOF
	}
	if _, bad := err.(ws.ProtocolError); bad || err == io.ErrUnexpectedEOF {
		r.err = err
	}
	return err
}

// skip reads what is left of the current frame and drops it.
func (r *Reader) skip() error {
	r.active = false
	if r.left == 0 {
		return nil
	}
	b := borrow()
	defer b.giveBack()
	for r.left > 0 {
		if _, err := r.readFrame(b.p[:cap(b.p)]); err != nil {
			return err
		}
	}
	return nil
}

// Discard reads the current message to its end and drops it.
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
	if f.r.left == 0 {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	return f.r.readFrame(p)
}
