package serve

import "github.com/wirews/wirews/websocket"

// echo sends back what it is sent.
type echo struct{ *session }

func (e echo) begin() {}

func (e echo) message(typ websocket.MessageType, p []byte) error { return e.send(typ, p) }

func (e echo) stop() {}
