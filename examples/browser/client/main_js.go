// Command client is the program in the page of examples/browser: a chat whose client is
// written in Go, and is the same as it would be in a terminal, except where it shows what it
// hears.
package main

import (
	"context"
	"strings"
	"syscall/js"

	"github.com/wirews/wirews/websocket"
)

func main() {
	said := make(chan string, 16)
	ask(said)
	url := strings.Replace(js.Global().Get("location").Get("origin").String(), "http", "ws", 1) + "/chat"
	opts := &websocket.RedialOptions{OnState: func(s websocket.RedialState) { show("state", s.String()) }}
	err := websocket.Redial(context.Background(), url, opts, func(ctx context.Context, c *websocket.Conn) error {
		return talk(ctx, c, said)
	})
	show("state", err.Error())
}

// talk sends what is said, and shows what is heard, until the connection ends.
func talk(ctx context.Context, c *websocket.Conn, said <-chan string) error {
	go func() {
		for {
			select {
			case text := <-said:
				if c.Write(ctx, websocket.MessageText, []byte(text)) != nil {
					return // what was said is lost; Read knows why
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		_, text, err := c.Read(ctx)
		if err != nil {
			return err // and Redial connects again
		}
		line := document().Call("createElement", "li")
		line.Set("textContent", string(text))
		element("said").Call("append", line)
	}
}

// ask puts what the form is given on the channel. What a page calls must not wait: what
// does not fit is not taken.
func ask(said chan<- string) {
	element("form").Set("onsubmit", js.FuncOf(func(_ js.Value, args []js.Value) any {
		args[0].Call("preventDefault")
		select {
		case said <- element("text").Get("value").String():
			element("text").Set("value", "")
		default:
		}
		return nil
	}))
}

func document() js.Value          { return js.Global().Get("document") }
func element(id string) js.Value  { return document().Call("getElementById", id) }
func show(id string, text string) { element(id).Set("textContent", text) }
