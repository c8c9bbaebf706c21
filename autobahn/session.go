package autobahn

import (
	"math/rand/v2"
	"net"
	"time"
)

// How long the fuzzer waits.
const (
	openingTime  = 5 * time.Second // for the opening handshake
	replyTime    = time.Second     // for the answer to its close frame
	dropTime     = time.Second     // for a server to end TCP once close frames went both ways
	lastDropTime = 3 * time.Second // the same, after a close frame that the peer has sent first
)

type state int

const (
	stateOpen    state = iota
	stateClosing       // a close frame was sent
	stateClosed        // the fuzzer has ended TCP, or the peer has
)

// session is one run of a case on an open connection. All of it runs on one
// goroutine: run.
type session struct {
	c    *Case
	role Role
	wire
	progress
	ending
	in            incoming
	cut           startedFrame
	sent, arrived traffic
	compression
}

// wire is the connection, and what is about to go over it.
type wire struct {
	conn    net.Conn
	out     *sender
	read    chan []byte // what the peer sends
	log     wireLog
	pending []byte // frames that leave with the next flush
	timers  timers
}

// progress is how far the case has come, and what the peer has done in it.
type progress struct {
	state      state
	steps      []step // that are left
	round      int
	roundOK    bool
	received   []received
	keptBytes  int  // of received
	failed     bool // the peer broke a rule, and the fuzzer failed the connection
	violations []string
}

// ending is what is known of the closing.
type ending struct {
	first        side // who was first to close
	gotClose     bool
	clean        bool
	notClean     string
	dropped      bool // the fuzzer ended TCP
	localCode    int
	remoteCode   int
	remoteReason string
}

// compression is for the cases with one.
type compression struct {
	agreed   *deflateParams
	deflater *deflater
	inflater *inflater
	spoiled  bool    // by a pong
	sequence *slicer // the messages that have to come back
	stream   *stream // the same, compressed
	streams  *streams
}

// traffic counts what went one way.
type traffic struct {
	octets int64
	frames map[byte]int // by opcode
}

func newSession(c *Case, role Role, conn net.Conn) *session {
	return &session{
		c: c, role: role,
		wire:     wire{conn: conn, log: wireLog{start: time.Now()}},
		progress: progress{steps: c.steps},
		ending:   ending{localCode: noCode, remoteCode: noCode},
		sent:     traffic{frames: map[byte]int{}},
		arrived:  traffic{frames: map[byte]int{}},
	}
}

// run runs the case to its end, up to what hangUp is for. early is what came
// after the handshake.
func (s *session) run(early []byte) {
	s.out = newSender(s.conn)
	s.read = make(chan []byte, 16)
	time.AfterFunc(s.c.manner.deaf*time.Duration(max(1, s.timers.patience)), func() { readChunks(s.conn, s.read) })

	s.begin()
	s.receive(early)
	for s.state != stateClosed {
		s.flush()
		select {
		case b, ok := <-s.read:
			s.take(b, ok)
		case <-time.After(s.timers.wait()):
			if s.takeLate(); s.state != stateClosed {
				s.timers.run()
			}
		}
	}
}

// begin sends what a case sends by itself.
func (s *session) begin() {
	if s.c.deflate != nil {
		s.beginDeflate()
		return
	}
	s.play()
}

// readChunks sends what it reads, and closes the channel at the end.
func readChunks(conn net.Conn, chunks chan<- []byte) {
	defer close(chunks)
	for buf := make([]byte, 64<<10); ; {
		n, err := conn.Read(buf)
		if n > 0 {
			chunks <- append([]byte(nil), buf[:n]...)
		}
		if err != nil {
			return
		}
	}
}

// take handles a chunk; !ok is the end of what the peer sends.
func (s *session) take(b []byte, ok bool) {
	if ok {
		s.receive(b)
		return
	}
	s.log.note("peer ended TCP")
	if s.first == "" {
		s.first = peer
	}
	s.state = stateClosed
}

// hangUp ends TCP after run. Whatever was sent last gets a chance to arrive: a
// socket that is closed with bytes unread resets the connection.
func (s *session) hangUp() {
	s.flush()
	s.out.end()
	over := time.NewTimer(replyTime)
	defer over.Stop()
	select {
	case <-s.out.done:
		if half, ok := s.conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
			drain(s.read, over.C)
		}
	case <-over.C:
	}
	s.out.cut()
	s.conn.Close()
	for range s.read {
	}
}

func drain(chunks <-chan []byte, over <-chan time.Time) {
	for {
		select {
		case _, ok := <-chunks:
			if !ok {
				return
			}
		case <-over:
			return
		}
	}
}

// play does the steps that are left, up to the next pause.
func (s *session) play() {
	for len(s.steps) > 0 {
		next := s.steps[0]
		s.steps = s.steps[1:]
		if p, ok := next.(pause); ok {
			s.timers.after(p.d, func() { s.resume(p) })
			return
		}
		next.do(s)
	}
	s.flush()
	if l := s.c.limit; l.after > 0 {
		s.timers.after(l.after, func() { s.timeUp(l) })
	}
}

// resume goes on after a pause.
func (s *session) resume(p pause) {
	if p.mark != "" {
		if s.state != stateOpen {
			return
		}
		s.log.note("mark %s", p.mark)
		s.happened(received{"mark", 0, []byte(p.mark)})
	}
	s.play()
}

// timeUp ends a case that has not ended in time.
func (s *session) timeUp(l limit) {
	s.log.note("time is up: %v", l.after)
	switch {
	case s.state == stateOpen && l.kill:
		s.close(1001, nil)
	case s.state == stateOpen:
		s.close(noCode, nil)
	case l.kill:
		s.drop("time was up")
	}
}

// happened notes an event, and closes if the peer has done all that it should.
func (s *session) happened(r received) {
	if !s.keep(r) {
		return
	}
	if code := s.c.closing.with; code != 0 && s.c.rounds == nil && s.hasAll() {
		s.close(code, nil)
	}
}

// hasAll reports whether everything has come that is to come.
func (s *session) hasAll() bool {
	if s.c.own.complete != nil {
		return s.c.own.complete(s.received)
	}
	return !s.c.want.hasNonStrict && met(s.c.want.ok, s.received)
}

// close begins the closing handshake, unless a close frame was sent before.
func (s *session) close(code int, reason []byte) {
	if s.state != stateOpen {
		return
	}
	if s.first == "" {
		s.first = fuzzer
	}
	s.sendClose(code, reason)
	s.timers.after(replyTime, func() {
		if !s.gotClose {
			s.drop("no close frame in answer to the fuzzer's")
		}
	})
}

func (s *session) sendClose(code int, reason []byte) {
	s.localCode = code
	s.writeFrame(header{fin: true, opcode: opClose}, closePayload(code, reason), false)
	s.state = stateClosing
}

// fail fails the connection: the peer has broken a rule.
func (s *session) fail(code int, why string) {
	s.failed = true
	s.violations = append(s.violations, why)
	s.log.note("peer broke a rule: %s", why)
	switch s.state {
	case stateOpen:
		s.close(code, nil)
	case stateClosing:
		s.drop("peer broke a rule while closing: " + why)
	}
}

// drop ends TCP before the closing was complete.
func (s *session) drop(why string) {
	if s.state == stateClosed {
		return
	}
	s.clean, s.notClean = false, why
	s.end()
}

// end ends TCP.
func (s *session) end() {
	s.log.note("fuzzer ends TCP")
	s.dropped = true
	s.state = stateClosed
}

// closeArrived handles a close frame of the peer.
func (s *session) closeArrived(code int, reason string) {
	answer := s.state == stateClosing
	s.gotClose, s.clean = true, true
	s.remoteCode, s.remoteReason = code, reason
	if !answer {
		s.first = peer
		s.sendClose(1000, nil)
	}
	switch {
	case s.role == ServerRole:
		s.end()
	case answer:
		s.timers.after(dropTime, func() { s.drop("server did not end TCP") })
	default:
		s.timers.after(lastDropTime, func() { s.drop("server did not end TCP after its own close frame") })
	}
}

// newMask returns a masking key.
func newMask() (key [4]byte) {
	r := rand.Uint32()
	return [4]byte{byte(r), byte(r >> 8), byte(r >> 16), byte(r >> 24)}
}
