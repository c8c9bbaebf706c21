// Package messageconn makes a net.Conn of a socket that sends and receives whole
// messages, and does the WebSocket protocol itself: that of a web page. What is written
// to the Conn are frames of a client, and what is read from it are frames of a server,
// so that a connection of package websocket works over it like over any other.
//
// # Reading
//
// A message stays where the socket has put it until it is read: only what is read is
// copied, so that a limit which is applied to its header spares the rest. A page cannot
// tell its peer to wait. [MaxUnread] bounds what nobody reads.
//
// # Writing
//
// Frames are put together to messages, and a message is handed over when its last frame has
// been written. Write waits as long as more than [MaxBuffered] bytes are on their way; the
// socket does not tell when that changes, so it is asked again and again. What was
// handed over cannot be taken back.
//
// # Limitations
//
// There are no pings, and few close codes: see [Conn.CheckPing] and [Conn.CheckClose].
package messageconn
