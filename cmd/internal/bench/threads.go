package bench

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/wirews/wirews/cmd/internal/overh2"
	"github.com/wirews/wirews/cmd/internal/process"
	"github.com/wirews/wirews/ws"
)

// threads drives its links with two goroutines for each, over net.Conn: where
// there is no epoll, and with TLS.
type threads struct {
	*shared
	sink  *recorder
	links []*threaded
	ctx   context.Context
	leave context.CancelFunc
}

// threaded is a link with its connection.
type threaded struct {
	conn net.Conn
	wake chan struct{} // there is something to write; has room for one

	mu sync.Mutex
	link
	dead      bool
	following bool
}

func newThreads(s *shared, ids []int, sink *recorder) *threads {
	d := &threads{shared: s, sink: sink}
	d.ctx, d.leave = context.WithCancel(context.Background())
	for _, id := range ids {
		d.links = append(d.links, &threaded{link: newLink(id, s.script, s.o, sink), wake: make(chan struct{}, 1)})
	}
	return d
}

func (d *threads) run(opened func()) {
	defer d.leave()
	var p *plan
	if d.o.Mode == Handshake {
		opened()
		if p = d.await(); p != nil {
			d.each(func(t *threaded) { d.shakeHands(t, p) })
		}
		return
	}
	d.each(d.connect)
	opened()
	var moving sync.WaitGroup
	for _, t := range d.links {
		if t.conn != nil {
			moving.Go(func() { d.read(t) })
			moving.Go(func() { d.write(t) })
		}
	}
	if p = d.await(); p != nil {
		d.follow(p)
	}
	d.leave()
	for _, t := range d.links {
		if t.conn != nil {
			d.takeLeave(t, p != nil && !d.stop.Load())
		}
	}
	moving.Wait()
	for _, t := range d.links {
		if t.conn != nil {
			t.conn.Close()
		}
	}
}

// each does something for every link, a few at a time.
func (d *threads) each(do func(*threaded)) {
	var all sync.WaitGroup
	room := make(chan struct{}, 128)
	if d.o.Mode == Handshake {
		room = make(chan struct{}, len(d.links))
	}
	for _, t := range d.links {
		room <- struct{}{}
		all.Go(func() {
			do(t)
			<-room
		})
	}
	all.Wait()
}

func (d *threads) await() *plan {
	for !d.stop.Load() {
		if p := d.plan.Load(); p != nil {
			return p
		}
		time.Sleep(time.Millisecond)
	}
	return nil
}

// follow sends by the plan, and waits for the answers.
func (d *threads) follow(p *plan) {
	time.Sleep(time.Duration(p.start - d.now()))
	for _, t := range d.links {
		t.mu.Lock()
		if t.dead {
			t.mu.Unlock()
			continue
		}
		t.link.follow(p)
		t.following = true
		// However late it is, each connection has its first messages.
		t.link.issue(min(d.now(), p.to-1))
		t.mu.Unlock()
		t.signal()
	}
	for now := d.now(); now < p.to && !d.stop.Load(); now = d.now() {
		wait := d.issue(now, p)
		process.Pause(time.Duration(min(wait, p.to-now)))
	}
	d.issue(d.now(), p) // the last that are due
	for d.now() < p.giveUp && d.missing() && !d.stop.Load() {
		time.Sleep(time.Millisecond)
	}
	for _, t := range d.links {
		t.mu.Lock()
		if n := t.missing(); n > 0 && !d.stop.Load() {
			d.failures.lose(t.id, n)
		}
		t.link.giveUp()
		t.mu.Unlock()
	}
}

// issue sends what is due, and returns for how long there is nothing to send.
func (d *threads) issue(now int64, p *plan) int64 {
	wait := int64(20 * time.Millisecond)
	for _, t := range d.links {
		t.mu.Lock()
		if !t.dead {
			t.link.issue(now)
			if p.pace != nil {
				wait = min(wait, max(p.pace.at(t.id, t.sent)-now, int64(50*time.Microsecond)))
			}
		}
		t.mu.Unlock()
		t.signal()
	}
	return wait
}

func (d *threads) missing() bool {
	for _, t := range d.links {
		t.mu.Lock()
		n := t.link.missing()
		dead := t.dead
		t.mu.Unlock()
		if n > 0 && !dead {
			return true
		}
	}
	return false
}

// signal wakes the writer.
func (t *threaded) signal() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// dial opens a connection.
func (d *threads) dial(t *threaded) (net.Conn, ws.Handshake, error) {
	return d.dialURL(t, d.o.URL.String())
}

// dialURL opens a connection to another URL of the server.
func (d *threads) dialURL(t *threaded, address string) (net.Conn, ws.Handshake, error) {
	ctx, cancel := context.WithTimeout(d.ctx, d.o.Timeout)
	defer cancel()
	defer context.AfterFunc(d.asked, cancel)()
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var from net.Dialer
		if len(d.o.Sources) > 0 {
			from.LocalAddr = &net.TCPAddr{IP: d.o.Sources[t.id%len(d.o.Sources)].AsSlice()}
		}
		return from.DialContext(ctx, "tcp", d.address)
	}
	if d.o.Raw {
		conn, err := dial(ctx, "", "")
		return conn, ws.Handshake{}, err
	}
	dialer := *d.dialer()
	dialer.NetDial = dial
	if d.streams != nil {
		u, err := url.Parse(address)
		if err != nil {
			return nil, ws.Handshake{}, err
		}
		// The stream is what a connection without TLS is otherwise.
		dialer.NetDial, dialer.TLSConfig = (&overh2.Dialer{URL: u, Transport: d.streams}).Dial, nil
		address = "ws" + strings.TrimPrefix(address, u.Scheme)
	}
	conn, _, hs, err := dialer.Dial(ctx, address)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errTimeout
	}
	return conn, hs, err
}

func (d *threads) connect(t *threaded) {
	conn, hs, err := d.dial(t)
	if err == nil {
		if t.in.recv.Decoder, err = d.decoder(hs); err != nil {
			conn.Close()
		}
	}
	if err != nil {
		if d.asked.Err() == nil { // it is the server's failure
			d.failures.add(t.id, failure(Refused, err))
		}
		return
	}
	t.conn = conn
	d.open.Add(1)
}

func (d *threads) shakeHands(t *threaded, p *plan) {
	for begun := d.now(); begun < p.to && !d.stop.Load(); begun = d.now() {
		conn, _, err := d.dial(t)
		if err != nil {
			d.failures.add(t.id, failure(Refused, err))
			return
		}
		d.sink.lock()
		d.sink.answer(begun, d.now())
		d.sink.unlock()
		if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
			tcp.SetLinger(0)
		}
		conn.Close()
	}
}

// read takes what comes.
func (d *threads) read(t *threaded) {
	b := make([]byte, 32<<10)
	var room []byte
	if d.o.Compress {
		room = make([]byte, 32<<10)
	}
	for {
		n, err := t.conn.Read(b)
		t.mu.Lock()
		if d.ctx.Err() != nil { // leaving: what comes now is not looked at
			t.mu.Unlock()
			if err != nil {
				return
			}
			continue
		}
		if err != nil {
			err = t.broke(err)
		}
		if n > 0 {
			now := d.now()
			if e := t.received(b[:n], room, now); e != nil {
				err = e
			} else if t.following {
				t.link.issue(now)
			}
		}
		t.mu.Unlock()
		if err != nil {
			d.fail(t, err)
			return
		}
		t.signal()
	}
}

// write writes what there is to write.
func (d *threads) write(t *threaded) {
	for {
		t.mu.Lock()
		b, dead := t.out.chunk(), t.dead
		if t.out.fresh {
			b = append([]byte(nil), b...) // more may be made meanwhile
		}
		t.mu.Unlock()
		switch {
		case dead || d.ctx.Err() != nil:
			return
		case len(b) == 0:
			select {
			case <-t.wake:
			case <-d.ctx.Done():
			}
			continue
		}
		n, err := t.conn.Write(b)
		t.mu.Lock()
		t.out.wrote(n)
		t.mu.Unlock()
		if err != nil {
			return // reading says why
		}
	}
}

// fail ends a connection that something went wrong on.
func (d *threads) fail(t *threaded, err error) {
	t.mu.Lock()
	t.dead = true
	lost := t.giveUp()
	t.mu.Unlock()
	d.open.Add(-1)
	d.failures.add(t.id, err)
	if lost > 0 {
		d.failures.lose(t.id, lost)
	}
	t.conn.Close()
	t.signal()
}

// takeLeave says goodbye if nothing is half written, and gives the server the
// time to do so too.
func (d *threads) takeLeave(t *threaded, politely bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dead {
		return
	}
	d.open.Add(-1)
	if !politely || len(t.out.chunk()) > 0 {
		t.conn.Close()
		return
	}
	t.conn.SetDeadline(time.Now().Add(time.Duration(leaveTime)))
	if tcp, ok := t.conn.(*net.TCPConn); ok && d.o.Raw {
		tcp.CloseWrite()
		return
	}
	t.conn.Write(appendClose(nil))
}
