package attack

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
)

// weakServer is an echo that does wrong whatever can be done wrong. It serves
// whoever behaves.
type weakServer struct {
	leaks bool // it closes nothing
	turns bool // one connection after the other is served, until nothing more comes from it
	mu    sync.Mutex

	kept [][]byte   // for ever
	open []net.Conn // for ever
}

func (s *weakServer) serve(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.open = append(s.open, conn)
		s.mu.Unlock()
		go s.handle(conn)
	}
}

func (s *weakServer) handle(conn net.Conn) {
	in := bufio.NewReaderSize(conn, 64<<10)
	if begin, _ := in.Peek(14); string(begin) == "PRI * HTTP/2.0" && !s.leaks {
		s.http2(conn, in)
		return
	}
	if s.upgrade(conn, in) {
		s.echo(conn, in)
	}
	if !s.leaks {
		conn.Close()
	}
}

// upgrade reads heads by no rules, and writes back what is in them.
func (s *weakServer) upgrade(conn net.Conn, in *bufio.Reader) bool {
	for {
		var head []byte
		for {
			line, err := in.ReadBytes('\n') // as long as it may be
			if err == io.EOF {
				select {} // there may be more one day
			}
			if err != nil {
				return false
			}
			if head = append(head, line...); len(bytes.TrimSpace(line)) == 0 && len(head) > len(line) && head[0] > ' ' {
				break
			}
		}
		fields := map[string]string{}
		for _, line := range strings.Split(string(head), "\n") {
			name, value, _ := strings.Cut(line, ":")
			fields[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
		}
		answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		switch {
		case strings.HasPrefix(fields["sec-websocket-version"], "12"):
			answer = "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n"
		case fields["upgrade"] == "" && len(head) > 0 && bytes.HasPrefix(head, []byte("GET")):
			answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
		}
		_, target, _ := strings.Cut(strings.SplitN(string(head), " HTTP", 2)[0], " ")
		target = strings.NewReplacer("%0d%0a", "\r\n", "%20", " ").Replace(target)
		for name, value := range map[string]string{
			"X-Target": target, "Sec-WebSocket-Protocol": fields["sec-websocket-protocol"], "X-Host": fields["host"], "X-Origin": fields["origin"],
			"X-Version": fields["sec-websocket-version"], "X-Key": fields["sec-websocket-key"], "Sec-WebSocket-Extensions": fields["sec-websocket-extensions"],
		} {
			if value != "" {
				answer += name + ": " + value + "\r\n"
			}
		}
		if method, _, ok := strings.Cut(string(head), " "); ok && len(method) > 4 {
			answer += "X-Method: " + string(head) + "\r\n"
		}
		sum := sha1.Sum([]byte(fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		io.WriteString(conn, answer+"Sec-WebSocket-Accept: "+base64.StdEncoding.EncodeToString(sum[:])+"\r\n\r\n")
		if strings.HasPrefix(answer, "HTTP/1.1 101") {
			in.Discard(in.Buffered()) // nobody sends before the answer
			return true
		}
	}
}

// echo knows no limit and no rule.
func (s *weakServer) echo(conn net.Conn, in *bufio.Reader) {
	out := newQueue(conn) // whatever is to be sent waits here
	var message []byte
	var inflating bool
	for {
		if s.turns {
			in.Peek(1)
			s.mu.Lock()
		}
		f, err := s.frame(in)
		if s.turns {
			for in.Buffered() > 0 && err == nil { // it is its turn as long as there is something
				labour()
				f, err = s.frame(in)
			}
			s.mu.Unlock()
		}
		if err != nil {
			if err == io.EOF {
				select {}
			}
			return
		}
		switch op := f.first & 15; op {
		case ping:
			out.put(append([]byte{final | pong, 0}, f.payload...))
		case closing:
			if len(f.payload) < 126 {
				out.put(append([]byte{final | closing, byte(len(f.payload))}, f.payload...))
			}
		case continuation, text, binaryFrame:
			if op != continuation {
				message, inflating = nil, f.first&compressed != 0
				if f.first&final == 0 {
					s.hoard(32 << 20)
				}
			}
			message = append(message, f.payload...)
			if f.first&final == 0 {
				continue
			}
			if inflating {
				message, _ = io.ReadAll(flate.NewReader(io.MultiReader(bytes.NewReader(message), strings.NewReader("\x00\x00\xff\xff\x01\x00\x00\xff\xff"))))
				op = binaryFrame
			}
			b := binary.BigEndian.AppendUint64([]byte{final | op, 127}, uint64(len(message)))
			if len(message) < 126 {
				b = []byte{final | op, byte(len(message))}
			}
			out.put(append(b, message...))
		}
	}
}

// labour is what this server does for a frame while all others wait.
func labour() { sha256.Sum256(make([]byte, 1<<20)) }

// hoard keeps memory that nobody needs, if this server leaks.
func (s *weakServer) hoard(n int) {
	if s.leaks {
		s.keep(n)
	}
}

func (s *weakServer) frame(in *bufio.Reader) (f frame, err error) {
	var b [14]byte
	if _, err := io.ReadFull(in, b[:2]); err != nil {
		return f, err
	}
	size := uint64(b[1] & 127)
	switch size {
	case 126:
		io.ReadFull(in, b[2:4])
		size = uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		io.ReadFull(in, b[2:10])
		size = binary.BigEndian.Uint64(b[2:])
	}
	f.first = b[0]
	if size > 125 && f.first&15 < 8 {
		s.hoard(16 << 20)
	}
	if f.payload = make([]byte, min(size, 3<<30)); size > 1<<28 {
		s.mu.Lock()
		s.kept = append(s.kept, f.payload)
		s.mu.Unlock()
	}
	var key [4]byte
	io.ReadFull(in, key[:])
	_, err = io.ReadFull(in, f.payload)
	for i := range f.payload {
		f.payload[i] ^= key[i&3]
	}
	return f, err
}

// queue holds what is to be sent, however much it is.
type queue struct {
	mu   sync.Mutex
	more *sync.Cond
	all  [][]byte
}

func newQueue(w io.Writer) *queue {
	q := new(queue)
	q.more = sync.NewCond(&q.mu)
	go func() {
		for {
			q.mu.Lock()
			for len(q.all) == 0 {
				q.more.Wait()
			}
			all := q.all
			q.all = nil
			q.mu.Unlock()
			for _, b := range all {
				w.Write(b)
			}
		}
	}()
	return q
}

func (q *queue) put(b []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all = append(q.all, b)
	q.more.Signal()
}
