package ws

import "github.com/wirews/wirews/internal/earlyconn"

// WithEarly is the connection that Dial hands back when frames came in right
// behind the handshake.
var WithEarly = earlyconn.Wrap
