package endpoint

import "github.com/wirews/wirews/wsproto"

// FreeMessage is how many bytes of a message a budget does not count: a connection that
// is busy has buffers as large anyway, and short messages pass even when others have
// used up the memory.
const FreeMessage = 64 << 10

// Counted returns how many bytes a budget counts of a message of which so many are held.
func Counted(held int) int64 {
	if held <= FreeMessage {
		return 0
	}
	return int64(held)
}

// Charge is what a budget counts for one connection. The zero value is nothing.
type Charge struct{ bytes int64 }

// Set has b count so many bytes instead of what it has counted before, and reports false
// if it has no room for them.
func (c *Charge) Set(b *wsproto.Budget, bytes int64) bool {
	switch more := bytes - c.bytes; {
	case more <= 0:
		b.Add(more)
	case !b.Take(more):
		return false
	}
	c.bytes = bytes
	return true
}
