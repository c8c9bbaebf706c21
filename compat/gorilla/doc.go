// Package websocket has the exported API of github.com/gorilla/websocket v1.5.3,
// for programs that are written for it: change the import path to
// github.com/wirews/wirews/compat/gorilla, or leave the sources as they are and
// replace the module by the one in compat/replace/gorilla. It is built on packages
// wsproto, ws and wsflate, as all of this module is. New programs use package
// github.com/wirews/wirews/websocket.
//
// # Overview
//
// A server calls [Upgrader.Upgrade] in a handler of net/http, a client
// [Dialer.DialContext]. [Conn.ReadMessage] and [Conn.WriteMessage] have whole messages:
//
//	server   Upgrader.Upgrade       in a handler of net/http
//	client   Dialer.DialContext     with proxies, cookies, httptrace
//	read     NextReader ReadMessage ReadJSON JoinMessages
//	write    NextWriter WriteMessage WriteJSON WritePreparedMessage WriteControl
//	control  SetPingHandler SetPongHandler SetCloseHandler
//
// Control messages are handled inside of reads: somebody has to read, or pings are
// not answered and the end of the connection is not noticed. An error of a read is
// final, as is one of the net.Conn in a write, that of a deadline included.
//
// # Timeouts
//
// HandshakeTimeout of the [Upgrader] and the [Dialer] bounds the handshake. From then on
// there are none but the deadlines of [Conn.SetReadDeadline] and
// [Conn.SetWriteDeadline], which are for all calls that follow, and that of
// [Conn.WriteControl]. To find peers that have vanished, set a read deadline, send
// pings, and move the deadline in the handler of [Conn.SetPongHandler].
//
// # Differences
//
// What the original does wrong is mended: text that is received is checked to be
// UTF-8; masking keys cannot be foreseen; the rules of the handshake are those of
// RFC 6455; what was agreed on for compression is kept to; a close message that
// must not be sent is an error ([ErrCloseData]). The page
// docs/migrating-from-gorilla.md has all differences with their reasons.
//
// # Limits
//
// There is no read limit until [Conn.SetReadLimit] sets one. Without it ReadMessage takes
// as much memory as the peer sends bytes. What is compressed may inflate to 200
// times its size once it has more than 8 MiB.
//
// # Concurrency
//
// One goroutine at a time may read. Any number may write: WriteMessage, WriteJSON,
// WritePreparedMessage and WriteControl send one message after the other, and
// nothing panics. The writer of [Conn.NextWriter] is the exception, as the next message
// ends the one that it writes: whoever uses it makes sure that nobody else sends
// messages until it is closed. Control messages may be sent in between. Close ends
// all reads and writes.
//
// # Memory
//
// A connection holds a buffer to read into, from its first read on, and one to write
// while a writer is open. Frames are put together in memory from a pool. A message
// that is read piece by piece takes no more than that, whatever its length; one
// that is compressed borrows 72 KiB while it is read.
package websocket
