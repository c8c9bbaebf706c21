package wsutil

import "github.com/wirews/wirews/ws"

// RecvExtension looks at the headers that a [Reader] receives and takes away
// the RSV bits that it owns. What they say of the payload is for the caller;
// Reader.Decoder sees to that too.
type RecvExtension interface {
	UnsetBits(ws.Header) (ws.Header, error)
}

// RecvExtensionFunc is a function as a [RecvExtension].
type RecvExtensionFunc func(ws.Header) (ws.Header, error)

// UnsetBits calls fn.
func (fn RecvExtensionFunc) UnsetBits(h ws.Header) (ws.Header, error) { return fn(h) }

// SendExtension sets its RSV bits in the headers that a [Writer] sends.
// [Writer.SetEncoder] changes the payload too.
type SendExtension interface {
	SetBits(ws.Header) (ws.Header, error)
}

// SendExtensionFunc is a function as a [SendExtension].
type SendExtensionFunc func(ws.Header) (ws.Header, error)

// SetBits calls fn.
func (fn SendExtensionFunc) SetBits(h ws.Header) (ws.Header, error) { return fn(h) }
