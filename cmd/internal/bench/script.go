package bench

import (
	"crypto/rand"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

// scriptBytes is about how much memory prepared messages take: enough to tell
// one from another, and so little that it stays in the caches.
const scriptBytes = 128 << 10

// script is what the connections send, over and over, each from another place
// on: some messages, as they stand on the wire, and what has to come back. That
// the messages differ shows it when a server loses, doubles or mixes them up.
type script struct {
	op    ws.OpCode
	plain [][]byte // payloads

	sent     []byte // the messages on the wire
	sentEnds []int  // where in sent each one ends

	// The answers as nearly every server gives them: a frame for a message, not
	// masked. Nil if the server compresses, so that there is no telling.
	answer     []byte
	answerEnds []int
}

// newScript prepares the messages of a run. With compression they are
// compressed each for itself, which every server has to understand.
func newScript(o Options) *script {
	s := &script{op: opCode(o.Kind)}
	n := min(max(scriptBytes/(o.Size+8), 2), 1024)
	var encoder *wsflate.Encoder
	if o.Compress {
		p := wsflate.Parameters{ClientNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}
		encoder = wsflate.New(ws.StateClientSide, p, &wsflate.Options{Threshold: -1}).Encoder()
	}
	for i := range n {
		p := newPayload(o.Kind, o.Size, i)
		s.plain = append(s.plain, p)
		body, rsv := p, byte(0)
		if encoder != nil {
			body, rsv = encoder.AppendMessage(nil, p), ws.Rsv(true, false, false)
		}
		s.sent = appendMessage(s.sent, s.op, rsv, body, o.Fragment, randomMask)
		s.sentEnds = append(s.sentEnds, len(s.sent))
		if !o.Compress {
			s.answer = ws.AppendFrame(s.answer, ws.NewFrame(s.op, true, p))
			s.answerEnds = append(s.answerEnds, len(s.answer))
		}
	}
	if o.Raw {
		s.answer, s.answerEnds = s.sent, s.sentEnds
	}
	return s
}

// appendMessage appends a message in frames of at most fragment bytes, or in one
// if that is 0.
func appendMessage(dst []byte, op ws.OpCode, rsv byte, p []byte, fragment int, mask func() [4]byte) []byte {
	if fragment == 0 {
		fragment = len(p)
	}
	for first := true; first || len(p) > 0; first = false {
		n := min(fragment, len(p))
		h := ws.Header{Fin: n == len(p), OpCode: op, Rsv: rsv, Masked: true, Mask: mask(), Length: int64(n)}
		dst = ws.AppendCipher(ws.AppendHeader(dst, h), p[:n], h.Mask, 0)
		op, rsv, p = ws.OpContinuation, 0, p[n:]
	}
	return dst
}

func randomMask() (key [4]byte) {
	rand.Read(key[:])
	return key
}

// first returns the message that connection id begins with.
func (s *script) first(id int) int { return id * 7919 % len(s.plain) }

// start returns where in sent message i begins.
func (s *script) start(i int) int {
	if i == 0 {
		return 0
	}
	return s.sentEnds[i-1]
}
