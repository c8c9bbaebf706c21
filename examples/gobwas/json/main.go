// Command json answers requests in JSON: they are decoded from the message as it comes,
// and the answer is encoded into the one that is sent. Nothing is collected between.
package main

import (
	"encoding/json"
	"io"
	"log"
	"net"
	"strings"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsutil"
)

// maxMessage is the longest request in bytes.
const maxMessage = 64 << 10

// Request asks for a text in another form.
type Request struct{ Form, Text string }

// Answer is the text, or what is wrong with the request.
type Answer struct {
	Text  string `json:",omitempty"`
	Error string `json:",omitempty"`
}

// forms are those that there are.
var forms = map[string]func(string) string{"upper": strings.ToUpper, "lower": strings.ToLower, "trim": strings.TrimSpace}

func answer(q Request) Answer {
	form := forms[q.Form]
	if form == nil {
		return Answer{Error: "no such form"}
	}
	return Answer{Text: form(q.Text)}
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
			if err := talk(conn); err != nil {
				log.Printf("%v: %v", conn.RemoteAddr(), err)
			}
		}()
	}
}

// talk returns nil once the peer has closed the connection.
func talk(conn net.Conn) error {
	u := ws.Upgrader{Timeout: 5 * time.Second, Origin: ws.SameOrigin}
	if _, err := u.Upgrade(conn); err != nil {
		return err
	}
	control := wsutil.ControlFrameHandler(conn, ws.StateServerSide) // answers pings and close frames
	r := &wsutil.Reader{Source: conn, State: ws.StateServerSide, CheckUTF8: true, OnIntermediate: control}
	w := wsutil.NewWriter(conn, ws.StateServerSide, ws.OpText)
	for {
		h, err := r.NextFrame()
		if err != nil {
			return err
		}
		if h.OpCode.IsControl() {
			if err := control(h, r); err != nil {
				return ended(err)
			}
			continue
		}
		var q Request
		message := io.LimitReader(r, maxMessage)
		if err := json.NewDecoder(message).Decode(&q); err != nil {
			return refuse(conn, ws.StatusUnsupportedData, err)
		}
		if err := r.Discard(); err != nil {
			return err
		}
		if err := json.NewEncoder(w).Encode(answer(q)); err != nil {
			return err
		}
		if err := w.Flush(); err != nil { // the last fragment of the answer
			return err
		}
	}
}

// ended is nil if the peer has closed the connection.
func ended(err error) error {
	if _, ok := err.(wsutil.ClosedError); ok {
		return nil
	}
	return err
}

// refuse tells the peer what is wrong with it.
func refuse(conn net.Conn, code ws.StatusCode, err error) error {
	wsutil.WriteServerMessage(conn, ws.OpClose, ws.NewCloseFrameBody(code, "a request in JSON, please"))
	return err
}

func main() {
	l, err := net.Listen("tcp", "localhost:8080")
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(serve(l))
}
