// Package wsutil reads and writes WebSocket messages (RFC 6455) over io.Reader
// and io.Writer, with one goroutine per connection that waits. The rules about
// sequences of frames are those of package wsproto.
//
// # Overview
//
//	stateless helpers   ReadData, ReadAppend, ReadMessage, WriteMessage and
//	                    those that name a side: a message in memory, nothing
//	                    to hold between calls; control frames are answered
//	with a context      ReadAppendContext, ReadDataContext, WriteMessageContext
//	Reader and Writer   messages as streams, in fragments if need be
//	Stream              many messages by one Read, many answers by one Write
//	SharedWriter        several goroutines write to one connection
//	extensions          Reader.Decoder, Writer.SetEncoder, Stream.SetExtension
//	                    and SharedWriter.SetEncoder take what wsproto calls an
//	                    Extension; Reader.Extensions and Writer.SetExtensions
//	                    see only the headers
//	control             ControlHandler, ControlWriter, CloseState
//	the end             End: what has been written arrives
//	below               CipherReader, CipherWriter, UTF8Reader; DebugDialer and
//	                    DebugUpgrader show a handshake
//
// Client functions are for servers and Server functions for clients: the name
// says which end of the connection the peer is. [ws.StateServerSide] and
// [ws.StateClientSide] say which end this is.
//
// # Timeouts
//
// What reads and writes here waits as long as the connection's deadlines allow, which
// are the caller's: set one on the net.Conn, or use the functions that take a context,
// such as [ReadDataContext] and [WriteMessageContext].
//
// # Closing
//
// Each side sends one close frame, and then the server ends the connection
// (RFC 6455, sections 5.5.1 and 7.1.1). Which of them sends itself:
//
//	                  the answer to a close frame    one for a broken rule
//	helpers           sent; then ClosedError         sent
//	Stream            sent; then ClosedError         sent
//	Reader, Writer    by a ControlFrameHandler       by the program
//
// A [Reader] and a [Writer] know nothing of each other. A control frame inside
// of a message goes to Reader.OnIntermediate, and one between messages is what
// NextFrame returns: give both to a [ControlFrameHandler]. It answers, and
// returns a [ClosedError] after the peer's close frame, when ours has been sent.
// If the error of a Reader says that the peer has broken a rule, send it a close
// frame with [wsproto.CloseCode] and [wsproto.CloseReason], as Example
// (ReaderAndWriter) does.
//
// To close first, send a close frame and read on until the peer's has come:
// [Stream.Close] does the former; elsewhere it is WriteMessage(conn, state,
// ws.OpClose, ws.NewCloseFrameBody(code, reason)). ControlHandler.Close keeps
// the answer to it from being answered; the helpers do answer it, which does no
// harm: the peer ignores what follows its own.
//
// In the end call [End] in place of conn.Close, which may destroy what is still
// on its way to the peer.
//
// # Limits
//
// The helpers and [Stream] accept messages of up to 32 MiB; [SetMaxMessageSize]
// changes that. Limits on messages hold both for what is on the wire and for
// what is decoded. A message may have 131,072 fragments and 4,096 control frames
// between them. A [Reader] holds nothing in memory, and has no limits but those
// that it is given; its ReadAppend has those of the helpers.
//
// # Concurrency
//
// One goroutine may read while another writes. A [Reader], a [Writer] or a
// [Stream] must not be used by two goroutines at once; what reads and what
// writes may have the two halves of one [wsproto.Extension]. [WriteMessage] on a
// net.Conn, and so the answers of the helpers, never lands inside of another
// frame; [SharedWriter] also keeps the fragments of messages apart. The settings
// may be changed at any time.
//
// # Memory
//
// What [ReadData] and [ReadMessage] return belongs to the caller; [ReadAppend]
// appends it to the caller's bytes, and allocates nothing if there is room. What
// is given to be written stays as it is: a client masks a copy. Nothing is
// allocated from a length that a peer declares, beyond 32 KiB: buffers grow with
// what arrives.
//
// A helper that waits holds 24 bytes, and on a *net.TCPConn none. A [Reader] has
// about 220 bytes and no buffer, a [Writer] the one that it was made with. A
// [Stream] borrows its buffers, and holds none while it waits for a message on
// TCP or a Unix socket; on other connections it holds the one to read into.
//
// What an extension works on comes from a pool. A Reader holds up to 16 KiB
// while it reads payload that is to be decoded, and until the Decoder has
// consumed it; a Writer what a frame is encoded to until that has left; a Stream
// a message that was decoded until it waits for the next one.
//
// # System calls
//
// On a connection without a buffer, the helpers take at most two Reads for a
// message of up to 125 bytes, and a server's for one of nearly 32 KiB, or 65,535
// bytes into memory that the caller has given. Every frame leaves by one Write.
//
// # Broken connections
//
// A connection, reader or writer that breaks its contract gives an error and no
// hang, panic or loss: io.ErrShortWrite for a Write that takes less without an
// error, io.ErrNoProgress for 100 Reads without bytes or an error, and a
// [*ws.CountError] for a count that cannot be. A connection that refuses
// deadlines is closed when a context ends.
//
// # Limitations
//
// The helpers know nothing from one call to the next: after a [ClosedError], or
// any other error, it is for the caller to stop. So they have no extension
// either: they refuse RSV bits unless [ws.StateExtended] says that one was
// negotiated, and then hand on what they have received as it is. A connection with an
// extension is for [Reader] and [Writer], or [Stream].
package wsutil
