package bench

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync/atomic"
)

// said is what was said in all rooms, and when it was heard.
type said struct {
	mark string // begins each message of this run, which may come inside of another
	fill []byte // what a message has after its number
	plan atomic.Pointer[plan]
	each []delivery // by number
}

// delivery is how a message came to all that it was for.
type delivery struct {
	first, last atomic.Int64 // latencies, in nanoseconds
	heard       atomic.Int32
}

const (
	numberDigits  = 10
	minSaid       = len("wirews-12345678-") + numberDigits + 1
	maxSaidNumber = 20_000_000
)

func newSaid(size int) *said {
	var run [4]byte
	rand.Read(run[:])
	s := &said{mark: "wirews-" + hex.EncodeToString(run[:]) + "-"}
	// Nothing that JSON or HTML would write in another way.
	for i := len(s.mark) + numberDigits; i < size; i++ {
		s.fill = append(s.fill, "abcdefghijklmnopqrstuvwxyz ."[i%28])
	}
	return s
}

// begin makes room for what is said by the plan.
func (s *said) begin(p *plan) {
	total := int64(math.Ceil(p.pace.count(float64(p.to-p.start)))) + 2
	s.each = make([]delivery, total)
	for i := range s.each {
		s.each[i].first.Store(math.MaxInt64)
	}
	s.plan.Store(p)
}

// appendText appends the message of a number.
func (s *said) appendText(dst []byte, number int64) []byte {
	dst = append(dst, s.mark...)
	dst = fmt.Appendf(dst, "%0*d", numberDigits, number)
	return append(dst, s.fill...)
}

// find returns the number of what was said, in a message that may have more around it.
func (s *said) find(p []byte) (number int64, ok bool, err error) {
	i := bytes.Index(p, []byte(s.mark))
	if i < 0 {
		return 0, false, nil
	}
	rest := p[i+len(s.mark):]
	if len(rest) >= numberDigits {
		number, err = strconv.ParseInt(string(rest[:numberDigits]), 10, 64)
	}
	if len(rest) < numberDigits || err != nil || s.plan.Load() == nil || number < 0 || number >= int64(len(s.each)) {
		return 0, false, fmt.Errorf("nobody has said %.60q", p[i:])
	}
	if !bytes.HasPrefix(rest[numberDigits:], s.fill) {
		return 0, false, errors.New("a message is not as it was said: " + strconv.Quote(string(p[i:min(i+60, len(p))])))
	}
	return number, true, nil
}

// hear counts that one more has heard a message, and returns when it was due, and
// whether it counts.
func (s *said) hear(number, now int64) (due int64, timed bool) {
	p := s.plan.Load()
	due = p.pace.at(0, number)
	d := &s.each[number]
	for first := d.first.Load(); now-due < first && !d.first.CompareAndSwap(first, now-due); first = d.first.Load() {
	}
	for last := d.last.Load(); now-due > last && !d.last.CompareAndSwap(last, now-due); last = d.last.Load() {
	}
	d.heard.Add(1)
	return due, p.from <= due && due < p.to
}
