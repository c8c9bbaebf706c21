package wsflate

import (
	"errors"
	"io"

	"github.com/wirews/wirews/ws"
)

// DefaultParameters are those under which each message is compressed by itself: with
// them a Helper can be used.
var DefaultParameters = Parameters{
	ServerNoContextTakeover: true,
	ClientNoContextTakeover: true,
}

// DefaultHelper compresses at DefaultLevel, with windows of 32 KiB, and
// inflates messages of up to DefaultMaxSize. What it works with is pooled.
var DefaultHelper = Helper{
	Compressor:   func(w io.Writer) Compressor { return lendEncoder(w) },
	Decompressor: func(r io.Reader) Decompressor { return lendDecoder(r) },
}

// ErrFragment says that a frame is not a whole message. A Deflate, or a Reader
// or Writer with a MessageState, takes fragments.
var ErrFragment = errors.New("wsflate: frame is a fragment, and a Helper needs the whole message; put it together first, or use a Decoder")

// Buffer collects what is written to it.
type Buffer interface {
	io.Writer
	Bytes() []byte
}

// Helper compresses and decompresses whole messages separately: without
// context takeover, and with windows of 32 KiB. It is safe for concurrent use
// if its functions are.
type Helper struct {
	// Compressor and Decompressor make what does the work; see NewWriter and
	// NewReader. Nil: those of DefaultHelper.
	Compressor   func(w io.Writer) Compressor
	Decompressor func(r io.Reader) Decompressor

	// MaxSize is how many bytes a message may inflate to. Zero:
	// DefaultMaxSize, and DefaultMaxRatio unless Decompressor is one of the
	// program's own. Negative: no limit.
	MaxSize int64
}

// CompressFrame returns f compressed; see [Helper.CompressFrame].
func CompressFrame(f ws.Frame) (ws.Frame, error) { return DefaultHelper.CompressFrame(f) }

// CompressFrameBuffer compresses f into buf; see [Helper.CompressFrameBuffer].
func CompressFrameBuffer(buf Buffer, f ws.Frame) (ws.Frame, error) {
	return DefaultHelper.CompressFrameBuffer(buf, f)
}

// DecompressFrame returns f decompressed; see [Helper.DecompressFrame].
func DecompressFrame(f ws.Frame) (ws.Frame, error) { return DefaultHelper.DecompressFrame(f) }

// DecompressFrameBuffer decompresses f into buf; see
// [Helper.DecompressFrameBuffer].
func DecompressFrameBuffer(buf Buffer, f ws.Frame) (ws.Frame, error) {
	return DefaultHelper.DecompressFrameBuffer(buf, f)
}

// CompressFrame returns f with its payload compressed, in memory of its own,
// and the compression bit set; a control frame as it is. f must not be masked.
// The error is [ErrFragment] if f is not a whole message,
// [ErrUnexpectedCompressionBit] if the bit is set already, or one of the
// Compressor.
func (h *Helper) CompressFrame(f ws.Frame) (ws.Frame, error) {
	return frame(f, toCompress, h.Compress)
}

// CompressFrameBuffer is CompressFrame into buf, all of whose bytes become the
// payload.
func (h *Helper) CompressFrameBuffer(buf Buffer, f ws.Frame) (ws.Frame, error) {
	return frame(f, toCompress, func(p []byte) ([]byte, error) {
		err := h.CompressTo(buf, p)
		return buf.Bytes(), err
	})
}

// DecompressFrame returns f with its payload decompressed, in memory of its
// own, and the compression bit taken away. A frame without that bit is
// returned as it is. f must not be masked. The error is [ErrFragment] if f is
// not a whole message, [ErrUnexpectedCompressionBit] if a control frame has the
// bit, [ErrTooLarge], [ErrRatio] or a [*CorruptError], or one of another
// Decompressor.
func (h *Helper) DecompressFrame(f ws.Frame) (ws.Frame, error) {
	return frame(f, toDecompress, h.Decompress)
}

// DecompressFrameBuffer is DecompressFrame into buf, all of whose bytes become
// the payload.
func (h *Helper) DecompressFrameBuffer(buf Buffer, f ws.Frame) (ws.Frame, error) {
	return frame(f, toDecompress, func(p []byte) ([]byte, error) {
		err := h.DecompressTo(buf, p)
		return buf.Bytes(), err
	})
}

// toCompress and toDecompress judge a header and change its bit. do reports
// whether the payload is to be changed.
func toCompress(h ws.Header) (_ ws.Header, do bool, err error) {
	h, err = SetBit(h)
	return h, beginsMessage(h), err
}

func toDecompress(h ws.Header) (_ ws.Header, do bool, err error) { return UnsetBit(h) }

func frame(f ws.Frame, judge func(ws.Header) (ws.Header, bool, error), change func([]byte) ([]byte, error)) (ws.Frame, error) {
	if !f.Header.Fin || f.Header.OpCode == ws.OpContinuation {
		return f, ErrFragment
	}
	header, do, err := judge(f.Header)
	if err != nil {
		return f, err
	}
	if do {
		p, err := change(f.Payload)
		if err != nil {
			return f, err
		}
		f.Payload, header.Length = p, int64(len(p))
	}
	f.Header = header
	return f, nil
}
