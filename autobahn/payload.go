package autobahn

import (
	"bytes"
	"encoding/hex"
	"fmt"
)

// payload is what a frame or a message carries: a unit, repeated and cut to a
// length. It is made when it is sent, so that the tables of the cases are small.
type payload struct {
	unit   string
	length int
}

// octets is the payload that is s.
func octets(s string) payload { return payload{s, len(s)} }

// unhex is the payload with those bytes.
func unhex(s string) payload {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic("autobahn: table of cases: " + err.Error())
	}
	return octets(string(b))
}

// repeat is the payload of n bytes that repeats unit.
func repeat(unit string, n int) payload { return payload{unit, n} }

func (p payload) bytes() []byte {
	if p.length == 0 {
		return nil
	}
	return bytes.Repeat([]byte(p.unit), (p.length+len(p.unit)-1)/len(p.unit))[:p.length]
}

// String is the payload in hex; of a repeated one the unit and the length.
func (p payload) String() string {
	if p.length == len(p.unit) {
		return fmt.Sprintf("%x", p.unit)
	}
	return fmt.Sprintf("%x*%d", p.unit, p.length)
}
