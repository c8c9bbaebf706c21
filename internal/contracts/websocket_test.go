package contracts

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/wirews/wirews/internal/wstest"
	"github.com/wirews/wirews/websocket"
	"github.com/wirews/wirews/ws"
)

// opened is a way to get a websocket.Conn over f, whose In begins with what the
// handshake reads.
type opened struct {
	name string
	in   []byte
	open func(f *wstest.Faulty) (*websocket.Conn, error)
}

// conn returns a connection that the handshake is read from apart from what
// follows it.
func (o opened) conn(f *wstest.Faulty) *wstest.Faulty {
	f.In, f.Pause = o.in, bytes.LastIndex(o.in, []byte("\r\n\r\n"))+4
	return f
}

var compressed = &websocket.AcceptConnOptions{
	AcceptOptions: websocket.AcceptOptions{CompressionMode: websocket.CompressionNoContextTakeover},
}

func openings() []opened {
	return []opened{
		{"AcceptConn", join(request, fromClient), func(f *wstest.Faulty) (*websocket.Conn, error) {
			return websocket.AcceptConn(f, nil)
		}},
		{"AcceptConn with compression", join(wstest.GoodRequest().With("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover").Bytes(), deflated(server)), func(f *wstest.Faulty) (*websocket.Conn, error) {
			return websocket.AcceptConn(f, compressed)
		}},
		{"Accept", fromClient, func(f *wstest.Faulty) (*websocket.Conn, error) {
			w, r := overHTTP(f)
			return websocket.Accept(w, r, nil)
		}},
		{"Dial", fromServer, func(f *wstest.Faulty) (*websocket.Conn, error) {
			c, _, err := websocket.Dial(background, target.String(), &websocket.DialOptions{HTTPClient: &http.Client{Transport: switched{f}}})
			return c, err
		}},
	}
}

// switched is a transport that has f as the body of its 101.
type switched struct{ f io.ReadWriteCloser }

func (s switched) RoundTrip(r *http.Request) (*http.Response, error) {
	var h ws.ServerHandshake
	head, _, _, err := h.Next(nil, join([]byte("GET / HTTP/1.1\r\nHost: example.com\r\n"), headerLines(r.Header), []byte("\r\n")))
	if err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), r)
	if err == nil {
		resp.Body = s.f
	}
	return resp, err
}

func headerLines(h http.Header) []byte {
	var b bytes.Buffer
	h.Write(&b)
	return b.Bytes()
}

// readings are the ways to read from a connection; each counts the messages.
var readings = []struct {
	name string
	read func(c *websocket.Conn) (int, error)
}{
	{"Read", func(c *websocket.Conn) (int, error) {
		return each(func() error { _, _, err := c.Read(background); return err })
	}},
	{"ReadAppend", func(c *websocket.Conn) (int, error) {
		return each(func() error { _, _, err := c.ReadAppend(background, nil); return err })
	}},
	{"Reader", func(c *websocket.Conn) (int, error) {
		return each(func() error {
			_, r, err := c.Reader(background)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			return err
		})
	}},
	{"Serve", func(c *websocket.Conn) (n int, err error) {
		err = c.Serve(background, func(context.Context, websocket.MessageType, []byte) error {
			n++
			return nil
		})
		return n, err
	}},
	{"NetConn", func(c *websocket.Conn) (int, error) {
		conn := websocket.NetConn(background, c, websocket.MessageText)
		p, err := io.ReadAll(conn)
		if len(p) > len(repeated) {
			return len(p), err
		}
		return -1, err // a stream: there are no whole messages
	}},
	{"Ping", func(c *websocket.Conn) (int, error) { // it keeps the message for whoever reads
		return -1, c.Ping(background)
	}},
	{"CloseRead", func(c *websocket.Conn) (int, error) {
		<-c.CloseRead(background).Done()
		return -1, c.Ping(background)
	}},
}

func TestReadingByWebsocket(t *testing.T) {
	for _, o := range openings() {
		for _, r := range readings {
			t.Run(o.name+"/"+r.name, func(t *testing.T) {
				for _, fault := range wstest.ReadFaults() {
					for stop := range len(o.in) + 1 {
						inBubble(t, func(t *testing.T) {
							f := o.conn(&wstest.Faulty{Stop: stop, OnRead: fault.Do})
							c, err := o.open(f)
							if err == nil {
								defer c.CloseNow()
								var whole int
								whole, err = r.read(c)
								if want := whole == 1; whole >= 0 && want != (stop == len(o.in)) {
									t.Errorf("%s after %d of %d bytes: %d messages were read", fault.Name, stop, len(o.in), whole)
								}
							}
							if r.name == "CloseRead" && stop == len(o.in) && err != nil {
								return // a message is a violation there
							}
							if bad := judge(fault, err); bad != nil {
								t.Errorf("%s after %d of %d bytes: %v", fault.Name, stop, len(o.in), bad)
							}
						})
						if t.Failed() {
							return
						}
					}
				}
			})
		}
	}
}

func TestReadingByWebsocketWhatComesWithAnError(t *testing.T) {
	for _, o := range openings() {
		for _, r := range readings[:4] {
			t.Run(o.name+"/"+r.name, func(t *testing.T) {
				for _, last := range []error{io.EOF, wstest.ErrFault} {
					inBubble(t, func(t *testing.T) {
						c, err := o.open(o.conn(&wstest.Faulty{Stop: len(o.in), Last: last}))
						if err != nil {
							t.Fatal(err)
						}
						defer c.CloseNow()
						if whole, err := r.read(c); whole != 1 || !errors.Is(err, last) {
							t.Errorf("%d messages, %v, want %v", whole, err, last)
						}
					})
				}
			})
		}
	}
}

// writings are the ways to write to a connection.
var writings = []struct {
	name  string
	write func(c *websocket.Conn) error
}{
	{"Write", func(c *websocket.Conn) error { return c.Write(background, websocket.MessageText, []byte("Hello")) }},
	{"Write, long", func(c *websocket.Conn) error {
		return c.Write(background, websocket.MessageBinary, make([]byte, 200_000))
	}},
	{"Writer", func(c *websocket.Conn) error {
		w, err := c.Writer(background, websocket.MessageBinary)
		if err != nil {
			return err
		}
		if _, err = w.Write(make([]byte, 100_000)); err != nil {
			return err
		}
		return w.Close()
	}},
	{"WritePrepared", func(c *websocket.Conn) error {
		m, err := websocket.NewPreparedMessage(websocket.MessageText, []byte("Hello"))
		if err != nil {
			return err
		}
		return c.WritePrepared(background, m)
	}},
	{"NetConn", func(c *websocket.Conn) error {
		_, err := websocket.NetConn(background, c, websocket.MessageBinary).Write([]byte("Hello"))
		return err
	}},
}

func TestWritingByWebsocket(t *testing.T) {
	for _, o := range openings() {
		for _, w := range writings {
			t.Run(o.name+"/"+w.name, func(t *testing.T) {
				run := func(f *wstest.Faulty) error {
					c, err := o.open(f)
					if err != nil {
						return err
					}
					defer c.CloseNow()
					return w.write(c)
				}
				good := 0
				inBubble(t, func(t *testing.T) {
					f := o.conn(&wstest.Faulty{Stop: len(o.in)})
					if err := run(f); err != nil {
						t.Fatal(err)
					}
					good = f.Writes
				})
				for _, fault := range wstest.WriteFaults() {
					for take := range good {
						inBubble(t, func(t *testing.T) {
							err := run(o.conn(&wstest.Faulty{Stop: len(o.in), Take: take, OnWrite: fault.Do}))
							if bad := judge(fault, err); bad != nil {
								t.Errorf("%s after %d of %d writes: %v", fault.Name, take, good, bad)
							}
						})
					}
				}
			})
		}
	}
}
