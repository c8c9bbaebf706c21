package wsflate_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// A nil *Deflate is what a program has when nothing was agreed on. It stands
// for no extension, wherever one can be given.
func TestANilDeflateStandsForNoExtension(t *testing.T) {
	var d *wsflate.Deflate
	key := [4]byte{1, 2, 3, 4}
	plain := ws.AppendFrame(nil, ws.MaskFrameWith(ws.NewTextFrame([]byte("Hello")), key))
	marked := bytes.Clone(plain)
	marked[0] |= 0x40 // RSV1

	receiver := func(recv *wsproto.Receiver) func(in []byte) (string, error) {
		return func(in []byte) (string, error) {
			ev, _, err := recv.Next(bytes.Clone(in), nil)
			return string(ev.Payload), err
		}
	}
	conn := wsproto.NewConn(nil, d)
	for name, read := range map[string]func(in []byte) (string, error){
		"wsproto.NewConn":  receiver(&conn.Receiver),
		"wsproto.Receiver": receiver(&wsproto.Receiver{Decoder: d}),
		"its Decoder":      receiver(&wsproto.Receiver{Decoder: d.Decoder()}),
		"Stream.SetExtension": func(in []byte) (string, error) {
			s := wsutil.NewStream(wstest.NewConn(in), ws.StateServerSide, 0)
			s.SetExtension(d)
			p, _, err := s.ReadMessage()
			return string(p), err
		},
		"Reader.Decoder": func(in []byte) (string, error) {
			r := wsutil.Reader{Source: wstest.NewConn(in), State: ws.StateServerSide, Decoder: d}
			p, _, err := r.ReadAppend(nil)
			return string(p), err
		},
		"Reader.Decoder, Read": func(in []byte) (string, error) {
			r := wsutil.Reader{Source: wstest.NewConn(in), State: ws.StateServerSide, Decoder: d.Decoder()}
			if _, err := r.NextFrame(); err != nil {
				return "", err
			}
			p, err := io.ReadAll(&r)
			return string(p), err
		},
	} {
		if got, err := read(plain); got != "Hello" || err != nil {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
		if _, err := read(marked); err != ws.ErrProtocolNonZeroRsv {
			t.Errorf("%s: RSV1 gives %v", name, err)
		}
	}

	hello := []byte("\x81\x05Hello")
	sender := wsproto.Sender{Encoder: d}
	for name, write := range map[string]func(w *bytes.Buffer) error{
		"wsproto.NewConn": func(w *bytes.Buffer) error {
			out, err := conn.AppendMessage(nil, ws.OpText, []byte("Hello"))
			w.Write(out)
			return err
		},
		"wsproto.Sender": func(w *bytes.Buffer) error {
			out, err := sender.AppendMessage(nil, ws.OpText, []byte("Hello"))
			w.Write(out)
			return err
		},
		"Writer.SetEncoder": func(w *bytes.Buffer) error {
			wr := wsutil.NewWriter(w, ws.StateServerSide, ws.OpText)
			wr.SetEncoder(d)
			io.WriteString(wr, "Hello")
			return wr.Flush()
		},
		"SharedWriter.SetEncoder": func(w *bytes.Buffer) error {
			s := wsutil.NewSharedWriter(w, ws.StateServerSide)
			s.SetEncoder(d.Encoder())
			return s.WriteMessage(ws.OpText, []byte("Hello"))
		},
		"Stream.SetExtension": func(w *bytes.Buffer) error {
			s := wsutil.NewStream(w, ws.StateServerSide, 0)
			s.SetExtension(d)
			s.WriteMessage(ws.OpText, []byte("Hello"))
			return s.Flush()
		},
		"Prepared": func(w *bytes.Buffer) error {
			w.Write(wsflate.Prepare(ws.OpText, []byte("Hello"), nil).AppendFrame(nil, d))
			return nil
		},
	} {
		var w bytes.Buffer
		if err := write(&w); err != nil || !bytes.Equal(w.Bytes(), hello) {
			t.Errorf("%s: wrote %q, %v", name, w.Bytes(), err)
		}
	}

	d.Close()
	if d.Bits() != 0 || d.Parameters() != (wsflate.Parameters{}) || len(d.Option().Name) > 0 {
		t.Errorf("it has bits %d and stands for %v", d.Bits(), d.Option())
	}
}
