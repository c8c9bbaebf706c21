package websocket_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	websocket "github.com/wirews/wirews/compat/gorilla"
)

var sizes = []int{0, 1, 125, 126, 4095, 4096, 4097, 65535, 65536, 200_000}

func TestMessagesOfEverySizeBothWays(t *testing.T) {
	for name, options := range both {
		t.Run(name, func(t *testing.T) {
			server, client := pair(t, &options.u, &options.d)
			for _, ends := range [][2]*websocket.Conn{{server, client}, {client, server}} {
				for _, size := range sizes {
					exchange(t, ends[0], ends[1], []byte(strings.Repeat("wirews ", size/7+1)[:size]))
				}
			}
		})
	}
}

// exchange sends p in each of the ways there are, and has the other end receive it.
func exchange(t *testing.T, from, to *websocket.Conn, p []byte) {
	t.Helper()
	prepared, err := websocket.NewPreparedMessage(websocket.BinaryMessage, p)
	if err != nil {
		t.Fatal(err)
	}
	text := string(p)
	ways := map[string]func() error{
		"WriteMessage":         func() error { return from.WriteMessage(websocket.BinaryMessage, p) },
		"WritePreparedMessage": func() error { return from.WritePreparedMessage(prepared) },
		"Write":                func() error { return written(from, func(w io.Writer) error { _, err := w.Write(p); return err }) },
		"WriteString": func() error {
			return written(from, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
		},
		"ReadFrom": func() error {
			return written(from, func(w io.Writer) error { _, err := io.Copy(w, bytes.NewReader(p)); return err })
		},
	}
	for name, way := range ways {
		sent := make(chan error, 1)
		go func() { sent <- way() }()
		typ, got, err := to.ReadMessage()
		if err != nil || typ != websocket.BinaryMessage || !bytes.Equal(got, p) {
			t.Fatalf("%s, %d bytes: received type %d, %d bytes, %v", name, len(p), typ, len(got), err)
		}
		if err := <-sent; err != nil {
			t.Fatalf("%s, %d bytes: %v", name, len(p), err)
		}
	}
}

// written writes a message by NextWriter.
func written(c *websocket.Conn, write func(io.Writer) error) error {
	w, err := c.NextWriter(websocket.BinaryMessage)
	if err != nil {
		return err
	}
	if err := write(w); err != nil {
		return err
	}
	return w.Close()
}

func TestConcurrentWritersSendWholeMessages(t *testing.T) {
	for name, options := range both {
		t.Run(name, func(t *testing.T) {
			server, client := pair(t, &options.u, &options.d)
			const writers, each = 4, 20
			message := func(i int) string { return strings.Repeat(fmt.Sprint(i), 3000*(i+1)) }
			var running sync.WaitGroup
			for i := range writers {
				running.Go(func() {
					for range each {
						if err := client.WriteMessage(websocket.TextMessage, []byte(message(i))); err != nil {
							t.Error(err)
						}
						if err := client.WriteControl(websocket.PingMessage, nil, time.Time{}); err != nil {
							t.Error(err)
						}
					}
				})
			}
			pings, heard := 0, make(map[string]int)
			server.SetPingHandler(func(string) error { pings++; return nil })
			for range writers * each {
				_, p, err := server.ReadMessage()
				if err != nil {
					t.Fatal(err)
				}
				heard[string(p)]++
			}
			running.Wait() // a writer's last ping comes after its last message
			for i := range writers {
				if n := heard[message(i)]; n != each {
					t.Errorf("%d whole messages of writer %d, want %d", n, i, each)
				}
			}
		})
	}
}
