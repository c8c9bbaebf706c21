package bench_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsutil"
)

// agreedDeflate is what New is given after a handshake.
func agreedDeflate(takeover bool) *wsflate.Deflate {
	agreed := wsflate.DefaultParameters
	if takeover {
		agreed = wsflate.Parameters{}
	}
	return wsflate.New(ws.StateServerSide, agreed, nil)
}

// wirewsStream is wsutil.Stream with the extension.
func wirewsStream(_ testing.TB, conn *loopConn, takeover bool) deflateConn {
	s := wsutil.NewStream(conn, ws.StateServerSide, 0)
	s.SetExtension(agreedDeflate(takeover))
	return deflateConn{
		write: func(p []byte) error {
			if err := s.WriteMessage(ws.OpText, p); err != nil {
				return err
			}
			return s.Flush()
		},
		read: func(n int, show func([]byte)) error {
			for range n {
				p, _, err := s.ReadMessage()
				if err != nil {
					return err
				}
				show(p)
			}
			return nil
		},
	}
}

// wirewsReadWrite is wsutil.Reader and wsutil.Writer, each with its half of
// the extension.
func wirewsReadWrite(_ testing.TB, conn *loopConn, takeover bool) deflateConn {
	d := agreedDeflate(takeover)
	w := wsutil.NewWriter(conn, ws.StateServerSide, ws.OpText)
	w.DisableFlush() // one frame a message, as all the others do
	w.SetEncoder(d.Encoder())
	r := wsutil.Reader{Source: conn, State: ws.StateServerSide, CheckUTF8: true, Decoder: d.Decoder()}
	var message []byte
	return deflateConn{
		write: func(p []byte) error {
			if _, err := w.Write(p); err != nil {
				return err
			}
			return w.Flush()
		},
		read: func(n int, show func([]byte)) (err error) {
			for range n {
				if message, _, err = r.ReadAppend(message[:0]); err != nil {
					return err
				}
				show(message)
			}
			return nil
		},
	}
}

// wirewsFrames is what a program with an event loop of its own does: it has
// bytes, Encoder.AppendMessage and Decoder.DecodeAppend.
func wirewsFrames(_ testing.TB, conn *loopConn, takeover bool) deflateConn {
	d := agreedDeflate(takeover)
	var payload, frame, message []byte
	in := inbox{conn: conn, buf: make([]byte, 128<<10)}
	return deflateConn{
		write: func(p []byte) error {
			payload = d.Encoder().AppendMessage(payload[:0], p)
			h := ws.Header{Fin: true, Rsv: d.Bits(), OpCode: ws.OpText, Length: int64(len(payload))}
			frame = append(ws.AppendHeader(frame[:0], h), payload...)
			_, err := conn.Write(frame)
			return err
		},
		read: func(n int, show func([]byte)) error {
			for range n {
				f, err := in.next()
				if err != nil {
					return err
				}
				if message, err = d.Decoder().DecodeAppend(message[:0], f.Payload); err != nil {
					return err
				}
				show(message)
			}
			return nil
		},
	}
}

// inbox cuts what has arrived into frames and unmasks them in place.
type inbox struct {
	conn       io.Reader
	buf        []byte
	begin, end int
}

func (in *inbox) next() (ws.Frame, error) {
	for {
		rest := in.buf[in.begin:in.end]
		h, n, err := ws.ParseHeader(rest)
		switch {
		case err == nil && len(rest)-n >= int(h.Length):
			f := ws.Frame{Header: h, Payload: rest[n : n+int(h.Length)]}
			in.begin += n + len(f.Payload)
			ws.Cipher(f.Payload, h.Mask, 0)
			return f, nil
		case err != nil && err != ws.ErrShort:
			return ws.Frame{}, err
		}
		in.end = copy(in.buf, rest)
		in.begin = 0
		k, err := in.conn.Read(in.buf[in.end:])
		if in.end += k; err != nil {
			return ws.Frame{}, err
		}
	}
}

// wirewsHelper is the functions for frames.
func wirewsHelper(_ testing.TB, conn *loopConn, _ bool) deflateConn {
	var out, plain bytes.Buffer
	in := inbox{conn: conn, buf: make([]byte, 128<<10)}
	return deflateConn{
		write: func(p []byte) error {
			out.Reset()
			f, err := wsflate.CompressFrameBuffer(&out, ws.NewTextFrame(p))
			if err != nil {
				return err
			}
			return ws.WriteFrame(conn, f)
		},
		read: func(n int, show func([]byte)) error {
			for range n {
				f, err := in.next()
				if err != nil {
					return err
				}
				plain.Reset()
				f.Header.Masked = false
				if f, err = wsflate.DecompressFrameBuffer(&plain, f); err != nil {
					return err
				}
				show(f.Payload)
			}
			return nil
		},
	}
}
