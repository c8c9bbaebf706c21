package serve

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/url"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

const mostShown = 256 // bytes of a payload

// frames is an echo that tells after each message, in JSON, by which frames it came and
// went back.
type frames struct{ *session }

// tale is what frames tells.
type tale struct {
	Bytes    int         `json:"bytes"` // of the message
	Received []seenFrame `json:"received"`
	Sent     []seenFrame `json:"sent"`
	Fault    string      `json:"fault,omitempty"` // why there are no frames
}

// seenFrame is a frame as it has travelled; bytes are in hex.
type seenFrame struct {
	Head    string `json:"head"`
	Fin     bool   `json:"fin"`
	Rsv1    bool   `json:"rsv1"`
	OpCode  byte   `json:"opcode"`
	Mask    string `json:"mask"` // empty if it has none
	Length  int64  `json:"length"`
	Wire    string `json:"wire"`    // the beginning of the payload
	Payload string `json:"payload"` // the same without the mask
}

const noFrames = "The frames of this connection cannot be seen: over HTTP/2 or HTTP/3 it is no TCP connection of its own, or too much came at once."

func prepareFrames(url.Values) (start, error) {
	return func(c *session) service { return frames{c} }, nil
}

func (f frames) begin() {}

func (f frames) message(typ websocket.MessageType, p []byte) error {
	tap := f.call.tap
	tap.sent() // the handshake, or the tale before
	if err := f.write(typ, p); err != nil {
		return err
	}
	if err := f.link.(threaded).Flush(context.Background()); err != nil {
		return err
	}
	told := tale{Bytes: len(p), Received: seenFrames(tap.received()), Sent: seenFrames(tap.sent())}
	if tap.lost() {
		told = tale{Bytes: len(p), Fault: noFrames}
	}
	text, err := json.Marshal(told)
	if err != nil {
		return err
	}
	return f.write(websocket.MessageText, text)
}

func (f frames) stop() {}

// seenFrames takes whole frames apart. It changes b.
func seenFrames(b []byte) []seenFrame {
	seen := []seenFrame{}
	for {
		var h ws.Header
		n, err := h.Parse(b)
		if err != nil || h.Length > int64(len(b)-n) {
			return seen
		}
		payload := b[n : n+int(h.Length)]
		shown := payload[:min(len(payload), mostShown)]
		f := seenFrame{
			Head: hex.EncodeToString(b[:n]), Fin: h.Fin, Rsv1: h.Rsv1(), OpCode: byte(h.OpCode),
			Length: h.Length, Wire: hex.EncodeToString(shown),
		}
		if h.Masked {
			f.Mask = hex.EncodeToString(h.Mask[:])
			ws.Cipher(shown, h.Mask, 0)
		}
		f.Payload = hex.EncodeToString(shown)
		seen = append(seen, f)
		b = b[n+len(payload):]
	}
}
