// Command deflateframes echoes compressed messages, each in one frame that the
// program reads and writes by itself. It compiles and does the same with the
// import paths of github.com/gobwas/ws.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
)

const (
	// maxPayload is the longest payload of a frame in bytes, as it is on the
	// wire.
	maxPayload = 1 << 20

	// idle is how long a client may say nothing.
	idle = time.Minute
)

var errTooLong = errors.New("deflateframes: frame is too long")

func main() {
	addr := flag.String("addr", "localhost:8080", "address to listen on")
	flag.Parse()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Addr())
	log.Fatal(serve(l))
}

// serve accepts until l is closed.
func serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			if err := echo(conn); err != nil {
				log.Printf("%v: %v", conn.RemoteAddr(), err)
			}
		}()
	}
}

// echo returns nil once the peer has closed the connection.
func echo(conn net.Conn) error {
	conn.SetDeadline(time.Now().Add(idle))
	// The functions for frames compress each message for itself: that is what
	// DefaultParameters say to the client.
	extension := wsflate.Extension{Parameters: wsflate.DefaultParameters}
	u := ws.Upgrader{Negotiate: extension.Negotiate}
	if _, err := u.Upgrade(conn); err != nil {
		return err
	}
	_, accepted := extension.Accepted()
	for {
		conn.SetDeadline(time.Now().Add(idle))
		f, err := read(conn)
		if err != nil {
			return err
		}
		switch f.Header.OpCode {
		case ws.OpPing:
			f = ws.NewPongFrame(f.Payload)
		case ws.OpPong:
			continue
		case ws.OpText, ws.OpBinary, ws.OpContinuation:
			if f, err = answer(f, accepted); err != nil {
				log.Printf("%v: %v", conn.RemoteAddr(), err)
				f = ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusUnsupportedData, ""))
			}
		}
		if err := ws.WriteFrame(conn, f); err != nil {
			return err
		}
		if f.Header.OpCode == ws.OpClose {
			return nil
		}
	}
}

// read reads a frame and unmasks it.
func read(conn net.Conn) (ws.Frame, error) {
	h, err := ws.ReadHeader(conn)
	if err != nil {
		return ws.Frame{}, err
	}
	if !h.Masked {
		return ws.Frame{}, ws.ErrProtocolMaskRequired
	}
	if h.Length > maxPayload {
		return ws.Frame{}, errTooLong
	}
	f := ws.Frame{Header: h, Payload: make([]byte, h.Length)}
	if _, err := io.ReadFull(conn, f.Payload); err != nil {
		return ws.Frame{}, err
	}
	return ws.UnmaskFrameInPlace(f), nil
}

// answer returns what is sent back: compressed if f was, because a peer that
// has agreed to compression may still send some messages as they are.
func answer(f ws.Frame, accepted bool) (ws.Frame, error) {
	compressed, err := wsflate.IsCompressed(f.Header)
	if err != nil {
		return f, err
	}
	if compressed && !accepted {
		return f, ws.ErrProtocolNonZeroRsv
	}
	if !compressed {
		return f, nil
	}
	if f, err = wsflate.DecompressFrame(f); err != nil {
		return f, err
	}
	log.Printf("%v bytes of %v", len(f.Payload), f.Header.OpCode)
	return wsflate.CompressFrame(f)
}
