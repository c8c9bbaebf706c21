package wsproto

import "github.com/wirews/wirews/ws"

// Stats is what has been counted of connections: of one, or of all that share
// counters. It is a snapshot, and the caller's. Its JSON has the names given in
// the tags, and those stay.
type Stats struct {
	// Open is how many connections there are now, and Opened how many there have
	// been: handshakes that have succeeded.
	Open   int64 `json:"open"`
	Opened int64 `json:"opened"`
	// Refused is how many handshakes have failed, by reason. The reasons are a few
	// short words, which whoever counts documents.
	Refused map[string]int64 `json:"refused"`
	// Received and Sent are the messages of both directions.
	Received Traffic `json:"received"`
	Sent     Traffic `json:"sent"`
	// Closes are the close frames of both directions.
	Closes Closes `json:"closes"`
	// Ended is how many connections have ended, by what has ended them.
	Ended Ended `json:"ended"`
	// Queue is what waits for slow peers, of connections that have a Queue, and what
	// became of messages that could not.
	Queue Waiting `json:"queue"`
	// RTT is how long pongs have taken to come: those of pings whose answer is
	// measured.
	RTT RTT `json:"rtt"`
}

// Add adds what o has counted to s. It copies the maps and the slices of o, and
// makes those that s does not have.
func (s *Stats) Add(o Stats) {
	s.Open += o.Open
	s.Opened += o.Opened
	s.Refused = added(s.Refused, o.Refused)
	s.Received.Add(o.Received)
	s.Sent.Add(o.Sent)
	s.Closes.Received = added(s.Closes.Received, o.Closes.Received)
	s.Closes.Sent = added(s.Closes.Sent, o.Closes.Sent)
	s.Ended.add(o.Ended)
	s.Queue.Add(o.Queue)
	s.RTT.Add(o.RTT)
}

func added[M ~map[K]int64, K comparable](sum, m M) M {
	if sum == nil {
		sum = make(M, len(m))
	}
	for k, n := range m {
		sum[k] += n
	}
	return sum
}

// Traffic counts messages and control frames of one direction.
type Traffic struct {
	// Messages is how many messages there were, and Bytes how many bytes they had
	// as the program sees them: without headers, and not compressed.
	Messages int64 `json:"messages"`
	Bytes    int64 `json:"bytes"`
	// Uncompressed is how many of Bytes were in messages that went compressed, and
	// Compressed what they had become. Messages below the threshold of compression
	// are in neither.
	Uncompressed int64 `json:"uncompressed_bytes"`
	Compressed   int64 `json:"compressed_bytes"`
	// Pings and Pongs are how many of those frames there were.
	Pings int64 `json:"pings"`
	Pongs int64 `json:"pongs"`
}

// Add adds o to t.
func (t *Traffic) Add(o Traffic) {
	t.Messages += o.Messages
	t.Bytes += o.Bytes
	t.Uncompressed += o.Uncompressed
	t.Compressed += o.Compressed
	t.Pings += o.Pings
	t.Pongs += o.Pongs
}

// Sub takes o from t, which leaves what came between two snapshots.
func (t *Traffic) Sub(o Traffic) {
	t.Add(Traffic{-o.Messages, -o.Bytes, -o.Uncompressed, -o.Compressed, -o.Pings, -o.Pongs})
}

// Ratio returns how many times as long compressed messages were before, or 0 if
// there were none.
func (t Traffic) Ratio() float64 {
	if t.Compressed == 0 {
		return 0
	}
	return float64(t.Uncompressed) / float64(t.Compressed)
}

// Closes counts close frames of both directions, by their code.
type Closes struct {
	Received CloseCodes `json:"received"`
	Sent     CloseCodes `json:"sent"`
}

// CloseCodes counts close frames by their code; [ws.StatusNoStatusRcvd] stands for
// those without one.
type CloseCodes map[ws.StatusCode]int64

// maxCodes is how many codes are counted each. The protocol has 16 of its own, and
// a peer has 2,000 more to choose from.
const maxCodes = 64

// Count counts a close frame. After 64 different codes, those that are new are
// counted together, as code 0: the peer chooses them.
func (c *CloseCodes) Count(code ws.StatusCode) {
	if *c == nil {
		*c = make(CloseCodes)
	}
	if _, known := (*c)[code]; !known && len(*c) >= maxCodes {
		code = 0
	}
	(*c)[code]++
}

// Waiting is how many messages wait in Queues now, how many bytes they have, and how
// many messages have been dropped since the beginning.
type Waiting struct {
	Messages int64 `json:"messages"`
	Bytes    int64 `json:"bytes"`
	Dropped  Drops `json:"dropped"`
}

// Add adds o to w.
func (w *Waiting) Add(o Waiting) {
	w.Messages += o.Messages
	w.Bytes += o.Bytes
	w.Dropped.Add(o.Dropped)
}

// Ended counts ends of connections, by [EndedBy].
type Ended struct {
	Peer      int64 `json:"peer"`
	Us        int64 `json:"us"`
	Transport int64 `json:"transport"`
	Timeout   int64 `json:"timeout"`
	Violation int64 `json:"violation"`
}

// Count counts a connection that was ended by by.
func (e *Ended) Count(by EndedBy) {
	switch by {
	case EndedByPeer:
		e.Peer++
	case EndedByUs:
		e.Us++
	case EndedByTransport:
		e.Transport++
	case EndedByTimeout:
		e.Timeout++
	case EndedByViolation:
		e.Violation++
	}
}

func (e *Ended) add(o Ended) {
	e.Peer += o.Peer
	e.Us += o.Us
	e.Transport += o.Transport
	e.Timeout += o.Timeout
	e.Violation += o.Violation
}
