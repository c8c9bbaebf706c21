package natsbus

import (
	"encoding/binary"

	"github.com/wirews/wirews/ws"
	"github.com/wirews/wirews/wshub"
)

// count is how many records a publisher has sent to a shard. Each message of Core
// begins with one: an octet for the version, 1, and the kind, in half of it each; the
// publisher; the number.
type count struct{ publisher, number uint64 }

// kind is what a message is.
type kind byte

const (
	aRecord   kind = iota // the number is its own
	aCheck                // to be compared: the number is that of the last record
	aPing                 // the same; comes back to whoever sent it
	aFarewell             // the same; nothing more will come
)

const (
	countVersion = 1 << 4
	countSize    = 17
)

func (c count) append(dst []byte, what kind) []byte {
	dst = append(dst, countVersion|byte(what))
	dst = binary.BigEndian.AppendUint64(dst, c.publisher)
	return binary.BigEndian.AppendUint64(dst, c.number)
}

// before returns the number of the record before this message.
func (c count) before(what kind) uint64 {
	if what == aRecord {
		return c.number - 1
	}
	return c.number
}

func parseCount(b []byte) (c count, what kind, rest []byte, ok bool) {
	if len(b) < countSize || b[0]&0xf0 != countVersion {
		return c, 0, nil, false
	}
	c = count{binary.BigEndian.Uint64(b[1:]), binary.BigEndian.Uint64(b[9:])}
	return c, kind(b[0] & 0x0f), b[countSize:], true
}

// check returns the error of a record that cannot be published.
func check(r wshub.Record) error {
	if r.Op != ws.OpText && r.Op != ws.OpBinary {
		return wshub.ErrRecord
	}
	return nil
}
