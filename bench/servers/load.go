package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/wirews/wirews/ws"
)

// dial opens n connections to a server, which speaks WebSocket or not.
func dial(addr string, webSocket bool, n int) (conns []net.Conn, err error) {
	for range n {
		var conn net.Conn
		if webSocket {
			conn, _, _, err = ws.Dial(context.Background(), "ws://"+addr+"/")
		} else {
			conn, err = net.Dial("tcp", addr)
		}
		if err != nil {
			closeAll(conns)
			return nil, err
		}
		conns = append(conns, conn)
	}
	return conns, nil
}

// load has every connection send its share of the messages, so many at a time,
// and read what comes back. A raw server gets the same frames.
func load(conns []net.Conn, c cell) error {
	results := make(chan error, len(conns))
	for _, conn := range conns {
		go func() { results <- exchange(conn, c, c.messages/len(conns)/c.inFlight) }()
	}
	var err error
	for range conns {
		err = errors.Join(err, <-results)
	}
	return err
}

// exchange sends batches and reads their echoes.
func exchange(conn net.Conn, c cell, batches int) error {
	payload := make([]byte, c.payload)
	for i := range payload {
		payload[i] = byte(i)
	}
	masked := ws.MaskFrame(ws.NewBinaryFrame(payload))
	one := ws.AppendFrame(nil, masked)
	var batch []byte
	for range c.inFlight {
		batch = append(batch, one...)
	}
	answer := make([]byte, len(batch))
	for range batches {
		sent := make(chan error, 1)
		go func() { _, err := conn.Write(batch); sent <- err }()
		if err := receive(conn, answer, c, len(one)); err != nil {
			return err
		}
		if err := <-sent; err != nil {
			return err
		}
	}
	return nil
}

// receive reads the echoes of a batch: of masked frames from a raw server, of
// frames without a key from the others; the second byte of the first one tells.
func receive(conn net.Conn, answer []byte, c cell, one int) error {
	n, err := io.ReadAtLeast(conn, answer, 2)
	if err != nil {
		return err
	}
	size := one * c.inFlight
	if answer[1]&0x80 == 0 {
		size -= 4 * c.inFlight
	}
	if answer[0] != 0x82 || n > size {
		return fmt.Errorf("the echo begins with % x and has %d bytes of %d", answer[:2], n, size)
	}
	_, err = io.ReadFull(conn, answer[n:size])
	return err
}
