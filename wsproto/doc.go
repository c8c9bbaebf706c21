// Package wsproto is the state of one WebSocket connection (RFC 6455) with no
// I/O in it: received bytes go in, events come out. It is for the author of an
// event loop, and it is what everything in this module that reads messages is
// built on.
//
// # Overview
//
//	received bytes -> FrameReader -> Receiver -> Assembler -> whole messages
//	                  frames         rules,      only if you
//	                                 decoding    want them whole
//
// FrameReader cuts bytes into frames and hands on their payload as it
// arrives. Receiver adds every rule about sequences of frames: masks,
// opcodes, RSV bits and extensions, fragments, control frames, UTF-8 across
// fragments, limits. Assembler collects the pieces of a message. CloseCode is
// the one place that says which close code an error is answered with.
//
// What is sent is made by package ws: ws.AppendFrame and ws.AppendHeader.
//
// # Memory
//
// Payloads alias the bytes that they came in, which are unmasked in place;
// they are valid until those bytes are used again or, at the latest, until the
// next call. Nothing is allocated from a length that a peer declares. A
// Receiver has about 130 bytes and points to nothing while it waits between
// frames; a control frame that comes in parts borrows 128 bytes from a pool.
//
// # Concurrency
//
// A value must not be used by two goroutines at once. A Config may be shared.
//
// # Limits
//
// A message may have 32 MiB, before and after decoding, 131,072 fragments and
// 4,096 control frames between them, unless Limits says otherwise.
//
// # Limitations
//
// There is no sending half yet that would keep track of the closing handshake
// or encode by an extension: see RFC 6455, section 7.1 for what a server that
// has received or sent a close frame does.
package wsproto
