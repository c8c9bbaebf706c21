// Command onheader logs what a client's handshake holds besides the fields that
// are about WebSocket, without the request being copied or kept.
package main

import (
	"log"
	"net"
	"time"

	"github.com/wirews/wirews/ws"
)

func main() {
	l, err := net.Listen("tcp", "localhost:8080")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(serve(l, log.Default()))
}

// upgrader returns an Upgrader that logs to logger.
func upgrader(logger *log.Logger) ws.Upgrader {
	return ws.Upgrader{
		Timeout: 5 * time.Second,
		// key and value are valid until the callback returns; Printf is done
		// with them by then.
		OnHeader: func(key, value []byte) error {
			logger.Printf("%s: %q", key, value)
			return nil
		},
	}
}

// serve accepts until l is closed.
func serve(l net.Listener, logger *log.Logger) error {
	u := upgrader(logger)
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			if err := greet(conn, u); err != nil {
				logger.Print(err)
			}
		}()
	}
}

// greet does the handshake, says hello and closes.
func greet(conn net.Conn, u ws.Upgrader) error {
	if _, err := u.Upgrade(conn); err != nil {
		return err
	}
	if err := ws.WriteFrame(conn, ws.NewTextFrame([]byte("hello"))); err != nil {
		return err
	}
	body := ws.AppendClose(nil, ws.StatusNormalClosure, "")
	if err := ws.WriteFrame(conn, ws.NewCloseFrame(body)); err != nil {
		return err
	}
	// RFC 6455, 7.1.1: the peer's close frame ends it.
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	for {
		f, err := ws.ReadFrameBuffer(conn, nil, ws.MaxControlFramePayloadSize)
		if err != nil || f.Header.OpCode == ws.OpClose {
			return err
		}
	}
}
