package regress_test

import (
	"bytes"
	"compress/flate"
	"io"

	"github.com/gobwas/httphead"
	gobwas "github.com/gobwas/ws"
	gobwasflate "github.com/gobwas/ws/wsflate"
	gobwasutil "github.com/gobwas/ws/wsutil"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

func fromParameters(p wsflate.Parameters) gobwasflate.Parameters {
	return gobwasflate.Parameters{
		ServerNoContextTakeover: p.ServerNoContextTakeover,
		ClientNoContextTakeover: p.ClientNoContextTakeover,
		ServerMaxWindowBits:     gobwasflate.WindowBits(p.ServerMaxWindowBits),
		ClientMaxWindowBits:     gobwasflate.WindowBits(p.ClientMaxWindowBits),
	}
}

func toParameters(p gobwasflate.Parameters) wsflate.Parameters {
	return wsflate.Parameters{
		ServerNoContextTakeover: p.ServerNoContextTakeover,
		ClientNoContextTakeover: p.ClientNoContextTakeover,
		ServerMaxWindowBits:     wsflate.WindowBits(p.ServerMaxWindowBits),
		ClientMaxWindowBits:     wsflate.WindowBits(p.ClientMaxWindowBits),
	}
}

// gobwasExtension returns parameters of wirews' type.
type gobwasExtension struct{ gobwasflate.Extension }

func (x *gobwasExtension) Accepted() (wsflate.Parameters, bool) {
	p, ok := x.Extension.Accepted()
	return toParameters(p), ok
}

func (gobwasLib) Extension(want wsflate.Parameters) extension {
	return &gobwasExtension{gobwasflate.Extension{Parameters: fromParameters(want)}}
}

func (gobwasLib) ParseParameters(opt httphead.Option) (wsflate.Parameters, error) {
	var p gobwasflate.Parameters
	err := p.Parse(opt)
	return toParameters(p), err
}

func toFrame(f gobwas.Frame, err error) (ws.Frame, error) {
	return ws.Frame{Header: toHeader(f.Header), Payload: f.Payload}, err
}

func (gobwasLib) CompressFrame(f ws.Frame) (ws.Frame, error) {
	return toFrame(gobwasflate.CompressFrame(gobwas.Frame{Header: fromHeader(f.Header), Payload: f.Payload}))
}

func (gobwasLib) DecompressFrame(f ws.Frame) (ws.Frame, error) {
	return toFrame(gobwasflate.DecompressFrame(gobwas.Frame{Header: fromHeader(f.Header), Payload: f.Payload}))
}

func (gobwasLib) CompressTo(w io.Writer, p []byte) error {
	return gobwasflate.DefaultHelper.CompressTo(w, p)
}

func (gobwasLib) DecompressTo(w io.Writer, p []byte) error {
	return gobwasflate.DefaultHelper.DecompressTo(w, p)
}

func (gobwasLib) FlateReader(r io.Reader) flateReader { return newGobwasReader(r) }

func newGobwasReader(r io.Reader) *gobwasflate.Reader {
	return gobwasflate.NewReader(r, func(r io.Reader) gobwasflate.Decompressor { return flate.NewReader(r) })
}

// Agreed: what works with compress/flate knows nothing of what was agreed on.
// A Writer or Reader that is used for every message is all there is.
func (gobwasLib) Agreed(wsflate.Parameters) (func([]byte) []byte, func([]byte) ([]byte, error)) {
	w := gobwasflate.NewWriter(nil, func(w io.Writer) gobwasflate.Compressor {
		f, _ := flate.NewWriter(w, flate.BestCompression)
		return f
	})
	r := newGobwasReader(bytes.NewReader(nil))
	compress := func(p []byte) []byte {
		var b bytes.Buffer
		w.Reset(&b)
		w.Write(p)
		w.Flush()
		return b.Bytes()
	}
	return compress, func(p []byte) ([]byte, error) {
		r.Reset(bytes.NewReader(p))
		return io.ReadAll(r)
	}
}

// ReceiveDeflated does with every frame what the README does.
func (lib gobwasLib) ReceiveDeflated(rw io.ReadWriter) (all []byte, err error) {
	for {
		//lint:ignore SA1019 what the README has is the same
		f, err := gobwas.ReadFrame(rw)
		if err != nil {
			return all, err
		}
		f = gobwas.UnmaskFrameInPlace(f)
		compressed, err := gobwasflate.IsCompressed(f.Header)
		if err == nil && compressed {
			f, err = gobwasflate.DecompressFrame(f)
		}
		all = append(all, f.Payload...)
		if err != nil || f.Header.Fin {
			return all, err
		}
	}
}

// SendDeflated compresses frames, as there is nothing for messages.
func (lib gobwasLib) SendDeflated(w io.Writer, fragments ...string) error {
	for i, s := range fragments {
		op := ws.OpText
		if i > 0 {
			op = ws.OpContinuation
		}
		f, err := lib.CompressFrame(ws.NewFrame(op, i == len(fragments)-1, []byte(s)))
		if err != nil {
			return err
		}
		if err := lib.WriteFrame(w, f); err != nil {
			return err
		}
	}
	return nil
}

// BothWays uses one MessageState, as the library's own example does.
func (gobwasLib) BothWays(rw io.ReadWriter, write string) error {
	const state = gobwas.StateServerSide | gobwas.StateExtended
	var message gobwasflate.MessageState
	r := gobwasutil.Reader{Source: rw, State: state, Extensions: []gobwasutil.RecvExtension{&message}}
	frames := gobwasutil.NewWriter(rw, state, gobwas.OpText)
	frames.SetExtensions(&message)
	w := gobwasflate.NewWriter(frames, func(w io.Writer) gobwasflate.Compressor {
		f, _ := flate.NewWriter(w, flate.BestCompression)
		return f
	})
	message.SetCompressed(true)
	io.WriteString(w, write)
	if _, err := r.NextFrame(); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return frames.Flush()
}
