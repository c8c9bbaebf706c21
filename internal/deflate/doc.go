// Package deflate compresses messages for permessage-deflate (RFC 7692) into
// DEFLATE blocks (RFC 1951). It does no I/O.
//
// # The path of a message
//
//	bytes --window--> block of up to 65,535 bytes --finder--> sequences --codes--> bits
//
// The window gathers the bytes of a block behind the history that they may
// refer to. The finder turns the block into sequences: some literals, then a
// match. The block is written as stored, fixed or dynamic, whichever is the
// shortest. A message is cut into blocks at the same places however it is cut
// into pieces.
//
// # What is promised
//
// No distance exceeds the window, 1<<bits bytes, and without context takeover
// none reaches out of its message: nothing of another message or connection
// has any influence on the output. No block is the final one (BFINAL), and a
// message ends as RFC 7692, section 7.2.1 says: with an empty stored block,
// whose last four octets 00 00 ff ff are left out.
//
// # Memory
//
// Between messages a Compressor with context takeover holds its history and
// the tables that find things in it. Both grow with what was compressed; at
// the fast level they end at 56 KiB for a window of 15 bits, and at
// proportionally less for smaller ones. Without context takeover it holds
// nothing. What is needed only while a message is being compressed comes from
// a pool.
package deflate
