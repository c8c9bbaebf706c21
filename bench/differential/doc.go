// Package differential gives the same frames of a client to a server of package
// websocket and to those of gorilla/websocket, coder/websocket, gobwas/ws and
// lxzan/gws. The messages, the pongs and the close code that is sent have to be the
// same, or the difference is one of a list, with a reason for each entry. The package
// has tests only.
package differential
