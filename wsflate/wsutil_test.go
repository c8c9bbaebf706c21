package wsflate_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// TestTextIsJudgedAtItsFirstBadByte sends a compressed text with a fault, one
// octet at a time: it is found before the rest of the message has come.
func TestTextIsJudgedAtItsFirstBadByte(t *testing.T) {
	text := append([]byte(strings.Repeat("Grüße, ", 20)), 0xff)
	text = append(text, strings.Repeat("and a lot of other things, never looked at; ", 500)...)
	for _, p := range []wsflate.Parameters{{}, wsflate.DefaultParameters} {
		client := wsflate.New(ws.StateClientSide, p, &wsflate.Options{Level: wsflate.HuffmanOnly})
		z := client.Encoder().AppendMessage(nil, text)
		h := ws.Header{Fin: true, Rsv: 4, OpCode: ws.OpText, Masked: true, Length: int64(len(z))}
		wire := append(ws.AppendHeader(nil, h), z...)

		r := wsproto.Receiver{Decoder: wsflate.New(ws.StateServerSide, p, nil).Decoder()}
		room := make([]byte, 1024)
		var got []byte
		var err error
		fed := 0
		for ; fed < len(wire) && (err == nil || err == ws.ErrShort); fed++ {
			for b := bytes.Clone(wire[fed : fed+1]); ; {
				var ev wsproto.Event
				var n int
				ev, n, err = r.Next(b, room)
				b = b[n:]
				got = append(got, ev.Payload...)
				if err != nil {
					break
				}
			}
		}
		if err != wsutil.ErrInvalidUTF8 || string(got) != string(text[:160+20]) {
			t.Errorf("%+v: %v behind %d bytes of text", p, err, len(got))
		}
		if fed > 400 {
			t.Errorf("%+v: found at octet %d of %d", p, fed, len(wire))
		}

		rd := wsutil.Reader{Source: bytes.NewReader(wire), State: ws.StateServerSide, CheckUTF8: true,
			Decoder: wsflate.New(ws.StateServerSide, p, nil).Decoder()}
		if _, err := rd.NextFrame(); err != nil {
			t.Fatal(err)
		}
		got, err = io.ReadAll(&rd)
		if err != wsutil.ErrInvalidUTF8 || len(got) != 180 {
			t.Errorf("%+v: Reader has %v behind %d bytes", p, err, len(got))
		}
	}
}

// TestStreamsOverAConnection sends messages both ways at once, through all that
// wsutil has.
func TestStreamsOverAConnection(t *testing.T) {
	var messages []string
	for i := range 60 {
		messages = append(messages, strings.Repeat("message and message; ", i*i%300)+strings.Repeat("x", i))
	}
	a, b := net.Pipe()
	p := wsflate.Parameters{}
	server, client := wsflate.New(ws.StateServerSide, p, nil), wsflate.New(ws.StateClientSide, p, nil)
	var wg sync.WaitGroup
	wg.Go(func() {
		w := wsutil.NewWriterSize(a, ws.StateServerSide, ws.OpText, 300)
		w.SetEncoder(server.Encoder())
		for _, m := range messages {
			w.ResetOp(ws.OpText)
			io.WriteString(w, m)
			if err := w.Flush(); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Go(func() {
		s := wsutil.NewSharedWriter(b, ws.StateClientSide)
		s.SetEncoder(client.Encoder())
		for _, m := range messages {
			if err := s.WriteMessage(ws.OpText, []byte(m)); err != nil {
				t.Error(err)
			}
		}
	})
	read := func(conn net.Conn, s ws.State, d wsproto.Decoder) {
		r := wsutil.Reader{Source: conn, State: s, CheckUTF8: true, Decoder: d}
		var buf []byte
		for i, m := range messages {
			var err error
			if buf, _, err = r.ReadAppend(buf[:0]); err != nil || string(buf) != m {
				t.Errorf("message %d: %d of %d bytes, %v", i, len(buf), len(m), err)
				return
			}
		}
	}
	wg.Go(func() { read(a, ws.StateServerSide, server.Decoder()) })
	wg.Go(func() { read(b, ws.StateClientSide, client.Decoder()) })
	wg.Wait()
}

// TestBombsAreAnsweredWith1009 sends a bomb to a Stream.
func TestBombsAreAnsweredWith1009(t *testing.T) {
	client := wsflate.New(ws.StateClientSide, wsflate.Parameters{}, nil)
	z := client.Encoder().AppendMessage(nil, make([]byte, 16<<20))
	h := ws.Header{Fin: true, Rsv: 4, OpCode: ws.OpBinary, Masked: true, Length: int64(len(z))}
	wire := append(ws.AppendHeader(nil, h), z...)
	var out bytes.Buffer
	s := wsutil.NewStream(struct {
		io.Reader
		io.Writer
	}{bytes.NewReader(wire), &out}, ws.StateServerSide, 0)
	s.SetExtension(wsflate.New(ws.StateServerSide, wsflate.Parameters{}, nil))
	_, _, err := s.ReadMessage()
	if !errors.Is(err, wsflate.ErrRatio) {
		t.Errorf("%v", err)
	}
	f, err := ws.ReadFrame(&out)
	if code, _ := ws.ParseCloseFrameData(f.Payload); err != nil || f.Header.OpCode != ws.OpClose || code != ws.StatusMessageTooBig {
		t.Errorf("answered with %+v, %v", f.Header, err)
	}
}
