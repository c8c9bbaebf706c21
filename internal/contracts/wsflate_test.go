package contracts

import (
	"bytes"
	"compress/flate"
	"io"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// inflated reads a compressed message by what make makes.
func inflated(make func(r io.Reader) io.Reader) func(f *wstest.Faulty) (int, error) {
	return func(f *wstest.Faulty) (int, error) {
		_, err := io.ReadAll(make(f))
		return ones(err), err
	}
}

func TestReadingByWsflate(t *testing.T) {
	message := agreed(client).Encoder().AppendMessage(nil, []byte(repeated))
	testReading(t, []reading{
		{name: "Decoder.Decompressor", in: message, toEnd: true, run: inflated(func(r io.Reader) io.Reader {
			return agreed(server).Decoder().Decompressor(r)
		})},
		{name: "Reader of a Decoder", in: message, toEnd: true, run: inflated(func(r io.Reader) io.Reader {
			return wsflate.NewReader(r, agreed(server).Decoder().Decompressor)
		})},
		{name: "Reader of compress/flate", in: message, toEnd: true, run: inflated(func(r io.Reader) io.Reader {
			return wsflate.NewReader(r, func(r io.Reader) wsflate.Decompressor { return flate.NewReader(r) })
		})},
		{name: "Reader of a Decompressor that is broken itself", in: []byte("Hello"), toEnd: true, run: inflated(func(r io.Reader) io.Reader {
			return wsflate.NewReader(nil, func(io.Reader) wsflate.Decompressor { return r })
		})},
		{name: "Helper with a Decompressor that is broken itself", in: []byte("Hello"), toEnd: true, run: func(f *wstest.Faulty) (int, error) {
			h := wsflate.Helper{Decompressor: func(io.Reader) wsflate.Decompressor { return f }}
			_, err := h.Decompress(message)
			return ones(err), err
		}},
	})
}

// compressor is a Compressor that writes to a connection of its own.
type compressor struct{ io.Writer }

func (compressor) Flush() error { return nil }

func TestWritingByWsflate(t *testing.T) {
	p := bytes.Repeat([]byte("Hello"), 100)
	message := agreed(client).Encoder().AppendMessage(nil, p)
	write := func(make func(w io.Writer) wsflate.Compressor) func(f *wstest.Faulty) error {
		return func(f *wstest.Faulty) error {
			w := wsflate.NewWriter(f, make)
			if _, err := w.Write(p); err != nil {
				return err
			}
			return w.Close()
		}
	}
	foreign := wsflate.Helper{
		Compressor: func(w io.Writer) wsflate.Compressor {
			c, _ := flate.NewWriter(w, 1)
			return c
		},
		Decompressor: func(r io.Reader) wsflate.Decompressor { return flate.NewReader(r) },
	}
	testWriting(t, []writing{
		{name: "Encoder.Compressor", run: func(f *wstest.Faulty) error {
			c := agreed(server).Encoder().Compressor(f)
			c.Write(p)
			return c.Flush()
		}},
		{name: "Writer of an Encoder", run: write(agreed(server).Encoder().Compressor)},
		{name: "Writer of compress/flate", run: write(foreign.Compressor)},
		{name: "Writer of a Compressor that is broken itself", run: func(f *wstest.Faulty) error {
			w := wsflate.NewWriter(nil, func(io.Writer) wsflate.Compressor { return compressor{f} })
			_, err := w.Write(p)
			return err
		}},
		{name: "Helper.CompressTo", run: func(f *wstest.Faulty) error { return wsflate.DefaultHelper.CompressTo(f, p) }},
		{name: "Helper.CompressTo, foreign", run: func(f *wstest.Faulty) error { return foreign.CompressTo(f, p) }},
		{name: "Helper.DecompressTo", run: func(f *wstest.Faulty) error { return wsflate.DefaultHelper.DecompressTo(f, message) }},
		{name: "Helper.DecompressTo, foreign", run: func(f *wstest.Faulty) error { return foreign.DecompressTo(f, message) }},
		{name: "CompressFrameBuffer", run: func(f *wstest.Faulty) error {
			_, err := wsflate.CompressFrameBuffer(buffer{f}, ws.NewTextFrame(p))
			return err
		}},
	})
}

// buffer is a wsflate.Buffer that writes to a connection.
type buffer struct{ io.Writer }

func (buffer) Bytes() []byte { return nil }
