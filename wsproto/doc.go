// Package wsproto is the state of one WebSocket connection (RFC 6455) with no
// I/O in it: received bytes go in, events come out; messages go in, bytes to be
// sent come out. It is for authors of event loops, and everything in this module
// that reads messages is built on it.
//
// # Overview
//
//	received bytes -> FrameReader -> Receiver ---- events ----> Assembler -> whole messages
//	                  frames         rules,     |               only if you
//	                                 decoding   |               want them whole
//	                                            | control frames and errors:
//	                                            | AppendAnswer
//	                                            v
//	bytes to be sent <------------- Sender <--------- messages, pings, a close
//	appended to yours               order, masks,
//	                                encoding, closing handshake
//
// [FrameReader] cuts bytes into frames and hands on their payload as it arrives.
// [Receiver] adds every rule about sequences of frames: masks, opcodes, RSV bits
// and extensions, fragments, control frames, UTF-8 across fragments, limits.
// [Assembler] collects the pieces of a message. [Sender] appends frames to the
// caller's memory. [Conn] is a Receiver and a Sender. [CloseCode] is the one
// place that says which close code an error is answered with.
//
// A loop gives what has arrived to [Receiver.Next] until that returns an error,
// and passes all that Next returns on to [Sender.AppendAnswer], which appends what
// the peer has to be sent for it. The error [ws.ErrShort] says that all is well
// and more bytes are needed. Example (Conn) is such a loop.
//
// # Compression
//
// [NewConn] is given what the handshake has agreed on, such as a
// *wsflate.Deflate, and [Receiver.Next] room to decode into. A nil
// *wsflate.Deflate stands for no extension, as nil does.
//
// Room may have any size: a message that does not fit comes in several pieces,
// each with no more than len(room) bytes, and no limit depends on it. 4 to 64
// KiB are reasonable; below 512 bytes there are many calls for little. Room is
// used within one call, and the piece that lies in it is valid until the next,
// so one room is enough for all connections of a loop. To have none while
// nothing is compressed, give nil, and borrow room when Next returns [ErrRoom].
// Example (Conn, Compression) is a loop.
//
// # Sending
//
//	a message in memory            AppendMessage
//	its payload not copied         AppendMessageHeader, and then the payload
//	a message in parts             BeginMessage, AppendFragment...
//	one message for many           AppendPrepared, or Ready and the same bytes for all
//	control frames                 AppendPing, AppendPong, AppendAnswer
//
// Without an [Encoder] there is one frame for each call. With one there is too:
// the size of what it makes is not known beforehand, so it is put after room for
// a header, and moves by up to eight bytes if the header has another size. Only
// AppendFragment makes fragments, and leaves out empty ones. Control frames may
// go between them.
//
// # Closing
//
// AppendClose begins the closing handshake, AppendAnswer goes through the rest
// of it, and [Phase] says what the transport is still to be used for:
//
//	open     everything
//	closing  our close frame has been sent: go on receiving
//	shut     write what is left, close the sending direction, read to the end
//	linger   write what is left, read to the end (a client: the server closes first)
//	over     close it
//
// Time is an argument: the reading of any clock that does not go back, such as
// time.Since(start) for a start of the caller's. Deadline is the time at which
// the phase becomes over by itself. There is at most one close frame, nothing
// follows it, and whatever follows the peer's is dropped. The end of the
// transport is the end of the connection in every phase.
//
// # Errors
//
// After its first error Next returns only that one, and AppendAnswer, told of
// it, appends the close frame that [CloseCode] and [CloseReason] make of it.
// Errors of the Append methods say that they were used wrongly, and change
// nothing. The exception is an error of an [Encoder]: from then on only control
// frames can be sent.
//
// # Limits
//
// A message may have 32 MiB, before and after decoding, 131,072 fragments and
// 4,096 control frames between them, unless Limits says otherwise. The peer has
// five seconds for each step of the closing handshake, unless
// Config.CloseTimeout says otherwise. What AppendAnswer appends is, per frame,
// no longer than what it answers and four bytes, or a close frame.
//
// # Concurrency
//
// A [Receiver] and a [Sender] must not be used by two goroutines at once, but
// the halves of a [Conn] may be used by one each: the methods of Receiver (Next,
// Inside, EOF) touch nothing that those of Sender do (all others). Where several
// goroutines send, the Sender needs a lock of theirs, and its output has to be
// written in the order in which it was appended. Answers cross from the
// receiving to the sending half as an argument of AppendAnswer, under that lock;
// it need not be called for pieces of messages and for [ws.ErrShort]. A [Config]
// may be shared.
//
// # Memory
//
// Payloads alias the bytes that they came in, which are unmasked in place; they
// are valid until those bytes are used again or, at the latest, until the next
// call. Nothing is allocated from a length that a peer declares. What is sent is
// copied to the end of dst and not kept. Receiving and sending allocate nothing,
// unless dst has to grow.
//
// A [Conn] has 160 bytes, of which the [Receiver] has 120, and points to nothing
// while it waits between messages, except its [Config], which is shared, and
// its extension; a control frame that comes in parts borrows 128 bytes from a
// pool.
//
// # Limitations
//
// Text is checked when it is received, not when it is sent. Silence causes no
// ping and no end: that is the loop's policy. A connection has at most one
// extension.
package wsproto
