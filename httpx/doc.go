// Package httpx reads and writes the heads of HTTP/1.1 messages as byte
// slices: request line, status line, field lines, and the comma lists, tokens,
// quoted strings and parameters within fields. It does no I/O and,
// except for errors, allocates nothing beyond the caller's buffers.
//
// # Overview
//
// A Scanner finds where a head ends in bytes that arrive in pieces.
// ParseRequest and ParseResponse take it apart; Scanner.Request does both, in
// one pass if it can. Fields looks fields up; NextElement, NextToken, ParseItem
// and NextParam take their values apart. The Append functions write, and refuse
// what would begin another line.
//
//	var s httpx.Scanner
//	var received []byte
//	for _, piece := range pieces {
//		received = append(received, piece...)
//		n, err := s.Scan(received, httpx.Limits{})
//		if err == httpx.ErrShort {
//			fmt.Println("more")
//			continue
//		}
//		if err != nil {
//			fmt.Println(err)
//			return
//		}
//		fmt.Printf("head of %d bytes, then %q\n", n, received[n:])
//	}
//
// The rules are those of RFC 9110 and RFC 9112, read strictly: whatever two
// readers of one message could understand in two ways is refused, as that is
// how requests are smuggled past a proxy. Lines end with CRLF, never with LF
// alone. Lines are not folded, nothing stands between a field's name and its
// colon, and values hold no control but HTAB. An HTTP/1.1 request has exactly
// one Host. The one leniency is a status line that ends with its status, as
// servers in use send it.
//
// # Errors
//
// Bytes that break a rule give a *SyntaxError, which names the rule and shows
// the bytes; a head beyond its limits gives a *LimitError. Both unwrap to a
// constant, ErrSyntax or ErrLimit, and know the status of a response. ErrShort
// means that a head is not complete yet. The Append functions return dst as it
// was together with an error.
//
// # Memory
//
// What is parsed aliases the bytes it was parsed from: it stays valid, and
// changes, with them. The slice of Fields is storage of the caller's, used
// again by the next call that it is given to. Errors hold copies. What goes
// into an Append function is copied to dst.
//
// # Concurrency
//
// All functions may be called at the same time. A Scanner, and a slice given
// as storage, belong to one goroutine at a time.
//
// # Limits
//
// Scan bounds a head by its size, by the length of each line and by the number
// of field lines; see Limits. The functions that parse take time in proportion
// to their input, and space for as many fields as it has, so what was scanned
// within limits needs no others.
//
// # Limitations
//
// There are no bodies, no chunked coding and no trailers: Content-Length and
// Transfer-Encoding are fields like others. A request target is checked for
// its characters only; parsing it as a URL is left to the caller. Values are
// bytes, not text: those from 0x80 up are passed on, in whatever encoding. The
// empty lines that RFC 9112, 2.2 lets a server skip before a request line are
// refused.
package httpx
