package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/wirews/wirews/websocket"
)

// Join sends the lines of in to a chat, and writes what is said there to out, until in
// ends or the server closes the connection.
func Join(ctx context.Context, url string, in io.Reader, out io.Writer) error {
	c, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return err
	}
	defer c.CloseNow()
	heard := make(chan error, 1)
	go func() { heard <- hear(ctx, c, out) }()
	for said := bufio.NewScanner(in); said.Scan(); {
		if err := c.Write(ctx, websocket.MessageText, said.Bytes()); err != nil {
			return <-heard // it knows why
		}
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		return err
	}
	<-heard
	return nil
}

// hear returns when the connection has ended.
func hear(ctx context.Context, c *websocket.Conn, out io.Writer) error {
	for m, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, strings.Map(printable, string(m.Data)))
	}
	return nil
}

// printable drops what a terminal would obey.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}
