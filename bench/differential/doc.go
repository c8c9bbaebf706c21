// Package differential gives the same frames of a client to a server of package
// websocket and to those of gorilla/websocket, coder/websocket, gobwas/ws and
// lxzan/gws, and to our compat/gorilla. The messages, the pongs and the close code that is sent have to be the
// same, or the difference is one of a list, with a reason for each entry. It also
// gives the same compressed bytes to our decoder, to compress/flate and to
// klauspost/compress/flate, and what each of them compresses to the others. The
// package has tests only.
package differential
