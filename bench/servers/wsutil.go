package main

import (
	"bufio"
	"io"
	"net"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// wsutilHelpers is gobwasHelpers with other import paths.
func wsutilHelpers(conn net.Conn) {
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

// wsutilAppend reads every message into the same buffer.
func wsutilAppend(conn net.Conn) {
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	var p []byte
	for {
		var op ws.OpCode
		var err error
		p, op, err = wsutil.ReadAppend(p[:0], conn, ws.StateServerSide)
		if err != nil || wsutil.WriteServerMessage(conn, op, p) != nil {
			return
		}
	}
}

// wsutilStream has a Stream, which writes when there is nothing left to read.
func wsutilStream(conn net.Conn) {
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	s := wsutil.NewStream(conn, ws.StateServerSide, bufferSize)
	for {
		p, op, err := s.ReadMessage()
		if err != nil || s.WriteMessage(op, p) != nil {
			return
		}
	}
}

// wsutilMessages has a Reader and a bufio.Writer, which is flushed when there
// is nothing left to read.
func wsutilMessages(conn net.Conn) {
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	in, out := bufio.NewReaderSize(conn, bufferSize), bufio.NewWriterSize(conn, bufferSize)
	r := wsutil.DefaultReader(in, ws.StateServerSide)
	r.OnIntermediate = wsutil.ControlFrameHandler(out, ws.StateServerSide)
	var p []byte
	for {
		var op ws.OpCode
		var err error
		if p, op, err = r.ReadAppend(p[:0]); err == nil {
			err = wsutil.WriteServerMessage(out, op, p)
		}
		if (err != nil || in.Buffered() == 0) && (out.Flush() != nil || err != nil) {
			return
		}
	}
}

// wsutilCopy has a Reader and a Writer over buffers, and copies payload from
// one to the other.
func wsutilCopy(conn net.Conn) {
	if _, err := ws.Upgrade(conn); err != nil {
		return
	}
	in, out := bufio.NewReaderSize(conn, bufferSize), bufio.NewWriterSize(conn, bufferSize)
	r := wsutil.DefaultReader(in, ws.StateServerSide)
	r.OnIntermediate = wsutil.ControlFrameHandler(out, ws.StateServerSide)
	w := wsutil.NewWriterSize(out, ws.StateServerSide, ws.OpText, bufferSize)
	w.DisableFlush()
	for {
		h, err := r.NextFrame()
		switch {
		case err != nil:
		case h.OpCode.IsControl():
			err = r.OnIntermediate(h, r)
		default:
			w.ResetOp(h.OpCode)
			if _, err = io.Copy(w, r); err == nil {
				err = w.Flush()
			}
		}
		if (err != nil || in.Buffered() == 0) && (out.Flush() != nil || err != nil) {
			return
		}
	}
}
