package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/websocket/wsjson"
)

// Join sends the lines of in to a room and writes what is said there to out, until
// in or ctx ends. If the connection is lost, it comes back, as opts say.
func Join(ctx context.Context, url string, opts *websocket.RedialOptions, hello Hello, in io.Reader, out io.Writer) error {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for said := bufio.NewScanner(in); said.Scan(); {
			lines <- said.Text()
		}
	}()
	return websocket.Redial(ctx, url, opts, func(ctx context.Context, c *websocket.Conn) error {
		if err := wsjson.Write(ctx, c, hello); err != nil {
			return err
		}
		go show(ctx, c, out)
		for {
			select {
			case line, more := <-lines:
				if !more {
					return nil
				}
				if err := c.Write(ctx, websocket.MessageText, []byte(line)); err != nil {
					return err
				}
			case <-ctx.Done(): // the connection has ended
				return context.Cause(ctx)
			}
		}
	})
}

// show writes what is said.
func show(ctx context.Context, c *websocket.Conn, out io.Writer) {
	for {
		var line Line
		if wsjson.Read(ctx, c, &line) != nil {
			return // Redial knows why
		}
		text := fmt.Sprintf("%s: %s", line.Name, line.Text)
		fmt.Fprintln(out, strings.Map(printable, strings.TrimPrefix(text, ": ")))
	}
}

// printable drops what a terminal would obey.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}
