package serve

import "github.com/wirews/wirews/ws"

// echo sends back what it is sent.
type echo struct{ *session }

func (e echo) begin() {}

func (e echo) message(op ws.OpCode, p []byte) error { return e.send(op, p) }

func (e echo) stop() {}
