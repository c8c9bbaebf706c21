// Package wspoll serves very many WebSocket connections: a connection that waits
// has no goroutine and no buffer. It is driven by readiness, by epoll on Linux, and
// by goroutines in the same way elsewhere.
//
// # Overview
//
// A [Server] has a few loops, each a goroutine that serves its connections in turns.
// The application gives it handlers, and is called:
//
//	OnRequest   an opening handshake is to be decided about: at once, or [Later]
//	OnRefused   it has failed, and why
//	OnOpen      it has been answered
//	OnMessage   a message, whole
//	OnPing      a ping, which has been answered
//	OnPong      a pong
//	OnClose     nothing comes any more, and why
//
// A handler writes by [Conn.Write], as does any other goroutine: it never waits for
// the peer. What the socket does not take waits, as long as Server.Queue allows, and is
// sent when there is room.
//
// Connections whose handshake was done elsewhere, by net/http for instance, are served
// too: see [Server.Take]. Requests that are not for WebSocket, and those that OnRequest
// gives away by [Other], can be served by somebody else: see [Server.Others].
//
// For ordinary numbers of connections package websocket is as fast, and its
// handlers may wait for whatever they like.
//
// # Timeouts
//
// HandshakeTimeout of the [Server] bounds the handshake, TLS included. KeepAlive pings a
// client that has been silent, and ends the connection if it stays silent. StallTimeout
// ends that of a client that takes nothing of what is sent to it.
//
// # The end
//
// OnClose is told who has ended a connection, and why: a [*ConnError]. [Conn.Close] sends
// a close frame after what waits to be sent, and returns at once. [Server.Shutdown] does
// so for all connections, and waits for them.
//
// # Limits
//
// Unlike in package ws, the zero Server has limits, which its fields say: on the length
// of messages, on what waits to be sent, on the time of a handshake, and on how long a
// peer may take nothing of what is sent to it. Web pages of other hosts may not connect.
//
// # What runs where
//
//	goroutine                  what it does                          may wait for
//	loop                       handshakes, reads, what is due,       the poller; handlers
//	                           the rest of what writes have left;
//	                           handlers, unless there are workers
//	worker, of Server.Workers  the turn of one connection at a time  its handler
//	decider, of Later          one decision at a time                the application
//	handshake of TLS           one connection's                      the client
//	acceptor, one a listener   accepts, gives to a loop              the listener
//	caller of Write, Ping,     appends, and writes what the socket   nothing
//	Flush, Close               takes at once
//
// The order of locks: Conn.mu, which guards the sending half and the end of a
// connection, then loop.mu, which guards the tasks for a loop, then what a poller has.
// Nobody waits or calls the application with one of them. What is received belongs to
// the loop, or to the worker that the connection is lent to; no lock guards that.
//
// Only the loop closes a socket, with Conn.mu. A write has that lock, so it finds the
// socket of its connection or none, and never one that was given the same number
// later. What the poller reports, it reports of a place and how often that was used
// before, so that a report that comes too late finds nobody.
//
// # TLS
//
// After its handshake TLS runs where everything else does. What has been received is
// decrypted in the turn of the connection, and what is sent is encrypted when there is
// room for it, so that Server.Queue holds plaintext, which can still be dropped.
//
// # A turn
//
// A connection that has something to be read waits in line. In its turn up to 64 KiB
// are received, and a few dozen messages handled; if more is there, it goes to the end
// of the line. So a peer that never stops sending holds up nobody. What its handlers have
// written leaves at the end of the turn, in one write.
//
// While too much waits that a peer does not take, nothing is received from it.
//
// # Concurrency
//
// The methods of a [Conn] and of a [Server] may be called by any goroutine.
//
// # Memory
//
// An idle connection is a Conn, a place in the tables of its loop, and its timer if
// it has one. Buffers are lent to it for a turn; it keeps them as long as a message
// has begun and not ended, or something waits to be sent.
//
// # Other systems
//
// Without epoll, and with the build tag wspoll_goroutines, each socket has a goroutine
// that waits for bytes, with a buffer of its own. So does a net.Conn without a
// descriptor, on any system. All else is the same.
package wspoll
