package differential

import (
	"errors"
	"fmt"
	"io"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
	"github.com/wirews/wirews/wsutil"
)

// outcome is what a peer's bytes amount to.
type outcome struct {
	messages []string
	answers  []string // control frames, as they were sent
	end      string   // why nothing more was received
}

func (o outcome) String() string {
	return fmt.Sprintf("messages %.1000q, answers %.1000q, %s", o.messages, o.answers, o.end)
}

func message(op ws.OpCode, p []byte) string { return fmt.Sprintf("%v:%s", op, p) }

func control(ev wsproto.Event) string {
	if ev.Op == ws.OpClose {
		return closing(ev.Code(), string(ev.Reason()))
	}
	return message(ev.Op, ev.Payload)
}

func closing(code ws.StatusCode, reason string) string {
	return fmt.Sprintf("close:%d:%s", uint16(code), reason)
}

// ending names what err says in the words that all have in common: the rule that
// was broken, the limit, the peer's close frame, or the end of the transport.
func ending(err error) string {
	if rule, ok := errors.AsType[ws.ProtocolError](err); ok {
		return string(rule)
	}
	if errors.Is(err, wsutil.ErrMessageTooLarge) {
		err = wsproto.ErrMessageTooLarge // the same, with other advice
	}
	if limit, ok := errors.AsType[ws.LimitError](err); ok {
		return string(limit)
	}
	if e, ok := errors.AsType[*wsproto.ConnError](err); ok && e.Received != nil {
		return closing(e.Received.Code, e.Received.Reason)
	}
	if e, ok := errors.AsType[websocket.CloseError](err); ok {
		return closing(ws.StatusCode(e.Code), e.Reason)
	}
	if e, ok := errors.AsType[wsutil.ClosedError](err); ok {
		return closing(e.Code, e.Reason)
	}
	for _, end := range []error{io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, end) {
			return end.Error()
		}
	}
	if e, ok := errors.AsType[*wsproto.ConnError](err); ok {
		err = e.Err
	}
	return err.Error()
}
