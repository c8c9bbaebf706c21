// Command client sends each line of its input as a message, and prints what
// comes back.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

func main() {
	url := flag.String("url", "ws://localhost:8080/", "server to connect to")
	flag.Parse()
	if err := talk(context.Background(), *url, os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func talk(ctx context.Context, url string, in io.Reader, out io.Writer) error {
	d := ws.Dialer{
		Protocols: []string{"chat.v2", "chat.v1"},
		Header:    ws.HandshakeHeaderHTTP(http.Header{"X-User": {"gopher"}}),
		Timeout:   10 * time.Second,
	}
	conn, br, hs, err := d.Dial(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprintln(out, "protocol", hs.Protocol)

	// The server may have spoken first.
	src := io.Reader(conn)
	if br != nil {
		defer ws.PutReader(br)
		src = br
	}
	control := wsutil.ControlFrameHandler(conn, ws.StateClientSide)
	r := wsutil.Reader{
		Source:         src,
		State:          ws.StateClientSide,
		CheckUTF8:      true,
		OnIntermediate: control,
	}
	// A small buffer: long lines leave in fragments.
	w := wsutil.NewWriterSize(conn, ws.StateClientSide, ws.OpText, 16)

	if err := receive(&r, control, out); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for n := 1; lines.Scan(); n++ {
		fmt.Fprintf(w, "%d: ", n)
		io.WriteString(w, lines.Text())
		if err := w.Flush(); err != nil {
			return err
		}
		if err := receive(&r, control, out); err != nil {
			return err
		}
	}
	bye := ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusNormalClosure, "bye"))
	if err := ws.WriteFrame(conn, ws.MaskFrameInPlace(bye)); err != nil {
		return err
	}
	for {
		h, err := r.NextFrame()
		if err == nil {
			err = r.Discard()
		}
		if err != nil || h.OpCode == ws.OpClose {
			return err
		}
	}
}

// receive prints the next message and answers control frames before it.
func receive(r *wsutil.Reader, control wsutil.FrameHandlerFunc, out io.Writer) error {
	for {
		h, err := r.NextFrame()
		if err != nil {
			return err
		}
		if h.OpCode.IsControl() {
			if err := control(h, r); err != nil {
				return err
			}
			continue
		}
		msg, err := io.ReadAll(r)
		if errors.Is(err, wsutil.ErrInvalidUTF8) {
			return fmt.Errorf("the server does not speak UTF-8: %w", err)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%d bytes: %.40q\n", len(msg), msg)
		return err
	}
}
