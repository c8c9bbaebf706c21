package main

import (
	"io"
	"net"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// gobwasHelpers is what that library's README shows.
func gobwasHelpers(conn net.Conn) {
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	for {
		p, op, err := wsutil.ReadClientData(conn)
		if err != nil || wsutil.WriteServerMessage(conn, op, p) != nil {
			return
		}
	}
}

// gobwasFrames reads headers, and payload into one buffer.
func gobwasFrames(conn net.Conn) {
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	var p []byte
	for {
		h, err := ws.ReadHeader(conn)
		if err != nil || h.OpCode == ws.OpClose {
			return
		}
		if int64(cap(p)) < h.Length {
			p = make([]byte, h.Length)
		}
		p = p[:h.Length]
		if _, err := io.ReadFull(conn, p); err != nil {
			return
		}
		ws.Cipher(p, h.Mask, 0)
		h.Masked, h.Mask = false, [4]byte{}
		if ws.WriteHeader(conn, h) != nil {
			return
		}
		if _, err := conn.Write(p); err != nil {
			return
		}
	}
}
