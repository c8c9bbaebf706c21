// Package inflate decodes DEFLATE (RFC 1951) as permessage-deflate uses it
// (RFC 7692): in pieces of any size, into room of any size.
//
// An Inflater takes what has arrived and fills the room that it is given. It
// goes on where it stopped, be it in the middle of a code, of a block header
// or of a copied string, when more of either comes. No byte is held back: all
// that follows from the input is in the output, and a fault is found with the
// last byte of the field that has it: a number, a code with its extra bits, or
// the whole of the code lengths where they do not make a code.
//
//	codes.go    symbols, one at a time: works at any border
//	fast.go     symbols, while input and room are plenty
//	match.go    strings that occurred before, from the output or the window
//	block.go    block headers, stored blocks, the description of dynamic codes
//	table.go    code lengths to decoding tables
//	window.go   what was put out before, for as far back as was negotiated
//
// Output goes straight to the caller's room. The window is written once a
// call, and not at all where nothing can refer to it: a message that came in
// one piece, without context takeover.
package inflate
