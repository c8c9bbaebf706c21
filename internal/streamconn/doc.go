// Package streamconn makes a net.Conn of a stream whose deadlines are final, or
// that has none: one of HTTP/2 or HTTP/3. What is read goes through a goroutine, and
// what is written through another, so that a Read or a Write that a deadline ends leaves
// the stream as it was. A stream that can go on with a Write after its deadline, a
// DeadlineWriter, is written to without that.
//
// # Reading
//
// A goroutine reads ahead, 4 KiB at most: what nobody wants stays with the peer, by the
// flow control of the stream. That buffer is there from the first Read on, and used
// again and again.
//
// # Writing
//
// Write hands over what it is given, and waits until that has been sent. If its
// deadline comes before, what was handed over, 64 KiB at most, is sent all the same.
// Close waits for that, for a while.
package streamconn
