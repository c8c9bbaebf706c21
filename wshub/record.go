package wshub

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/wirews/wirews/ws"
)

// Record is a message as a [Bus] carries it.
type Record struct {
	// Op is ws.OpText or ws.OpBinary.
	Op ws.OpCode
	// Data is the payload. Nobody changes it, neither the bus nor whoever it is
	// published by or given to.
	Data []byte
	// Key is that of the Message.
	Key string
	// Origin is the member that does not get it, on whatever node it is. Zero: all
	// members get it.
	Origin uint64
}

// Entry is a record with its place in a topic.
type Entry struct {
	Record
	// Position is the place after the record. It is zero on a bus that gives no
	// positions.
	Position Position
	// Time is when what gives positions has taken the record, by its clock.
	Time time.Time
}

// The binary form of a record: an octet for the version, 1, and the opcode, in half
// of it each; the origin; the length of the key as a uvarint; key and data.
const recordVersion = 1 << 4

// ErrRecord is what ParseRecord returns for bytes that are no record, such as those
// of a later version.
var ErrRecord = errors.New("wshub: the bytes are not a record of this version")

// AppendRecord appends the binary form of r to dst: what a bus sends whose broker
// knows nothing but bytes. Only the lowest four bits of Op are kept.
func AppendRecord(dst []byte, r Record) []byte {
	dst = append(dst, recordVersion|byte(r.Op)&0xf)
	dst = binary.BigEndian.AppendUint64(dst, r.Origin)
	dst = binary.AppendUvarint(dst, uint64(len(r.Key)))
	dst = append(dst, r.Key...)
	return append(dst, r.Data...)
}

// ParseRecord returns the record with a binary form. Its Data is the end of b. The
// error is ErrRecord.
func ParseRecord(b []byte) (r Record, err error) {
	if len(b) < 10 || b[0]&0xf0 != recordVersion {
		return r, ErrRecord
	}
	op := ws.OpCode(b[0] & 0xf)
	origin := binary.BigEndian.Uint64(b[1:])
	key, n := binary.Uvarint(b[9:])
	rest := b[9+max(n, 0):]
	if op != ws.OpText && op != ws.OpBinary || n <= 0 || key > uint64(len(rest)) {
		return r, ErrRecord
	}
	return Record{op, rest[key:], string(rest[:key]), origin}, nil
}
