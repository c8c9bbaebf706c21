// Package shortframe recognises the frames that most traffic consists of:
// messages of up to 65,535 bytes in one frame that has arrived completely. It
// is a shortcut past ws.ParseHeader and the rules about sequences, and knows
// no errors: what it does not recognise, they judge.
package shortframe

import "encoding/binary"

const (
	fin    = 0x80
	text   = 0x1
	bin    = 0x2
	masked = 0x80
	len16  = 126
	len64  = 127
)

// Frame is where a frame lies in what it was found in.
type Frame struct {
	Start, End int    // of the payload
	Key        uint32 // for mask.XOR; 0 for an unmasked frame
	Text       bool   // and not binary
}

// Find looks at the beginning of b for such a frame, which is masked or not as
// mask says, with a length in its shortest form, and no RSV bit set.
func Find(b []byte, mask bool) (f Frame, ok bool) {
	if len(b) < 2 || (b[0] != fin|text && b[0] != fin|bin) || b[1]&masked != 0 != mask {
		return f, false
	}
	start, length := 2, int(b[1]&^masked)
	if length >= len16 {
		if start = 4; length == len64 || len(b) < start {
			return f, false
		}
		if length = int(binary.BigEndian.Uint16(b[2:])); length < len16 {
			return f, false
		}
	}
	var key uint32
	if mask {
		if start += 4; len(b) < start {
			return f, false
		}
		key = binary.LittleEndian.Uint32(b[start-4:])
	}
	end := start + length
	return Frame{Start: start, End: end, Key: key, Text: b[0] == fin|text}, end <= len(b)
}
