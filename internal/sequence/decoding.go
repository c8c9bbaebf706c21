package sequence

// Decoding counts what a Decoder makes of a message, so that it makes no more
// than it may. The zero value is that of a message which begins.
type Decoding struct {
	made int64 // bytes
}

// Room returns what to give the Decoder as the memory to append to: room, but no
// more than limit leaves, and one byte. That byte tells a message that is just as
// long as the limit from one that is longer. The limit may have become less than
// what has been made.
func (d *Decoding) Room(room []byte, limit int64) []byte {
	size := len(room)
	if left := max(limit-d.made, 0); left < int64(size) {
		size = int(left) + 1
	}
	return room[:0:size]
}

// Made counts what the Decoder has made in what Room has returned. What of it is
// within limit is good; ok is false if that is not all.
func (d *Decoding) Made(out []byte, limit int64) (good []byte, ok bool) {
	left := max(limit-d.made, 0)
	if ok = int64(len(out)) <= left; !ok {
		out = out[:left]
	}
	d.made += int64(len(out))
	return out, ok
}

// Total returns how many bytes were good.
func (d *Decoding) Total() int64 { return d.made }
