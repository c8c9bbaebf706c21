package endpoint

import (
	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsproto"
)

// DiscardConfig returns the Config of a receiving half whose messages nobody wants:
// no limit holds for them, and text is not checked.
func DiscardConfig(side ws.State) wsproto.Config {
	limits := wsproto.Limits{Frame: -1, Message: -1, Decoded: -1, Fragments: -1, Controls: -1}
	return wsproto.Config{State: side, Limits: limits, SkipUTF8: true}
}

// Discard makes nothing of messages from now on, nor of the one that is being put
// together. It is for a connection that we have begun to close: only the peer's close
// frame is wanted. What is compressed is not decompressed. The rules still hold;
// config is a DiscardConfig.
func (in *Inbox) Discard(config *wsproto.Config) {
	in.Drop()
	r := &in.Receiver
	if r.Config = config; r.Decoder != nil {
		r.Decoder = discarder{r.Decoder.Bits()}
	}
}

// discarder stands for the Decoder of an extension that owns bits.
type discarder struct{ bits byte }

func (d discarder) Bits() byte { return d.bits }

// BeginDecode takes all messages, or none would be told from what is encoded.
func (discarder) BeginDecode(byte) (bool, error) { return true, nil }

// Decode consumes all of src.
func (discarder) Decode(dst, src []byte, _ bool) ([]byte, int, error) { return dst, len(src), nil }
