package wsutil_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// readWriter reads from one and writes to the other.
type readWriter struct {
	io.Reader
	io.Writer
}

// readSession reads messages with ReadData until an error. A ClosedError is a
// close frame, and io.EOF.
func readSession(rw io.ReadWriter, s ws.State) (res result) {
	for {
		p, op, err := wsutil.ReadData(rw, s)
		if closed, ok := errors.AsType[wsutil.ClosedError](err); ok {
			res.events = append(res.events, fmt.Sprintf("close:%d:%s", uint16(closed.Code), closed.Reason))
			err = io.EOF
		}
		if err != nil {
			res.err = err
			return res
		}
		res.add(op, p)
	}
}

// helperConfig is the Config of a Receiver that judges as the helpers do.
func helperConfig(s ws.State) wsproto.Config {
	return wsproto.Config{State: s, Limits: wsproto.Limits{Frame: -1}}
}

// withAnswers splits what a Receiver has found into what the helpers return,
// and what they are to answer.
func withAnswers(all result) (returned, answers result) {
	returned.err, answers.err = all.err, io.EOF
	for _, e := range all.events {
		kind, rest, _ := strings.Cut(e, ":")
		switch kind {
		case "text", "binary":
			returned.events = append(returned.events, e)
		case "ping":
			answers.events = append(answers.events, "pong:"+rest)
		case "close":
			returned.events = append(returned.events, e)
			answers.events = append(answers.events, "close:"+rest[:4]+":")
		}
	}
	if code := wsproto.CloseCode(all.err); code != ws.StatusAbnormalClosure {
		answers.events = append(answers.events, fmt.Sprintf("close:%d:%s", uint16(code), wsproto.CloseReason(all.err)))
	}
	return returned, answers
}

func TestReadDataReadsSessionsHoweverTheyCome(t *testing.T) {
	for side, s := range sides {
		for _, tt := range sessionCases {
			returned, answers := withAnswers(result{tt.events, tt.err})
			for cut, source := range sources(tt.in(s)) {
				t.Run(fmt.Sprintf("%s/%s/%s", side, tt.name, cut), func(t *testing.T) {
					var out bytes.Buffer
					wantResult(t, readSession(readWriter{source, &out}, s), returned.err, returned.events...)
					wantResult(t, received(s, out.Bytes()), answers.err, answers.events...)
				})
			}
		}
	}
}

func TestReadDataReadsSessionsFromTCP(t *testing.T) {
	for side, s := range sides {
		for _, tt := range sessionCases {
			t.Run(side+"/"+tt.name, func(t *testing.T) {
				returned, answers := withAnswers(result{tt.events, tt.err})
				peer, conn := tcpPair(t)
				peer.SetNoDelay(true)
				for _, b := range tt.in(s) {
					peer.Write([]byte{b})
				}
				peer.CloseWrite()
				wantResult(t, readSession(conn, s), returned.err, returned.events...)
				conn.CloseWrite()
				out, _ := io.ReadAll(peer)
				wantResult(t, received(s, out), answers.err, answers.events...)
			})
		}
	}
}

// sameSession demands what a Receiver has found. At the end of a truncated
// stream it may find more: it judges text before the frame is complete, where
// the helpers judge frames, which have come whole. And it may find less: it
// judges a header that is complete, where a server's helper judges one without
// the last two bytes of its masking key.
func sameSession(t *testing.T, source io.Reader, s ws.State, returned, answers result) {
	t.Helper()
	var out bytes.Buffer
	got := readSession(readWriter{source, &out}, s)
	cutText := got.err == io.ErrUnexpectedEOF && returned.err == wsutil.ErrInvalidUTF8
	cutHead := wsproto.CloseCode(got.err) != ws.StatusAbnormalClosure && returned.err == io.ErrUnexpectedEOF
	if cutText || cutHead {
		return
	}
	wantResult(t, got, returned.err, returned.events...)
	wantResult(t, received(s, out.Bytes()), answers.err, answers.events...)
}

func TestReadDataTellsTheEndFromATruncation(t *testing.T) {
	for side, s := range sides {
		for _, tt := range sessionCases {
			in := tt.in(s)
			for n := range in {
				returned, answers := withAnswers(receive(in[:n], helperConfig(s)))
				for name, source := range map[string]io.Reader{
					"plain":           bytes.NewReader(in[:n]),
					"byte by byte":    iotest.OneByteReader(bytes.NewReader(in[:n])),
					"error with data": iotest.DataErrReader(bytes.NewReader(in[:n])),
				} {
					t.Run(fmt.Sprintf("%s/%s/%d bytes/%s", side, tt.name, n, name), func(t *testing.T) {
						sameSession(t, source, s, returned, answers)
					})
				}
			}
		}
	}
}

func FuzzReadDataLikeReceiver(f *testing.F) {
	for _, tt := range sessionCases {
		f.Add(tt.in(ws.StateServerSide), true)
		f.Add(tt.in(ws.StateClientSide), false)
	}
	f.Fuzz(func(t *testing.T, b []byte, server bool) {
		s := ws.StateClientSide
		if server {
			s = ws.StateServerSide
		}
		returned, answers := withAnswers(receive(b, helperConfig(s)))
		for _, source := range []io.Reader{bytes.NewReader(b), iotest.OneByteReader(bytes.NewReader(b))} {
			sameSession(t, source, s, returned, answers)
		}
	})
}

// Every Read is a system call on a connection without a buffer. What it takes
// is never more than the message.
func TestReadDataTakesFewReads(t *testing.T) {
	for _, tt := range []struct {
		state ws.State
		size  int
		reads int
		grown int // with no memory given: the buffer grows with what arrives
	}{
		{ws.StateServerSide, 0, 1, 1},
		{ws.StateServerSide, 1, 2, 2},
		{ws.StateServerSide, 125, 2, 2},
		{ws.StateServerSide, 126, 2, 2},
		{ws.StateServerSide, 32 << 10, 2, 3},
		{ws.StateServerSide, 65535, 2, 3},
		{ws.StateServerSide, 65536, 3, 4},
		{ws.StateServerSide, 1 << 20, 3, 8},
		{ws.StateClientSide, 0, 1, 1},
		{ws.StateClientSide, 1, 2, 2},
		{ws.StateClientSide, 125, 2, 2},
		{ws.StateClientSide, 126, 3, 3},
		{ws.StateClientSide, 65535, 3, 4},
		{ws.StateClientSide, 65536, 3, 4},
		{ws.StateClientSide, 1 << 20, 3, 8},
	} {
		payload := pattern(tt.size)
		frame := peerFrame(tt.state, ws.OpBinary, true, string(payload))
		for _, dst := range [][]byte{nil, make([]byte, 3, 3+tt.size+2)} {
			conn := wstest.NewConn(join(frame, []byte("behind it")))
			p, op, err := wsutil.ReadAppend(dst, wstest.Stream{ReadWriter: conn}, tt.state)
			if err != nil || op != ws.OpBinary || !bytes.Equal(p[len(dst):], payload) {
				t.Fatalf("state %d, %d bytes: got %d bytes, %v, %v", tt.state, tt.size, len(p), op, err)
			}
			most := tt.reads
			if dst == nil {
				most = tt.grown
			}
			if conn.Reads > most {
				t.Errorf("state %d, %d bytes into %d: %d reads, want at most %d", tt.state, tt.size, cap(dst), conn.Reads, most)
			}
			if conn.Taken != len(frame) || conn.Writes != 0 {
				t.Errorf("state %d, %d bytes: took %d of %d bytes", tt.state, tt.size, conn.Taken, len(frame))
			}
		}
	}
}

func TestReadDataAnswersByOneWrite(t *testing.T) {
	for side, s := range sides {
		for _, tt := range []struct {
			name   string
			in     []byte
			answer string
		}{
			{"ping", peerFrame(s, ws.OpPing, true, ""), "pong:"},
			{"ping of 125 bytes", peerFrame(s, ws.OpPing, true, strings.Repeat("p", 125)), "pong:" + strings.Repeat("p", 125)},
			{"close", peerFrame(s, ws.OpClose, true, closeBody(4999, "bye")), "close:4999:"},
			{"close without a code", peerFrame(s, ws.OpClose, true, ""), "close:1005:"},
			{"bad close", peerFrame(s, ws.OpClose, true, "\x03"), "close:1002:" + ws.ErrProtocolCloseLength.Error()},
			{"violation", peerFrame(s, ws.OpContinuation, true, ""), "close:1002:" + ws.ErrProtocolContinuationUnexpected.Error()},
		} {
			conn := wstest.NewConn(tt.in)
			readSession(conn, s)
			if conn.Writes != 1 {
				t.Errorf("%s, %s: %d writes", side, tt.name, conn.Writes)
			}
			wantResult(t, received(s, conn.Written), io.EOF, tt.answer)
		}
	}
}

func TestReadDataU13TellsThePeerWhatItDidWrong(t *testing.T) {
	for side, s := range sides {
		for _, tt := range []struct {
			name string
			in   []byte
			err  error
			code ws.StatusCode
		}{
			{"U13: mask", peerFrame(s^(ws.StateServerSide|ws.StateClientSide), ws.OpText, true, ""), nil, 1002},
			{"U13: RSV", rsvFrame(s, 1, ws.OpText, true, ""), ws.ErrProtocolNonZeroRsv, 1002},
			{"U13: UTF-8", peerFrame(s, ws.OpText, true, "\xff"), wsutil.ErrInvalidUTF8, 1007},
			{"U13: UTF-8 in the first fragment", peerFrame(s, ws.OpText, false, "\xff"), wsutil.ErrInvalidUTF8, 1007},
			{"U13: too large", peerFrame(s, ws.OpBinary, true, string(make([]byte, 32<<20+1))), wsutil.ErrMessageTooLarge, 1009},
			{"U14: UTF-8 in a close frame", peerFrame(s, ws.OpClose, true, "\x03\xe8\xff"), ws.ErrProtocolInvalidUTF8, 1007},
			{"U13: close code", peerFrame(s, ws.OpClose, true, "\x03\xed"), ws.ErrProtocolStatusCodeApplicationLevel, 1002},
			{"U13: too many control frames", floodOfPings(s, wsproto.DefaultMaxControls+1), wsutil.ErrTooManyControls, 1008},
		} {
			conn := wstest.NewConn(tt.in)
			_, _, err := wsutil.ReadData(conn, s)
			if tt.err != nil && err != tt.err {
				t.Errorf("%s, %s: got %v, want %v", side, tt.name, err, tt.err)
			}
			got := received(s, conn.Written).events
			want := fmt.Sprintf("close:%d:%s", tt.code, wsproto.CloseReason(err))
			if len(got) == 0 || got[len(got)-1] != want {
				t.Errorf("%s, %s: sent %d events, the last one %q, want %q", side, tt.name, len(got), got[max(len(got)-1, 0):], want)
			}
			if wsproto.CloseCode(err) != tt.code {
				t.Errorf("%s, %s: %v carries %v", side, tt.name, err, wsproto.CloseCode(err))
			}
		}
	}
}

// floodOfPings is a message with n pings inside.
func floodOfPings(s ws.State, n int) []byte {
	ping := peerFrame(s, ws.OpPing, true, "")
	return join(
		peerFrame(s, ws.OpText, false, "a"),
		bytes.Repeat(ping, n),
		peerFrame(s, ws.OpContinuation, true, "b"))
}

// A server need not wait for six bytes to see that a frame is not masked.
func TestReadDataRefusesAnUnmaskedFrameOfTwoBytes(t *testing.T) {
	pipeClient, pipeServer := pipe(t)
	tcpClient, tcpServer := tcpPair(t)
	for name, conns := range map[string][2]net.Conn{"pipe": {pipeClient, pipeServer}, "tcp": {tcpClient, tcpServer}} {
		client, server := conns[0], conns[1]
		go client.Write([]byte{0x81, 0x00})
		done := make(chan error)
		go func() {
			_, _, err := wsutil.ReadClientData(server)
			done <- err
		}()
		f, err := ws.ReadFrame(client)
		if err != nil {
			t.Fatal(err)
		}
		if code, _ := ws.ParseCloseFrameData(f.Payload); f.Header.OpCode != ws.OpClose || code != 1002 {
			t.Errorf("U13: %s: got %v %d", name, f.Header.OpCode, code)
		}
		if err := <-done; err != ws.ErrProtocolMaskRequired {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// An error of the connection is not the peer's doing, and not for its eyes.
func TestReadDataSendsNothingForAnErrorOfTheConnection(t *testing.T) {
	broken := errors.New("broken disk at /secret")
	for _, in := range [][]byte{nil, {0x81}, clientFrame(ws.OpText, true, "Hello")[:8]} {
		conn := wstest.NewConn(in)
		conn.Err = broken
		if _, _, err := wsutil.ReadClientData(conn); err != broken || conn.Writes != 0 {
			t.Errorf("% x: got %v, sent %q", in, err, conn.Written)
		}
	}
	conn := wstest.NewConn(clientFrame(ws.OpPing, true, ""))
	conn.WriteErr = broken
	if _, _, err := wsutil.ReadClientData(conn); err != broken || conn.Writes != 1 {
		t.Errorf("pong: got %v, %d writes", err, conn.Writes)
	}
}

func TestReadTextAndBinaryDropTheOtherKind(t *testing.T) {
	for side, s := range sides {
		in := join(
			peerFrame(s, ws.OpBinary, true, "\xff"),
			peerFrame(s, ws.OpPing, true, "1"),
			peerFrame(s, ws.OpText, false, "te"),
			peerFrame(s, ws.OpPing, true, "2"),
			peerFrame(s, ws.OpContinuation, true, "xt"),
			peerFrame(s, ws.OpBinary, true, "\xfe"))
		text, binary := wsutil.ReadClientText, wsutil.ReadClientBinary
		if s.ClientSide() {
			text, binary = wsutil.ReadServerText, wsutil.ReadServerBinary
		}
		for name, pieces := range wstest.Splits(in) {
			conn := script(pieces)
			if p, err := text(conn); string(p) != "text" || err != nil {
				t.Errorf("%s, %s: text: %q, %v", side, name, p, err)
			}
			if _, err := text(conn); err != io.EOF {
				t.Errorf("%s, %s: text: %v in the end", side, name, err)
			}
			wantResult(t, received(s, conn.Written), io.EOF, "pong:1", "pong:2")

			conn = script(pieces)
			for _, want := range []string{"\xff", "\xfe"} {
				if p, err := binary(conn); string(p) != want || err != nil {
					t.Errorf("%s, %s: binary: %q, %v", side, name, p, err)
				}
			}
			if _, err := binary(conn); err != io.EOF {
				t.Errorf("%s, %s: binary: %v in the end", side, name, err)
			}
		}
	}
}

func TestReadAppendKeepsWhatItWasGiven(t *testing.T) {
	dst := append(make([]byte, 0, 100), "dst"...)
	p, op, err := wsutil.ReadAppend(dst, wstest.NewConn(clientFrame(ws.OpText, true, "Hello")), ws.StateServerSide)
	if string(p) != "dstHello" || op != ws.OpText || err != nil || &p[0] != &dst[0] {
		t.Errorf("got %q, %v, %v", p, op, err)
	}
	p, op, err = wsutil.ReadAppend(dst, wstest.NewConn(clientFrame(ws.OpText, false, "Hello")), ws.StateServerSide)
	if string(p) != "dst" || op != 0 || err != io.ErrUnexpectedEOF {
		t.Errorf("got %q, %v, %v", p, op, err)
	}
}

func TestReadDataExtended(t *testing.T) {
	s := ws.StateServerSide | ws.StateExtended
	for _, tt := range []struct {
		name string
		in   []byte
		want error
	}{
		{"U19: RSV1", rsvFrame(s, 4, ws.OpText, true, "\xff"), nil},
		{"U19: RSV1 and fragments", join(rsvFrame(s, 4, ws.OpText, false, "\xff"), clientFrame(ws.OpContinuation, true, "\xfe")), nil},
		{"U19: text as it is", clientFrame(ws.OpText, true, "\xff"), wsutil.ErrInvalidUTF8},
		{"U9: RSV1 in a continuation", join(clientFrame(ws.OpText, false, "a"), rsvFrame(s, 4, ws.OpContinuation, true, "b")), ws.ErrProtocolNonZeroRsv},
		{"U9: RSV1 in a control frame", rsvFrame(s, 4, ws.OpPing, true, ""), ws.ErrProtocolNonZeroRsv},
	} {
		if _, _, err := wsutil.ReadData(wstest.NewConn(tt.in), s); err != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestReadDataWithoutCheckUTF8(t *testing.T) {
	defer wsutil.SetCheckUTF8(wsutil.CheckUTF8())
	wsutil.SetCheckUTF8(false)
	p, err := wsutil.ReadClientText(wstest.NewConn(clientFrame(ws.OpText, true, "\xff")))
	if string(p) != "\xff" || err != nil {
		t.Errorf("got %q, %v", p, err)
	}
}
