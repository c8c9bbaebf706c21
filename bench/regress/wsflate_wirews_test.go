package regress_test

import (
	"compress/flate"
	"io"

	"github.com/gobwas/httphead"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsutil"
)

func (wirewsLib) Extension(want wsflate.Parameters) extension {
	return &wsflate.Extension{Parameters: want}
}

func (wirewsLib) ParseParameters(opt httphead.Option) (p wsflate.Parameters, err error) {
	err = p.Parse(opt)
	return p, err
}

func (wirewsLib) CompressFrame(f ws.Frame) (ws.Frame, error)   { return wsflate.CompressFrame(f) }
func (wirewsLib) DecompressFrame(f ws.Frame) (ws.Frame, error) { return wsflate.DecompressFrame(f) }

func (wirewsLib) CompressTo(w io.Writer, p []byte) error {
	return wsflate.DefaultHelper.CompressTo(w, p)
}

func (wirewsLib) DecompressTo(w io.Writer, p []byte) error {
	return wsflate.DefaultHelper.DecompressTo(w, p)
}

func (wirewsLib) FlateReader(r io.Reader) flateReader {
	return wsflate.NewReader(r, func(r io.Reader) wsflate.Decompressor { return flate.NewReader(r) })
}

func (wirewsLib) Agreed(agreed wsflate.Parameters) (func([]byte) []byte, func([]byte) ([]byte, error)) {
	from, to := wsflate.New(server, agreed, nil), wsflate.New(client, agreed, nil)
	return func(p []byte) []byte { return from.Encoder().AppendMessage(nil, p) },
		func(p []byte) ([]byte, error) { return to.Decoder().DecodeAppend(nil, p) }
}

func (wirewsLib) ReceiveDeflated(rw io.ReadWriter) ([]byte, error) {
	s := wsutil.NewStream(rw, server, 0)
	s.SetExtension(wsflate.New(server, wsflate.DefaultParameters, nil))
	p, _, err := s.ReadMessage()
	return p, err
}

func (wirewsLib) SendDeflated(w io.Writer, fragments ...string) error {
	message := wsutil.NewWriter(w, server, ws.OpText)
	message.SetEncoder(wsflate.New(server, wsflate.DefaultParameters, nil).Encoder())
	for _, s := range fragments {
		io.WriteString(message, s)
		if err := message.FlushFragment(); err != nil {
			return err
		}
	}
	return message.Flush()
}

func (wirewsLib) BothWays(rw io.ReadWriter, write string) error {
	d := wsflate.New(server, wsflate.DefaultParameters, &wsflate.Options{Threshold: -1})
	r := wsutil.Reader{Source: rw, State: server, Decoder: d.Decoder()}
	w := wsutil.NewWriter(rw, server, ws.OpText)
	w.SetEncoder(d.Encoder())
	io.WriteString(w, write)
	if _, err := r.NextFrame(); err != nil {
		return err
	}
	return w.Flush()
}
