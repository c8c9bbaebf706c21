package wsproto

// Conn is one connection with no I/O in it: its receiving half and its sending
// half. The methods of [Receiver] touch the former, those of [Sender] the latter,
// so that two goroutines may use the halves at the same time. What has to get
// from one to the other is what Next returns: it is given to AppendAnswer, by
// whoever may use the sending half at that moment. The closing handshake is in
// the sending half; the receiving one only knows that nothing is received any
// more.
//
// A Conn has at most 160 bytes and points to nothing while it is idle, except
// its [Config] and its [Extension]. It may be copied while it is not in use. The
// zero value is a server's.
type Conn struct {
	Receiver
	Sender
}

// NewConn returns a [Conn]. config is shared and may be nil; x is what the
// handshake has agreed on, nil for nothing, as is a nil *wsflate.Deflate. With
// an extension, Next needs room: see "Compression" in the package's overview.
func NewConn(config *Config, x Extension) Conn {
	c := Conn{Receiver: Receiver{Config: config}, Sender: Sender{Config: config}}
	if x != nil {
		c.Decoder, c.Encoder = x, x
	}
	return c
}
