// Command deflatestreams echoes compressed messages of any length and in any
// fragments, without ever holding one in memory: a Reader and a Writer of
// package wsutil carry the frames, and compress/flate works between them. It
// compiles and does the same with the import paths of github.com/gobwas/ws.
//
// With wirews alone, Reader.Decoder and Writer.SetEncoder do all of this, with
// context takeover too.
package main

import (
	"compress/flate"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"time"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wsflate"
	"github.com/wirews/wirews/wsutil"
)

// idle is how long a client may take for a message.
const idle = time.Minute

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
			if err := converse(conn); err != nil {
				log.Printf("%v: %v", conn.RemoteAddr(), err)
			}
		}()
	}
}

// converse returns nil if there is no compression, or once the client has
// closed the connection in good order.
func converse(conn net.Conn) error {
	conn.SetDeadline(time.Now().Add(idle))
	extension := wsflate.Extension{Parameters: wsflate.DefaultParameters}
	u := ws.Upgrader{Negotiate: extension.Negotiate}
	if _, err := u.Upgrade(conn); err != nil {
		return err
	}
	if _, accepted := extension.Accepted(); !accepted {
		return ws.WriteFrame(conn, ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusMandatoryExt, wsflate.ExtensionName)))
	}
	return newEchoer(conn).run()
}

// echoer is a connection with what inflates and compresses its messages.
type echoer struct {
	conn net.Conn

	// message remembers whether the message that is being read is compressed,
	// and marks the one that is being written. Here that is the same; where
	// one goroutine reads and another writes, each needs a state of its own.
	message wsflate.MessageState

	reader   wsutil.Reader
	writer   *wsutil.Writer
	control  wsutil.FrameHandlerFunc
	inflate  *wsflate.Reader
	compress *wsflate.Writer
}

func newEchoer(conn net.Conn) *echoer {
	const state = ws.StateServerSide | ws.StateExtended
	e := &echoer{conn: conn, control: wsutil.ControlFrameHandler(conn, ws.StateServerSide)}
	e.reader = wsutil.Reader{
		Source:         conn,
		State:          state,
		OnIntermediate: e.control,
		Extensions:     []wsutil.RecvExtension{&e.message},
	}
	e.writer = wsutil.NewWriter(conn, state, ws.OpText)
	e.writer.SetExtensions(&e.message)
	e.inflate = wsflate.NewReader(nil, func(r io.Reader) wsflate.Decompressor { return flate.NewReader(r) })
	e.compress = wsflate.NewWriter(nil, func(w io.Writer) wsflate.Compressor {
		f, _ := flate.NewWriter(w, flate.BestSpeed) // fails for levels that do not exist
		return f
	})
	return e
}

func (e *echoer) run() error {
	for {
		e.conn.SetDeadline(time.Now().Add(idle))
		h, err := e.reader.NextFrame()
		if err != nil {
			return err
		}
		if h.OpCode.IsControl() {
			if err := e.control(h, &e.reader); err != nil {
				if _, closed := err.(wsutil.ClosedError); closed {
					return nil
				}
				return err
			}
			continue
		}
		e.writer.ResetOp(h.OpCode)
		if err := e.echo(); err != nil {
			return err
		}
	}
}

// echo copies the message from the Reader to the Writer.
func (e *echoer) echo() error {
	if !e.message.IsCompressed() {
		if _, err := io.Copy(e.writer, &e.reader); err != nil {
			return err
		}
		return e.writer.Flush()
	}
	e.inflate.Reset(&e.reader)
	e.compress.Reset(e.writer)
	if _, err := io.Copy(e.compress, e.inflate); err != nil {
		return err
	}
	if err := e.compress.Close(); err != nil {
		return err
	}
	return e.writer.Flush()
}
