package ws

// WithEarly lets the tests reach the connection that Dial hands back when
// frames came in right behind the handshake.
var WithEarly = withEarly
