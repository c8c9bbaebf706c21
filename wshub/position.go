package wshub

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Position is a place in a topic: after the message with this offset. A client that
// keeps the position of what it had last can go on from there, by [Start]; its text
// is made to travel in the protocol of an application.
//
// Offsets grow from message to message, and need not grow by one: a broker may count
// the messages of many topics together. They compare within an epoch. A new epoch
// begins where the old numbers mean nothing any more, such as after a restart of
// what gives them. The zero value is no position.
type Position struct {
	Epoch  uint64
	Offset uint64
}

// IsZero reports whether p is no position.
func (p Position) IsZero() bool { return p == Position{} }

// newEpoch returns an epoch that nobody has had before.
func newEpoch() uint64 {
	for {
		if e := rand.Uint64(); e != 0 {
			return e
		}
	}
}

// positionBase keeps texts short. A JSON number would not do: most programs read it
// as a float64.
const positionBase = 36

// String returns the text of p, such as "2n9c8z1q.1a": up to 27 letters, digits and a
// dot, which need no escape in JSON or in a URL. That of no position is empty.
func (p Position) String() string {
	b, _ := p.AppendText(nil)
	return string(b)
}

// AppendText appends the text of p to b. It never fails.
func (p Position) AppendText(b []byte) ([]byte, error) {
	if p.IsZero() {
		return b, nil
	}
	b = strconv.AppendUint(b, p.Epoch, positionBase)
	return strconv.AppendUint(append(b, '.'), p.Offset, positionBase), nil
}

// MarshalText returns the text of p. It never fails.
func (p Position) MarshalText() ([]byte, error) { return p.AppendText(nil) }

// UnmarshalText is ParsePosition.
func (p *Position) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePosition(string(b))
	return err
}

// PositionError is a text that is none of a position.
type PositionError struct{ Text string }

func (e *PositionError) Error() string {
	return fmt.Sprintf("wshub: %.64q is not a position, which is what Position.String returns", e.Text)
}

// ParsePosition returns the position with a text. The error is a *PositionError.
func ParsePosition(s string) (p Position, err error) {
	if s == "" {
		return p, nil
	}
	epoch, offset, _ := strings.Cut(s, ".")
	p.Epoch, err = strconv.ParseUint(epoch, positionBase, 64)
	if err == nil {
		p.Offset, err = strconv.ParseUint(offset, positionBase, 64)
	}
	if err != nil || p.String() != s { // 0x, capitals, zeros in front
		return Position{}, &PositionError{s}
	}
	return p, nil
}
