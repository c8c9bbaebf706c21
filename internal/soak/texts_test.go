package soak

import (
	"math/rand/v2"
)

// text returns message number i of a sender: short or long, easy to compress or not,
// and always the same.
func text(sender, i uint64) (p []byte, isText bool) {
	r := rand.New(rand.NewPCG(sender, i))
	size := []int{r.IntN(4), r.IntN(126), r.IntN(2000), 65000 + r.IntN(2000)}[min(r.IntN(40)/13, 3)]
	p = make([]byte, size)
	isText = r.IntN(2) == 0
	for j := range p {
		switch {
		case isText && j%97 < 60 && j > 100:
			p[j] = p[j-97]
		case isText:
			p[j] = 'a' + byte(r.IntN(26))
		default:
			p[j] = byte(r.Uint32())
		}
	}
	return p, isText
}
